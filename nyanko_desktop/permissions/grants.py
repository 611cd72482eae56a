"""What a yes for longer covers. Pure; knows no store and asks nobody."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from inference_worker.protocol.messages import Level, ToolCalled
from nyanko_desktop.chat.view_state import GrantOffer, Remember
from nyanko_desktop.permissions.levels import is_under_others, scope_kind

NEVER_REMEMBERED = frozenset(("read_clipboard",))
"""What is in the clipboard is another thing each time."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Calls of ``tool`` may run: in one conversation, for one scope, or all of them."""

    id: int
    tool: str
    remember: Remember
    scope: str
    conversation: int | None
    granted: datetime
    used: datetime | None = None
    identity: str = ""
    """What a tool of a server was when the person said yes; one that changed since is another tool."""

    def covers(self, called: ToolCalled, conversation: int | None) -> bool:
        """Whether ``called`` is such a call; somebody else's words are not its matter."""
        return called.identity == self.identity and self.meant(called, conversation)

    def meant(self, called: ToolCalled, conversation: int | None) -> bool:
        """Whether it would cover ``called``, were the tool still what it was."""
        if called.name != self.tool:
            return False
        match self.remember:
            case "always":
                return True
            case "chat":
                return conversation is not None and conversation == self.conversation
            case "scope":
                return covers_scope(self.tool, self.scope, called.scope)


def covers_scope(tool: str, granted: str, scope: str) -> bool:
    """Whether ``scope`` is ``granted`` or, of a path, lies in it. An empty one covers and fits nothing."""
    if not granted or not scope:
        return False
    match scope_kind(tool, scope):
        case "path":
            return all(_lies_in(path, granted) for path in paths_in(tool, scope))
        case "host":
            return scope.casefold().rstrip(".") == granted.casefold().rstrip(".")
        case _:
            return scope == granted


def offers(called: ToolCalled, level: Level, conversation: int | None) -> tuple[GrantOffer, ...]:
    """The longer kinds of yes for a call."""
    if is_under_others(called, level) or called.name in NEVER_REMEMBERED:
        return ()
    scope = widest_scope(called)
    in_chat = (GrantOffer("chat"),) if conversation is not None else ()
    for_scope = (GrantOffer("scope", scope),) if scope else ()
    return (*in_chat, *for_scope, GrantOffer("always"))


def widest_scope(called: ToolCalled) -> str:
    """What a grant bound to the scope of this call covers: of a file, its folder."""
    if scope_kind(called.name, called.scope) != "path":
        return called.scope
    paths = paths_in(called.name, called.scope)
    if called.name == "find_files":
        return paths[0] if len(paths) == 1 else ""
    return str(PurePath(called.scope).parent)


def paths_in(tool: str, scope: str) -> list[str]:
    """The paths that a scope names; find_files may look into several folders."""
    return scope.split(os.pathsep) if tool == "find_files" else [scope]


def _lies_in(path: str, folder: str) -> bool:
    """Both are real paths as the worker found them, so comparing names is enough."""
    inner, outer = PurePath(path), PurePath(folder)
    return inner.is_absolute() and ".." not in inner.parts and inner.is_relative_to(outer)
