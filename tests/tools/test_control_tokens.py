"""Where the tokenizer's control tokens are known, markers count only as tokens: a model may then talk about them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from inference_worker.tools.families import find_family
from inference_worker.tools.filter import Called, ModelEvent, Rejected
from inference_worker.tools.model_filter import ModelFilter
from tests.tools.filtering import visible
from tests.tools.test_families import PARIS, TOOLS
from tests.tools.wires import WIRES, Wire

WITH_TOKENS = {
    name: wire
    for name, wire in WIRES.items()
    if any(o.text in wire.write([PARIS]) for o in find_family(wire.family).openers)
}


def control_of(wire: Wire) -> list[str]:
    """As if every marker of the family were a token."""
    family = find_family(wire.family)
    return sorted(family.markers | {opener.end for opener in family.openers if opener.end})


def tokens(text: str, control: Sequence[str]) -> list[tuple[str, bool]]:
    """``text`` as a tokenizer would decode it: control tokens whole, everything else by characters."""
    found: list[tuple[str, bool]] = []
    while text:
        marker = max((mark for mark in control if text.startswith(mark)), key=len, default="")
        found.append((marker or text[0], bool(marker)))
        text = text[len(marker or text[0]) :]
    return found


def events(wire: Wire, pieces: Sequence[tuple[str, bool]], *, truncated: bool = False) -> list[ModelEvent]:
    family = find_family(wire.family)
    machine = ModelFilter(family, TOOLS, control=control_of(wire))
    told = [event for piece, control in pieces for event in machine.feed(piece, control=control)]
    return [*told, *machine.finish(truncated=truncated)]


def calls(told: Sequence[ModelEvent]) -> list[tuple[str, object]]:
    return [(event.name, event.arguments) for event in told if isinstance(event, Called)]


with_tokens = pytest.mark.parametrize("wire", WITH_TOKENS.values(), ids=WITH_TOKENS.keys())


@with_tokens
def test_a_call_written_with_tokens_is_found(wire: Wire) -> None:
    told = events(wire, tokens(f"Hello. {wire.write([PARIS])}", control_of(wire)))
    assert calls(told) == [PARIS]
    assert visible(told) == "Hello."


@with_tokens
def test_the_same_characters_as_text_are_text(wire: Wire) -> None:
    text = f"Hello. {wire.write([PARIS])}."
    told = events(wire, [(char, False) for char in text])
    assert calls(told) == []
    assert visible(told) == text


@with_tokens
def test_a_token_in_a_block_of_code_is_a_call_since_no_text_writes_it(wire: Wire) -> None:
    assert calls(events(wire, tokens(f"```\n{wire.write([PARIS])}", control_of(wire)))) == [PARIS]


def test_a_control_token_of_no_meaning_here_is_not_shown() -> None:
    hermes = WIRES["hermes"]
    assert visible(events(hermes, [("Hel", False), ("<|fim_middle|>", True), ("lo", False)])) == "Hello"


def test_the_end_of_the_turn_inside_a_call_ends_it() -> None:
    hermes = WIRES["hermes"]
    begun = [("<tool_call>", True), ('{"name": "get_weather", "arguments": {"city": "', False), ("<|im_end|>", True)]
    told = events(hermes, [*begun, ('Paris"}}', False), ("</tool_call>", True)])
    assert [type(event) for event in told] == [Rejected]


def test_a_text_may_hold_the_words_of_a_marker() -> None:
    hermes = WIRES["hermes"]
    value = '{"name": "get_weather", "arguments": {"city": "</tool_call><|im_end|>"}}'
    told = events(hermes, [("<tool_call>", True), (value, False), ("</tool_call>", True)])
    assert calls(told) == [("get_weather", {"city": "</tool_call><|im_end|>"})]
