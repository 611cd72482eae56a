"""What others say to the running app beyond the worker's own wire, and the one answer to it. No logic."""

from __future__ import annotations

import msgspec

from inference_worker.protocol.messages import Command
from nyanko_desktop.worker.state import WorkerState


class Show(msgspec.Struct, frozen=True, tag_field="type", tag="show", forbid_unknown_fields=True):
    """Raise the chat window; answered by Finished."""

    id: str


class ShowQuickAsk(msgspec.Struct, frozen=True, tag_field="type", tag="show_quick_ask", forbid_unknown_fields=True):
    """Open quick-ask; answered by Finished."""

    id: str


class Describe(msgspec.Struct, frozen=True, tag_field="type", tag="describe", forbid_unknown_fields=True):
    """Answered by AppDescribed."""

    id: str


class AppDescribed(msgspec.Struct, frozen=True, tag_field="type", tag="app_described", forbid_unknown_fields=True):
    """The truth about the running app, for ``nyanko doctor``."""

    id: str
    version: str
    pid: int
    profile: str
    worker: WorkerState
    details: dict[str, str] = {}
    """What only the app knows, for example ``tray`` and ``hotkey``; values are for people."""


AppCommand = Command | Show | ShowQuickAsk | Describe
"""Everything the app's socket takes."""
