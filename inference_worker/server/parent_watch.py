"""The worker's life hangs on its standard input: the first line is the token, the end of it is the end of the worker.

A pipe closes with its last writer, so this works however the app ends. Knows nothing about models or sockets.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

TOKEN_LIMIT: Final = 512
"""Bytes; a token is far shorter."""
GRACE_SECONDS: Final = 1.0
"""For an orderly end after the app is gone. Then the process leaves even if the event loop is stuck in native code."""


def read_token(stdin: int) -> str:
    """The first line of ``stdin``. Raises EOFError when it ends before, ValueError when it is too long."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(stdin, 1)
        if not byte:
            raise EOFError("standard input ended before the token")
        line += byte
        if len(line) > TOKEN_LIMIT:
            raise ValueError("the first line of standard input is too long for a token")
    return line[:-1].decode("ascii")


def watch_parent(stdin: int, on_end: Callable[[], None]) -> None:
    """Call ``on_end`` from a thread of its own when ``stdin`` ends, and leave the process soon after in any case."""
    threading.Thread(target=_watch, args=(stdin, on_end), name="parent-watch", daemon=True).start()


def _watch(stdin: int, on_end: Callable[[], None]) -> None:
    while _has_more(stdin):
        pass
    on_end()
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def _has_more(stdin: int) -> bool:
    try:
        return bool(os.read(stdin, 4096))
    except OSError:
        return False
