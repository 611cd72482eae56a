"""One app for each person and profile: it holds a lock, and answers on a local socket whoever starts a second one.

Knows neither what is said on the socket (app_connection.py) nor any window.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from inference_worker.protocol.address import LOOPBACK, Address, TcpAddress, UnixAddress
from inference_worker.protocol.framing import LINE_LIMIT, StreamChannel
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.app_connection import App, AppConnection
from nyanko_desktop.files import write_atomically
from nyanko_desktop.locks import FileLock
from nyanko_desktop.paths import Paths

CLAIM_SECONDS: Final = 0.5
"""A program that only looks whether an app runs holds the lock for an instant."""


class InstanceFile(msgspec.Struct, frozen=True):
    """How others find the running app; written by it, readable by its owner alone."""

    address: str
    token: str
    pid: int


class Instance:
    """The one app of its profile, from :meth:`claim` to :meth:`close`."""

    def __init__(self, paths: Paths, lock: FileLock) -> None:
        self._paths = paths
        self._lock = lock
        self._token = secrets.token_hex(32)
        self._server: asyncio.Server | None = None
        self._address: Address | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @classmethod
    async def claim(cls, paths: Paths) -> Instance | None:
        """Become the app of this profile; ``None`` when another one is. What a killed app left is no obstacle."""
        lock = FileLock(paths.instance_lock)
        deadline = asyncio.get_running_loop().time() + CLAIM_SECONDS
        while not lock.acquire():
            if asyncio.get_running_loop().time() > deadline:
                lock.release()
                return None
            await asyncio.sleep(0.02)
        return cls(paths, lock)

    async def serve(self, app: App) -> None:
        """Answer from now on. Raises OSError when the socket cannot be opened."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = AppConnection(StreamChannel(reader, writer), app, self._paths.profile, self._token)
            task = spawn(connection.serve(), "app connection")
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

        self._server, self._address = await _listen(self._paths.instance_address(), accept)
        found = InstanceFile(str(self._address), self._token, os.getpid())
        write_atomically(self._paths.instance_file, msgspec.json.encode(found))

    async def close(self) -> None:
        """End all connections and let another app begin. Safe to call twice."""
        if self._server is not None:
            self._server.close()
            self._paths.instance_file.unlink(missing_ok=True)
        if isinstance(self._address, UnixAddress):
            self._address.path.unlink(missing_ok=True)
        open_now = list(self._connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        self._lock.release()


async def _listen(
    address: Address, accept: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
) -> tuple[asyncio.Server, Address]:
    match address:
        case UnixAddress(path):
            path.unlink(missing_ok=True)  # we hold the lock, so whoever bound it is dead
            server = await asyncio.start_unix_server(accept, path, limit=LINE_LIMIT)
            path.chmod(0o600)
            return server, address
        case TcpAddress(port):
            server = await asyncio.start_server(accept, LOOPBACK, port, limit=LINE_LIMIT)
            return server, TcpAddress(server.sockets[0].getsockname()[1])
