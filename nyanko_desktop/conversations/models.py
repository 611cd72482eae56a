"""What is stored: conversations, their messages, reminders. Values only; knows no SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.messages import FinishReason, Part, TextPart, Timings, Usage
from nyanko_desktop.chat.view_state import MessageStatus

Author = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Window:
    """Where the memory of a conversation begins."""

    start: int = 0
    """Id of the first message that still fits into the model's context; 0 while all do."""
    model: str = ""
    """The model for which that was found, with its context: another one may remember more."""


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """One conversation without its messages."""

    id: int
    title: str
    preview: str
    """Beginning of the last message that has text."""
    created: datetime
    updated: datetime
    window: Window = Window()


class Reply(msgspec.Struct, frozen=True):
    """What an assistant message holds beyond its parts; stored as one JSON value."""

    ids: tuple[int, ...] = ()
    ids_model: str = ""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    model: str = ""
    """Name and precision of the model that answered."""
    error: WireError | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a conversation, times with their zone."""

    id: int
    conversation: int
    role: Author
    parts: tuple[Part, ...]
    status: MessageStatus
    created: datetime
    reply: Reply = field(default_factory=Reply)

    @property
    def text(self) -> str:
        """The visible text, without tool calls and without what was attached."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart) and not part.source)

    @property
    def attached(self) -> tuple[TextPart, ...]:
        """What the person put beside their words."""
        return tuple(part for part in self.parts if isinstance(part, TextPart) and part.source)


@dataclass(frozen=True, slots=True)
class Found:
    """One message that matches a search."""

    conversation: int
    message: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to tell the person at ``due``; ``shown`` is ``None`` until it was told."""

    id: int
    due: datetime
    text: str
    created: datetime
    shown: datetime | None = None
