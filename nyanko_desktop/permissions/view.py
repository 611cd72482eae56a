"""What a settings page shows of grants and of the ledger, as immutable values; permissions/controller.py makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from inference_worker.protocol.messages import Level
from nyanko_desktop.chat.view_state import Explanation, Remember

DecidedBy = Literal["level", "person", "grant", "command line", "refused", "unanswered"]
"""Who let a call run: the tool is harmless, the person was asked, a grant covered it, ``--allow`` did; or nobody: none
was asked, or the turn was over before they answered."""
CutOff = Literal["", "lost", "unknown"]
"""Why a call that ran has no result: its worker or its turn ended before it; or this program died, and nobody knows."""


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant that holds; ``revoke(id)`` takes it back."""

    id: int
    tool: str
    level: Level
    remember: Remember
    scope: str
    """Folder, host or server; empty for ``chat`` and ``always``."""
    conversation: str
    """Title of the conversation of a ``chat`` grant."""
    granted: datetime
    used: datetime | None
    """When it last let a call run."""


@dataclass(frozen=True, slots=True)
class LedgerView:
    """One call that was made, or refused."""

    id: int
    time: datetime
    conversation: str
    """Its title; empty where it is not stored, or was deleted."""
    tool: str
    level: Level
    arguments: tuple[tuple[str, str], ...]
    """Empty where the conversation was deleted."""
    scope: str
    allowed: bool
    decided_by: DecidedBy
    grant: int | None
    """Id of the grant that covered it, which may be revoked by now."""
    ended: bool
    """False while it runs."""
    result_size: int
    """Characters that the model got."""
    seconds: float
    failed: bool
    hosts: tuple[str, ...]
    """Hosts that were reached out to, in order."""
    sources: tuple[str, ...]
    """Whose words the model had read by then."""
    cut_off: CutOff = ""
    """Where it is set, the call counts as ended and failed."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """One thing that the model noted about the person."""

    id: int
    text: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class PermissionsView:
    """Everything the pages of grants, calls and notes need to draw themselves."""

    grants: tuple[GrantView, ...] = ()
    calls: tuple[LedgerView, ...] = ()
    """The newest first, those that match ``query``."""
    query: str = ""
    count: int = 0
    """How many match ``query`` in all: older ones are kept than are shown here."""
    notes: tuple[NoteView, ...] = ()
    """Of the chosen persona, the newest first."""
    notice: Explanation | None = None
