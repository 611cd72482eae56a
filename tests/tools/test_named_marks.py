"""Prose that names the markers of calls, where no tokenizer says which of them are tokens: all but those is shown."""

from __future__ import annotations

from typing import Any

import pytest

from inference_worker.tools.families import FAMILIES
from inference_worker.tools.families.family import Family, looks_like_control
from tests.tools.filtering import Outcome, new_filter, outcome, ways

TOOLS: dict[str, Any] = {
    "get_weather": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
}
FAMILIES_ONCE = list({family.name: family for family in FAMILIES.values()}.values())
SECTION = "<｜tool▁calls▁begin｜>"
CALL = "<｜tool▁call▁begin｜>"


def read(family: str, text: str, truncated: bool = False) -> Outcome:
    whole, *others = [outcome(new_filter(family, TOOLS), pieces, truncated=truncated) for pieces in ways(text)]
    assert all(other == whole for other in others)
    return whole


def without_controls(family: Family, text: str) -> str:
    """``text`` without the markers that read like control tokens, which are never shown."""
    for marker in sorted(family.markers | family.remains, key=len, reverse=True):
        text = text.replace(marker, "") if looks_like_control(marker) else text
    return text


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("mistral", "The marker [TOOL_CALLS] get_weather is used by Mistral."),
        ("mistral", "Mistral writes [TOOL_CALLS] and then a list [1]."),
        ("mistral", "先写 [TOOL_CALLS] 再写名字。"),
        ("mistral", "Of its markers, [TOOL_CALLS], [ARGS] and [CALL_ID] stand in calls."),
        ("mistral", '{"stop": ["</s>", "[INST]"]}'),
        ("harmony", "The marker <|channel|> analysis is used."),
        ("harmony", "The marker <|channel|> tells the channel of a message."),
        ("harmony", "A message begins with <|start|> and the name of who speaks."),
        ("deepseek-v3", f"The mark {SECTION} get_weather begins calls."),
        ("deepseek-v3", f"The mark {CALL} get_weather begins one."),
        ("deepseek-v3", f"Calls stand between {SECTION} and <｜tool▁calls▁end｜> in its answer."),
        ("kimi-k2", "The marker <|tool_call_begin|> get_weather is one."),
        ("kimi-k2", "The marker <|tool_calls_section_begin|> functions.get_weather:0 is one."),
        ("phi4-mini", "The marker <|tool_call|> begins a call."),
        ("lfm2", "Write <|tool_call_start|> get_weather then."),
        ("llama3-json", "The tag <|python_tag|> get_weather is used."),
        ("solar-open", "The marker <|tool_call:begin|> get_weather is one."),
        ("ernie4.5", "Wrap it in <response> and </response> tags."),
        ("hunyuan-a13b", "It stands in <answer> here."),
    ],
)
def test_the_words_around_a_marker_that_no_call_follows_are_shown(family: str, text: str) -> None:
    came = read(family, text)
    assert (came.calls, came.rejected, came.visible) == ([], [], without_controls(FAMILIES[family], text))


@pytest.mark.parametrize("family", FAMILIES_ONCE, ids=lambda family: family.name)
def test_a_marker_in_quotation_marks_begins_and_ends_nothing(family: Family) -> None:
    for marker in sorted(marker for marker in family.markers if looks_like_control(marker)):
        for quotes in ("``", '""', "“”", "「」"):
            came = read(family.name, f"Now {quotes[0]}{marker}{quotes[1]} get_weather.")
            assert (came.calls, came.rejected, came.visible) == ([], [], f"Now {quotes[0]}{quotes[1]} get_weather.")


@pytest.mark.parametrize("family", FAMILIES_ONCE, ids=lambda family: family.name)
def test_a_quotation_mark_that_is_not_closed_makes_no_word_of_a_marker(family: Family) -> None:
    for marker in sorted(marker for marker in family.markers if looks_like_control(marker)):
        assert marker not in read(family.name, f'Now "{marker}').visible
        assert marker not in read(family.name, f'Now "{marker} "').visible


@pytest.mark.parametrize(
    ("family", "text", "visible"),
    [
        ("mistral", 'I call [TOOL_CALLS] get_weather{"city": "Paris"}', "I call"),
        ("mistral", 'I call "[TOOL_CALLS]get_weather{"city": "Paris"}', 'I call "'),
        ("harmony", 'Now <|channel|>commentary to=functions.get_weather<|message|>{"city": "Paris"}<|call|>', "Now"),
        (
            "deepseek-v3",
            f'So {SECTION} well {CALL}get_weather<｜tool▁sep｜>{{"city": "Paris"}}<｜tool▁call▁end｜>',
            "So",
        ),
        (
            "hy3",
            "So <tool_calls>\n<tool_call>get_weather<tool_sep><arg_key>city</arg_key><arg_value>Paris</arg_value></tool_call>",
            "So",
        ),
        ("lfm2", 'So <|tool_call_start|> get_weather (city="Paris")<|tool_call_end|>', "So"),
    ],
)
def test_a_call_amid_a_sentence_is_a_call(family: str, text: str, visible: str) -> None:
    came = read(family, text)
    assert (came.calls, came.visible) == ([("get_weather", {"city": "Paris"})], visible)


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("mistral", "I call. [TOOL_CALLS] get_weather for Paris."),
        ("mistral", "[TOOL_CALLS] get_weather for Paris."),
        ("harmony", "<|channel|>commentary to=functions.get_weather"),
        ("harmony", "<|channel|>analysis<|mess"),
        ("deepseek-v3", f"Now {SECTION}get_weather"),
        ("lfm2", "So <|tool_call_start|> get_weather"),
        ("kimi-k2", "So <|tool_call_begin|>functions.get_wea"),
    ],
)
def test_what_may_be_a_call_that_was_cut_off_or_spoilt_shows_no_marker(family: str, text: str) -> None:
    for truncated in (False, True):
        visible = read(family, text, truncated).visible
        assert "[TOOL" not in visible
        assert "<" not in visible


def test_what_stands_around_an_answer_is_left_out_also_where_the_answer_names_it() -> None:
    text = "Wrap it in <response> and </response> tags."
    assert read("ernie4.5", f"<response>\n{text}\n</response>").visible.strip() == text
    assert read("ernie4.5", "<response>\nThe answer </response>").visible.strip() == "The answer"
