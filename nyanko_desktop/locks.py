"""Who else is alive: a file lock that the kernel gives back when its holder dies. Knows no process list."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class FileLock:
    """A lock on ``path``; the file itself stays behind and means nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, *, shared: bool = False) -> bool:
        """Take the lock without waiting, or change the one that is held. False when somebody else stands in the way."""
        if self._handle is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        return _lock(self._handle, shared=shared)

    def release(self) -> None:
        """Give the lock back. Safe to call twice."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":  # unproven
    import msvcrt

    def _lock(handle: int, *, shared: bool) -> bool:
        """Windows knows one holder alone; a shared wish is granted beside it."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return shared
        return True

else:
    import fcntl

    def _lock(handle: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
