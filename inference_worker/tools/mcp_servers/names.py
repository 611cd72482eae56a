"""What tools of servers are called here: ``SERVER__TOOL``, in the letters that every model's format can write."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

SEPARATOR: Final = "__"
LONGEST: Final = 64
"""Characters of a whole name; the narrowest of the formats that name tools."""
_SERVER: Final = re.compile(r"[A-Za-z0-9-]{1,32}")
_OTHERS: Final = re.compile(r"[^A-Za-z0-9_-]+")


def is_server_name(name: str) -> bool:
    return _SERVER.fullmatch(name) is not None


def server_of(tool: str) -> str:
    """The server that a tool's name begins with; empty for our own tools."""
    server, separator, _ = tool.partition(SEPARATOR)
    return server if separator else ""


def clean_names(server: str, tools: Iterable[str]) -> dict[str, str]:
    """From names as we write them to ``tools`` as the server does, in order; of two alike the first is meant."""
    cleaned: dict[str, str] = {}
    for theirs in dict.fromkeys(tools):
        ours = _fit(server + SEPARATOR, _OTHERS.sub("_", theirs).strip("_") or "tool", theirs)
        if ours in cleaned:
            ours = _fit(server + SEPARATOR, f"{ours[len(server) + len(SEPARATOR) :]}_{_mark(theirs)}", theirs)
        cleaned.setdefault(ours, theirs)
    return cleaned


def _fit(prefix: str, name: str, theirs: str) -> str:
    """A name that is too long ends in a mark, so that two with the same beginning stay two."""
    room = LONGEST - len(prefix)
    return prefix + (name if len(name) <= room else f"{name[: room - 7]}_{_mark(theirs)}")


def _mark(theirs: str) -> str:
    return hashlib.sha256(theirs.encode("utf-8", "replace")).hexdigest()[:6]
