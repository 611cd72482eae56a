"""What a filter of streamed text tells: visible text, calls, rejected calls. Knows no family of models.

A filter is a pure machine that never raises, takes linear time and holds back no more than could still be a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Text:
    """More visible text, exactly as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A whole call of an offered tool."""

    name: str
    arguments: Mapping[str, Any]
    """What fits the tool's schema; in the slash style the one parameter ``text``."""
    end: int
    """Characters fed up to where the call ends; what follows (a newline, an invented result) does not belong to it."""
    id: str = ""
    """The call's own, where the model wrote one."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A call that must not run; nothing of it is shown."""

    name: str
    reason: str
    """Short English for the model, as in ``error: reason``."""
    kind: Literal["rejected", "malformed", "truncated"] = "rejected"
    """Whole but not allowed, not readable, or without its end."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """More of what the model thinks; never part of its answer."""

    text: str


FilterEvent = Text | Called | Rejected
ModelEvent = FilterEvent | Reasoning
"""What the filter of a family with thinking blocks tells."""


class Filter(Protocol):
    """Reads one reply as it is generated. The events do not depend on how the text was cut into pieces."""

    cut: bool
    """The model went on after a call as if it had a result: all that follows is dropped, so generation may end."""

    def feed(self, text: str) -> list[FilterEvent]: ...

    def finish(self, *, truncated: bool = False) -> list[FilterEvent]:
        """The rest, when the text has ended. With ``truncated`` (out of tokens) an unfinished call is rejected."""
        ...
