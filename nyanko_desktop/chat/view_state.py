"""What the windows show, as immutable values. The controller makes them, ui/ renders them, nobody changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from inference_worker.protocol.messages import Level, Timings, Usage
from nyanko_desktop.worker.state import WorkerState

LONGEST_ATTACHMENT: Final = 20_000
"""Characters; more of a clipboard would leave no room for the chat."""
MessageStatus = Literal["complete", "streaming", "interrupted", "cancelled", "failed"]
Action = Literal["none", "continue", "retry", "open_settings", "free_memory", "restart_worker", "copy_report"]
"""The one thing a button on an error card does."""
Remember = Literal["chat", "scope", "always"]
"""How long a yes holds: in this conversation, for one folder, host or server, or until it is taken back."""
ScopeKind = Literal["", "path", "host", "server"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error as a person reads it: what happened, why, and what to do next; already in their language."""

    title: str
    reason: str
    hint: str
    action: Action = "none"
    code: str = ""


@dataclass(frozen=True, slots=True)
class TextView:
    """Markdown text of a message; with a ``source`` it was attached from there, and is plain."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Text that the person puts beside a question. It may be somebody else's, so the model gets it as a quote."""

    text: str
    source: str = "clipboard"


@dataclass(frozen=True, slots=True)
class GrantOffer:
    """One way to say yes for longer, with what it would cover: a folder, a host, a server; empty for all of it."""

    remember: Remember
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A call that waits for the person: everything it would do. All of it may be somebody else's words."""

    call_id: str
    tool: str
    level: Level
    arguments: tuple[tuple[str, str], ...] = ()
    """Name and value of every argument, values as text, whole."""
    scope: str = ""
    """The real path, the host or the server that it would touch; empty where there is none."""
    scope_kind: ScopeKind = ""
    preview: str = ""
    """What it would do where the arguments do not show it."""
    preview_kind: Literal["", "diff", "code", "text"] = ""
    sources: tuple[str, ...] = ()
    """Whose words (pages, files, servers, the clipboard) the model has read: any of them may be behind the call. Name
    them on the card."""
    offers: tuple[GrantOffer, ...] = ()
    """The longer kinds of yes that may be offered. After somebody else's words there are none for a call that keeps,
    reaches out or changes things: each of those is asked anew. One that only reads what is private has its own."""
    changed: bool = False
    """The person had said yes for longer; since then the server changed what the tool is."""
    identity: str = ""
    """Of a server's tool, what it is now."""


@dataclass(frozen=True, slots=True)
class ToolView:
    """One tool call as a card; ``result`` is ``None`` while it waits for the person or runs."""

    call_id: str
    name: str
    argument: str
    result: str | None
    failed: bool = False
    seconds: float = 0.0
    approval: ApprovalView | None = None
    """What the person is asked; ``None`` when nothing is, or it was answered."""
    progress: str = ""
    """How far a running call is, in words."""
    source: str = ""
    """Whose words ``result`` holds: a page, a file, a server; empty where they are ours."""
    can_undo: bool = False
    """What the call wrote can be taken back."""
    began: float | None = field(default=None, compare=False)
    """When a running call began to run, by ``time.monotonic()``; ``None`` before, and when it is over."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; equal values need no repaint."""

    id: int
    role: Literal["user", "assistant"]
    parts: tuple[TextView | ToolView, ...]
    created: datetime
    status: MessageStatus = "complete"
    reasoning: str = ""
    error: Explanation | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    model: str = ""
    """Name and precision of the model that answered, for example ``nyanko-mini · int8``."""


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """One row of the conversation list."""

    id: int
    title: str
    preview: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the chat window and quick-ask need to draw themselves."""

    conversations: tuple[ConversationSummary, ...] = ()
    current: int | None = None
    """Id of the open conversation; ``None`` for a new one that has no message yet."""
    title: str = ""
    messages: tuple[MessageView, ...] = ()
    memory_begins: int | None = None
    """Index in ``messages`` of the first one that the model still remembers; ``None`` while it remembers all."""
    worker: WorkerState = field(default_factory=WorkerState)
    busy: bool = False
    """A reply is being made in the open conversation."""
    notice: Explanation | None = None
    """Something that concerns no single message: settings that were broken, a disk that is full."""
