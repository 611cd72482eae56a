"""Reads with a family's own filter the calls that stand in token ids. Knows no template and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.tools.families.family import Family
from inference_worker.tools.filter import Called, ModelEvent, Rejected, Text
from inference_worker.tools.model_filter import ModelFilter

PROMPT_END = 64
"""Ids at the end of a prompt that say whether the model is thinking already."""
_UNFINISHED = "\ufffd"
"""What decoding writes for bytes that are no whole character yet."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """One id as text; empty where the next one completes the character."""

    id: int
    text: str
    is_added: bool = False


def spell(ids: Sequence[int], tokenizer: ChatTokenizer) -> Iterator[Spelled]:
    """Every id with its text, decoded together between added tokens, since pieces depend on their neighbours."""
    run: list[int] = []
    said = ""
    for token in ids:
        name = tokenizer.added_tokens.get(token)
        if name is not None:
            run, said = [], ""
            yield Spelled(token, name, is_added=True)
            continue
        run.append(token)
        text = tokenizer.decode(run)
        if text.endswith(_UNFINISHED):
            yield Spelled(token, "")
        else:
            yield Spelled(token, text[len(said) :])
            said = text


def marker_ids(tokenizer: ChatTokenizer, family: Family) -> dict[int, str]:
    """Ids whose text is for the filter alone: control tokens, and what the family uses like them."""
    added = tokenizer.added_tokens.items()
    return {token: name for token, name in added if token in tokenizer.special_ids or name in family.markers}


def open_filter(
    tokenizer: ChatTokenizer, family: Family, schemas: Mapping[str, Any], prompt: Sequence[int]
) -> ModelFilter:
    """The filter of a reply that follows ``prompt``."""
    end = tokenizer.decode(list(prompt[-PROMPT_END:]))
    controls = marker_ids(tokenizer, family).values()
    return ModelFilter(family, schemas, prompt_end=end, control=frozenset(controls))


@dataclass(frozen=True, slots=True)
class Found:
    """The calls in some ids, and how many of the ids were read when the last of them was certain."""

    calls: tuple[Called | Rejected, ...]
    length: int
    shown: int
    """Characters beside them that a person would have seen, white space aside."""


def find_calls(written: Sequence[Spelled], reader: ModelFilter, markers: Mapping[int, str], most: int) -> Found:
    """The first ``most`` calls in ``written``; nothing behind them is looked at."""
    calls: list[Called | Rejected] = []
    length = shown = 0
    for place, piece in enumerate(written, start=1):
        events = reader.feed(piece.text, control=piece.id in markers)
        shown += sum(len(_without_space(event.text)) for event in events if isinstance(event, Text))
        if found := _calls(events):
            calls += found
            length = place
        if len(calls) >= most or reader.cut:
            break
    else:
        if found := _calls(reader.finish()):
            calls += found
            length = len(written)
    return Found(tuple(calls[:most]), length, shown)


def _calls(events: Sequence[ModelEvent]) -> list[Called | Rejected]:
    return [event for event in events if isinstance(event, Called | Rejected)]


def begin_of_reply(prompt: Sequence[int], rendered: Sequence[int], tokenizer: ChatTokenizer, question: str) -> int:
    """Where in ``rendered`` that follows which ``prompt`` was to be answered by: behind what both begin with.

    Some templates print other white space around a reply in history, or the ``question`` elsewhere once it is answered;
    then it is behind what stands between the question and the reply.
    """
    start = shared(prompt, rendered)
    rest = _without_space(tokenizer.decode(list(prompt[start:])))
    is_moved = question in rest
    rest = rest[rest.rfind(question) :] if is_moved else rest
    said = ""
    for place, piece in enumerate(spell(rendered[start:] if rest else (), tokenizer), start=start + 1):
        said += _without_space(piece.text)
        if said == rest or (is_moved and said.endswith(rest)):
            return place
    return start


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the beginning that both have."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _without_space(text: str) -> str:
    return "".join(text.split())
