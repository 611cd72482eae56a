"""Feeding a filter in many ways, and judging what came out against a case. No test by itself."""

from __future__ import annotations

import codecs
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from inference_worker.tools.families import SlashFilter, find_family
from inference_worker.tools.filter import Called, ModelEvent, Reasoning, Rejected, Text
from inference_worker.tools.model_filter import ModelFilter


@dataclass(frozen=True)
class Outcome:
    """What a text came to."""

    calls: list[tuple[str, Mapping[str, Any]]]
    visible: str
    reasoning: str
    rejected: list[tuple[str, str]]
    """Kind and name."""
    status: str
    showed: frozenset[str]
    """Those of the hidden strings that were to be seen at any moment."""


def outcome(
    machine: ModelFilter | SlashFilter, pieces: Iterable[str], hidden: Iterable[str] = (), truncated: bool = False
) -> Outcome:
    events: list[ModelEvent] = []
    showed: set[str] = set()
    for piece in pieces:
        events += machine.feed(piece)
        showed |= {string for string in hidden if string in visible(events)}
    events += machine.finish(truncated=truncated)
    showed |= {string for string in hidden if string in visible(events)}
    return Outcome(
        [(event.name, dict(event.arguments)) for event in events if isinstance(event, Called)],
        visible(events),
        "".join(event.text for event in events if isinstance(event, Reasoning)),
        [(event.kind, event.name) for event in events if isinstance(event, Rejected)],
        getattr(machine, "status", ""),
        frozenset(showed),
    )


def visible(events: Iterable[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def new_filter(family: str, tools: Mapping[str, Any], prompt_end: str = "") -> ModelFilter | SlashFilter:
    if family == "slash":
        return SlashFilter(tools)
    return ModelFilter(find_family(family), tools, prompt_end=prompt_end)


def ways(text: str, seed: int = 0) -> list[list[str]]:
    """``text`` whole, by characters, by bytes, in equal pieces and cut at random."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    dice = random.Random(seed)
    cuts = [0, *sorted(dice.randrange(len(text) + 1) for _ in range(6)), len(text)]
    pieces = [[text[at : at + size] for at in range(0, len(text), size)] for size in (3, 7)]
    by_bytes = [decode(bytes([byte])) for byte in text.encode()]
    return [[text], list(text), by_bytes, *pieces, [text[a:b] for a, b in pairwise(cuts)]]


def schemas(tools: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The schema of the arguments by name, of tools that may be wrapped as OpenAI does."""
    bare = [tool["function"] if isinstance(tool.get("function"), dict) else tool for tool in tools]
    return {tool["name"]: tool.get("parameters") for tool in bare}


def squeezed(text: str) -> str:
    return "".join(text.split())
