"""A reply while it grows: events in, parts out, for store and windows. Pure; knows no worker and no store."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from inference_worker.protocol.messages import (
    CallPart,
    Part,
    ReasoningDelta,
    TextDelta,
    TextPart,
    ToolCalled,
    ToolFinished,
    ToolProgress,
)
from nyanko_desktop.chat.view_state import ApprovalView, TextView, ToolView
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.results import call_result_in_words, preview_in_words
from nyanko_desktop.reasons.words import reason_in_words

UNENDED: Final = "error: ended before it answered"
"""Stored as the result of a call whose worker, or whose app, was gone first: the model must read that it has none."""
TAKEN_BACK: Final = " (the person took this back)"
"""Stored behind a result, in English like every result: the model reads it. A person reads it in their language."""


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
        self._asked: dict[str, ApprovalView] = {}
        self._progress: dict[str, str] = {}
        self._began: dict[str, float] = {}
        self.grown = False
        """Whether anything was written in this run."""

    def add(self, event: TextDelta | ReasoningDelta | ToolCalled | ToolProgress | ToolFinished) -> None:
        """Take in one event; a ToolFinished without its ToolCalled is no news."""
        self.grown = True
        match event:
            case TextDelta(text=text):
                self._add_text(text)
            case ReasoningDelta(text=text):
                self._reasoning.add(text)
            case ToolCalled():
                self._pieces.append(event)
                if not event.needs_decision:
                    self.begin(event.call_id)
            case ToolProgress(call_id=call, text=text):
                self._progress[call] = text
            case ToolFinished():
                self._asked.pop(event.call_id, None)
                self._pieces = [_finished(piece, event) for piece in self._pieces]

    def _add_text(self, text: str) -> None:
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, _Text):
            last.add(text)
        else:
            self._pieces.append(_Text(text))

    def ask(self, approval: ApprovalView) -> None:
        """A call waits for the person."""
        self._asked[approval.call_id] = approval

    def answered(self, call_id: str) -> None:
        """A call waits no more."""
        self._asked.pop(call_id, None)

    def begin(self, call_id: str) -> None:
        """A call runs from now on."""
        self._began[call_id] = time.monotonic()

    @property
    def reasoning(self) -> str:
        return self._reasoning.text

    @property
    def parts(self) -> tuple[Part, ...]:
        """What can be stored now: should this be the end, a call that still waits or runs is one without an answer."""
        return tuple(_part(piece) for piece in self._pieces)

    def view(self) -> tuple[TextView | ToolView, ...]:
        """What a person sees now, calls that still run included."""
        return tuple(self._running(p) if isinstance(p, ToolCalled) else _view(p) for p in self._pieces)

    def _running(self, called: ToolCalled) -> ToolView:
        call = called.call_id
        return ToolView(
            call,
            called.name,
            argument_in_words(called.arguments),
            None,
            approval=_approval(self._asked.get(call)),
            progress=reason_in_words(self._progress.get(call, "")),
            began=self._began.get(call),
        )


def part_views(parts: tuple[Part, ...]) -> tuple[TextView | ToolView, ...]:
    """Stored parts as a person sees them."""
    return tuple(TextView(p.text, p.source) if isinstance(p, TextPart) else _view(p) for p in parts)


def argument_in_words(arguments: Mapping[str, Any]) -> str:
    """What a tool card shows of a call in one line: what the model wrote, not what was made of it."""
    if isinstance(text := arguments.get("text"), str):
        return text
    return ", ".join(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in arguments.values())


def taken_back(part: CallPart) -> CallPart:
    """The call after what it wrote was taken back; the model shall know it, too."""
    return msgspec.structs.replace(part, result=f"{part.result}{TAKEN_BACK}", undo="")


def _part(piece: _Text | CallPart | ToolCalled) -> Part:
    match piece:
        case _Text():
            return TextPart(piece.text)
        case ToolCalled():
            return CallPart(piece.call_id, piece.name, piece.arguments, UNENDED, failed=True)
        case _:
            return piece


def _approval(asked: ApprovalView | None) -> ApprovalView | None:
    """What the person is asked, with our own words in the language of now."""
    return asked and replace(asked, preview=preview_in_words(asked.tool, asked.preview))


def _view(piece: _Text | CallPart) -> TextView | ToolView:
    if isinstance(piece, _Text):
        return TextView(piece.text)
    return ToolView(
        piece.call_id,
        piece.name,
        argument_in_words(piece.arguments),
        _result(piece),
        piece.failed,
        piece.seconds,
        source=piece.source,
        can_undo=bool(piece.undo),
    )


def _result(part: CallPart) -> str:
    """What a person reads of a call that ended."""
    kept = part.result.removesuffix(TAKEN_BACK)
    words = call_result_in_words(part.name, kept, part.source, failed=part.failed)
    return words if kept == part.result else tr("{result} (you took this back)", result=words)


def _finished(piece: _Text | CallPart | ToolCalled, end: ToolFinished) -> _Text | CallPart | ToolCalled:
    if isinstance(piece, ToolCalled) and piece.call_id == end.call_id:
        return CallPart(
            piece.call_id,
            piece.name,
            piece.arguments,
            end.result,
            end.failed,
            end.seconds,
            end.source,
            end.undo,
        )
    return piece
