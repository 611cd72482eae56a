"""What a training dialogue is: the person's words, and what Nyanko writes, calls included. Knows no topic and no token."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One slash call inside a reply: ``line`` is written by the model, ``result`` is filled in by the tool."""

    line: str
    """The whole line without its newline, for example ``/calculate 6.5*7.5``."""
    result: str
    """What the tool answers, for example ``48.75``; the model never learns to write it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the person and the reply to it: pieces of text and calls in the order in which they are written."""

    person: str
    reply: tuple[str | Call, ...]


Dialogue = tuple[Exchange, ...]
"""A whole conversation, oldest exchange first."""


def single(person: str, *reply: str | Call) -> Dialogue:
    """A conversation of one exchange."""
    return (Exchange(person, reply),)
