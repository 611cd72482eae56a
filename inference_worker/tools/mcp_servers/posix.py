"""A server under its guard (see guard.py): starts it, speaks through its pipes, ends it. Knows no message."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from inference_worker.protocol.messages import McpServer
from inference_worker.protocol.tasks import spawn
from inference_worker.tools.mcp_servers.pipes import STDERR_BYTES, StartError, command_of, environment_of, last_words

_GUARD: Final = Path(__file__).with_name("guard.py")
_CHUNK: Final = 65_536
_START_SECONDS: Final = 15.0
"""For the guard to come up: an interpreter without any library, on a machine that may be very busy."""
_END_SECONDS: Final = 5.0
"""The guard needs three at most: two for a stubborn server, one for what that left behind."""


class _Drain(asyncio.Protocol):
    """The writing end of a pipe: knows whether there is room."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        self.room.set()
        self.is_lost = False

    def pause_writing(self) -> None:
        self.room.clear()

    def resume_writing(self) -> None:
        self.room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.is_lost = True
        self.room.set()


class GuardedServer:
    """A server process; see Pipes."""

    def __init__(self, server: McpServer, guard: subprocess.Popen[bytes], line: socket.socket) -> None:
        self._server, self._guard, self._line = server, guard, line
        self._stderr = bytearray()
        self._code: int | None = None
        self._said = asyncio.StreamReader(limit=_CHUNK)
        """What the guard says."""
        self._stdout = asyncio.StreamReader(limit=_CHUNK)
        self._drain = _Drain()
        self._transports: list[asyncio.BaseTransport] = []

    @classmethod
    async def start(cls, server: McpServer, *, offline: bool) -> GuardedServer:
        """StartError where the guard or the server does not start."""
        ours, guards = socket.socketpair()
        command = [sys.executable, "-I", "-S", str(_GUARD), str(guards.fileno()), str(int(offline)), server.folder]
        try:
            guard = _popen(command, environment_of(server), guards.fileno())
        except (OSError, ValueError) as error:
            ours.close()
            raise StartError(f"cannot be started: {error}") from None
        finally:
            guards.close()
        ours.setblocking(False)
        self = cls(server, guard, ours)
        try:
            await self._connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        stderr = asyncio.StreamReader(limit=_CHUNK)
        line, _ = await loop.connect_accepted_socket(_protocol_of(self._said), self._line)
        self._transports.append(line)
        line.write(json.dumps(command_of(self._server)).encode() + b"\n")
        for reader, pipe in ((self._stdout, self._guard.stdout), (stderr, self._guard.stderr)):
            self._transports.append((await loop.connect_read_pipe(_protocol_of(reader), pipe))[0])
        self._stdin, _ = await loop.connect_write_pipe(lambda: self._drain, self._guard.stdin)
        self._transports.append(self._stdin)
        spawn(self._listen(stderr), "standard error of a server")
        try:
            said = await asyncio.wait_for(self._said.readline(), _START_SECONDS)
        except TimeoutError:
            said = b""
        if said.strip() != b"started":
            reason = said.decode("utf-8", "replace").removeprefix("failed").strip()
            raise StartError(f"cannot be started: {reason or 'it takes too long'}")

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while chunk := await stderr.read(_CHUNK):
            self._stderr += chunk
            del self._stderr[:-STDERR_BYTES]

    async def read(self) -> bytes:
        return await self._stdout.read(_CHUNK)

    async def write(self, data: bytes) -> None:
        self._check()
        self._stdin.write(data)
        await self._drain.room.wait()
        self._check()

    def _check(self) -> None:
        if self._drain.is_lost or self._stdin.is_closing():
            raise BrokenPipeError("the server reads no more")

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._line.send(b"k")

    async def close(self) -> None:
        for transport in self._transports[1:]:
            if not transport.is_closing():
                transport.abort() if isinstance(transport, asyncio.WriteTransport) else transport.close()
        for pipe in (self._guard.stdin, self._guard.stdout, self._guard.stderr):
            if pipe:
                pipe.close()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        await self._await_end()
        if self._guard.poll() is None:  # never seen; then nothing else is left
            self._guard.kill()
        await asyncio.to_thread(self._guard.wait)
        self._transports[0].close() if self._transports else self._line.close()

    async def epitaph(self) -> str:
        await self._await_end()
        words = last_words(bytes(self._stderr), self._server)
        return _how(self._code) + (f"; it said: {words}" if words else "")

    async def _await_end(self) -> None:
        """What the guard says until it ends, which its end of the line tells."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_END_SECONDS):
                while line := await self._said.readline():
                    word, _, code = line.decode("ascii", "replace").partition(" ")
                    if word == "exited":
                        self._code = int(code)


def _popen(command: list[str], environment: dict[str, str], line: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        pass_fds=(line,),
        start_new_session=True,
    )


def _protocol_of(reader: asyncio.StreamReader) -> Any:
    return lambda: asyncio.StreamReaderProtocol(reader)


def _how(code: int | None) -> str:
    if code is None:
        return "closed its standard output"
    if code >= 0:
        return f"ended with the status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by the signal {-code}"
