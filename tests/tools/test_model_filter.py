"""The filter for trained models: every family's calls are found, however the text is cut, and nothing else runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sample_data import sample_lines
from tests.tools.filtering import Outcome, new_filter, outcome, schemas, squeezed, ways

NOTHING_RUNS = ("no_calls", "prose", "truncated", "malformed", "rejected")


def complaints(case: dict[str, Any], came: Outcome) -> list[str]:
    """What is wrong with ``came``; see the sample's README for the meaning of each status."""
    expected = [(call["name"], call["arguments"]) for call in case["expected_calls"]]
    status, found = case["status"], list[str]()
    allowed = {"calls": [expected], "lenient": [[], expected], "either": [[], expected]}.get(status, [[]])
    if came.calls not in allowed:
        found.append(f"calls {came.calls}")
    if status == "either" and not came.calls and squeezed(came.visible) != whole(case):
        found.append(f"hides a text that it does not run: {came.visible!r}")
    if status in ("calls", "no_calls", "truncated", "rejected") and came.status != status:
        found.append(f"status {came.status}")
    for key, text in (("expected_visible_content", came.visible), ("expected_reasoning", came.reasoning)):
        if case[key] is not None and status != "lenient" and squeezed(text) != squeezed(case[key]):
            found.append(f"{key} {text!r}")
    return [*found, *(f"showed {string}" for string in came.showed)]


def whole(case: dict[str, Any]) -> str:
    """All of the text; only the end of a thought that never began is not shown."""
    return squeezed(case["output_text"].replace("</think>", ""))


@pytest.mark.parametrize(
    "case",
    [case for case in sample_lines("outputs.jsonl") if case["family"] != "slash"],
    ids=lambda case: case["id"],
)
def test_the_sample_case_holds_however_it_is_cut(case: dict[str, Any]) -> None:
    tools = schemas(case["tools"])
    for pieces in ways(case["output_text"]):
        came = outcome(new_filter(case["family"], tools, case["prefix_end"]), pieces, case["must_not_show"])
        assert complaints(case, came) == []
