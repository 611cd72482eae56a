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


PARIS = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
WEATHER = {"get_weather": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("hermes", "Write <tool_call> and </tool_call> around it."),
        ("hermes", f"As in `<tool_call>{PARIS}</tool_call>`."),
        ("hermes", f"So:\n```\n<tool_call>\n{PARIS}\n</tool_call>\n```"),
        ("hermes", "The tags <tool_call>, <think> and </think>."),
        ("hermes", "I am done.<tool_ca"),
        ("phi4-mini", "import functools\nfunctools.wraps and functools [1]"),
        ("llama3-json", '{"name": "Bob", "parameters": {"age": 3}}'),
        ("llama3-json", '{"name": "get_weather"}'),
        ("llama-pythonic", "[get_weather](https://example.com)"),
        ("glm4", "get_weather\nis a tool."),
        ("chatglm3", "get_weather\nis a tool."),
        ("chatglm3", "Python\n```python\nprint(1)\n```"),
        ("qwen3-coder", "The format is <function=name>."),
    ],
)
def test_a_model_may_talk_about_calls(family: str, text: str) -> None:
    for pieces in ways(text):
        came = outcome(new_filter(family, WEATHER), pieces)
        assert (came.calls, came.rejected, came.visible) == ([], [], text)


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("hermes", '<tool_call>\n{"name": "get_weather", "name": "now", "arguments": {"city": "Paris"}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": ["get_weather"], "arguments": {"city": "Paris"}}\n</tool_call>'),
        ("hermes", "<tool_call>\nget_weather(city='Paris')\n</tool_call>"),
        ("qwen3-coder", "<tool_call>\n<function=get_weather>\nParis\n</function>\n</tool_call>"),
        ("chatglm3", "get_weather\n ```python\ntool_call(city=open('/etc/passwd').read())\n```"),
        ("chatglm3", "get_weather\n ```python\ntool_call(city='Paris')\nimport os\n```"),
        ("mistral", '[TOOL_CALLS]get_weather[ARGS]["Paris"]'),
        ("harmony", "<|channel|>commentary to=functions.get_weather<|message|>Paris<|call|>"),
    ],
)
def test_what_cannot_be_read_neither_runs_nor_shows(family: str, text: str) -> None:
    for pieces in ways(text):
        came = outcome(new_filter(family, WEATHER), pieces)
        assert (came.calls, came.visible, came.status) == ([], "", "malformed")


def test_a_call_that_the_prompt_began_is_read_from_its_middle() -> None:
    came = outcome(new_filter("hermes", WEATHER, "<|im_start|>assistant\n<tool_call>\n"), [f"{PARIS}\n</tool_call>"])
    assert came.calls == [("get_weather", {"city": "Paris"})]
    came = outcome(new_filter("functionary-v3.2", WEATHER, "<|end_header_id|>\n\n>>>"), ["all\nHello."])
    assert (came.calls, came.visible) == ([], "Hello.")
    assert outcome(new_filter("functionary-v3.2", WEATHER, ">>>"), ["Hello."]).visible == "Hello."


@pytest.mark.parametrize("text", ["<tool_call>\n<func", "<tool_call>\n<function=get_w", "<function=get_weather>"])
def test_a_call_that_was_cut_off_in_its_head_is_said_to_be_cut_off(text: str) -> None:
    for truncated in (False, True):
        came = outcome(new_filter("qwen3-coder", WEATHER), list(text), truncated=truncated)
        assert (came.calls, came.visible, came.status) == ([], "", "truncated")


def test_functionary_addresses_a_tool_right_behind_its_text() -> None:
    call = 'get_weather\n{"city": "Paris"}'
    for text, calls, visible in (
        (f"all\nLet me see.>>>{call}", [("get_weather", {"city": "Paris"})], "Let me see."),
        (f"all\nSo:\n```\n>>>{call}\n```", [], f"So:\n```\n>>>{call}\n```"),
        ("all\nType >>>get_weather\nand wait >>> 3", [], "Type >>>get_weather\nand wait >>> 3"),
    ):
        for pieces in ways(text):
            came = outcome(new_filter("functionary-v3.2", WEATHER, ">>>"), pieces)
            assert (came.calls, came.visible, came.rejected) == (calls, visible, [])


def test_a_result_that_the_model_invents_ends_the_turn() -> None:
    call = f"<tool_call>\n{PARIS}\n</tool_call>"
    machine = new_filter("hermes", WEATHER)
    came = outcome(machine, [f"{call}\n<tool_response>\n22\n</tool_response>\nIt is 22. {call}"])
    assert len(came.calls) == 1
    assert machine.cut
