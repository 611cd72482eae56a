"""Where a worker listens, as one word: ``unix:PATH`` or ``tcp:127.0.0.1:PORT``. Opens no socket."""

from __future__ import annotations

import os
import secrets
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNIX_PATH_LIMIT: Final = 103 if sys.platform == "darwin" else 107
"""Bytes of a Unix socket's path that the kernel takes, without the closing zero."""
LONGEST_SOCKET_NAME: Final = 40
"""Bytes kept free for a file name inside the runtime folder."""
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket file."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A port on the loopback interface; 0 asks for a free one."""

    port: int

    def __str__(self) -> str:
        return f"tcp:{LOOPBACK}:{self.port}"


Address = UnixAddress | TcpAddress


def parse_address(text: str) -> Address:
    """The address that :func:`str` wrote. Raises ValueError for anything else, any other host included."""
    scheme, _, rest = text.partition(":")
    if scheme == "unix" and rest.startswith("/") and len(os.fsencode(rest)) <= UNIX_PATH_LIMIT:
        return UnixAddress(Path(rest))
    host, _, port = rest.partition(":")
    if scheme == "tcp" and host == LOOPBACK and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        return TcpAddress(int(port))
    raise ValueError(f"not an address of a worker: {text[:120]!r}")


def new_address() -> Address:
    """An address nobody uses: a socket in the runtime folder, or on Windows (unproven) any free loopback port."""
    if sys.platform == "win32":
        return TcpAddress(0)
    return UnixAddress(runtime_folder() / f"worker-{os.getpid()}-{secrets.token_hex(4)}.sock")


def runtime_folder() -> Path:
    """A short folder for sockets that only this person can enter; never inside the profile, whose path may be long.

    Raises PermissionError when somebody else owns it, OSError when no place for it is short enough.
    """
    for parent in _runtime_parents():
        folder = parent / f"nyanko-{_user_id()}"
        if len(os.fsencode(folder)) + 1 + LONGEST_SOCKET_NAME <= UNIX_PATH_LIMIT:
            return _private(folder)
    raise OSError("no place for a runtime folder with a path short enough for a socket")


def _runtime_parents() -> list[Path]:
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    session = [Path(named)] if named and Path(named).is_dir() and os.access(named, os.W_OK) else []
    return [*session, Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - the folder made there is private


def _user_id() -> int:
    return 0 if sys.platform == "win32" else os.getuid()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform != "win32":
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != _user_id():
            raise PermissionError(f"{folder} belongs to somebody else")
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
    return folder
