"""The mechanism of one child process: start it, know its address, forward its log, end it. Holds no policy.

The child is a worker: it reads its token from standard input, prints one ``ready ADDRESS`` line, and ends by itself
when standard input closes. None of this is believed: every wait has a bound, and a child that does not obey is killed.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
import os
import signal
import subprocess
import sys
from typing import Any, Final

from inference_worker.protocol.address import Address, UnixAddress, parse_address
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.worker.command import WorkerCommand

READY_SECONDS: Final = 20.0
"""From start to the ready line. A worker needs 0.2 s; a cold disk or a virus scanner may need a hundred times that."""
ASK_SECONDS: Final = 0.5
"""For an end of its own accord. With the two below it stays under the 2 s in which memory is given back."""
TERMINATE_SECONDS: Final = 0.4
"""For the system's own polite request, which reaches a child that no longer reads its standard input."""
REAP_SECONDS: Final = 1.0
"""For the kernel to collect a killed child; longer only while a driver holds it, and then nobody can help."""
PIPE_BYTES: Final = 64 * 1024
"""Read at once of what a child prints."""
LINE_CHARS: Final = 500
"""Kept of one line that a child prints."""
LINES_AT_ONCE: Final = 50
"""Logged of one read: a child that floods its log must not stall the event loop."""

_log = logging.getLogger(__name__)
_child_log = logging.getLogger("nyanko.worker")


class ChildProcess:
    """One running worker process."""

    address: Address

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_line = ""
        self._level = logging.INFO
        self._pumps = [spawn(self._forward(_pipe(process.stderr)), "worker log")]

    @classmethod
    async def start(cls, command: WorkerCommand, token: str, *, ready_seconds: float = READY_SECONDS) -> ChildProcess:
        """A child that has printed its address. Raises RequestError(WORKER_START_FAILED); then no child is left."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **command.environment},
                limit=PIPE_BYTES,
                **_own_group(),
            )
        except OSError as error:
            raise RequestError(ErrorCode.WORKER_START_FAILED, reason=str(error)) from error
        child = cls(process)
        try:
            child.address = await child._greet(token, ready_seconds)
        except BaseException:
            await asyncio.shield(spawn(child.kill(), "kill a worker that did not start"))
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    def describe_end(self) -> str:
        """How the process ended, in plain words, with the last line of its log."""
        code = self._process.returncode
        if code is None:
            ended = "still running"
        elif code < 0:
            ended = f"ended by signal {-code} ({signal.Signals(-code).name})"
        else:
            ended = f"ended with exit code {code}"
        return f"{ended}: {self._last_line}" if self._last_line else ended

    async def end(self) -> None:
        """Ask, then terminate, then kill. Takes at most the three waits together; safe to call twice."""
        _pipe(self._process.stdin).close()
        if not await self._gone_within(ASK_SECONDS):
            _log.info("worker %d does not end by itself", self.pid)
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            if not await self._gone_within(TERMINATE_SECONDS):
                _log.info("worker %d ignores the request to end", self.pid)
        await self.kill()

    async def kill(self) -> None:
        """End the process and what it started, at once, and clean up after it."""
        if self._process.returncode is None:
            _kill_group(self._process)
        if not await self._gone_within(REAP_SECONDS):
            _log.error("worker %d is killed but not gone after %.0f s", self.pid, REAP_SECONDS)
        _pipe(self._process.stdin).close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._remove_socket()

    async def _gone_within(self, seconds: float) -> bool:
        """Wait for the end of the process and of what it prints; whether the process has ended."""
        exited = asyncio.ensure_future(self._process.wait())
        await asyncio.wait((exited, *self._pumps), timeout=seconds)
        exited.cancel()
        return self._process.returncode is not None

    async def _greet(self, token: str, seconds: float) -> Address:
        """Hand over the token and read the address."""
        stdin, stdout = _pipe(self._process.stdin), _pipe(self._process.stdout)
        try:
            async with asyncio.timeout(seconds):
                stdin.write(token.encode("ascii") + b"\n")
                await stdin.drain()
                line = (await stdout.readuntil(b"\n")).decode("utf-8", "replace")
            word, _, address = line.rstrip("\r\n").partition(" ")
            if word != "ready":
                raise ValueError(f"it printed {line[:80]!r} instead of its address")
            found = parse_address(address)
        except TimeoutError:
            reason = f"no answer within {seconds:g} s"
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._gone_within(REAP_SECONDS)
            reason = self.describe_end()
        except (asyncio.LimitOverrunError, ValueError) as error:
            reason = str(error)
        else:
            return found
        finally:
            self._pumps.append(spawn(_discard(stdout), "worker output"))
        raise RequestError(ErrorCode.WORKER_START_FAILED, reason=reason)

    async def _forward(self, stderr: asyncio.StreamReader) -> None:
        """The child's log goes on in ours, at the level that each line begins with."""
        rest, decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := await stderr.read(PIPE_BYTES):
            *lines, last = (rest + decoder.decode(chunk)).split("\n")
            rest = last[:LINE_CHARS]
            for line in lines[:LINES_AT_ONCE]:
                self._log_line(line)
            if len(lines) > LINES_AT_ONCE:
                _child_log.log(self._level, "%d more lines are left out", len(lines) - LINES_AT_ONCE)
        self._log_line(rest)

    def _log_line(self, line: str) -> None:
        if not line.strip():
            return
        word, _, text = line.partition(" ")
        level = logging.getLevelNamesMapping().get(word)
        self._level, text = (level, text) if level is not None else (self._level, line)
        self._last_line = text[:LINE_CHARS]
        _child_log.log(self._level, "%s", self._last_line)

    def _remove_socket(self) -> None:
        """A killed worker could not remove its socket file itself."""
        address = getattr(self, "address", None)
        if isinstance(address, UnixAddress) and address.path.is_socket():
            address.path.unlink(missing_ok=True)


def _own_group() -> dict[str, Any]:
    """Keyboard interrupts of a terminal are for the app; and what the child starts can be ended with it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # unproven
    return {"start_new_session": True}


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


async def _discard(stdout: asyncio.StreamReader) -> None:
    """Nobody listens after the first line, but a full pipe would stop the child, and only a read one can be closed."""
    while await stdout.read(PIPE_BYTES):
        pass


def _pipe(stream: Any) -> Any:
    assert stream is not None, "all three pipes were asked for"
    return stream
