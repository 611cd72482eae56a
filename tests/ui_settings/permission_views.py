"""Grants, calls and notes for the tests of the page of permissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nyanko_desktop.permissions.view import GrantView, LedgerView, NoteView, PermissionsView

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def call(id: int, tool: str = "fetch", **more: Any) -> LedgerView:
    """A call that ran and ended well, unless ``more`` says otherwise."""
    fields: dict[str, Any] = {
        "time": NOON - timedelta(minutes=7 * id),
        "conversation": "Books",
        "level": "network",
        "arguments": (("url", f"https://books.example/list/{id}"),),
        "scope": "books.example",
        "allowed": True,
        "decided_by": "person",
        "grant": None,
        "ended": True,
        "result_size": 1234,
        "seconds": 0.8,
        "failed": False,
        "hosts": ("books.example",),
        "sources": (),
    }
    return LedgerView(id=id, tool=tool, **{**fields, **more})


GRANTS = (
    GrantView(3, "write_file", "effect", "scope", "/home/lin/notes", "", NOON, NOON),
    GrantView(2, "fetch", "network", "chat", "", "Books to read", NOON, None),
    GrantView(1, "files__move", "effect", "always", "", "", NOON, None),
)
WRITE = call(
    2,
    "write_file",
    level="effect",
    arguments=(("path", "list.md"), ("content", "# Books\n- Three-Body\n")),
    scope="/home/lin/notes/list.md",
    hosts=(),
    sources=("https://books.example/list/1",),
)
REFUSED = call(3, "open", level="effect", allowed=False, decided_by="person", hosts=(), ended=False)
FAILED = call(4, failed=True, seconds=10.0, decided_by="grant")
SUM = call(5, "calculate", level="harmless", arguments=(("text", "3*14.9+6"),), hosts=(), scope="", decided_by="level")
CALLS = (call(1), WRITE, REFUSED, FAILED, SUM)
NOTES = (NoteView(1, "Anna likes tea.", NOON), NoteView(2, "Her cat is called Miso.", NOON))
PERMISSIONS = PermissionsView(GRANTS, CALLS, notes=NOTES)
