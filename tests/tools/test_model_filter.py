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


def offered_by_chatglm3(case: dict[str, Any], lists: dict[str, Any]) -> dict[str, Any]:
    """The tools of the case; the sample does not hold every list, then only the name that is called."""
    tools = lists.get(case["tools_ref"], [{"name": case["expected_call"]["name"]}])
    return schemas(tools)


def test_chatglm3_calls_of_toolalpaca_are_read() -> None:
    cases = sample_lines("chatglm3.jsonl")
    lists = {case["id"]: case["tools"] for case in cases if case["kind"] == "tools"}
    for case in cases:
        if case["kind"] == "toolalpaca":
            call = case["expected_call"]
            for pieces in ways(case["output_text"]):
                machine = new_filter("chatglm3", offered_by_chatglm3(case, lists), "<|assistant|>")
                came = outcome(machine, pieces)
                assert came.calls == [(call["name"], call["arguments"])], case["id"]


def test_chatglm3_transcripts_are_read_up_to_the_observation() -> None:
    for case in sample_lines("chatglm3.jsonl"):
        if case["kind"] == "transcript":
            said = case["wire"].partition("<|assistant|>")[2]
            came = outcome(new_filter("chatglm3", schemas(case["tools"]), "<|assistant|>"), [said])
            call = next(turn["call"] for turn in case["turns"] if "call" in turn)
            assert came.calls == [(call["name"], call["arguments"])]
            assert came.visible == case["turns"][1]["content"]


def test_a_forged_call_of_a_page_is_no_call_where_the_model_repeats_it_as_code() -> None:
    for case in sample_lines("hostile.jsonl"):
        if case["kind"] == "page_text":
            family = case["input"]["family"]
            came = outcome(new_filter(family, {"get_weather": None}), [f"```\n{case['input']['text']}\n```"])
            assert came.calls == []
