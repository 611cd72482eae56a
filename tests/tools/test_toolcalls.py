"""``python -m inference_worker.toolcalls``: one answer a line, whatever the line is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from inference_worker.toolcalls import LONGEST_LINE, answer_case, answer_lines, lines_of
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


LINES = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "first_line": {"type": "integer"}},
    "required": ["path"],
}


@pytest.mark.parametrize(
    ("argument", "status", "said"),
    [
        ('{"path": "a", "first_line": 2}', "calls", {"path": "a", "first_line": 2}),
        ('{"path": 5}', "rejected", "path must be of type string"),
        ('{"path": "a", "zz": 1}', "rejected", "zz is no argument"),
        ("", "rejected", "path is missing"),
        ('{"path": "a"', "malformed", "write one JSON object with path, first_line"),
        ("a", "malformed", "write one JSON object with path, first_line"),
    ],
)
def test_a_slash_call_is_held_to_its_schema_as_in_a_turn(argument: str, status: str, said: Any) -> None:
    tools = [{"name": "read_file", "parameters": LINES}]
    case = {"family": "slash", "output_text": f"/read_file {argument}", "tools": tools}
    (answer,) = answers(json.dumps(case))
    assert answer["status"] == status
    assert [call["arguments"] for call in answer["calls"]] == ([said] if status == "calls" else [])
    assert [other["reason"] for other in answer["rejected"]] == ([] if status == "calls" else [said])


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


def test_there_is_one_answer_for_each_line_that_is_not_blank_and_bad_ones_are_counted() -> None:
    good = b'{"family": "hermes", "output_text": "x", "tools": null}'
    bad = b'{"family": "hermes", "output_text": "x", "tools": [{"name": "a"}, {"name": "a"}]}'
    lines = [b"\xef\xbb\xbf" + good, b"", b" \r", good + b"\r", bad, b"9" * 10_000, b"x" * (LONGEST_LINE + 1), good]
    target = io.BytesIO()
    assert answer_lines(lines_of(io.BytesIO(b"\n".join(lines))), target) == 3
    told = [json.loads(line) for line in target.getvalue().splitlines()]
    assert [answer.get("line") for answer in told] == [None, None, 5, 6, 7, None]


def test_what_is_no_utf8_is_told_and_never_taken_for_another_encoding() -> None:
    (answer,) = answers('{"family": "hermes", "output_text": "x"}'.encode("utf-16"))
    assert "UTF-8" in answer["error"]


@pytest.mark.parametrize(
    "parameters",
    [None, 3, "{}", [], True, False, {"properties": {"text": True}}, {"properties": [1]}, {"$ref": "#"}, {"enum": {}}],
    ids=str,
)
def test_any_schema_is_answered(parameters: Any) -> None:
    for family, text in (
        ("hermes", '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'),
        ("slash", "/f 1\n"),
    ):
        case = {"family": family, "output_text": text, "tools": [{"name": "f", "parameters": parameters}]}
        (answer,) = answers(json.dumps(case))
        assert "error" not in answer


def test_the_sample_holds_here_too() -> None:
    for case in sample_lines("outputs.jsonl"):
        answer = answer_case(case)
        if case["status"] == "calls":
            assert answer["calls"] == case["expected_calls"], case["id"]
        shown = "".join(answer["deltas"])
        assert not [string for string in case["must_not_show"] if string in shown], case["id"]
        if "appended" in case:
            assert answer["appended"] == case["appended"], case["id"]
