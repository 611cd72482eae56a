"""``python -m inference_worker.toolcalls``: one answer a line, whatever the line is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from inference_worker.toolcalls import answer_case, answer_lines
from tests.support.sample_data import sample_lines

NOW = {"name": "now", "parameters": {"type": "object", "properties": {}}}


def answers(*lines: str | bytes) -> list[dict[str, Any]]:
    target = io.BytesIO()
    answer_lines([line if isinstance(line, bytes) else line.encode() for line in lines], target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def test_a_call_is_told_with_all_that_was_shown() -> None:
    text = 'One\nmoment. <tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    for tool in (NOW, {"type": "function", "function": NOW}):
        case = {"family": "hermes", "output_text": text, "tools": [tool], "prefix_end": "<think>\n\n</think>\n"}
        (answer,) = answers(json.dumps(case))
        assert answer["calls"] == [{"name": "now", "arguments": {}}]
        assert answer["visible"] == "".join(answer["deltas"]) == "One\nmoment."
        assert (answer["reasoning"], answer["status"], answer["appended"]) == ("", "calls", [])


def test_the_slash_style_gets_the_real_result() -> None:
    case = {"family": "slash", "output_text": "/calculate 2+2<<5\nSo it is 5.", "tools": [{"name": "calculate"}]}
    (answer,) = answers(json.dumps(case))
    assert answer["appended"] == ["<<4"]
    assert "5" not in answer["visible"]
    (answer,) = answers(json.dumps({**case, "output_text": "/calculate 2+"}))
    assert answer["appended"][0].startswith("<<error: ")


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[]",
        "{}",
        '{"family": 1, "output_text": "x", "tools": []}',
        '{"family": "hermes", "output_text": null, "tools": []}',
        '{"family": "hermes", "output_text": "x", "tools": [{"nom": "x"}]}',
        '{"family": "hermes", "output_text": "x", "tools": [3], "prefix_end": 1}',
        b"\xff\xfe",
        "[" * 100_000,
    ],
    ids=lambda line: str(line[:20]),
)
def test_a_bad_line_is_an_error_and_the_rest_go_on(line: str | bytes) -> None:
    good = '{"family": "none that we know", "output_text": "a \\ud83d b", "tools": []}'
    bad, answer = answers(line, "\n", good)
    assert bad["error"]
    assert bad["line"] == 1
    assert answer["visible"] == "a ? b"
    assert answer["status"] == "no_calls"


def test_the_sample_holds_here_too() -> None:
    for case in sample_lines("outputs.jsonl"):
        answer = answer_case(case)
        if case["status"] == "calls":
            assert answer["calls"] == case["expected_calls"], case["id"]
        shown = "".join(answer["deltas"])
        assert not [string for string in case["must_not_show"] if string in shown], case["id"]
        if "appended" in case:
            assert answer["appended"] == case["appended"], case["id"]
