"""Writing a file so that a crash or a full disk leaves the old one whole. Knows no format."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

FULL_DISK = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What the system says when no more bytes fit: no space, a size limit, a quota."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``: a reader sees the old file or the new one. On OSError the old one stays."""
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    """What we write is for its owner alone: settings name folders, the instance file holds a token."""
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; Windows keeps names in its journal and opens no folders."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
