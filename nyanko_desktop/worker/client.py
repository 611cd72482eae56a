"""Typed requests to one worker over one channel. Knows neither processes nor states.

Each request is a stream of events that ends with its final one. When the connection is lost, that final one is
``Failed(WORKER_LOST)``, made here: whoever waits for an answer always gets one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import deque
from typing import Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.framing import Channel, FramingError, decode_event, encode
from inference_worker.protocol.handshake import introduce
from inference_worker.protocol.messages import (
    Cancel,
    DevicesListed,
    Done,
    Download,
    Downloaded,
    Event,
    Failed,
    Finished,
    FollowUp,
    InspectModel,
    ListDevices,
    ListRepository,
    ListTools,
    Loaded,
    LoadModel,
    MemoryPlanned,
    ModelInspected,
    Ping,
    PlanMemory,
    Quantize,
    Quantized,
    Refused,
    RepositoryListed,
    RunTool,
    RunTurn,
    ToolsListed,
    UnloadModel,
    Welcome,
)
from inference_worker.protocol.tasks import spawn

WELCOME_SECONDS: Final = 10.0
"""For the answer to Hello, which a worker gives before it does anything heavy."""
UNREAD_LIMIT: Final = 50_000
"""Events of one request that wait here; more than any reply has tokens, so the worker floods or nobody reads."""
ENDED_KEPT: Final = 1024
"""Ids of requests that ended last. What still comes about them was on its way; at 64 open ones, more than enough."""

JobCommand = InspectModel | Quantize | ListRepository | Download
"""What is done in a process of its own, beside the model that answers."""
Request = LoadModel | UnloadModel | RunTurn | RunTool | ListTools | PlanMemory | ListDevices | Ping | JobCommand
FINAL: Final = (
    Loaded,
    Done,
    MemoryPlanned,
    ModelInspected,
    Quantized,
    RepositoryListed,
    Downloaded,
    ToolsListed,
    DevicesListed,
    Finished,
    Failed,
)
"""Events that end their request."""

_log = logging.getLogger(__name__)


def new_id() -> str:
    """An id for a request that no other request has."""
    return uuid.uuid4().hex


class Events:
    """All about one request: ``async with client.request(command) as events: async for event in events:``

    Leaving the block early cancels the request.
    """

    def __init__(self, client: WorkerClient, command: Request) -> None:
        self._client = client
        self._command = command
        self._waiting: asyncio.Queue[Event] = asyncio.Queue()
        self._ended = False
        self.over = asyncio.Event()
        """The final event has come; it may still wait to be read."""
        self.abandoned = False

    async def __aenter__(self) -> Events:
        await self._client._open(self._command, self)
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.over.is_set():
            self._client._abandon(self._command.id)

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Event:
        if self._ended:
            raise StopAsyncIteration
        event = await self._waiting.get()
        self._ended = isinstance(event, FINAL)
        return event

    def put(self, event: Event) -> bool:
        """Queue ``event``; false when far too many wait."""
        if isinstance(event, FINAL):
            self.over.set()
        if not self.abandoned:
            self._waiting.put_nowait(event)
        return self._waiting.qsize() <= UNREAD_LIMIT


class WorkerClient:
    """One connection that the worker has accepted; :meth:`connect` makes them."""

    def __init__(self, channel: Channel, welcome: Welcome) -> None:
        self.welcome = welcome
        self._channel = channel
        self._open_requests: dict[str, Events] = {}
        """Until the final event has come, also when nobody reads it any more."""
        self._ended: deque[str] = deque(maxlen=ENDED_KEPT)
        self._lost: WireError | None = None
        self._writing = asyncio.Lock()
        self._reader = spawn(self._read(), "worker client")

    @classmethod
    async def connect(cls, channel: Channel, token: str, *, seconds: float = WELCOME_SECONDS) -> WorkerClient:
        """Introduce ourselves. Raises RequestError with the worker's refusal or the reason why there was no answer."""
        try:
            async with asyncio.timeout(seconds):
                return cls(channel, await introduce(channel, token))
        except BaseException as error:
            await channel.close()
            match error:
                case TimeoutError():
                    raise RequestError(ErrorCode.TIMED_OUT, what="handshake", seconds=f"{seconds:g}") from error
                case FramingError() | ConnectionError():
                    raise RequestError(ErrorCode.WORKER_LOST, reason=error) from error
                case _:
                    raise

    def request(self, command: Request) -> Events:
        """The events of ``command``, whose id must be new."""
        return Events(self, command)

    async def ask(self, command: Request) -> Event:
        """The final event of ``command``; raises RequestError when that is Failed."""
        async with self.request(command) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise RequestError.of(event.error)
                if isinstance(event, FINAL):
                    return event
        raise AssertionError("events end with a final one")

    async def send(self, message: FollowUp) -> None:
        """Say something about an open request; when the connection is lost nobody needs it any more."""
        await self._send(message)

    @property
    def lost(self) -> WireError | None:
        """Why the connection ended; ``None`` while it stands."""
        return self._lost

    async def wait_lost(self) -> WireError:
        """Wait for the end of the connection."""
        await asyncio.wait((self._reader,))
        assert self._lost is not None
        return self._lost

    def is_open(self, request_id: str) -> bool:
        """Whether the worker still owes the final event of this request."""
        return request_id in self._open_requests

    async def wait_over(self, request_id: str) -> None:
        """Wait for the final event of a request; returns at once when it is not open."""
        if request_id in self._open_requests:
            await self._open_requests[request_id].over.wait()

    def give_up(self, reason: str) -> None:
        """Use the connection no more; what is still open fails with ``reason`` now."""
        self._fail(reason)
        self._reader.cancel()

    async def close(self) -> None:
        """Give up, and end the connection."""
        self.give_up("the connection was closed")
        await asyncio.wait((self._reader,))
        await self._channel.close()

    async def _open(self, command: Request, events: Events) -> None:
        assert command.id not in self._open_requests, "request ids are used once"
        self._open_requests[command.id] = events
        if self._lost is not None:
            self._end(command.id, self._lost)
            return
        try:
            await self._write(encode(command))
        except FramingError as error:
            self._end(command.id, WireError(ErrorCode.BAD_REQUEST, {"reason": str(error)}))
        except asyncio.CancelledError:
            self._abandon(command.id)
            raise

    def _abandon(self, request_id: str) -> None:
        if request_id in self._open_requests:
            self._open_requests[request_id].abandoned = True
            spawn(self._send(Cancel(id=request_id)), "cancel an abandoned request")

    async def _send(self, message: FollowUp) -> None:
        if self._lost is None:
            await self._write(encode(message))

    async def _write(self, line: bytes) -> None:
        async with self._writing:
            with contextlib.suppress(ConnectionError):  # the reader notices it too, and fails what is open
                await self._channel.send(line)

    async def _read(self) -> None:
        reason = "the worker closed the connection"
        try:
            while (line := await self._channel.receive()) is not None:
                self._route(decode_event(line))
        except FramingError as error:
            reason = str(error)
            _log.warning("the connection to the worker is closed: %s", reason)
        finally:
            self._fail(reason)
            await self._channel.close()

    def _route(self, event: Event) -> None:
        match event:
            case Welcome() | Refused():
                raise FramingError("a second answer to Hello")
            case _ if event.id in self._open_requests:
                self._deliver(event, self._open_requests[event.id])
            case _ if event.id in self._ended:
                _log.debug("%s comes after the end of its request", type(event).__name__)
            case _:
                raise FramingError(f"{type(event).__name__} about a request that is not open")

    def _deliver(self, event: Event, events: Events) -> None:
        if isinstance(event, FINAL):
            del self._open_requests[event.id]
            self._ended.append(event.id)
        if not events.put(event):
            raise FramingError(f"{UNREAD_LIMIT} events of one request wait to be read")

    def _fail(self, reason: str) -> None:
        if self._lost is None:
            self._lost = WireError(ErrorCode.WORKER_LOST, {"reason": reason})
        for request_id in list(self._open_requests):
            self._end(request_id, self._lost)

    def _end(self, request_id: str, error: WireError) -> None:
        self._open_requests.pop(request_id).put(Failed(id=request_id, error=error))
