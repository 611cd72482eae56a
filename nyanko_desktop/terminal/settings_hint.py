"""Where a person without a display changes what keeps a tool from running. Reads settings, changes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.permissions.levels import OF_FILES
from nyanko_desktop.permissions.toolbox import ALWAYS, Offered
from nyanko_desktop.terminal.context import Context

_NO_FOLDER: Final = "no folder is open to tools: the person can open one in the settings"
_NO_PYTHON: Final = "running Python is switched off: the person can switch it on in the settings"
_NO_ENGINE: Final = "no search engine is set: the person can set one in the settings"
OFFLINE: Final = "offline: nothing may reach out"
_UNTRAINED: Final = "the model was trained for other tools"
_OFF: Final = "it is switched off in the settings"
_OF_THE_NETWORK: Final = ("fetch", "search", "open")

_LINES: Final[Mapping[str, tuple[str, str]]] = {
    _NO_FOLDER: ("tools", 'folders = ["/home/me/notes"]'),
    _NO_PYTHON: ("tools", "python = true"),
    _NO_ENGINE: ("tools.search", 'kind = "duckduckgo"'),
    OFFLINE: ("network", "offline = false"),
    _UNTRAINED: ("tools", "beyond_training = true"),
}
"""Reason, as the worker words it -> section and line of the settings file that end it."""


def where_to_change(context: Context, reason: str) -> dict[str, str]:
    """As parameters of an error, which line in which file would end ``reason``; empty where none does."""
    section, line = _LINES.get(reason, ("", ""))
    return {"section": section, "line": line, "file": str(context.paths.settings)} if line else {}


def not_offered(context: Context, name: str, offered: Offered) -> WireError:
    """That no model is offered the tool ``name`` now, and why."""
    why = _why_not(context, name, offered)
    if not why:
        why = f"offered are {', '.join(offered.tools) or 'none'}"
    reason = f"the tool {name[:64]} is not offered: {why}"
    return WireError(ErrorCode.BAD_REQUEST, {"reason": reason, **where_to_change(context, why)})


def _why_not(context: Context, name: str, offered: Offered) -> str:
    """Empty where there is no such tool."""
    tools, offline = context.settings.tools, context.settings.network.offline
    if name in tools.off:
        return _OFF
    if name in OF_FILES and not offered.access.folders:  # those of the settings can have vanished
        return _NO_FOLDER
    if name == "run_python" and not tools.python:
        return _NO_PYTHON
    if name in _OF_THE_NETWORK and offline:
        return OFFLINE
    if name == "search" and tools.search.kind == "none":
        return _NO_ENGINE
    is_ours = name in (*ALWAYS, *OF_FILES, *_OF_THE_NETWORK, "run_python")
    return _UNTRAINED if is_ours and not tools.beyond_training else ""
