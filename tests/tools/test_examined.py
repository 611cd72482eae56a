"""What real models do wrong, family by family: cases written from the formats, not from what the filter makes of them.

``examined.jsonl`` holds them: ``status`` means what it does in the sample (``tests.tools.test_model_filter``), with
``calls``, ``visible`` and ``reasoning`` where they are certain, and ``hidden`` that may never be seen.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.filtering import Outcome, new_filter, outcome, ways
from tests.tools.test_model_filter import complaints

TEXT = {"type": "string"}
TOOLS: dict[str, Any] = {
    "get_weather": {
        "type": "object",
        "properties": {
            "city": TEXT,
            "days": {"type": "integer"},
            "tags": {"type": "array", "items": TEXT},
            "place": {"type": "object", "properties": {"lat": {"type": "number"}}},
            "note": {"type": ["string", "null"]},
            "warm": {"type": "boolean"},
        },
        "required": ["city"],
    },
    "now": {"type": "object", "properties": {}},
    "files.read-text": {"type": "object", "properties": {"path": TEXT}, "required": ["path"]},
    "run_sql": {"type": "object", "properties": {"query": TEXT}, "required": ["query"]},
    "set_opts": {"type": "object", "properties": {"opts": {"type": "object"}}, "required": ["opts"]},
    "big": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
}
CASES = [json.loads(line) for line in Path(__file__).with_name("examined.jsonl").read_text("utf-8").splitlines()]


def expected(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "output_text": case["text"],
        "status": case["status"],
        "expected_calls": [{"name": name, "arguments": arguments} for name, arguments in case.get("calls", [])],
        "expected_visible_content": case.get("visible"),
        "expected_reasoning": case.get("reasoning"),
    }


def read(case: dict[str, Any], pieces: list[str]) -> Outcome:
    machine = new_filter(case["family"], TOOLS, case.get("prompt_end", ""))
    return outcome(machine, pieces, case.get("hidden", []), truncated=case.get("truncated", False))


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=[f"{place}-{case['family']}" for place, case in enumerate(CASES, start=1)],
)
def test_it_comes_to_what_the_format_says_however_it_is_cut(case: dict[str, Any]) -> None:
    whole, *others = [read(case, pieces) for pieces in ways(case["text"])]
    assert all(other == whole for other in others)
    assert complaints(expected(case), whole) == []
