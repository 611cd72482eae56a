"""``--allow NAME[:SCOPE]``: a yes that a command line says beforehand. Pure; knows no terminal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.permissions.grants import covers_scope
from nyanko_desktop.permissions.levels import ASKED_AGAIN, LEVELS, OF_FILES, OF_SERVERS

EVERYTHING: Final = "*"
"""As a scope: whatever it touches, and whoever's words the model has read."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HOST: Final = re.compile(r"(?=.{1,253}$)[^\s/:@?#%]+(\.[^\s/:@?#%]+)*|\[[0-9A-Fa-f:.]+\]")


class NotAnAllowanceError(ValueError):
    """What was typed cannot be meant; ``kind`` says how, ``text`` names the part."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text
        super().__init__(f"{kind}: {text}")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls of ``tool`` may run; with a ``scope`` only those for that folder, host or server."""

    tool: str
    scope: str = ""

    def covers(self, call: ApprovalView) -> bool:
        """Whether ``call`` may run. Somebody else's words end what names no scope: nobody knows where it would go."""
        if call.tool != self.tool:
            return False
        if self.scope in ("", EVERYTHING):
            return self.scope == EVERYTHING or not (call.sources and call.level in ASKED_AGAIN)
        return covers_scope(self.tool, self.scope, call.scope)


def read_allowance(text: str) -> Allowance:
    """``NAME`` or ``NAME:SCOPE``; NotAnAllowanceError for a tool that cannot be and a scope that does not fit it."""
    name, colon, scope = text.partition(":")
    if name not in LEVELS and not (_NAME.fullmatch(name) and OF_SERVERS in name):
        raise NotAnAllowanceError("tool", name)
    if not colon:
        return Allowance(name)
    return Allowance(name, scope if scope == EVERYTHING else _scope(name, scope))


def _scope(tool: str, scope: str) -> str:
    if tool in OF_FILES:
        folder = Path(scope).expanduser()
        if not scope or not folder.is_dir():
            raise NotAnAllowanceError("folder", scope)
        return os.path.realpath(folder)
    if OF_SERVERS in tool:
        if scope != tool.partition(OF_SERVERS)[0]:
            raise NotAnAllowanceError("server", scope)
        return scope
    if tool not in ("fetch", "search", "open"):
        raise NotAnAllowanceError("scope", tool)
    if not _HOST.fullmatch(scope):
        raise NotAnAllowanceError("host", scope)
    return scope.casefold()
