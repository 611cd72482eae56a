"""One worker process for one job: a download, a quantization, a look at a checkpoint. Knows no model and no policy.

A job has a process of its own, so that it neither waits for the model that answers nor takes memory from it, and so
that its end gives everything back. The process ends with the program: it reads from our end of a pipe.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Event, Failed
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.worker.client import FINAL, JobCommand
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.session import Patience, Session

STOP_SECONDS: Final = 5.0
"""For a cancelled job to keep what it has: one network chunk, one block of a tensor, and their way to the disk."""

_log = logging.getLogger(__name__)


async def run_job(
    command_factory: Callable[[], WorkerCommand],
    command: JobCommand,
    *,
    patience: Patience | None = None,
    stop_seconds: float = STOP_SECONDS,
) -> AsyncGenerator[Event, None]:
    """The events of ``command``, the last of which is its final one; a process that is lost ends with Failed.

    Close the iterator (``contextlib.aclosing``), or cancel the task that reads it, to cancel the job: it gets
    ``stop_seconds`` to keep what it has done, then its process ends whatever it does.
    """
    try:
        session = await Session.open(command_factory(), patience or Patience())
    except RequestError as error:
        yield Failed(id=command.id, error=error.error)
        return
    watch = spawn(session.watch(), "watch a job")
    try:
        async with session.client.request(command) as events:
            async for event in events:
                yield _as_of_job(event)
    finally:
        watch.cancel()
        await asyncio.shield(spawn(_end(session, command.id, stop_seconds), "end a job"))


async def ask_job(command_factory: Callable[[], WorkerCommand], command: JobCommand) -> Event:
    """The final event of a job. Raises RequestError when that is Failed."""
    async with aclosing(run_job(command_factory, command)) as events:
        async for event in events:
            if isinstance(event, Failed):
                raise RequestError.of(event.error)
            if isinstance(event, FINAL):
                return event
    raise AssertionError("events end with a final one")


def _as_of_job(event: Event) -> Event:
    """A lost worker means something else here than in the middle of a reply."""
    if isinstance(event, Failed) and event.error.code is ErrorCode.WORKER_LOST:
        return Failed(id=event.id, error=WireError(ErrorCode.JOB_LOST, event.error.params))
    return event


async def _end(session: Session, job_id: str, stop_seconds: float) -> None:
    try:
        async with asyncio.timeout(stop_seconds):
            await session.client.wait_over(job_id)
    except TimeoutError:
        _log.info("a job did not stop within %g s and is ended", stop_seconds)
    await session.close("the job is over")
