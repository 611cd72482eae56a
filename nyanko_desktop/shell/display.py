"""Whether there is a desktop to show a window on. Knows no Qt: where there is none, Qt would only abort."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping
from typing import Final

CONNECT_SECONDS: Final = 2.0
"""For a local X server to accept; it takes microseconds unless the machine is overwhelmed."""
_LOCAL: Final = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a display is named in ``environ`` and, if it is a local X server, answers."""
    if sys.platform in ("win32", "darwin") or environ.get("QT_QPA_PLATFORM") or environ.get("WAYLAND_DISPLAY"):
        return True
    name = environ.get("DISPLAY", "")
    local = _LOCAL.fullmatch(name)
    return _answers(int(local[1])) if local else bool(name)


def _answers(number: int) -> bool:
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where the X protocol puts it
    addresses = (f"\0{path}", path) if sys.platform == "linux" else (path,)
    return any(_accepts(address) for address in addresses)


def _accepts(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(CONNECT_SECONDS)
        try:
            client.connect(address)
        except OSError:
            return False
        return True
