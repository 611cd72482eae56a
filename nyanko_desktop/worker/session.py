"""One worker from its start to its end: the child process, the connection to it, and whether it still answers.

Knows neither models nor what comes after the end; that is the supervisor's.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Cancel, Ping
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.worker.client import WELCOME_SECONDS, WorkerClient, new_id
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.process import READY_SECONDS, ChildProcess
from nyanko_desktop.worker.transport import connect

PING_EVERY_SECONDS: Final = 5.0
"""Between proofs of life: rare enough to cost nothing, often enough to notice while the person still waits."""
PONG_SECONDS: Final = 30.0
"""For the answer. Importing torch from a cold disk can hold the worker's event loop for several seconds."""
CANCEL_SECONDS: Final = 20.0
"""For the end of a cancelled request: one prefill chunk on a slow processor, or the 10 s that a tool may take."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a worker, in seconds, before it counts as lost."""

    ready: float = READY_SECONDS
    welcome: float = WELCOME_SECONDS
    ping_every: float = PING_EVERY_SECONDS
    pong: float = PONG_SECONDS
    cancel: float = CANCEL_SECONDS


class Session:
    """A worker that runs and has accepted us."""

    def __init__(self, child: ChildProcess, client: WorkerClient, patience: Patience) -> None:
        self.client = client
        self._child = child
        self._patience = patience
        self._watchers: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, command: WorkerCommand, patience: Patience) -> Session:
        """Start a worker and connect to it. Raises RequestError; then no process is left."""
        token = secrets.token_hex(32)
        child = await ChildProcess.start(command, token, ready_seconds=patience.ready)
        try:
            client = await WorkerClient.connect(await connect(child.address), token, seconds=patience.welcome)
        except BaseException as error:
            await asyncio.shield(spawn(child.kill(), "kill a worker that did not greet"))
            if isinstance(error, OSError):
                raise RequestError(ErrorCode.WORKER_START_FAILED, reason=str(error)) from error
            raise
        return cls(child, client, patience)

    @property
    def pid(self) -> int:
        return self._child.pid

    async def watch(self) -> None:
        """Wait until the connection ends, or end it because the worker does not answer."""
        pings = spawn(self._ping(), "worker pings")
        try:
            await self.client.wait_lost()
        finally:
            pings.cancel()

    async def cancel(self, request_id: str) -> None:
        """Stop one request; a worker that does not obey is given up."""
        await self.client.send(Cancel(id=request_id))
        watcher = spawn(self.expect_end(request_id), "cancelled request")
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def expect_end(self, request_id: str) -> None:
        """Wait for the final event of a cancelled request, and give the worker up when it does not come."""
        try:
            async with asyncio.timeout(self._patience.cancel):
                await self.client.wait_over(request_id)
        except TimeoutError:
            self.client.give_up(f"the worker did not stop within {self._patience.cancel:g} s")

    async def close(self, reason: str) -> WireError:
        """Fail what is open with ``reason``, end the process; why and how it ended. Bounded as in ChildProcess.end."""
        self.client.give_up(reason)
        for watcher in self._watchers:
            watcher.cancel()
        await self._child.end()
        await self.client.close()
        why = self.client.lost.params["reason"] if self.client.lost else reason
        return WireError(ErrorCode.WORKER_LOST, {"reason": f"{why}; {self._child.describe_end()}"})

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self._patience.ping_every)
            try:
                async with asyncio.timeout(self._patience.pong):
                    await self.client.ask(Ping(id=new_id()))
            except TimeoutError:
                self.client.give_up(f"the worker was silent for {self._patience.pong:g} s")
            except RequestError:
                return
