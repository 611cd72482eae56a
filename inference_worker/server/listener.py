"""The listening socket: opens an address, lets only this person's processes in, makes channels. Reads no message."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from inference_worker.protocol.address import LOOPBACK, Address, TcpAddress, UnixAddress
from inference_worker.protocol.framing import LINE_LIMIT, Channel, StreamChannel
from inference_worker.protocol.tasks import spawn

_log = logging.getLogger(__name__)
_LOCAL_PEERCRED: Final = 1
"""macOS: <sys/un.h>; the answer begins with two 32-bit numbers, version and user (unproven)."""

Handler = Callable[[Channel], Awaitable[None]]


class Listener:
    """One open listening socket."""

    def __init__(self, server: asyncio.Server, address: Address) -> None:
        self._server = server
        self.address = address

    def close(self) -> None:
        """Take no more connections and remove the socket file; open connections are not touched."""
        self._server.close()
        if isinstance(self.address, UnixAddress):
            with contextlib.suppress(OSError):
                self.address.path.unlink(missing_ok=True)


async def listen(address: Address, handle: Handler) -> Listener:
    """Open ``address`` and run ``handle`` for each connection. A TCP port of 0 becomes the one that was free."""

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(address, UnixAddress) and not _same_person(writer.get_extra_info("socket")):
            _log.warning("refused a connection of another user")
            writer.close()
            return
        spawn(_serve(handle, StreamChannel(reader, writer)), "connection")

    match address:
        case UnixAddress(path):
            server = await asyncio.start_unix_server(accept, path, limit=LINE_LIMIT)
            return Listener(server, address)
        case TcpAddress(port):
            server = await asyncio.start_server(accept, LOOPBACK, port, limit=LINE_LIMIT)
            return Listener(server, TcpAddress(server.sockets[0].getsockname()[1]))


async def _serve(handle: Handler, channel: Channel) -> None:
    try:
        await handle(channel)
    finally:
        await channel.close()


def _same_person(peer: socket.socket) -> bool:
    """Whether the process at the other end of a Unix socket belongs to the user that runs this one."""
    return _peer_user(peer) == os.getuid()


def _peer_user(peer: socket.socket) -> int:
    if sys.platform == "darwin":
        _, user = struct.unpack("II", peer.getsockopt(0, _LOCAL_PEERCRED, struct.calcsize("II")))
        return int(user)
    _, user, _ = struct.unpack("iII", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII")))
    return int(user)
