"""What carries the wire: a Unix socket, loopback TCP, or memory. Nothing above this module knows which."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from inference_worker.protocol.address import LOOPBACK, Address, TcpAddress, UnixAddress
from inference_worker.protocol.framing import LINE_LIMIT, Channel, FramingError, StreamChannel

MEMORY_BYTES: Final = 256 * 1024
"""Unread bytes after which a sender in memory waits, about what a socket's own buffers hold."""


async def connect(address: Address) -> Channel:
    """A channel to the worker at ``address``. Raises OSError when nobody listens there."""
    match address:
        case UnixAddress(path):
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_LIMIT)
        case TcpAddress(port):
            reader, writer = await asyncio.open_connection(LOOPBACK, port, limit=LINE_LIMIT)
    return StreamChannel(reader, writer)


def memory_pair() -> tuple[Channel, Channel]:
    """Two channels joined in memory; what one sends the other receives, with the limits of a real one."""
    there, back = _Pipe(), _Pipe()
    return _MemoryChannel(there, back), _MemoryChannel(back, there)


class _Pipe:
    """Lines in one direction."""

    def __init__(self) -> None:
        self.lines: deque[bytes] = deque()
        self.bytes = 0
        self.closed = False
        self.changed = asyncio.Condition()


class _MemoryChannel:
    def __init__(self, outward: _Pipe, inward: _Pipe) -> None:
        self._outward = outward
        self._inward = inward

    async def receive(self) -> bytes | None:
        pipe = self._inward
        async with pipe.changed:
            await pipe.changed.wait_for(lambda: pipe.lines or pipe.closed)
            if not pipe.lines:
                return None
            line = pipe.lines.popleft()
            pipe.bytes -= len(line)
            pipe.changed.notify_all()
        if len(line) > LINE_LIMIT:
            raise FramingError(f"a line is longer than {LINE_LIMIT} bytes")
        return line

    async def send(self, lines: bytes) -> None:
        pipe = self._outward
        async with pipe.changed:
            for line in lines.removesuffix(b"\n").split(b"\n"):
                if pipe.closed:
                    raise ConnectionResetError("the channel is closed")
                pipe.lines.append(line)
                pipe.bytes += len(line)
            pipe.changed.notify_all()
            await pipe.changed.wait_for(lambda: pipe.bytes <= MEMORY_BYTES or pipe.closed)

    async def close(self) -> None:
        for pipe in (self._outward, self._inward):
            async with pipe.changed:
                pipe.closed = True
                pipe.changed.notify_all()
