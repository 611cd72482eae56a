"""Templates with habits that real ones have: what they refuse, print elsewhere, or write in a form of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference_worker.protocol.messages import CallPart, ChatMessage, ReasoningDelta, RunTurn, TextPart
from inference_worker.tools.base import Tool
from inference_worker.tools.registry import TOOLS
from tests.support.native_generator import NativeGenerator, answered
from tests.turn.family_templates import template_of
from tests.turn.native_templates import HARMONY, HERMES

CALC = TOOLS["calculate"]
HELLO = ChatMessage("user", (TextPart("hello"),))
DONE = ChatMessage("assistant", (CallPart("call00001", "calculate", {"text": "6.5*7.5"}, "48.75"),))
LOOPS = HERMES.template.replace("{% if tools %}", "").replace("</tools>{% endif %}", "</tools>")
"""As Hermes 2 and Command R: over the tools, whether there are any or not."""
ITS_OWN_NAMES = "{% set told = functions + datetime %}{{ told }}" + HERMES.template.replace(
    "tools", "functions"
).replace("{% for t in functions %}\n{{ t | tojson }}{% endfor %}", "")
"""As FireFunction: the tools as text, under another name."""
STRICT = HERMES.template.replace(
    "{{ t | tojson }}",
    "{% for p in t.function.parameters.properties.values() %}{% if not p.description %}"
    "{{ raise_exception('no description') }}{% endif %}{% endfor %}{{ t | tojson }}",
)
"""As Command R+: with things in a definition that need not be there."""


def prompt_of(model: NativeGenerator, *messages: ChatMessage, tools: tuple[Tool, ...] = ()) -> str:
    resume = messages[-1].role == "assistant"
    return model.text_of(model.encode_conversation(messages, tools, resume=resume))


@pytest.mark.parametrize("template", [LOOPS, ITS_OWN_NAMES], ids=["loops over none", "its own names"])
def test_a_template_that_asks_for_tools_is_used_without_any(template: str) -> None:
    model = NativeGenerator(template)
    assert model.info.tool_style == "native", model.template.reason
    assert "hello" in prompt_of(model, HELLO)
    assert '"calculate"' in prompt_of(model, HELLO, tools=(CALC,))


def test_a_definition_that_the_template_refuses_is_told_in_our_words() -> None:
    model = NativeGenerator(STRICT)
    bare = replace(CALC, parameters={"type": "object", "properties": {"text": {"type": "string"}}})
    text = prompt_of(model, HELLO, DONE, tools=(bare,))
    assert "To call one, write exactly as in this example:\n<tool_call>" in text
    assert "<tool_response>\n48.75" in text
    assert model.native is not None
    behind = model.text_of(model.native.after_calls(DONE.parts, [""], [bare]))  # type: ignore[arg-type]
    assert "<tool_response>\n48.75\n</tool_response>" in behind


def test_other_white_space_around_a_reply_in_history_hides_no_call() -> None:
    indented = template_of("deepseek-v3.1").replace(
        "{% elif m.role == 'assistant' %}<", "{% elif m.role == 'assistant' %}{{ '  ' }}<"
    )
    model = NativeGenerator(indented)
    assert model.info.tool_style == "native", model.template.reason
    assert model.native is not None
    assert model.native.family.name == "deepseek-v3"


def test_markers_in_the_vocabulary_are_no_reason_to_expect_calls_that_the_template_writes_otherwise() -> None:
    other = HERMES.template.replace("<tool_call>", "<atem:call>").replace("</tool_call>", "</atem:call>")
    model = NativeGenerator(other + "{# <|tool_call_start|> <|tool_call_end|> #}")
    assert model.info.tool_style == "slash"
    assert model.template.reason == "its chat template prints calls in a form that is not known"


def test_a_question_that_is_printed_otherwise_once_it_is_answered_is_no_part_of_the_call() -> None:
    early = HERMES.template.replace(
        "{{ m.content }}{% for", "{{ 'So: ' if loop.last and m.role == 'user' }}{{ m.content }}{% for"
    )
    model = NativeGenerator(early)
    assert model.native is not None
    assert model.native.family.name == "hermes"
    (grammar, _) = model.native.grammars([CALC], model.encode_conversation([HELLO], [CALC], resume=False))
    assert "So:" not in grammar
    assert "hello" not in grammar


def test_functionary_3_1_is_not_taken_for_llama_although_both_write_functions_in_tags() -> None:
    model = NativeGenerator(template_of("functionary 3.1"))
    assert model.native is not None
    assert model.native.family.name == "functionary"


@pytest.mark.parametrize(("on", "written", "thoughts"), [(True, "So.</think>Hi.", "So."), (False, "Hi.", "")])
def test_whether_the_model_thinks_is_what_the_end_of_the_prompt_says(*, on: bool, written: str, thoughts: str) -> None:
    """As Qwen 3.5 and GLM with ``enable_thinking``: the prompt opens the thoughts, or closes them at once."""
    blank = "<think>\n" if on else "<think>\n\n</think>\n\n"
    model = NativeGenerator(HERMES.template.removesuffix("{% endif %}") + blank + "{% endif %}", written)
    _, desk = answered(model, RunTurn("t", (HELLO,), ("calculate",), ("calculate",)))
    assert model.native is not None
    assert model.native.begins_in_thoughts(model.prompts[0]) == on
    assert "".join(delta.text for delta in desk.of(ReasoningDelta)) == thoughts
    assert desk.text == "Hi."


def test_what_was_thought_before_a_call_is_there_when_its_result_is_read() -> None:
    model = NativeGenerator(HARMONY.template, HARMONY.call, "<|channel|>final<|message|>Done.<|return|>")
    done, _ = answered(model, RunTurn("t", (HELLO,), ("calculate",), ("calculate",)))
    behind = model.text_of(model.prompts[1][len(model.prompts[0]) :])
    assert behind.index("I should.") < behind.index("48.75")
    later = model.text_of(model.encode_conversation((HELLO, done.message, HELLO), [CALC], resume=False))
    assert "I should." not in later  # templates leave it out once the turn is over
    assert "48.75" in later
