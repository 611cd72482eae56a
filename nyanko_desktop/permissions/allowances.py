"""``--allow NAME[:SCOPE]``: a yes that a command line says beforehand. Knows no terminal.

Reading one looks for its folder; the rest is pure.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.permissions.grants import covers_scope, paths_in
from nyanko_desktop.permissions.levels import ASKED_AGAIN, LEVELS, OF_FILES, OF_SERVERS, UNDO

EVERYTHING: Final = "*"
"""As a scope: whatever it touches, and whoever's words the model has read."""
_OF_A_SERVER: Final = re.compile(rf"(?=.{{1,128}}$)[A-Za-z0-9_-]+?{OF_SERVERS}[A-Za-z0-9_-]+")
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


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

    def __str__(self) -> str:
        return f"{self.tool}:{self.scope}" if self.scope else self.tool


def covers(allowances: Sequence[Allowance], call: ApprovalView) -> bool:
    """Whether ``call`` may run; where it touches several folders, each may be covered by another allowance.

    Somebody else's words end what names no scope: nobody knows where it would go.
    """
    scopes = {allowance.scope for allowance in allowances if allowance.tool == call.tool}
    if EVERYTHING in scopes or ("" in scopes and not _is_under_others(call)):
        return True
    places = paths_in(call.tool, call.scope)
    return all(any(covers_scope(call.tool, scope, place) for scope in scopes) for place in places)


def options_for(call: ApprovalView) -> str:
    """What to type so that ``call`` may run, as ``--allow …`` for a shell: its folder, host or server."""
    match call.scope_kind:
        case "path":
            paths = paths_in(call.tool, call.scope)
            scopes = paths if call.tool == "find_files" else [str(PurePath(path).parent) for path in paths]
        case "":
            scopes = [EVERYTHING if _is_under_others(call) else ""]
        case _:
            scopes = [call.scope]
    words = [word for scope in scopes for word in ("--allow", str(Allowance(call.tool, scope)))]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _is_under_others(call: ApprovalView) -> bool:
    return bool(call.sources) and call.level in ASKED_AGAIN


def read_allowance(text: str) -> Allowance:
    """``NAME`` or ``NAME:SCOPE``; NotAnAllowanceError for a tool that cannot be and a scope that does not fit it."""
    name, colon, scope = text.partition(":")
    if not name:
        raise NotAnAllowanceError("nothing", text)
    if name not in (*LEVELS, UNDO) and not _OF_A_SERVER.fullmatch(name):
        raise NotAnAllowanceError("tool", name)
    if not colon:
        return Allowance(name)
    return Allowance(name, scope if scope == EVERYTHING else _scope(name, scope))


def _scope(tool: str, scope: str) -> str:
    if not scope:
        raise NotAnAllowanceError("empty", tool)
    if tool in OF_FILES:
        return _folder(scope)
    if OF_SERVERS in tool:
        if scope != tool.partition(OF_SERVERS)[0]:
            raise NotAnAllowanceError("server", scope)
        return scope
    if tool not in ("fetch", "search", "open"):
        raise NotAnAllowanceError("scope", tool)
    return _host(scope)


def _folder(scope: str) -> str:
    with contextlib.suppress(OSError, RuntimeError):  # a name too long for a path; a ~person who is none
        if (folder := Path(scope).expanduser()).is_dir():
            return os.path.realpath(folder)
    raise NotAnAllowanceError("folder", scope)


def _host(scope: str) -> str:
    """In the form that calls name it in: ASCII, lower case, without a dot at the end, an address without brackets."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(scope.removeprefix("[").removesuffix("]")))
    host = _in_ascii(scope.removesuffix("."))
    if not _HOST.fullmatch(host):
        raise NotAnAllowanceError("host", scope)
    return host


def _in_ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise NotAnAllowanceError("host", host) from None
