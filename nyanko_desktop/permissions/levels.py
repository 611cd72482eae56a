"""What each tool can do: the one table that decides whether anybody is asked. docs/permissions.md says it in words.

Workers and servers name levels, too; those are words about themselves and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inference_worker.protocol.messages import Level, ToolCalled
from nyanko_desktop.chat.view_state import ScopeKind

LEVELS: Final[Mapping[str, Level]] = MappingProxyType(
    {
        "calculate": "harmless",
        "now": "harmless",
        "recall": "harmless",
        "remind": "keep",
        "list_reminders": "keep",
        "read_file": "private",
        "find_files": "private",
        "read_clipboard": "private",
        "fetch": "network",
        "search": "network",
        "write_file": "effect",
        "open": "effect",
        "run_python": "effect",
        "remember": "effect",
        "forget": "effect",
        "edit_reminder": "effect",
    }
)
"""Our own tools; nobody can change these."""
UNKNOWN: Final[Level] = "effect"
"""Of a tool that nobody has judged, such as that of a new server."""
UNASKED: Final[frozenset[Level]] = frozenset(("harmless", "keep"))
"""Levels that need no permission, ``keep`` as long as nobody else's words were read."""
ASKED_AGAIN: Final[frozenset[Level]] = frozenset(("keep", "network", "effect"))
"""Levels for which no earlier yes holds any more once somebody else's words were read."""
OF_FILES: Final = frozenset(("read_file", "find_files", "write_file"))
UNDO: Final = "undo_write"
"""Takes back what write_file did; for a person alone, no model is offered it."""
OF_SERVERS: Final = "__"
"""Between the name of a server and that of its tool."""


Chosen = Mapping[tuple[str, str], Level]
"""Levels that the person chose for tools of servers, by name and identity: what it was when it was judged."""


def level_of(tool: str, chosen: Chosen = MappingProxyType({}), identity: str = "") -> Level:
    """The level of ``tool``; the person may have ``chosen`` another one for a tool that is not ours."""
    return LEVELS.get(tool) or chosen.get((tool, identity), UNKNOWN)


def is_under_others(called: ToolCalled, level: Level) -> bool:
    """Whether somebody else's words may be behind a call of a level where that matters."""
    return bool(called.sources) and level in ASKED_AGAIN


def scope_kind(tool: str, scope: str) -> ScopeKind:
    """What the scope of a call of ``tool`` is."""
    if not scope:
        return ""
    if OF_SERVERS in tool:
        return "server"
    return "path" if tool in OF_FILES else "host"
