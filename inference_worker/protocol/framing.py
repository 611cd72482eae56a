"""One message, one line of JSON: encoding, validation, limits, and the channel that carries lines. Knows no address.

A peer that sends what does not fit is not argued with: reading raises :class:`FramingError` and the connection ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Final, Protocol

import msgspec

from inference_worker.protocol.messages import Command, Event

LINE_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one line. Far above any honest message, far below what would hurt the memory of either side."""
FLUSH_SECONDS: Final = 1.0
"""How long a closing channel tries to hand over what is already written; a peer that reads needs milliseconds."""

REASON_CHARS: Final = 200
"""Of a decoder's complaint, which may quote the peer."""
LINES_PER_TURN: Final = 64
"""Lines taken in a row before other tasks get a turn: a peer that floods must not stall the event loop."""

_trace = logging.getLogger("nyanko.wire")
_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class FramingError(Exception):
    """The peer sent something that is no message of this protocol; the text says what."""


class Channel(Protocol):
    """Lines in both directions. Nothing that uses one knows what carries it."""

    async def receive(self) -> bytes | None:
        """The next line without its end; ``None`` when the peer is gone. Raises FramingError for one over the limit."""
        ...

    async def send(self, lines: bytes) -> None:
        """Write whole lines; waits while the peer does not read. Raises ConnectionError when it is gone."""
        ...

    async def close(self) -> None:
        """Hand over what is written, for at most :data:`FLUSH_SECONDS`, and end. Safe to call twice."""
        ...


class StreamChannel:
    """A channel over asyncio streams; the reader must have been made with ``limit=LINE_LIMIT``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._lines = 0

    async def receive(self) -> bytes | None:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError as error:
            raise FramingError(f"a line is longer than {LINE_LIMIT} bytes") from error
        except OSError:
            return None
        self._lines += 1
        if self._lines % LINES_PER_TURN == 0:
            await asyncio.sleep(0)
        return line[:-1]

    async def send(self, lines: bytes) -> None:
        if self._writer.is_closing():
            raise ConnectionResetError("the channel is closed")
        self._writer.write(lines)
        await self._writer.drain()

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._writer.wait_closed()
        self._writer.transport.abort()


def encode(message: Command | Event) -> bytes:
    """``message`` as one line. Raises FramingError when the peer would refuse its length, or where it is no Unicode."""
    try:
        line = _encoder.encode(message) + b"\n"
    except UnicodeEncodeError as error:
        raise FramingError(f"{_name(message)} holds half a character") from error
    if len(line) > LINE_LIMIT:
        raise FramingError(f"{_name(message)} would take {len(line)} bytes, the limit is {LINE_LIMIT}")
    _note("sent", message, len(line))
    return line


def decode_command(line: bytes) -> Command:
    """The command in ``line``; raises FramingError for anything else."""
    command: Command = decode_with(_commands, line)
    return command


def decode_event(line: bytes) -> Event:
    """The event in ``line``; raises FramingError for anything else."""
    event: Event = decode_with(_events, line)
    return event


def decode_with(decoder: msgspec.json.Decoder[Any], line: bytes) -> Any:
    """The message in ``line`` for a decoder of other messages; raises FramingError for anything it does not know."""
    try:
        message = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FramingError(f"not a message of this protocol: {str(error)[:REASON_CHARS]}") from error
    _note("received", message, len(line))
    return message


def _note(direction: str, message: Any, size: int) -> None:
    """Kind, id and size, never the text: what a person wrote stays out of log files, and so does the token."""
    if _trace.isEnabledFor(logging.DEBUG):
        _trace.debug("%s %s %s (%d bytes)", direction, _name(message), getattr(message, "id", ""), size)


def _name(message: Any) -> str:
    return str(message.__struct_config__.tag)
