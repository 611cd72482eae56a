"""Calls that models write a little differently than their templates: read where the meaning is plain, else refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.filtering import Outcome, new_filter, outcome, squeezed, ways

TEXT = {"type": "string"}
TOOLS = {
    "look_up": {"type": "object", "properties": {"word": TEXT, "note": TEXT}, "required": ["word"]},
    "now": {"type": "object", "properties": {}},
}
DSML = "｜DSML｜"
CHANNEL = "<|channel>", "<channel|>"


def every_way(family: str, text: str) -> Outcome:
    """What ``text`` comes to, however it is cut."""
    found = [outcome(new_filter(family, TOOLS), pieces) for pieces in ways(text)]
    assert all(came == found[0] for came in found)
    return found[0]


def dsml(inner: str) -> str:
    return f"<{DSML}tool_calls>\n{inner}\n</{DSML}tool_calls>"


def dsml_parameter(name: str, value: str) -> str:
    parameter = f'<{DSML}parameter name="{name}" string="false">{value}</{DSML}parameter>'
    return dsml(f'<{DSML}invoke name="look_up">\n{parameter}\n</{DSML}invoke>')


def gemma(arguments: str) -> str:
    return f"<|tool_call>call:look_up{{{arguments}}}<tool_call|>"


@pytest.mark.parametrize(
    ("family", "text", "arguments"),
    [
        (
            "gemma4",
            gemma(r'word:"a \"b\", c: d",note:<|"|>e "f" \g<|"|>'),
            {"word": 'a "b", c: d', "note": r'e "f" \g'},
        ),
        ("gemma4", gemma(r'word:"1\n2\w"'), {"word": "1\n2\\w"}),
        ("gemma4", gemma("word:'a b'"), {"word": "a b"}),
        ("gemma4", gemma("word:it's"), {"word": "it's"}),
        ("deepseek-v3.2", dsml_parameter("arguments", '{"word": "a"}'), {"word": "a"}),
        ("deepseek-v3.2", dsml_parameter("input", '{"word": "a"}'), {"word": "a"}),
        ("lfm2", '<|tool_call_start|>{"name": "look_up", "arguments": {"word": "a"}}<|tool_call_end|>', {"word": "a"}),
        ("xlam", '[TOOL_CALLS][{"name": "look_up", "arguments": {"word": "a"}}]', {"word": "a"}),
        (
            "deepseek-v3.2",
            '<function_calls><invoke name="look_up"><parameter name="word" string="true">a</parameter></invoke></function_calls>',
            {"word": "a"},
        ),
        (
            "glm4.5",
            "<tool_call>  look_up\n<arg_key>word</arg_key><arg_value>a</arg_value></tool_call>",
            {"word": "a"},
        ),
        (
            "glm4.5",
            "<tool_call>look_up<arg_key>word</arg_key><arg_value>a<arg_key>note</arg_key><arg_value>b</arg_value></tool_call>",
            {"word": "a", "note": "b"},
        ),
        (
            "glm4.5",
            "<tool_call>look_up<arg_key>word</arg_key><arg_value>the tag <arg_key></arg_value></tool_call>",
            {"word": "the tag <arg_key>"},
        ),
        (
            "kimi-k2",
            "<|tool_calls_section_begin|> well <|tool_call_begin|>functions.look_up:0<|tool_call_argument_begin|>"
            '{"word": "a"}<|tool_call_end|><|tool_calls_section_end|>',
            {"word": "a"},
        ),
    ],
)
def test_the_call_is_read_as_it_was_meant(family: str, text: str, arguments: dict[str, Any]) -> None:
    came = every_way(family, text)
    assert (came.calls, came.visible, came.rejected) == ([("look_up", arguments)], "", [])


def test_a_call_without_arguments_may_be_one_tag() -> None:
    both = dsml(f'<{DSML}invoke name="now"/>\n<{DSML}invoke name="now" />')
    assert every_way("deepseek-v3.2", both).calls == [("now", {}), ("now", {})]


@pytest.mark.parametrize(
    "text",
    [
        dsml_parameter("arguments", '{"word": "a", "colour": "red"}'),
        dsml_parameter("arguments", '{"word": 3}'),
        dsml_parameter("arguments", "a"),
        dsml_parameter("word", '{"word": "a"}').replace("look_up", "now"),
    ],
)
def test_a_wrapper_around_the_arguments_lets_nothing_through_that_does_not_fit(text: str) -> None:
    assert every_way("deepseek-v3.2", text).calls == []


@pytest.mark.parametrize(
    "text",
    [
        "The marker <tool_call> look_up is one.",
        "The marker <tool_call> other\n<arg_key>word</arg_key> is one.",
        "Write <tool_call> look_up",
    ],
)
def test_a_marker_before_a_name_is_prose_where_no_argument_follows(text: str) -> None:
    came = every_way("glm4.5", text)
    assert (came.calls, came.rejected) == ([], [])
    assert came.visible.startswith(text[:12])


def test_every_channel_of_gemma_is_thinking_wherever_it_stands() -> None:
    opener, closer = CHANNEL
    came = every_way("gemma4", f"Well.\n{opener}first{closer}{opener}thought\nsecond{closer}Yes.")
    assert squeezed(came.visible) == "Well.Yes."
    assert squeezed(came.reasoning) == "firstsecond"
    assert every_way("gemma4", f"{opener}never closed {gemma('word:a')}").calls == []


def test_a_message_of_harmony_without_a_role_is_the_models_own() -> None:
    came = every_way(
        "harmony", "<|start|><|channel|>analysis<|message|>Hm.<|end|><|start|><|channel|>final<|message|>Yes."
    )
    assert (came.reasoning, came.visible) == ("Hm.", "Yes.")
    came = every_way("harmony", '<|start|>functions.now to=assistant<|channel|>commentary<|message|>{"a": 1}<|end|>')
    assert (came.calls, came.visible) == ([], "")


@pytest.mark.parametrize(
    ("family", "begin", "end"),
    [
        ("lfm2", "<|tool_call_start|>", "<|tool_call_end|>"),
        ("llama-pythonic", "<|python_start|>", "<|python_end|>"),
    ],
)
def test_a_call_that_is_said_again_behind_its_end_runs_once(family: str, begin: str, end: str) -> None:
    call = "[look_up(word='a')]"
    came = every_way(family, f"{begin}{call}{end}{call}{end}")
    assert (came.calls, came.visible) == ([("look_up", {"word": "a"})], "")


def test_granite_says_in_words_where_its_thinking_begins_and_ends() -> None:
    came = every_way("granite", "Here is my thought process: a b\n\nHere is my response: c")
    assert (came.reasoning.strip(), came.visible.strip()) == ("a b", "c")
    assert every_way("granite", "Here is my thought: c").visible == "Here is my thought: c"


def test_a_mark_with_a_blank_in_it_is_not_put_together_by_the_blank_where_another_was_left_out() -> None:
    end = "[BEGIN FINAL RESPONSE]"
    assert end not in every_way("apriel", f"[BEGIN FINAL{end}RESPONSE] nya").visible


CALL = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (f"Sure. <think>Perhaps {CALL} would do.</think> Hm.", []),
        (f"Sure. <think>Perhaps {CALL}", []),
        (f"Sure. <think>Perhaps so.</think>\n{CALL}", [("now", {})]),
        (f"Its thoughts stand behind `<think>`. {CALL}", [("now", {})]),
    ],
)
def test_a_call_in_thoughts_amid_the_answer_is_no_call(text: str, calls: list[Any]) -> None:
    assert every_way("hermes", text).calls == calls
