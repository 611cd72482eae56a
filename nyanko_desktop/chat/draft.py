"""A reply while it grows: events in, parts out, for store and windows. Pure; knows no worker and no store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from inference_worker.protocol.messages import (
    CallPart,
    Part,
    ReasoningDelta,
    TextDelta,
    TextPart,
    ToolCalled,
    ToolFinished,
)
from nyanko_desktop.chat.view_state import TextView, ToolView
from nyanko_desktop.reasons import result_in_words


class _Text:
    """Text that grows; joined only when somebody looks."""

    def __init__(self, text: str) -> None:
        self._pieces = [text]

    def add(self, text: str) -> None:
        self._pieces.append(text)

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]


class Draft:
    """The parts of one reply. One that is continued begins with what was ``written`` before."""

    def __init__(self, written: tuple[Part, ...] = (), reasoning: str = "") -> None:
        self._pieces: list[_Text | CallPart | ToolCalled] = [
            _Text(part.text) if isinstance(part, TextPart) else part for part in written
        ]
        self._reasoning = _Text(reasoning)
        self.grown = False
        """Whether anything was written in this run."""

    def add(self, event: TextDelta | ReasoningDelta | ToolCalled | ToolFinished) -> None:
        """Take in one event; a ToolFinished without its ToolCalled is no news."""
        self.grown = True
        match event:
            case TextDelta(text=text):
                self._add_text(text)
            case ReasoningDelta(text=text):
                self._reasoning.add(text)
            case ToolCalled():
                self._pieces.append(event)
            case ToolFinished():
                self._pieces = [_finished(piece, event) for piece in self._pieces]

    def _add_text(self, text: str) -> None:
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, _Text):
            last.add(text)
        else:
            self._pieces.append(_Text(text))

    @property
    def reasoning(self) -> str:
        return self._reasoning.text

    @property
    def parts(self) -> tuple[Part, ...]:
        """What can be stored: a call that still runs has no result and would mislead the model."""
        kept = (TextPart(p.text) if isinstance(p, _Text) else p for p in self._pieces if not isinstance(p, ToolCalled))
        return tuple(kept)

    def view(self) -> tuple[TextView | ToolView, ...]:
        """What a person sees now, calls that still run included."""
        return tuple(_view(piece) for piece in self._pieces)


def part_views(parts: tuple[Part, ...]) -> tuple[TextView | ToolView, ...]:
    """Stored parts as a person sees them."""
    return tuple(TextView(p.text) if isinstance(p, TextPart) else _view(p) for p in parts)


def argument_in_words(arguments: Mapping[str, Any]) -> str:
    """What a tool card shows of a call in one line: what the model wrote, not what was made of it."""
    if isinstance(text := arguments.get("text"), str):
        return text
    return ", ".join(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in arguments.values())


def _view(piece: _Text | CallPart | ToolCalled) -> TextView | ToolView:
    match piece:
        case CallPart():
            argument = argument_in_words(piece.arguments)
            result = result_in_words(piece.result) if piece.failed else piece.result
            return ToolView(piece.call_id, piece.name, argument, result, piece.failed, piece.seconds)
        case ToolCalled():
            return ToolView(piece.call_id, piece.name, argument_in_words(piece.arguments), None)
        case _Text():
            return TextView(piece.text)


def _finished(piece: _Text | CallPart | ToolCalled, end: ToolFinished) -> _Text | CallPart | ToolCalled:
    if isinstance(piece, ToolCalled) and piece.call_id == end.call_id:
        return CallPart(piece.call_id, piece.name, piece.arguments, end.result, end.failed, end.seconds, end.source)
    return piece
