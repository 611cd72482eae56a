"""Messages of a server over its standard streams, one JSON object a line. Hostile: a line may be long, or no message.

What the SDK's own transport does, with bounds: a line that never ends, and one that is no message, cost the server, not
the worker. Notifications that nobody here listens to stop here.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCNotification, jsonrpc_message_adapter

from inference_worker.tools.mcp_servers.definitions import one_line
from inference_worker.tools.mcp_servers.pipes import Pipes

LONGEST_LINE: Final = 8 * 2**20
"""Bytes of one message; a picture in a result is some MiB."""
MOST_RUBBISH: Final = 100
"""Lines that are no message, before a server is given up; many print a greeting where only messages belong."""
_LOOKED_AT: Final = 8_192
"""Bytes of such a line; a secret in what is shown of it must be whole to be seen."""
_WANTED: Final = frozenset({"notifications/progress", "notifications/tools/list_changed", "notifications/cancelled"})

Incoming = SessionMessage | Exception
Streams = tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]


class Speech:
    """What a server wrote so far, as far as it matters: whether it kept to the protocol."""

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        """``clean`` takes out what must not be repeated."""
        self._clean = clean
        self.problem = ""
        """Why it was given up; empty: it was not."""
        self.first_rubbish = ""
        self._rubbish = 0
        self._rest = bytearray()

    def lines(self, chunk: bytes) -> list[bytes]:
        """The lines that ``chunk`` completes."""
        self._rest += chunk
        if b"\n" not in chunk:
            complete: list[bytes] = []
        else:
            *complete, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
        if len(self._rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in complete):
            self.problem = f"wrote a line of more than {LONGEST_LINE // 2**20} MiB"
        return complete

    def message(self, line: bytes) -> SessionMessage | None:
        """``None`` for what is no message, or one that nobody waits for."""
        if not line.strip():
            return None
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            self._complain(line)
            return None
        if isinstance(message, JSONRPCNotification) and message.method not in _WANTED:
            return None
        return SessionMessage(message)

    def _complain(self, line: bytes) -> None:
        self._rubbish += 1
        self.first_rubbish = self.first_rubbish or one_line(
            self._clean(line[:_LOOKED_AT].decode("utf-8", "replace")), 80
        )
        if self._rubbish > MOST_RUBBISH:
            self.problem = f"writes what is no MCP message to its standard output: {self.first_rubbish}"


@contextlib.asynccontextmanager
async def stdio_streams(pipes: Pipes, speech: Speech, on_end: Callable[[], None]) -> AsyncIterator[Streams]:
    """Two streams for a session. The first one ends when the server does, or was given up (``speech.problem``)."""
    to_session, from_server = anyio.create_memory_object_stream[Incoming](0)
    to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        gone = (anyio.BrokenResourceError, anyio.ClosedResourceError)
        with to_session, contextlib.suppress(*gone):
            while not speech.problem and (chunk := await pipes.read()):
                for line in speech.lines(chunk):
                    if (message := speech.message(line)) is not None:
                        await to_session.send(message)
        if speech.problem:
            pipes.kill()
        on_end()

    async def write() -> None:
        with from_session, contextlib.suppress(OSError):
            async for sent in from_session:
                await pipes.write(_line_of(sent.message))
        to_session.close()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        tasks.start_soon(write)
        try:
            yield from_server, to_server
        finally:
            tasks.cancel_scope.cancel()
            for stream in (to_session, from_server, to_server, from_session):
                stream.close()


def _line_of(message: Any) -> bytes:
    return bytes(message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
