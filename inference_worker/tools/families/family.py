"""What there is to say about a family of models as data. Reads nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from inference_worker.tools.reading import Input, Reading

Reader = Callable[[Input], Reading[None]]

PROSE: Final = " \t`'\".,;:!?)*，。、；：！？）」』”’"
"""What follows a marker that is only talked about."""


@dataclass(frozen=True, slots=True)
class Opener:
    """A marker that begins a call, and the reader of what follows it."""

    text: str
    read: Reader
    end: str = ""
    """Up to here a call that cannot be read is dropped."""
    where: Literal["anywhere", "line", "start"] = "anywhere"
    """``start``: nothing but white space and thinking may stand before it in the message."""
    in_thinking: bool = False
    """It counts inside thinking as well, and ends it."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """What stands around the model's thoughts."""

    open: str
    close: str
    anywhere: bool = False
    """Else only at the start of the message: later it is a word of the answer."""


@dataclass(frozen=True, slots=True)
class Family:
    """How one family of models writes calls and thinking."""

    name: str
    openers: tuple[Opener, ...] = ()
    start: Reader | None = None
    """Reads calls without any marker, which can only stand at the start of a message."""
    thinking: tuple[Thinking, ...] = ()
    hidden: tuple[str, ...] = ()
    """Markers of no meaning here; what stands between them is shown."""
    answers: tuple[str, ...] = ()
    """Those of them that stand around an answer: amid one of its sentences they are words."""
    inner: tuple[str, ...] = ()
    """Tags that stand inside calls; outside they are left-overs of one, and not shown unless they are talked about."""
    segments: tuple[str, ...] = ()
    """Markers that end a message and begin another one of the same turn."""
    stops: tuple[str, ...] = ()
    """Markers of the end; whatever follows was never asked for."""
    results: tuple[str, ...] = ()
    """Behind a call these begin a result that the model invents."""
    thinking_ends: bool = True
    """The message may end while it thinks; in a family with channels it was then cut off."""
    aliases: tuple[str, ...] = ()

    @property
    def markers(self) -> frozenset[str]:
        """All markers that may be control tokens of a tokenizer."""
        around = [marker for pair in self.thinking for marker in (pair.open, pair.close)]
        openers = [opener.text for opener in self.openers]
        return frozenset([*openers, *around, *self.hidden, *self.segments, *self.stops, *self.results])

    @property
    def remains(self) -> frozenset[str]:
        """What a call that was begun wrongly leaves behind: ends and insides of calls, and results of none."""
        ends = [opener.end for opener in self.openers if opener.end.startswith("<")]
        return frozenset([*ends, *self.inner, *self.results])

    @property
    def ends(self) -> frozenset[str]:
        """The stops that no call begins with: GigaChat separates messages by what its calls begin with."""
        return frozenset(stop for stop in self.stops if not any(one.text.startswith(stop) for one in self.openers))


def looks_like_control(marker: str) -> bool:
    """Whether ``marker`` is written as control tokens are; it is never shown, as a word in angle brackets may be."""
    return (
        marker.startswith(("<|", "<｜", "<s>", "</s>", "]<]")) or marker.endswith(("|>", "｜>")) or _is_shouted(marker)
    )


def _is_shouted(marker: str) -> bool:
    return marker.startswith("[") and marker.endswith("]") and marker == marker.upper()
