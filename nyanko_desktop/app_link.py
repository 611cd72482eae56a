"""The running app as another program sees it: found by its profile, used like a worker. Knows no supervisor.

Requests go through the same client that talks to a worker. The app's own three commands each take a short connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from inference_worker.protocol.address import parse_address
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.framing import Channel, FramingError, decode_with
from inference_worker.protocol.handshake import introduce
from inference_worker.protocol.messages import (
    DeviceInfo,
    DevicesListed,
    Event,
    Failed,
    Finished,
    FollowUp,
    ListDevices,
    ListTools,
    MemoryPlanned,
    PlanMemory,
    RunTool,
    RunTurn,
    ToolsListed,
)
from nyanko_desktop.instance import InstanceFile
from nyanko_desktop.instance_messages import AppDescribed, Describe, Show, ShowQuickAsk
from nyanko_desktop.locks import FileLock
from nyanko_desktop.paths import Paths
from nyanko_desktop.worker.client import WorkerClient, new_id
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.transport import connect

log = logging.getLogger(__name__)

STARTING_SECONDS: Final = 10.0
"""An app that holds the lock but does not answer yet is starting; a slow machine needs some seconds."""
ANSWER_SECONDS: Final = 5.0
"""For an answer that takes no work: the app's event loop is never busy for long."""
POLL_SECONDS: Final = 0.05
"""Between two looks for an app that is starting."""

_answers: msgspec.json.Decoder[Finished | Failed | AppDescribed] = msgspec.json.Decoder(
    Finished | Failed | AppDescribed
)


async def find_app(paths: Paths, seconds: float = STARTING_SECONDS) -> AppLink | None:
    """The running app of this profile; ``None`` when there is none. Raises RequestError when it does not answer."""
    deadline = asyncio.get_running_loop().time() + seconds
    while _is_claimed(paths):
        try:
            found = msgspec.json.decode(paths.instance_file.read_bytes(), type=InstanceFile)
            return AppLink(found, await WorkerClient.connect(await connect(parse_address(found.address)), found.token))
        except (OSError, ValueError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise RequestError(ErrorCode.TIMED_OUT, what="the running app", seconds=f"{seconds:g}") from error
            await asyncio.sleep(POLL_SECONDS)
    return None


class AppLink:
    """A connection to the running app; fills the same ports as a supervisor."""

    is_app = True

    def __init__(self, found: InstanceFile, client: WorkerClient) -> None:
        self.state = WorkerState()
        """What the app said of its worker when :meth:`describe` was asked last."""
        self._found = found
        self._client = client

    async def close(self) -> None:
        await self._client.close()

    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]:
        """The app does not report its worker's states to others: ``callback`` is never called."""
        del callback
        return lambda: None

    async def turn(self, command: RunTurn) -> AsyncIterator[Event]:
        async with self._client.request(command) as events:
            async for event in events:
                yield event

    async def run_tool(self, command: RunTool) -> AsyncIterator[Event]:
        async with self._client.request(command) as events:
            async for event in events:
                yield event

    async def send(self, message: FollowUp) -> None:
        await self._client.send(message)

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        answer = await self._client.ask(command)
        assert isinstance(answer, MemoryPlanned)
        return answer

    async def tools(self, command: ListTools) -> ToolsListed:
        answer = await self._client.ask(command)
        assert isinstance(answer, ToolsListed)
        return answer

    async def devices(self) -> tuple[DeviceInfo, ...]:
        answer = await self._client.ask(ListDevices(new_id()))
        assert isinstance(answer, DevicesListed)
        return answer.devices

    async def show(self) -> None:
        """Raise the app's window."""
        await self._say(Show(new_id()))

    async def show_quick_ask(self) -> None:
        """Open quick-ask in the app."""
        await self._say(ShowQuickAsk(new_id()))

    async def describe(self) -> AppDescribed:
        """The truth about the app and its worker."""
        answer = await self._say(Describe(new_id()))
        if not isinstance(answer, AppDescribed):
            raise RequestError(ErrorCode.INTERNAL, reason=f"the app answered with {type(answer).__name__}")
        self.state = answer.worker
        return answer

    async def _say(self, command: Show | ShowQuickAsk | Describe) -> Finished | AppDescribed:
        """One of the app's own commands, on a connection of its own. Raises RequestError."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                channel = await connect(parse_address(self._found.address))
                try:
                    return await self._exchange(channel, command)
                finally:
                    await channel.close()
        except TimeoutError as error:
            raise RequestError(ErrorCode.TIMED_OUT, what="the running app", seconds=f"{ANSWER_SECONDS:g}") from error
        except (OSError, FramingError) as error:
            raise RequestError(ErrorCode.WORKER_LOST, reason=error) from error

    async def _exchange(self, channel: Channel, command: Show | ShowQuickAsk | Describe) -> Finished | AppDescribed:
        await introduce(channel, self._found.token)
        await channel.send(msgspec.json.encode(command) + b"\n")
        line = await channel.receive()
        if line is None:
            raise ConnectionResetError("the app closed the connection")
        answer: Finished | Failed | AppDescribed = decode_with(_answers, line)
        if isinstance(answer, Failed):
            raise RequestError.of(answer.error)
        return answer


def _is_claimed(paths: Paths) -> bool:
    """Whether an app holds the profile's lock; it is given back by the system however an app ends."""
    if not paths.instance_lock.exists():
        return False
    lock = FileLock(paths.instance_lock)
    free = lock.acquire(shared=True)
    lock.release()
    return not free
