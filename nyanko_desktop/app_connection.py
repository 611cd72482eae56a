"""One program that talks to the running app: the worker's wire, forwarded to the app's own worker, and three commands.

Hello with the token of the profile, then the same commands as to a worker, under new ids, and those of
instance_messages.py. Calls of host tools end here, because the app is their host. Knows no window and no model.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, assert_never

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.framing import Channel, FramingError, decode_with
from inference_worker.protocol.handshake import answer_hello
from inference_worker.protocol.messages import (
    Cancel,
    CancelCall,
    Decision,
    DeviceInfo,
    DevicesListed,
    Download,
    Event,
    Failed,
    Finished,
    FollowUp,
    Hello,
    HostCall,
    HostResult,
    InspectModel,
    ListDevices,
    ListRepository,
    ListTools,
    LoadModel,
    MemoryPlanned,
    Ping,
    PlanMemory,
    Quantize,
    RunTool,
    RunTurn,
    ToolsListed,
    UnloadModel,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.instance_messages import AppCommand, AppDescribed, Describe, Show, ShowQuickAsk
from nyanko_desktop.permissions.levels import LEVELS
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.state import WorkerState

log = logging.getLogger(__name__)

UNSENT_LIMIT: Final = 20_000
"""Events that wait for a program that does not read (one stopped with Ctrl-Z); more, and it is let go."""

_decoder: msgspec.json.Decoder[AppCommand] = msgspec.json.Decoder(AppCommand)


class AppWorker(Protocol):
    """What is forwarded; the supervisor is one."""

    @property
    def state(self) -> WorkerState: ...
    def turn(self, command: RunTurn) -> AsyncIterator[Event]: ...
    def run_tool(self, command: RunTool) -> AsyncIterator[Event]: ...
    async def send(self, message: FollowUp) -> None: ...
    async def plan(self, command: PlanMemory, /) -> MemoryPlanned: ...
    async def devices(self) -> tuple[DeviceInfo, ...]: ...
    async def tools(self, command: ListTools, /) -> ToolsListed: ...


@dataclass(frozen=True, slots=True)
class App:
    """What the running app offers to others."""

    worker: AppWorker
    host_tools: HostTools
    show: Callable[[], None]
    show_quick_ask: Callable[[], None]
    details: Callable[[], dict[str, str]] = field(default=dict)
    """See :attr:`AppDescribed.details`."""


class AppConnection:
    """One program that talks to the app."""

    def __init__(self, channel: Channel, app: App, profile: Path, token: str) -> None:
        self._channel = channel
        self._app = app
        self._profile = profile
        self._token = token
        self._unsent: asyncio.Queue[Event | AppDescribed] = asyncio.Queue(UNSENT_LIMIT)
        self._inner: dict[str, str] = {}
        """Id of an open request here -> its id at the worker."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Talk until the other side leaves or breaks the protocol; then stop what it had open."""
        sender: asyncio.Task[None] | None = None
        try:
            if await answer_hello(self._channel, _decode, token=self._token, tools=tuple(LEVELS)):
                sender = spawn(self._send(), "app connection sender")
                while (line := await self._channel.receive()) is not None:
                    self._take(_decode(line))
        except FramingError as error:
            log.warning("connection closed: %s", error)
        finally:
            for task in [*self._tasks, *filter(None, (sender,))]:
                task.cancel()
            await self._channel.close()

    async def _send(self) -> None:
        try:
            while True:
                await self._channel.send(_line(await self._unsent.get()))
        except ConnectionError:
            log.debug("the other side is gone")
        finally:
            await self._channel.close()

    def _put(self, event: Event | AppDescribed) -> None:
        try:
            self._unsent.put_nowait(event)
        except asyncio.QueueFull:
            log.warning("connection closed: %d events wait to be read", UNSENT_LIMIT)
            spawn(self._channel.close(), "close a connection nobody reads")

    # ------------------------------------------------------------ what the other side says

    def _take(self, command: AppCommand) -> None:
        match command:
            case Hello():
                raise FramingError("a second Hello")
            case Show():
                self._app.show()
                self._put(Finished(command.id))
            case ShowQuickAsk():
                self._app.show_quick_ask()
                self._put(Finished(command.id))
            case Describe():
                self._put(self._described(command.id))
            case Ping():
                self._put(Finished(command.id))
            case Cancel() | CancelCall() | Decision() | HostResult():
                self._pass_on(command)
            case LoadModel() | UnloadModel():
                reason = "the running app chooses its model itself: change it in Settings"
                self._put(Failed(command.id, WireError(ErrorCode.BAD_REQUEST, {"reason": reason})))
            case InspectModel() | Quantize() | ListRepository() | Download():
                reason = "jobs run in a process of their own, not in the running app"
                self._put(Failed(command.id, WireError(ErrorCode.BAD_REQUEST, {"reason": reason})))
            case RunTurn() | RunTool():
                self._begin(command.id, self._forward(command))
            case ListTools():
                self._begin(command.id, self._tools(command))
            case PlanMemory():
                self._begin(command.id, self._plan(command))
            case ListDevices():
                self._begin(command.id, self._devices(command))
            case _:
                assert_never(command)

    def _described(self, id: str) -> AppDescribed:
        app, profile = self._app, str(self._profile)
        return AppDescribed(id, version(), os.getpid(), profile, app.worker.state, app.details())

    def _pass_on(self, message: FollowUp) -> None:
        """The request may have ended just now; then there is nothing to say."""
        if inner := self._inner.get(message.id):
            self._run(self._app.worker.send(msgspec.structs.replace(message, id=inner)), "pass on")

    # ------------------------------------------------------------ requests

    def _begin(self, id: str, work: Coroutine[Any, Any, None]) -> None:
        if id in self._inner:
            work.close()
            raise FramingError("two open requests with one id")
        self._inner[id] = new_id()
        self._run(self._answer(id, work), f"app request {id}")

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = spawn(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, id: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RequestError as error:
            self._put(Failed(id, error.error))
        finally:
            del self._inner[id]

    async def _forward(self, command: RunTurn | RunTool) -> None:
        """Run it on the app's worker; calls of host tools end here, because the app is their host."""
        inner = msgspec.structs.replace(command, id=self._inner[command.id])
        worker = self._app.worker
        stream = worker.turn(inner) if isinstance(inner, RunTurn) else worker.run_tool(inner)
        async with aclosing(stream) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, HostCall):
                    await worker.send(await self._app.host_tools.run(event))
                else:
                    self._put(msgspec.structs.replace(event, id=command.id))

    async def _tools(self, command: ListTools) -> None:
        listed = await self._app.worker.tools(msgspec.structs.replace(command, id=self._inner[command.id]))
        self._put(msgspec.structs.replace(listed, id=command.id))

    async def _plan(self, command: PlanMemory) -> None:
        plan = await self._app.worker.plan(msgspec.structs.replace(command, id=self._inner[command.id]))
        self._put(msgspec.structs.replace(plan, id=command.id))

    async def _devices(self, command: ListDevices) -> None:
        self._put(DevicesListed(command.id, await self._app.worker.devices()))


def version() -> str:
    """The version of this program; ``unknown`` in a checkout that was never installed."""
    try:
        return importlib.metadata.version("nyanko-desktop")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _decode(line: bytes) -> AppCommand:
    command: AppCommand = decode_with(_decoder, line)
    return command


def _line(message: Event | AppDescribed) -> bytes:
    return msgspec.json.encode(message) + b"\n"
