"""A server process on Windows, in a job object that ends with the worker (unproven). Knows no message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TextIO

import anyio

from inference_worker.protocol.messages import McpServer
from inference_worker.tools.mcp_servers.pipes import StartError, command_of, environment_of


class WindowsServer:
    """A server process; see Pipes."""

    def __init__(self, process: Any) -> None:
        self._process = process

    @classmethod
    async def start(cls, server: McpServer, *, offline: bool) -> WindowsServer:
        """StartError where it does not start."""
        from mcp.os.win32.utilities import create_windows_process, get_windows_executable_command

        if offline:
            raise StartError("cannot be started: offline, and this system cannot keep a program from the network")
        program, *arguments = command_of(server)
        with _nothing() as nothing:
            try:
                process = await create_windows_process(
                    get_windows_executable_command(program),
                    arguments,
                    environment_of(server),
                    nothing,
                    server.folder or None,
                )
            except (OSError, ValueError) as error:
                raise StartError(f"cannot be started: {error}") from None
        return cls(process)

    async def read(self) -> bytes:
        try:
            return bytes(await self._process.stdout.receive())
        except (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
            return b""

    async def write(self, data: bytes) -> None:
        try:
            await self._process.stdin.send(data)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            raise BrokenPipeError("the server reads no more") from error

    def kill(self) -> None:
        from mcp.os.win32.utilities import close_process_job

        close_process_job(self._process)  # kills all in it

    async def close(self) -> None:
        await self._process.stdin.aclose()
        with anyio.move_on_after(1.0):
            await self._process.wait()
        self.kill()
        await self._process.stdout.aclose()

    async def epitaph(self) -> str:
        with anyio.move_on_after(1.0):
            await self._process.wait()
        code = self._process.returncode
        return "closed its standard output" if code is None else f"ended with the status {code}"


def _nothing() -> TextIO:
    return Path(os.devnull).open("w")
