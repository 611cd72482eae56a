"""A grammar small enough to read at a glance: text with choices and slots, expanded with a seeded generator.

``[a|b|c]`` picks one alternative (nestable, an empty one is allowed), ``{name}`` is filled from the slots.
A slot is a text, or a function of the generator that returns one; its text is expanded again.
``[3:a|b]`` gives an alternative three times the weight of its neighbours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

Slot = str | Callable[[random.Random], str]


class GrammarError(ValueError):
    """A frame that does not parse: an unclosed bracket or an unknown slot."""


def expand(frame: str, rng: random.Random, slots: Mapping[str, Slot] | None = None) -> str:
    """One random expansion of ``frame``. Raises :class:`GrammarError` for a malformed frame or an unknown slot."""
    text, end = _sequence(frame, 0, rng, slots or {}, inside=False)
    if end != len(frame):
        raise GrammarError(f"unexpected {frame[end]!r} at {end} in {frame!r}")
    return text


def pick(frames: Sequence[str], rng: random.Random, slots: Mapping[str, Slot] | None = None) -> str:
    """One random expansion of one random frame."""
    return expand(rng.choice(frames), rng, slots)


def _sequence(frame: str, at: int, rng: random.Random, slots: Mapping[str, Slot], *, inside: bool) -> tuple[str, int]:
    out: list[str] = []
    while at < len(frame):
        char = frame[at]
        if char == "[":
            text, at = _choice(frame, at + 1, rng, slots)
            out.append(text)
        elif char == "{":
            text, at = _slot(frame, at + 1, rng, slots)
            out.append(text)
        elif inside and char in "|]":
            break
        else:
            out.append(char)
            at += 1
    return "".join(out), at


def _choice(frame: str, at: int, rng: random.Random, slots: Mapping[str, Slot]) -> tuple[str, int]:
    options: list[str] = []
    weights: list[int] = []
    while True:
        weight, at = _weight(frame, at)
        text, at = _sequence(frame, at, rng, slots, inside=True)
        options.append(text)
        weights.append(weight)
        if at >= len(frame):
            raise GrammarError(f"unclosed '[' in {frame!r}")
        at += 1
        if frame[at - 1] == "]":
            return rng.choices(options, weights)[0], at


def _weight(frame: str, at: int) -> tuple[int, int]:
    if at + 1 < len(frame) and frame[at].isdigit() and frame[at + 1] == ":":
        return int(frame[at]), at + 2
    return 1, at


def _slot(frame: str, at: int, rng: random.Random, slots: Mapping[str, Slot]) -> tuple[str, int]:
    end = frame.find("}", at)
    name = frame[at:end]
    if end < 0 or name not in slots:
        raise GrammarError(f"unknown slot {name!r} in {frame!r}")
    slot = slots[name]
    return expand(slot if isinstance(slot, str) else slot(rng), rng, slots), end + 1
