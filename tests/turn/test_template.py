"""Prompts through templates of every temper: what they print, refuse, drop, trim and forget."""

from __future__ import annotations

import pytest

from inference_worker.chat.slash_prompt import as_text, tool_section
from inference_worker.chat.template import ChatTemplate
from inference_worker.protocol.messages import CallPart, ChatMessage, TextPart
from inference_worker.tools.registry import TOOLS
from tests.support.jinja_tokenizer import JinjaTokenizer

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TRIMS = CHATML.replace("m.content", "m.content | trim")
DROPS = (
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}"
    "{% elif m.role == 'assistant' %}<|assistant|>{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
REFUSES = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "<turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}<turn>model\n{% endif %}"
)
LINES = (
    "{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
THINKS = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n\n</think>\n\n{% endif %}")
FORGETS = CHATML.replace("{{ m.content }}", "{{ m.content if loop.last or m.role != 'assistant' else '' }}")
CHANGES = CHATML.replace("{{ m.content }}", "{{ m.content | upper }}")

CALC = TOOLS["calculate"]
CALL = CallPart("a", "calculate", {"text": "6.5*7.5"}, "48.75")
NOW = CallPart("b", "now", {"text": ""}, "2026-11-21 18:30 Saturday")


def user(text: str) -> ChatMessage:
    return ChatMessage("user", (TextPart(text),))


def system(text: str) -> ChatMessage:
    return ChatMessage("system", (TextPart(text),))


def cat(*parts: TextPart | CallPart, ids: tuple[int, ...] = (), model: str = "jinja-1") -> ChatMessage:
    return ChatMessage("assistant", parts, ids, model if ids else "")


class Bench:
    """A template and its tokenizer; prompts as text."""

    def __init__(self, source: str, *, is_taught: bool = False) -> None:
        self.tokenizer = JinjaTokenizer(source)
        self.template = ChatTemplate(self.tokenizer, is_taught=is_taught)

    def ids(self, *messages: ChatMessage, tools: bool = False, resume: bool = False) -> list[int]:
        return self.template.encode(messages, [CALC] if tools else [], resume=resume)

    def prompt(self, *messages: ChatMessage, tools: bool = False, resume: bool = False) -> str:
        return self.tokenizer.decode(self.ids(*messages, tools=tools, resume=resume))

    def written(self, text: str) -> tuple[int, ...]:
        """Ids of ``text`` as a model might write it: one token a character, never as the tokenizer would cut it."""
        return tuple(self.tokenizer.encode(char)[0] for char in text)


# ---------------------------------------------------------------- system text and tools


@pytest.mark.parametrize(
    ("source", "reads"), [(CHATML, True), (TRIMS, True), (REFUSES, True), (LINES, True), (DROPS, True)]
)
def test_the_probe_finds_whether_system_text_reaches_the_model(source: str, reads: bool) -> None:
    template = Bench(source).template
    assert (template.reads_system, template.tool_style) == (reads, "slash")


def test_system_text_and_the_tools_are_one_system_message() -> None:
    expected = (
        "<|im_start|>system\nBe kind.\n\n" + tool_section([CALC]) + "<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n"
    )
    assert Bench(CHATML).prompt(system("Be kind."), user("hi"), tools=True) == expected + "<|im_start|>assistant\n"


def test_a_template_that_refuses_system_text_gets_it_in_the_first_question() -> None:
    bench = Bench(REFUSES)
    prompt = bench.prompt(system("Be kind."), user("hi"), cat(TextPart("ok")), user("2"), tools=True)
    assert prompt.startswith("<turn>user\nBe kind.\n\n" + tool_section([CALC]) + "\n\nhi<end>\n")
    assert prompt.count("Be kind.") == 1


def test_a_template_that_drops_system_text_gets_it_in_the_first_question() -> None:
    bench = Bench(DROPS)
    assert bench.prompt(system("Be kind."), user("hi")) == "<|user|>Be kind.\n\nhi<|assistant|>"
    told = bench.prompt(system("Be kind."), user("hi"), tools=True)
    assert told == f"<|user|>Be kind.\n\n{tool_section([CALC])}\n\nhi<|assistant|>"


def test_a_model_that_was_taught_its_tools_gets_no_word_that_its_template_drops() -> None:
    bench = Bench(DROPS, is_taught=True)
    assert bench.prompt(system("Be kind."), user("hi"), tools=True) == "<|user|>hi<|assistant|>"
    assert not bench.template.reads_system


def test_without_system_text_and_tools_there_is_no_system_message() -> None:
    assert Bench(CHATML).prompt(user("hi")) == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"


def test_every_tool_is_taught_with_its_command_and_an_example() -> None:
    section = tool_section(list(TOOLS.values()))
    assert all(section.count(f"/{name}") >= 2 for name in TOOLS)
    assert "<<48.75" in section
    assert tool_section([]) == ""


# ---------------------------------------------------------------- history


def test_calls_in_history_look_as_the_model_wrote_them() -> None:
    parts = (TextPart("Let me see:"), CALL, NOW, TextPart("48.75."))
    text = "Let me see:\n/calculate 6.5*7.5 <<48.75\n/now <<2026-11-21 18:30 Saturday\n48.75."
    assert as_text(parts) == text
    assert (
        Bench(DROPS).prompt(user("1"), cat(*parts), user("2")) == f"<|user|>1<|assistant|>{text}<|user|>2<|assistant|>"
    )


def test_questions_in_a_row_become_one_and_empty_replies_none() -> None:
    bench = Bench(REFUSES)
    prompt = bench.prompt(user("1"), cat(), user("2"), cat(TextPart("ok")), user("3"))
    assert prompt == "<turn>user\n1\n\n2<end>\n<turn>model\nok<end>\n<turn>user\n3<end>\n<turn>model\n"


def test_a_conversation_that_the_template_refuses_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="alternate"):
        Bench(REFUSES).ids(user("1"), cat(TextPart("a")), cat(TextPart("b")), user("2"))


# ---------------------------------------------------------------- stored ids


@pytest.mark.parametrize("source", [CHATML, TRIMS, DROPS, REFUSES])
def test_stored_ids_are_used_as_they_are_and_the_cached_prefix_stays_valid(source: str) -> None:
    bench = Bench(source)
    replies = [bench.written(" One, \nnya. \n"), bench.written("两个")]
    first = bench.ids(system("Be kind."), user("a"), tools=True)
    history = [system("Be kind."), user("a"), cat(TextPart(" One, \nnya. \n"), ids=replies[0])]
    second = bench.ids(*history, user("b"), tools=True)
    assert second[: len(first) + len(replies[0])] == [*first, *replies[0]]
    third = bench.ids(*history, user("b"), cat(TextPart("两个"), ids=replies[1]), user("c"), tools=True)
    assert third[: len(second) + len(replies[1])] == [*second, *replies[1]]


def test_replies_without_ids_stand_beside_replies_with_them() -> None:
    bench = Bench(CHATML)
    stored = bench.written("two")
    prompt = (user("a"), cat(TextPart("one")), user("b"), cat(TextPart("two"), ids=stored), user("c"))
    ids = bench.ids(*prompt)
    assert bench.tokenizer.decode(ids) == bench.tokenizer.text(
        [{"role": m.role, "content": as_text(m.parts)} for m in prompt], add_generation_prompt=True
    )
    assert any(tuple(ids[i : i + 3]) == stored for i in range(len(ids)))


def test_ids_of_another_model_are_rendered_from_text() -> None:
    bench = Bench(CHATML)
    stored = bench.written("one")
    assert bench.ids(user("a"), cat(TextPart("one"), ids=stored, model="other"), user("b")) == bench.ids(
        user("a"), cat(TextPart("one")), user("b")
    )


@pytest.mark.parametrize("source", [THINKS, FORGETS, CHANGES, LINES])
def test_where_a_splice_cannot_be_proved_the_text_is_rendered(source: str) -> None:
    bench = Bench(source)
    stored = bench.written("one")
    assert bench.ids(user("a"), cat(TextPart("one"), ids=stored), user("b")) == bench.ids(
        user("a"), cat(TextPart("one")), user("b")
    )


def test_a_placeholder_in_the_persons_words_is_not_taken_for_a_reply() -> None:
    bench = Bench(CHATML)
    stored = bench.written("one")
    asked = "Nyankoreply Replyofnyanko"
    assert asked in bench.prompt(user(asked), cat(TextPart("one"), ids=stored), user("b"))
    everything = asked + " Catsaidthis"
    assert everything in bench.prompt(user(everything), cat(TextPart("one"), ids=stored), user("b"))


# ---------------------------------------------------------------- going on


def test_a_resumed_reply_is_left_open() -> None:
    bench = Bench(CHATML)
    opened = "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nLet me"
    assert bench.prompt(user("a"), cat(TextPart("Let me")), resume=True) == opened
    stored = bench.written("Let me")
    assert bench.ids(user("a"), cat(TextPart("Let me"), ids=stored), resume=True) == [*bench.ids(user("a")), *stored]
    assert bench.ids(user("a"), cat(), resume=True) == bench.ids(user("a"))


def test_a_resumed_reply_that_the_template_changes_goes_behind_the_prompt() -> None:
    bench = Bench(TRIMS)
    prompt = bench.prompt(user("a"), cat(CALL), resume=True)
    assert prompt == bench.prompt(user("a")) + "/calculate 6.5*7.5 <<48.75\n"
