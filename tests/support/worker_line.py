"""A connection to a worker in this process, below the app's own client: commands in, events out."""

from __future__ import annotations

from inference_worker.protocol.framing import decode_event, encode
from inference_worker.protocol.handshake import introduce
from inference_worker.protocol.messages import Command, Event, JobProgress
from inference_worker.protocol.tasks import spawn
from inference_worker.server.connection import Connection
from inference_worker.server.worker import Worker
from nyanko_desktop.worker.transport import memory_pair
from tests.support.scripted_model import Script, ScriptedBackend


class Line:
    """Use as a context manager."""

    async def __aenter__(self) -> Line:
        self._channel, theirs = memory_pair()
        self._served = spawn(Connection(theirs, Worker("t", ScriptedBackend(Script()))).serve(), "served in a test")
        await introduce(self._channel, "t")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()
        await self._served

    async def send(self, command: Command) -> None:
        await self._channel.send(encode(command))

    async def receive(self) -> Event:
        line = await self._channel.receive()
        assert line is not None
        return decode_event(line)

    async def last(self) -> tuple[list[JobProgress], Event]:
        """What a job reports on the way, and the event that ends it."""
        progress: list[JobProgress] = []
        while isinstance(event := await self.receive(), JobProgress):
            progress.append(event)
        return progress, event
