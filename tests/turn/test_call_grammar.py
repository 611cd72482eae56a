"""Grammars of calls: whatever is written under one is a call of an offered tool that fits, in every form with JSON."""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference_worker.chat.call_grammar import slash_grammars
from inference_worker.chat.native import NativeStyle
from inference_worker.chat.probe import probe
from inference_worker.chat.reply import Reply
from inference_worker.chat.styles import style_of
from inference_worker.chat.thoughts import Thoughts
from inference_worker.engine.constraint import GrammarConstraint, Grammars
from inference_worker.engine.tokenizers.huggingface import HuggingFaceTokenizer
from inference_worker.tools.base import Tool
from inference_worker.tools.families import FAMILIES, SlashFilter
from inference_worker.tools.filter import Called, ModelEvent, Reasoning
from inference_worker.tools.registry import TOOLS
from inference_worker.tools.schema import misfit
from tests.support.fake_generator import FakeGenerator
from tests.support.native_generator import NativeGenerator
from tests.support.template_tokenizer import template_tokenizer
from tests.turn.native_templates import HARMONY, HERMES, LLAMA, MISTRAL, SAMPLES, Sample

_DATA = os.environ.get("NYANKO_TEST_DATA", "")
TEMPLATES = sorted(Path(_DATA).rglob("*.jinja")) if _DATA else []
pytestmark = pytest.mark.skipif(importlib.util.find_spec("llguidance") is None, reason="needs llguidance")
JSON = {"hermes", "llama", "mistral", "deepseek", "harmony"}
PARAMETERS = {
    "type": "object",
    "properties": {
        "where": {"type": "string", "maxLength": 6},
        "days": {"type": "integer", "minimum": 1, "maximum": 30},
        "tags": {"type": "array", "items": {"enum": ["sun", "rain"]}, "maxItems": 3},
    },
    "required": ["where", "days"],
}
NOW = TOOLS["now"]
FORECAST = replace(NOW, name="fore-cast.v2", parameters=PARAMETERS)
ODD = replace(NOW, name="odd", parameters={"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}})


def native(template: str) -> tuple[HuggingFaceTokenizer, NativeStyle]:
    tokenizer = template_tokenizer(template)
    found = probe(tokenizer)
    assert found.native is not None
    style = NativeStyle(tokenizer, found.native)
    tokenizer.markers = frozenset(style.markers)
    return tokenizer, style


def held_to(grammars: Sequence[str], tokenizer: HuggingFaceTokenizer) -> GrammarConstraint:
    assert grammars
    size = tokenizer.library.get_vocab_size()
    ends, others = tokenizer.stop_ids, tokenizer.special_ids | tokenizer.markers
    held = Grammars(tokenizer.library, [*sorted(ends), *sorted(others - ends)], size).constraint(grammars)
    assert held is not None
    return held


def written_at_random(held: GrammarConstraint, seed: int, ends: Sequence[int] = ()) -> list[int]:
    """What a model writes that likes every token equally, but ``ends`` of texts more."""
    dice = random.Random(seed)
    ids: list[int] = []
    while (allowed := held.allowed()) is not None:
        assert len(ids) < 4_000
        open_ends = [token for token in ends if allowed[token]]
        ids.append(
            dice.choice(open_ends) if open_ends and dice.random() < 0.2 else int(dice.choice(np.flatnonzero(allowed)))
        )
        held.accept(ids[-1])
    return ids


def read(
    style: NativeStyle,
    tools: Sequence[Tool],
    prompt: Sequence[int],
    ids: Sequence[int],
    tokenizer: HuggingFaceTokenizer,
) -> list[ModelEvent]:
    reader = style.open_filter(tools, prompt)
    stream = tokenizer.token_text_stream()
    events: list[ModelEvent] = []
    for token in ids:
        if token in style.markers:
            events += [*reader.feed(stream.finish()), *reader.feed(style.markers[token], control=True)]
        else:
            events += reader.feed(stream.push(token))
    return [*events, *reader.feed(stream.finish()), *reader.finish()]


def prompt_of(tokenizer: HuggingFaceTokenizer, style: NativeStyle, tools: Sequence[Tool]) -> list[int]:
    question = {"role": "user", "content": "What is it?"}
    return tokenizer.render([question], style.definitions(tools), add_generation_prompt=True)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_forms_with_json_have_a_grammar_and_the_others_are_left_free(sample: Sample) -> None:
    tokenizer, style = native(sample.template)
    grammars = style.grammars([FORECAST], prompt_of(tokenizer, style, [FORECAST]))
    assert style.has_grammar == bool(grammars) == (sample.name in JSON)


def hold_twenty_times(tokenizer: HuggingFaceTokenizer, style: NativeStyle) -> None:
    tools = [FORECAST, TOOLS["calculate"]]
    prompt = prompt_of(tokenizer, style, tools)
    ends = [tokenizer.encode('"')[0], *style.markers]
    names = set()
    for seed in range(20):
        ids = written_at_random(held_to(style.grammars(tools, prompt), tokenizer), seed, ends)
        called = [event for event in read(style, tools, prompt, ids, tokenizer) if not isinstance(event, Reasoning)]
        assert len(called) == 1
        assert isinstance(called[0], Called), (called, tokenizer.decode(ids))
        names.add(called[0].name)
        assert misfit(dict(called[0].arguments), next(t.parameters for t in tools if t.name == called[0].name)) is None
    assert names == {"fore-cast.v2", "calculate"}


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.name in JSON], ids=lambda sample: sample.name)
def test_twenty_of_twenty_written_at_random_are_calls_that_fit(sample: Sample) -> None:
    hold_twenty_times(*native(sample.template))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_so_are_those_in_the_form_of_a_real_template(path: Path) -> None:
    tokenizer = template_tokenizer(path.read_text("utf-8"))
    found = probe(tokenizer).native
    if found is None or not (style := NativeStyle(tokenizer, found)).has_grammar:
        pytest.skip("its calls are left free")
    tokenizer.markers = frozenset(style.markers)
    hold_twenty_times(tokenizer, style)


@pytest.mark.parametrize("sample", [HERMES, LLAMA, MISTRAL], ids=lambda sample: sample.name)
def test_what_the_template_prints_itself_is_allowed(sample: Sample) -> None:
    tokenizer, style = native(sample.template)
    calculate = TOOLS["calculate"]
    held = held_to(style.grammars([calculate], prompt_of(tokenizer, style, [calculate])), tokenizer)
    for token in NativeGenerator(tokenizer).written(sample.call):
        allowed = held.allowed()
        assert allowed is None or allowed[token]
        held.accept(token)
    assert held.allowed() is None, "behind the call everything is free"


def test_thoughts_come_first_whether_the_prompt_began_them_or_the_model_does() -> None:
    calculate = TOOLS["calculate"]
    for think in ("", "<think>\n"):
        template = HERMES.template.replace("assistant\n{% endif %}", f"assistant\n{think}{{% endif %}}")
        tokenizer, style = native(template + "{# <think> </think> #}")
        prompt = prompt_of(tokenizer, style, [calculate])
        assert style.begins_in_thoughts(prompt) == bool(think)
        held = held_to(style.grammars([calculate], prompt), tokenizer)
        ids = {name: token for token, name in tokenizer.added_tokens.items()}
        first = held.allowed()
        assert first is not None
        assert (first[ids["<think>"]], first[ids["<tool_call>"]]) == ((False, False) if think else (True, True))
        text = "" if think else "<think>"
        for token in NativeGenerator(tokenizer).written(text + "Hm, <b>.\n</think>\n\n" + HERMES.call):
            allowed = held.allowed()
            assert allowed is not None
            assert allowed[token], tokenizer.decode([token])
            held.accept(token)
        assert held.allowed() is None


def test_a_model_that_speaks_in_channels_calls_in_one_of_its_own() -> None:
    tokenizer, style = native(HARMONY.template)
    prompt = prompt_of(tokenizer, style, [TOOLS["calculate"]])
    held = held_to(style.grammars([TOOLS["calculate"]], prompt), tokenizer)
    call = ' to=functions.calculate<|channel|>commentary json<|message|>{"text": "6*7"}<|call|>'
    thought = "<|channel|>analysis<|message|>I should.<|end|><|start|>assistant"
    for token in NativeGenerator(tokenizer).written(thought + call):
        allowed = held.allowed()
        assert allowed is not None
        assert allowed[token]
        held.accept(token)
    assert held.allowed() is None


def test_a_schema_that_cannot_be_read_leaves_the_arguments_open_and_not_the_call() -> None:
    tokenizer, style = native(HERMES.template)
    held = held_to(style.grammars([ODD], prompt_of(tokenizer, style, [ODD])), tokenizer)
    for token in NativeGenerator(tokenizer).written(
        '<tool_call>\n{"name": "odd", "arguments": {"a": [1]}}\n</tool_call>'
    ):
        allowed = held.allowed()
        assert allowed is not None
        assert allowed[token]
        held.accept(token)


def test_twenty_of_twenty_slash_lines_written_at_random_are_calls_that_fit() -> None:
    tokenizer = template_tokenizer("{{ messages[0].content }}")
    tools = {tool.name: tool for tool in (FORECAST, TOOLS["calculate"], NOW)}
    style = style_of(FakeGenerator(), tools)
    reply = Reply(tokenizer.encode, "x")
    names = set()
    for seed in range(20):
        style.open(reply, [], 1)
        held = held_to(style.grammars(reply, [], list(tools)), tokenizer)
        text = tokenizer.decode(written_at_random(held, seed, tokenizer.encode('"\n')))
        (call, *_) = SlashFilter(tools).feed(text)
        assert isinstance(call, Called), text
        checked = style.checked(call)
        assert isinstance(checked, Called), text
        names.add(call.name)
        assert call.name != "fore-cast.v2" or misfit(dict(checked.arguments), PARAMETERS) is None
    assert names == set(tools)


def test_a_slash_call_ends_at_the_result_that_the_model_was_taught_and_begins_on_a_line_of_its_own() -> None:
    tokenizer = template_tokenizer("{{ messages[0].content }}")
    style = style_of(FakeGenerator(), {"calculate": TOOLS["calculate"]})
    reply = Reply(tokenizer.encode, "x")
    for shown in ("", "Let me see."):
        if shown:
            reply.add_text(shown)
        style.open(reply, [], 1)
        held = held_to(style.grammars(reply, [], ["calculate"]), tokenizer)
        for token in tokenizer.encode(("\n" if shown else "") + "/calculate 3 < 4*5 <<"):
            allowed = held.allowed()
            assert allowed is not None
            assert allowed[token]
            held.accept(token)
        assert held.allowed() is None


def test_thoughts_in_letters_are_waited_for_as_well() -> None:
    tokenizer = template_tokenizer("{{ messages[0].content }}")
    thoughts = Thoughts(tokenizer, FAMILIES["hermes"].thinking)
    before = thoughts.before(tokenizer.encode("assistant: <think>\n"))
    held = held_to(slash_grammars([TOOLS["calculate"]], before, on_new_line=False), tokenizer)
    for token in tokenizer.encode("So </ so.</think>\n\n/calculate 1\n"):
        allowed = held.allowed()
        assert allowed is not None
        assert allowed[token]
        held.accept(token)
    assert held.allowed() is None
    assert thoughts.before(tokenizer.encode("assistant:")).term == "", "nothing but letters says that it may think"
