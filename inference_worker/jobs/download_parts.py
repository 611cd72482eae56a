"""One file of a download on the disk: the ``.part`` that grows, what is known about it, and its way to the final name.

Knows no network. Beside ``NAME.part`` lies ``NAME.part.json``, which says what the bytes are a beginning of; a part
without it is worthless. A file appears under its final name only when every byte of it has been checked.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from inference_worker.jobs.hubs.files import HubFile
from inference_worker.jobs.progress import Cancelled, JobCancelled
from inference_worker.protocol.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from hashlib import _Hash

FULL_DISK: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
READ_SIZE: Final = 2**20
"""Bytes hashed between two looks at whether to stop."""
Advance = Callable[[int], None]
"""Told how many more bytes were read."""


class _State(msgspec.Struct, frozen=True):
    """What a ``.part`` is a beginning of."""

    size: int
    revision: str
    sha256: str = ""
    git_oid: str = ""
    etag: str = ""


class PartFile:
    """The growing part of ``file``, which becomes ``final``. All methods raise RequestError for what the disk says.

    Writing may happen on a thread while :meth:`close` is called on another: it waits for the write.
    """

    def __init__(self, final: Path, file: HubFile, revision: str) -> None:
        self.final, self.file = final, file
        self.part = final.with_name(final.name + ".part")
        self.state_path = final.with_name(final.name + ".part.json")
        self.bad = final.with_name(final.name + ".bad")
        self.offset = 0
        """Bytes on the disk."""
        self.etag = ""
        """Of the answer those bytes came from."""
        self._revision = revision
        self._hash = _new_hash(file)
        self._handle: int | None = None
        self._lock = threading.Lock()

    @property
    def missing(self) -> int:
        return self.file.size - self.offset

    @property
    def is_identified(self) -> bool:
        """Whether the end will show if what is on the disk belongs to this file."""
        return bool(self.file.sha256 or self.file.git_oid)

    def resume(self, advance: Advance, cancelled: Cancelled) -> None:
        """Take up what an earlier run left: its bytes are hashed again, because a disk may have lost some of them."""
        with disk_errors(self.final, self.file.size):
            state = self._read_state()
            if state is None or not self._fits(state):
                self._discard()
                return
            self.etag = state.etag
            for block in _blocks(self.part, cancelled):
                self._count(block)
                advance(len(block))

    def begin(self, etag: str) -> None:
        """Start from the first byte, with bytes of the answer ``etag``; what was there is thrown away."""
        with disk_errors(self.final, self.file.size):
            self._discard()
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self.etag = etag
            state = _State(self.file.size, self._revision, self.file.sha256, self.file.git_oid, etag)
            self._write_state(msgspec.json.encode(state))
            self._handle = os.open(self.part, _FLAGS | os.O_TRUNC, 0o644)

    def write(self, data: bytes | bytearray) -> None:
        """Append. What fits is on the disk and counted, also when the rest raises."""
        with self._lock, disk_errors(self.final, self.missing):
            if self._handle is None:
                self._handle = os.open(self.part, _FLAGS | os.O_APPEND, 0o644)
            view = memoryview(data)
            while view:
                written = os.write(self._handle, view)
                self._count(view[:written])
                view = view[written:]

    def close(self) -> None:
        """Keep the part for another time."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def finish(self) -> None:
        """Check all bytes and give them the final name. Raises RequestError (``file_corrupt``, the part put aside)."""
        with disk_errors(self.final, 0):
            self.close()
            _sync_file(self.part)
            if problem := _difference(self.file, self.offset, self._hash):
                self.part.replace(self.bad)
                self.state_path.unlink(missing_ok=True)
                raise corrupt(self.final, problem)
            self.part.replace(self.final)
            self.state_path.unlink(missing_ok=True)
            self.bad.unlink(missing_ok=True)  # it was kept only while there was nothing better
            _sync_folder(self.final.parent)

    def set_final_aside(self) -> None:
        """The finished file is not what it should be: out of the way with it."""
        with disk_errors(self.final, 0):
            self.final.replace(self.bad)

    def _count(self, data: bytes | memoryview) -> None:
        self.offset += len(data)
        if self._hash is not None:
            self._hash.update(data)

    def _discard(self) -> None:
        self.close()
        self.offset, self.etag, self._hash = 0, "", _new_hash(self.file)
        for path in (self.part, self.state_path):
            path.unlink(missing_ok=True)

    def _read_state(self) -> _State | None:
        try:
            return msgspec.json.decode(self.state_path.read_bytes(), type=_State)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def _fits(self, state: _State) -> bool:
        """Whether the part is a beginning of this file: the same hash, or where there is none the same commit."""
        if not self.part.is_file() or self.part.stat().st_size > self.file.size or state.size != self.file.size:
            return False
        same = (state.sha256, state.git_oid) == (self.file.sha256, self.file.git_oid)
        return same and (self.is_identified or state.revision == self._revision)

    def _write_state(self, data: bytes) -> None:
        temporary = self.state_path.with_name(self.state_path.name.removesuffix(".part.json") + ".json.tmp")
        temporary.write_bytes(data)
        temporary.replace(self.state_path)


_FLAGS = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def is_intact(path: Path, file: HubFile, advance: Advance, cancelled: Cancelled) -> bool:
    """Whether the finished ``path`` holds ``file``: size and hash; where the hub tells no hash, the size alone."""
    if path.stat().st_size != file.size:
        return False
    read, digest = 0, _new_hash(file)
    if digest is None:
        return True
    for block in _blocks(path, cancelled):
        digest.update(block)
        read += len(block)
        advance(len(block))
    return not _difference(file, read, digest)


def corrupt(path: Path, reason: str) -> RequestError:
    return RequestError(ErrorCode.FILE_CORRUPT, path=path, reason=reason)


@contextmanager
def disk_errors(path: Path, needed: int) -> Iterator[None]:
    """Turn OSError into RequestError: ``disk_full`` with ``needed`` bytes, or ``not_writable``."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise disk_full(path, needed) from error
        raise RequestError(ErrorCode.NOT_WRITABLE, path=path, reason=error.strerror or str(error)) from error


def disk_full(path: Path, needed: int) -> RequestError:
    return RequestError(ErrorCode.DISK_FULL, path=path, needed=needed, free=free_bytes(path))


def free_bytes(path: Path) -> int:
    """Free on the disk of ``path``, which need not exist yet; 0 where that cannot be told."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return 0


def _new_hash(file: HubFile) -> _Hash | None:
    """Git hashes a blob behind a header with its length (git-scm.com, "Git Internals - Git Objects")."""
    if file.sha256:
        return hashlib.sha256()
    if file.git_oid:
        return hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    return None


def _difference(file: HubFile, size: int, digest: _Hash | None) -> str:
    """What is wrong with bytes of this size and hash; empty when nothing is."""
    if size != file.size:
        return f"{size} bytes instead of {file.size}"
    if digest is None or digest.hexdigest() == (expected := file.sha256 or file.git_oid):
        return ""
    return f"its hash is {digest.hexdigest()[:16]}…, the hub promised {expected[:16]}…"


def _blocks(path: Path, cancelled: Cancelled) -> Iterator[memoryview]:
    """The bytes of ``path`` in turn, each block valid until the next: one buffer, because fresh ones cost more."""
    buffer = memoryview(bytearray(READ_SIZE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            if cancelled():
                raise JobCancelled
            yield buffer[:count]


def _sync_file(path: Path) -> None:
    with path.open("ab") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; Windows keeps names in its journal and opens no folders."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
