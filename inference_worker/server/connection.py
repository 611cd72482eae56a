"""One connection of the app: the handshake, then each request as a task of its own until its final event is sent.

A peer that breaks the protocol loses the connection, and with it everything that it had open. Knows no transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Final

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.framing import Channel, FramingError, decode_command, encode
from inference_worker.protocol.handshake import answer_hello
from inference_worker.protocol.messages import (
    Cancel,
    CancelCall,
    Command,
    Decision,
    Event,
    Failed,
    Finished,
    Hello,
    HostResult,
    Ping,
)
from inference_worker.protocol.tasks import spawn
from inference_worker.server.outgoing import Outgoing, ReaderGoneError
from inference_worker.server.request import Request
from inference_worker.server.worker import Work, Worker
from inference_worker.tools import registry

OPEN_LIMIT: Final = 64
"""Requests of one connection at a time; a person's app has a handful."""
LEAVE_SECONDS: Final = 5.0
"""For requests that are stopped to end within a token or a tensor, before their tasks are cancelled."""

_log = logging.getLogger(__name__)


class Connection:
    """Serves one channel."""

    def __init__(self, channel: Channel, worker: Worker) -> None:
        self._channel = channel
        self._worker = worker
        self._outgoing = Outgoing()
        self._open: dict[str, tuple[Request, asyncio.Task[None]]] = {}

    async def serve(self) -> None:
        """Talk until the peer leaves or breaks the protocol; then stop what it had open."""
        sender: asyncio.Task[None] | None = None
        try:
            tools = tuple(registry.TOOLS)
            if await answer_hello(self._channel, decode_command, token=self._worker.token, tools=tools):
                sender = spawn(self._send(), "connection sender")
                await self._read()
        except FramingError as error:
            _log.warning("connection closed: %s", error)
        finally:
            if sender is not None:
                sender.cancel()
            await self._channel.close()
            await self._stop_open()

    # ------------------------------------------------------------ the wire

    async def _read(self) -> None:
        while (line := await self._channel.receive()) is not None:
            self._take(decode_command(line))

    async def _send(self) -> None:
        """Events to the peer as fast as it reads them; a closed channel ends the reading side, too."""
        try:
            while True:
                events = await self._outgoing.take()
                await self._channel.send(b"".join(self._lines(events)))
        except ConnectionError:
            _log.debug("the peer is gone")
        finally:
            await self._channel.close()

    def _lines(self, events: Sequence[Event]) -> Iterator[bytes]:
        """A line for each; an event too long for the wire ends its request with an error instead."""
        given_up: set[str] = set()
        for event in events:
            about = getattr(event, "id", "")
            if about in given_up:
                continue
            try:
                yield encode(event)
            except FramingError as error:
                _log.error("%s", error)
                given_up.add(about)
                self._give_up(about)
                yield encode(Failed(id=about, error=WireError(ErrorCode.INTERNAL, {"reason": str(error)})))

    def _give_up(self, request_id: str) -> None:
        """Say nothing more about a request, and stop the work for it."""
        self._outgoing.drop(request_id)
        if request_id in self._open:
            request, task = self._open[request_id]
            request.abandon()
            spawn(_stop([task]), f"stop {request_id}")

    def _put(self, event: Event) -> None:
        try:
            self._outgoing.put(event)
        except ReaderGoneError as error:
            _log.warning("connection closed: %s", error)
            spawn(self._channel.close(), "close a connection nobody reads")

    # ------------------------------------------------------------ what the app says

    def _take(self, command: Command) -> None:
        match command:
            case Hello():
                raise FramingError("a second Hello")
            case Ping():
                self._put(Finished(id=command.id))
            case Cancel():
                self._cancel(command.id)
            case Decision() | HostResult() | CancelCall():
                self._pass_on(command)
            case _:
                self._begin(command)

    def _begin(self, command: Work) -> None:
        if command.id in self._open:
            raise FramingError("two open requests with one id")
        if len(self._open) >= OPEN_LIMIT:
            self._put(Failed(id=command.id, error=WireError(ErrorCode.BUSY)))
            return
        request = Request(command.id, self._put)
        task = spawn(self._answer(command, request), f"{type(command).__name__} {command.id}")
        self._open[command.id] = request, task

    async def _answer(self, command: Work, request: Request) -> None:
        try:
            request.end(await self._worker.answer(command, request))
        finally:
            del self._open[command.id]

    def _cancel(self, request_id: str) -> None:
        """The request may have ended just now; then there is nothing to say."""
        if request_id in self._open:
            request, _ = self._open[request_id]
            request.cancelled.set()

    def _pass_on(self, answer: Decision | HostResult | CancelCall) -> None:
        request, _ = self._open.get(answer.id, (None, None))
        if request is None or not request.take(answer):
            _log.debug("nobody waits for %s about %s", type(answer).__name__, answer.call_id)

    async def _stop_open(self) -> None:
        for request, _ in self._open.values():
            request.cancelled.set()
        await _stop([task for _, task in self._open.values()])


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Give ``tasks``, whose requests are cancelled, time to end by themselves."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
    for task in late:
        _log.warning("%s had to be cancelled", task.get_name())
        task.cancel()
