"""Downloads and quantizations that are not over, on the disk: so that they survive any end of the program.

One small JSON file a job, without any token, and a lock that says whether somebody does it just now. Runs nothing.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Download, Precision, Quantize
from nyanko_desktop.files import FULL_DISK, write_atomically
from nyanko_desktop.locks import FileLock
from nyanko_desktop.models.view import JobKind

log = logging.getLogger(__name__)

ID_DIGITS: Final = 16
LARGEST_RECORD: Final = 1024 * 1024
"""Bytes; a real one has some hundred."""


class JobRecord(msgspec.Struct, frozen=True):
    """One job, whoever does it next."""

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    """Made from what the job makes: the same thing is never made twice at a time."""
    name: str
    """Of the model, for people."""
    work: Download | Quantize
    """The command, with a token that is empty and an id that is not used."""
    done: int = 0
    total: int = 0
    """Bytes, as they were when the job stopped."""
    error: WireError | None = None
    """Why it stopped; ``None`` when a person paused it, or the program ended."""
    fresh: bool = True
    """The job makes the folder that it fills: until it is over there is no model, and cancelling takes it away."""
    then_use: Precision | None = None
    """Let the model answer in this precision when it is here."""

    @property
    def makes(self) -> str:
        """Path of the model that it fills, or of the one that it reads."""
        return self.work.target if isinstance(self.work, Download) else self.work.path

    @property
    def precision(self) -> Precision | None:
        """Of the copy that it makes; ``None`` for a download."""
        return self.work.precision if isinstance(self.work, Quantize) else None

    @property
    def kind(self) -> JobKind:
        return "download" if isinstance(self.work, Download) else "quantize"


def job_record(work: Download | Quantize, name: str, then_use: Precision | None = None) -> JobRecord:
    """A new record of ``work``; it holds no token."""
    if isinstance(work, Download):
        work = msgspec.structs.replace(work, id="", hub=msgspec.structs.replace(work.hub, token=""))
        makes = work.target
    else:
        work = msgspec.structs.replace(work, id="")
        makes = "\0".join((work.path, work.precision, str(work.group), work.cache))
    digits = hashlib.sha256(makes.encode()).hexdigest()[:ID_DIGITS]
    return JobRecord(digits, name, work, then_use=then_use)


@dataclass(frozen=True, slots=True)
class Records:
    """The records in one folder."""

    folder: Path

    def load(self) -> tuple[JobRecord, ...]:
        """All of them, oldest first. One that cannot be read is left alone and logged."""
        try:
            files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        except OSError:
            return ()
        return tuple(record for file in files if (record := self._read(file)) is not None)

    def save(self, record: JobRecord) -> None:
        """Keep ``record``. Raises RequestError when the disk does not take it."""
        file = self.folder / f"{record.id}.json"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(file, msgspec.json.encode(record))
        except OSError as error:
            if error.errno in FULL_DISK:
                raise RequestError(ErrorCode.DISK_FULL, path=file) from error
            raise RequestError(ErrorCode.NOT_WRITABLE, path=file, reason=error.strerror or str(error)) from error

    def forget(self, id: str) -> None:
        """The job is over, or nobody wants it any more."""
        (self.folder / f"{id}.json").unlink(missing_ok=True)

    def lock(self, id: str) -> FileLock:
        """Held by whoever does the job; the system gives it back however that program ends."""
        return FileLock(self.folder / f"{id}.lock")

    def is_running(self, id: str) -> bool:
        """Whether anybody does the job now."""
        if not (self.folder / f"{id}.lock").exists():
            return False
        lock = self.lock(id)
        free = lock.acquire(shared=True)
        lock.release()
        return not free

    def _read(self, file: Path) -> JobRecord | None:
        try:
            if file.stat().st_size > LARGEST_RECORD:
                raise ValueError("it is too large")
            return msgspec.json.decode(file.read_bytes(), type=JobRecord)
        except (OSError, ValueError, RecursionError) as error:
            log.info("the record of a job cannot be read: %s: %s", file.name, str(error)[:200])
            return None
