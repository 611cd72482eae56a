"""Runs downloads and quantizations beside everything else: one of each kind at a time, the others wait in line.

What is begun is on the disk from the first moment and stays there until it is over; a job that was interrupted is
listed as paused at the next start. Knows no folder, no window and no setting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    Download,
    Downloaded,
    Event,
    Failed,
    Hub,
    JobProgress,
    Quantize,
    Quantized,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.errors import explain, internal
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.models.progress import Progress
from nyanko_desktop.models.records import JobRecord, Records
from nyanko_desktop.models.view import JobKind, JobState, JobView
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.job import run_job

log = logging.getLogger(__name__)

SHOW_SECONDS: Final = 0.1
"""The longest that a view of a job that only goes on waits for its time."""
KEEP_SECONDS: Final = 5.0
"""Between two records of how far a job is: who looks at it after the program was killed is told that."""

Authorize = Callable[[Hub], Awaitable[Hub]]
"""Gives a hub its token. Raises RequestError(OFFLINE) when nothing may be fetched."""


async def run_recorded(
    records: Records, record: JobRecord, command: Callable[[], WorkerCommand], authorize: Authorize
) -> AsyncGenerator[Event, None]:
    """The events of ``record``'s job, which is kept on the disk until it is over. Its last event is its final one.

    Leaving early pauses the job. Raises RequestError when it cannot begin: somebody else does it, the offline switch is
    on, the disk is full.
    """
    lock = records.lock(record.id)
    await asyncio.to_thread(records.save, record)
    if not lock.acquire():
        raise RequestError(ErrorCode.BUSY, job=record.name)
    progress = Progress(record.done, record.total)
    error: WireError | None = None
    is_over = False
    kept = time.monotonic()
    try:
        async with aclosing(run_job(command, await _ready(record.work, authorize))) as events:
            async for event in events:
                match event:
                    case JobProgress():
                        now = time.monotonic()
                        progress.take(event, now)
                        if now - kept >= KEEP_SECONDS:
                            kept = now
                            _keep(records, record, progress)
                    case Downloaded() | Quantized():
                        is_over = True
                        records.forget(record.id)
                    case Failed():
                        error = event.error
                yield event
    except RequestError as refusal:
        error = refusal.error
        raise
    finally:
        if not is_over:
            _keep(records, record, progress, error)
        lock.release()


@dataclass(slots=True)
class _Job:
    """One job as it is now."""

    record: JobRecord
    state: JobState = "paused"
    error: WireError | None = None
    progress: Progress = field(default_factory=Progress)
    result: Downloaded | Quantized | None = None
    task: asyncio.Task[None] | None = None


class Jobs:
    """All jobs of one profile. Belongs to the event loop."""

    def __init__(
        self,
        records: Records,
        command: Callable[[], WorkerCommand],
        authorize: Authorize,
        finished: Callable[[JobRecord, Downloaded | Quantized], None],
    ) -> None:
        """``finished`` is called with each job that is over."""
        self._records = records
        self._command = command
        self._authorize = authorize
        self._finished = finished
        self._jobs: dict[str, _Job] = {}
        self._lines: dict[JobKind, asyncio.Lock] = {"download": asyncio.Lock(), "quantize": asyncio.Lock()}
        self._entrance = asyncio.Lock()
        """Jobs join their line in the order in which they were begun, however long writing each record takes."""
        self._listeners: Listeners[[]] = Listeners()
        self._soon: asyncio.TimerHandle | None = None

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change; returns the function that ends this."""
        return self._listeners.add(listener)

    @property
    def views(self) -> tuple[JobView, ...]:
        return tuple(map(_view, self._jobs.values()))

    @property
    def records(self) -> tuple[JobRecord, ...]:
        return tuple(job.record for job in self._jobs.values())

    async def look(self) -> None:
        """Read from the disk what others have begun, paused or ended."""
        found = await asyncio.to_thread(lambda: [(r, self._records.is_running(r.id)) for r in self._records.load()])
        mine = {id: job for id, job in self._jobs.items() if job.task is not None}
        for record, running in found:
            if record.id not in mine:
                mine[record.id] = _not_mine(record, running=running)
        self._jobs = mine
        self._listeners.tell()

    def start(self, record: JobRecord) -> str:
        """Begin a job, or go on with it; its id. One that runs or waits already is left alone."""
        job = self._jobs.setdefault(record.id, _Job(record, progress=Progress(record.done, record.total)))
        if job.task is None:
            job.state, job.error = "queued", None
            job.task = spawn(self._run(job), f"{record.kind} {record.name}")
            job.task.add_done_callback(lambda _: self._stopped(job))
            self._listeners.tell()
        return record.id

    def resume(self, id: str) -> None:
        """Go on where the job stopped; one that is gone is left alone."""
        if id in self._jobs:
            self.start(self._jobs[id].record)

    async def pause(self, id: str) -> None:
        """Stop a job that runs or waits; what it has done is kept. Bounded, see run_job."""
        job = self._jobs.get(id)
        if job is not None and job.task is not None:
            job.task.cancel()
            await asyncio.wait((job.task,))

    async def cancel(self, id: str) -> JobRecord | None:
        """Stop a job for good; its record, so that what it has left can be deleted. ``None`` when it is not ours."""
        await self.pause(id)
        job = self._jobs.get(id)
        if job is None or job.task is not None or await asyncio.to_thread(self._records.is_running, id):
            return None
        await asyncio.to_thread(self._records.forget, id)
        del self._jobs[id]
        self._listeners.tell()
        return job.record

    async def close(self) -> None:
        """Pause everything."""
        self._listeners.clear()
        if self._soon is not None:
            self._soon.cancel()
        await asyncio.gather(*(self.pause(id) for id in list(self._jobs)))

    async def _run(self, job: _Job) -> None:
        try:
            async with self._entrance:
                await asyncio.to_thread(self._records.save, job.record)
            async with self._lines[job.record.kind]:
                await self._follow(job)
        except RequestError as error:
            job.state, job.error = "failed", error.error
        except Exception as error:  # the boundary: whatever is wrong, the list must not show it running
            log.exception("a job failed")
            job.state, job.error = "failed", internal(error)

    def _stopped(self, job: _Job) -> None:
        """Its task has ended, in whatever way, and its process with it; one that was cancelled may not have begun."""
        job.task = None
        if job.result is not None:
            self._jobs.pop(job.record.id, None)
            self._finished(job.record, job.result)
            self._listeners.tell()
            return
        if job.state in ("queued", "running"):
            job.state = "paused"
        done, total = job.progress.done, job.progress.total
        job.record = msgspec.structs.replace(job.record, done=done, total=total, error=job.error)
        self._listeners.tell()

    async def _follow(self, job: _Job) -> None:
        job.state = "running"
        self._listeners.tell()
        async with aclosing(run_recorded(self._records, job.record, self._command, self._authorize)) as events:
            async for event in events:
                match event:
                    case JobProgress():
                        self._show(job, event)
                    case Downloaded() | Quantized():
                        job.result = event
                    case Failed(error=error):
                        job.state, job.error = "failed", error

    def _show(self, job: _Job, news: JobProgress) -> None:
        """Tell a new stage at once. Bytes are told a moment later, once for all: the last before a lull as well."""
        another = news.stage != job.progress.stage
        job.progress.take(news, time.monotonic())
        if another:
            self._listeners.tell()
        elif self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SHOW_SECONDS, self._show_bytes)

    def _show_bytes(self) -> None:
        self._soon = None
        self._listeners.tell()


async def _ready(work: Download | Quantize, authorize: Authorize) -> Download | Quantize:
    if isinstance(work, Download):
        return msgspec.structs.replace(work, id=new_id(), hub=await authorize(work.hub))
    return msgspec.structs.replace(work, id=new_id())


def _keep(records: Records, record: JobRecord, progress: Progress, error: WireError | None = None) -> None:
    """How far it came is worth a try; without it the job is still listed, and goes on where it is."""
    if not (records.folder / f"{record.id}.json").exists():
        return  # somebody has cancelled it
    try:
        records.save(msgspec.structs.replace(record, done=progress.done, total=progress.total, error=error))
    except RequestError as error:
        log.info("the record of a job is not written: %s", error.error.code)


def job_view(record: JobRecord, *, running: bool) -> JobView:
    """A job that this program does not do: another one does, or nobody."""
    return _view(_not_mine(record, running=running))


def _not_mine(record: JobRecord, *, running: bool) -> _Job:
    state: JobState = "elsewhere" if running else "failed" if record.error else "paused"
    return _Job(record, state, None if running else record.error, Progress(record.done, record.total))


def _view(job: _Job) -> JobView:
    record, progress = job.record, job.progress
    runs = job.state == "running"
    return JobView(
        id=record.id,
        kind=record.kind,
        name=record.name,
        state=job.state,
        model=record.makes,
        precision=record.precision,
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        detail=progress.detail if runs else "",
        speed=progress.speed if runs else 0.0,
        remaining=progress.remaining if runs else None,
        problem=explain(job.error) if job.error is not None else None,
    )
