"""An event that is too long for the wire: its request ends with an error, the work for it stops, all else goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from inference_worker.protocol.address import Address, TcpAddress, new_address
from inference_worker.protocol.errors import ErrorCode
from inference_worker.protocol.framing import LINE_LIMIT, Channel, decode_event, encode
from inference_worker.protocol.messages import (
    Event,
    Failed,
    Finished,
    Hello,
    ListDevices,
    ListTools,
    Ping,
    ToolProgress,
    Welcome,
)
from inference_worker.protocol.version import PROTOCOL_VERSION
from inference_worker.server.connection import Connection
from inference_worker.server.listener import listen
from inference_worker.server.request import Request
from inference_worker.server.worker import Work, Worker
from nyanko_desktop.worker.transport import connect
from tests.contract.links import TOKEN
from tests.support.asynchronous import bounded
from tests.support.scripted_model import Script, ScriptedBackend


class Talker(Worker):
    """Says more than a line may hold about one kind of request, and goes on with it until it is stopped."""

    def __init__(self) -> None:
        super().__init__(TOKEN, ScriptedBackend(Script()))
        self.stopped = asyncio.Event()

    async def answer(self, command: Work, request: Request) -> Event:
        if isinstance(command, ListDevices):
            return Finished(id=command.id)
        for text in ("first", "x" * LINE_LIMIT, "never sent"):
            request.put(ToolProgress(command.id, "call", text))
        await request.cancelled.wait()
        request.put(ToolProgress(command.id, "call", "never sent either"))
        self.stopped.set()
        return Finished(id=command.id)


@contextlib.asynccontextmanager
async def reached(worker: Worker, address: Address) -> AsyncIterator[Channel]:
    async def serve(channel: Channel) -> None:
        await Connection(channel, worker).serve()

    listener = await listen(address, serve)
    channel = await connect(listener.address)
    await channel.send(encode(Hello(protocol=PROTOCOL_VERSION, token=TOKEN)))
    assert isinstance(await event(channel), Welcome)
    try:
        yield channel
    finally:
        await channel.close()
        listener.close()


async def event(channel: Channel) -> Event:
    line = await channel.receive()
    assert line is not None
    return decode_event(line)


@bounded
@pytest.mark.parametrize("address", [new_address, lambda: TcpAddress(0)], ids=["socket", "tcp"])
@pytest.mark.expects_log("tool_progress would take .* the limit is")
async def test_an_event_too_long_for_the_wire_ends_its_request_and_the_work(
    address: Callable[[], Address],
) -> None:
    worker = Talker()
    async with reached(worker, address()) as channel:
        await channel.send(encode(ListTools(id="long")))
        assert await event(channel) == ToolProgress("long", "call", "first")
        failed = await event(channel)
        assert isinstance(failed, Failed)
        assert (failed.id, failed.error.code) == ("long", ErrorCode.INTERNAL)
        await worker.stopped.wait()
        for command, answer in (
            (Ping(id="ping"), Finished("ping")),
            (ListDevices(id="other"), Finished("other")),
            (ListTools(id="long"), ToolProgress("long", "call", "first")),
        ):
            await channel.send(encode(command))
            assert await event(channel) == answer
