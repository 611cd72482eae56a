"""The ways to reach a worker that follows a script: in memory, over a socket, and in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import msgspec

from inference_worker.protocol.address import Address, TcpAddress, new_address
from inference_worker.protocol.framing import Channel, StreamChannel
from inference_worker.protocol.messages import Loaded, LoadModel
from inference_worker.protocol.tasks import spawn
from inference_worker.server.connection import Connection
from inference_worker.server.listener import listen
from inference_worker.server.worker import Worker
from nyanko_desktop.worker.client import WorkerClient, new_id
from nyanko_desktop.worker.process import ChildProcess
from nyanko_desktop.worker.transport import connect, memory_pair
from tests.bad_workers.commands import scripted
from tests.support.scripted_model import Script, ScriptedBackend

TOKEN = "correct horse"
NARROW = 600 * 1024
"""Bytes; the longest line of the tests, the end of a long reply, still fits."""


@dataclass(frozen=True)
class Link:
    """A running worker: ``open`` makes one more connection to it, before the handshake.

    ``open_narrow`` does so with a small buffer, so that whoever does not read is felt at the other end.
    """

    open: Callable[[], Awaitable[Channel]]
    open_narrow: Callable[[], Awaitable[Channel]]

    @contextlib.asynccontextmanager
    async def client(self, *, model: bool = False) -> AsyncIterator[WorkerClient]:
        """A connection after the handshake, with the model resident if asked for."""
        client = await WorkerClient.connect(await self.open(), TOKEN)
        try:
            if model:
                assert isinstance(
                    await client.ask(LoadModel(id=new_id(), path="/models/script", precision="int8")), Loaded
                )
            yield client
        finally:
            await client.close()


@contextlib.asynccontextmanager
async def in_memory(script: Script) -> AsyncIterator[Link]:
    worker = Worker(TOKEN, ScriptedBackend(script))
    served = []

    async def open_channel() -> Channel:
        ours, theirs = memory_pair()
        served.append(spawn(Connection(theirs, worker).serve(), "contract connection"))
        return ours

    yield Link(open_channel, open_channel)
    for task in served:
        await task


@contextlib.asynccontextmanager
async def over_socket(script: Script, address: Address | None = None) -> AsyncIterator[Link]:
    worker = Worker(TOKEN, ScriptedBackend(script))

    async def serve(channel: Channel) -> None:
        await Connection(channel, worker).serve()

    listener = await listen(address or new_address(), serve)
    yield Link(lambda: connect(listener.address), lambda: _connect_narrow(listener.address))
    listener.close()


@contextlib.asynccontextmanager
async def in_process(script: Script) -> AsyncIterator[Link]:
    child = await ChildProcess.start(scripted(**msgspec.structs.asdict(script)), TOKEN)
    try:
        yield Link(lambda: connect(child.address), lambda: _connect_narrow(child.address))
    finally:
        await child.end()


def over_tcp(script: Script) -> contextlib.AbstractAsyncContextManager[Link]:
    """As on Windows."""
    return over_socket(script, TcpAddress(0))


async def _connect_narrow(address: Address) -> Channel:
    if isinstance(address, TcpAddress):
        return StreamChannel(*await asyncio.open_connection("127.0.0.1", address.port, limit=NARROW))
    return StreamChannel(*await asyncio.open_unix_connection(address.path, limit=NARROW))


LINKS = {"memory": in_memory, "socket": over_socket, "tcp": over_tcp, "process": in_process}
