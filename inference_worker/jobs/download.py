"""Bring a repository's model into a folder: list, check what lies there, see that it fits, fetch side by side.

Knows no HTTP and no bytes on the disk: those are :mod:`download_file`'s and :mod:`download_parts`'.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from inference_worker.jobs.download_file import fetch
from inference_worker.jobs.download_parts import PartFile, disk_errors, disk_full, free_bytes, is_intact
from inference_worker.jobs.hubs.choice import choose
from inference_worker.jobs.hubs.client import HubClient, Patience
from inference_worker.jobs.hubs.files import HubFile
from inference_worker.jobs.hubs.kinds import file_path, list_files
from inference_worker.jobs.progress import Cancelled, JobCancelled, Report
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Download,
    Downloaded,
    JobStage,
    ListRepository,
    RepositoryListed,
)

AT_ONCE: Final = 3
"""Files in parallel: enough to fill a line while one of them waits for its redirect."""
REPORT_SECONDS: Final = 0.1
"""Between two reports; a person reads no faster."""
QUIET_SECONDS: Final = 1.0
"""Between two reports while nothing comes: whoever counts bytes a second has to hear that there are none."""
CANCEL_SECONDS: Final = 0.1
"""Between two looks at whether to stop."""
SPARE_BYTES: Final = 16 * 2**20
"""Left free on the disk: a full one stops more than a download."""
T = TypeVar("T")


async def list_repository(command: ListRepository, patience: Patience) -> RepositoryListed:
    """The files of a repository and those that a download would take. Raises RequestError."""
    async with HubClient(command.hub, command.repository, patience) as client:
        listing = await list_files(command.hub.kind, client, command.revision)
    return RepositoryListed(
        id=command.id,
        repository=command.repository,
        revision=listing.revision,
        files=tuple(file.remote for file in listing.files),
        chosen=_names_of_choice(listing.files),
    )


def _names_of_choice(files: Sequence[HubFile]) -> tuple[str, ...]:
    """Empty where a download would have to ask, or has nothing to take."""
    try:
        return tuple(file.name for file in choose(files))
    except RequestError:
        return ()


async def download(command: Download, report: Report, cancelled: Cancelled, patience: Patience) -> Downloaded:
    """Bring the files here. Raises RequestError, or JobCancelled within CANCEL_SECONDS and the write at hand."""
    progress = _Progress(report)
    work = _Download(command, progress, cancelled).run(patience)
    return await _unless(cancelled, work, meanwhile=progress.catch_up)


class _Download:
    """One run of a download."""

    def __init__(self, command: Download, progress: _Progress, cancelled: Cancelled) -> None:
        self._command, self._progress, self._cancelled = command, progress, cancelled
        self._target = Path(command.target)
        self._fetched = 0

    async def run(self, patience: Patience) -> Downloaded:
        command = self._command
        self._progress.begin("listing", 0)
        async with HubClient(command.hub, command.repository, patience) as client:
            listing = await list_files(command.hub.kind, client, command.revision)
            wanted = choose(listing.files, command.files)
            total = sum(file.size for file in wanted)
            self._progress.begin("checking", total)
            parts = await asyncio.to_thread(self._look_at_disk, wanted, listing.revision)
            self._progress.begin("downloading", total, total - sum(part.missing for part in parts))
            await self._fetch_all(client, listing.revision, parts)
        self._progress.end()
        return Downloaded(id=command.id, path=str(self._target), bytes=total, fetched=self._fetched)

    def _look_at_disk(self, wanted: Sequence[HubFile], revision: str) -> list[PartFile]:
        """The files still to fetch, with what earlier runs left of them. Raises RequestError (``disk_full``)."""
        with disk_errors(self._target, 0):
            self._target.mkdir(parents=True, exist_ok=True)
        parts = [part for file in wanted if (part := self._unfinished(file, revision)) is not None]
        needed = sum(part.missing for part in parts)
        if needed and needed + SPARE_BYTES > free_bytes(self._target):
            raise disk_full(self._target, needed + SPARE_BYTES)
        return parts

    def _unfinished(self, file: HubFile, revision: str) -> PartFile | None:
        final = self._target / file.name
        part = PartFile(final, file, revision)
        before = self._progress.done

        def advance(count: int) -> None:
            self._progress.advance(count, file.name)

        with disk_errors(final, file.size):
            self._refuse_to_leave(final)
            if final.is_file():
                if is_intact(final, file, advance, self._cancelled):
                    self._progress.advance(before + file.size - self._progress.done, file.name)
                    return None
                part.set_final_aside()
        part.resume(advance, self._cancelled)
        return part

    def _refuse_to_leave(self, final: Path) -> None:
        """A link inside the folder must not lead a download out of it."""
        if not final.parent.resolve().is_relative_to(self._target.resolve()):
            raise RequestError(ErrorCode.NOT_WRITABLE, path=final, reason="a link leads out of the folder")

    async def _fetch_all(self, client: HubClient, revision: str, parts: Sequence[PartFile]) -> None:
        """Fetch, a few at a time, small files first: then the folder says early what it is."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(part: PartFile) -> None:
            async with places:
                path = file_path(self._command.hub.kind, client.repository, revision, part.file.name)
                await fetch(client, path, part, lambda count: self._received(part, count))

        try:
            async with asyncio.TaskGroup() as group:
                for part in sorted(parts, key=lambda part: part.file.size):
                    group.create_task(one(part), name=f"download {part.file.name}")
        except ExceptionGroup as several:
            raise several.exceptions[0] from None  # the first stopped the others

    def _received(self, part: PartFile, count: int) -> None:
        self._fetched += max(count, 0)
        self._progress.advance(count, part.file.name)


class _Progress:
    """Counts bytes over all files and reports them, at most every REPORT_SECONDS. Two threads may use it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stage: JobStage = "listing"
        self._total = 0
        self._detail = ""
        self._last = 0.0
        self._told = 0
        self._turn = threading.Lock()
        """Reports leave in the order of their counts."""
        self.done = 0

    def begin(self, stage: JobStage, total: int, done: int = 0) -> None:
        self._stage, self._total, self.done, self._detail = stage, total, done, ""
        self._tell()

    def advance(self, count: int, detail: str) -> None:
        self.done += count
        self._detail = detail
        self.catch_up()

    def catch_up(self) -> None:
        """Report what was counted since the last report, when its time has come: a line that stalls counts no more."""
        pause = REPORT_SECONDS if self.done != self._told else QUIET_SECONDS
        if time.monotonic() - self._last >= pause:
            self._tell()

    def end(self) -> None:
        self.done, self._detail = self._total, ""
        self._tell()

    def _tell(self) -> None:
        with self._turn:
            self._last, self._told = time.monotonic(), self.done
            self._report(self._stage, self._told, self._total, self._detail)


async def _unless(cancelled: Cancelled, work: Coroutine[Any, Any, T], meanwhile: Callable[[], None]) -> T:
    """The result of ``work``, which is stopped as soon as ``cancelled`` says so. Raises JobCancelled then.

    ``meanwhile`` is called every CANCEL_SECONDS.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait((task,), timeout=CANCEL_SECONDS)
            meanwhile()
            if cancelled() and not task.done():
                raise JobCancelled
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)  # whatever else went wrong, it was to stop
