"""The folder of a copy that is being written: ``NAME.part``, beside it a journal of what in it is certain.

The weights file has its full size from the start. A line of the journal is written after the data that it vouches for
has reached the disk; who goes on later reads that data again and believes only what has the same hash. Knows no model.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.copies import WEIGHTS, Advance, Digest, hash_range

FLUSH_SECONDS = 2.0
"""Work that a crash may cost."""
SPARE_BYTES = 16 * 2**20
"""Left free on the disk: a full one stops more than this."""
FULL_DISK = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
JOURNAL_BYTES = 64 * 2**20
"""No real journal is larger."""

Claim = tuple[str, Mapping[str, Digest]]
"""What a line of the journal says: a step's name, and its tensors."""


class PartFolder:
    """``final`` as it is being written. One process at a time has it; use as a context manager.

    Raises ``EngineError``: disk_full, or not_writable.
    """

    def __init__(self, final: Path) -> None:
        self.final = final
        self.path = final.with_name(final.name + ".part")
        self.weights = self.path / WEIGHTS
        self._journal_path = final.with_name(final.name + ".journal")
        self._journal: Any = None
        self._data: Any = None
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()

    def __enter__(self) -> PartFolder:
        with disk_errors(self.final, 0):
            self.final.parent.mkdir(parents=True, exist_ok=True)
            self._journal = self._journal_path.open("ab+", buffering=0)
            if not _lock(self._journal.fileno()):
                self._journal.close()
                reason = "another process is writing this copy now"
                raise EngineError("not_writable", path=self.final, reason=reason)
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what is certain for another time; without an open weights file there is nothing to keep."""
        with suppress(EngineError):
            if self._data is not None:
                self.flush()
        self._close_data()
        if not self.path.exists():
            self._journal_path.unlink(missing_ok=True)
        self._journal.close()

    def prepare(self, size: int, others: int, identity: str) -> bool:
        """Take room for ``size`` bytes of weights beside ``others``. True if a run of the same ``identity`` left some.

        A part of anything else is thrown away.
        """
        resumable = self._identity() == identity and self.weights.is_file() and self.weights.stat().st_size == size
        with disk_errors(self.final, size):
            if not resumable:
                self.discard()
            self.path.mkdir(exist_ok=True)
            self._check_room(size + others)
            self._data = self.weights.open("r+b" if resumable else "w+b", buffering=0)
            if not resumable:
                self._reserve(size)
                self._append([json.dumps({"identity": identity}).encode()])
        return resumable

    def resume(self, steps: Sequence[str], advance: Advance, places: Mapping[str, tuple[int, int]]) -> list[Claim]:
        """The first of ``steps`` that an earlier run finished and that are still as it wrote them.

        ``places`` has offset and bytes of each tensor.
        """
        kept: list[Claim] = []
        lines = self._lines()
        good = len(lines[0]) + 1 if lines else 0
        for step, line in zip(steps, lines[1:], strict=False):
            claim = _parse(line)
            if claim is None or claim[0] != step or not self._holds(claim[1], places, advance):
                break
            kept.append(claim)
            good += len(line) + 1
        with disk_errors(self.final, 0):
            self._journal.truncate(good)
        return kept

    def write(self, offset: int, data: memoryview) -> None:
        with disk_errors(self.final, len(data)):
            self._data.seek(offset)
            while data:
                data = data[self._data.write(data) :]

    def claim(self, step: str, tensors: Mapping[str, Digest]) -> None:
        """``step`` is written; the journal will say so soon."""
        fields = {name: asdict(one) for name, one in tensors.items()}
        self._waiting.append(json.dumps({"step": step, "tensors": fields}).encode())
        self.flush_if_due()

    def flush_if_due(self) -> None:
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        with disk_errors(self.final, 0):
            if self._waiting:
                os.fsync(self._data.fileno())
                self._append(self._waiting)
                self._waiting = []
            self._flushed = time.monotonic()

    def finish(self) -> None:
        """Everything is written: give the folder its final name."""
        with disk_errors(self.final, 0):
            self.flush()
            os.fsync(self._data.fileno())
            self._close_data()
            for file in self.path.iterdir():
                _sync(file)
            _sync(self.path)
            self.path.replace(self.final)
            _sync(self.final.parent)
            self._journal_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw everything away."""
        with disk_errors(self.final, 0):
            self._close_data()
            if self.path.exists():
                shutil.rmtree(self.path)
            self._journal.truncate(0)

    def discard_final(self) -> None:
        """The copy that has the final name is no good: out of the way with it, so that nobody sees half of it."""
        with disk_errors(self.final, 0):
            self.discard()
            self.final.replace(self.path)
            self.discard()

    def _check_room(self, needed: int) -> None:
        taken = 0
        if self.weights.is_file():
            status = self.weights.stat()
            taken = getattr(status, "st_blocks", 0) * 512 or status.st_size
        free = free_bytes(self.path)
        if needed - taken + SPARE_BYTES > free:
            if not taken:
                self.discard()
            raise EngineError("disk_full", path=self.final, needed=needed - taken + SPARE_BYTES, free=free)

    def _reserve(self, size: int) -> None:
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._data.fileno(), 0, size)
            else:
                self._data.truncate(size)
        except OSError:
            self.discard()
            raise

    def _holds(self, tensors: Mapping[str, Digest], places: Mapping[str, tuple[int, int]], advance: Advance) -> bool:
        for name, claimed in tensors.items():
            start, nbytes = places.get(name, (0, -1))
            if nbytes != claimed.bytes or hash_range(self.weights, start, nbytes, advance) != claimed.sha256:
                return False
        return True

    def _identity(self) -> str:
        with suppress(ValueError, IndexError, KeyError, TypeError):
            return str(json.loads(self._lines()[0])["identity"])
        return ""

    def _lines(self) -> list[bytes]:
        """Complete lines of the journal."""
        self._journal.seek(0)
        content = self._journal.read(JOURNAL_BYTES) or b""
        return content.split(b"\n")[:-1]

    def _append(self, lines: Sequence[bytes]) -> None:
        self._journal.write(b"".join(line + b"\n" for line in lines))
        os.fsync(self._journal.fileno())

    def _close_data(self) -> None:
        if self._data is not None:
            self._data.close()
            self._data = None


@contextmanager
def disk_errors(path: Path, needed: int) -> Iterator[None]:
    """Turn OSError into EngineError: disk_full, or not_writable."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise EngineError("disk_full", path=path, needed=needed, free=free_bytes(path)) from error
        raise EngineError("not_writable", path=path, reason=error.strerror or str(error)) from error


def free_bytes(path: Path) -> int:
    """Free on the disk of ``path``, which need not exist yet; 0 where that cannot be told."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return 0


def _parse(untrusted: bytes) -> Claim | None:
    try:
        line = json.loads(untrusted)
        return str(line["step"]), {name: Digest(**fields) for name, fields in line["tensors"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _sync(path: Path) -> None:
    """Make it durable; Windows opens no folders and syncs no file that is open for reading."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":  # unproven
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
