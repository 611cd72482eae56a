"""A running server as its worker sees it: bytes in, bytes out, an end and last words. Knows no message."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Final, Protocol
from urllib.parse import quote, unquote

from inference_worker.protocol.messages import McpServer
from inference_worker.protocol.placeholders import HIDDEN, filled, hidden
from inference_worker.tools.mcp_servers.definitions import one_line

STDERR_BYTES: Final = 4_096
"""Of what a server says beside the protocol; only its end is ever looked at."""
_NAME_OF_SECRET: Final = re.compile("KEY|TOKEN|SECRET|PASS|PWD|AUTH|CRED|COOKIE", re.IGNORECASE)
_SHORTEST_SECRET: Final = 6
"""Shorter values are words such as ``true``, and hiding those would garble everything."""


class StartError(Exception):
    """A server cannot be had; the message is short, plain English."""


class Pipes(Protocol):
    """One server process. All waits in it are bounded."""

    async def read(self) -> bytes:
        """What the server wrote, as it comes; empty at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """OSError where the server takes nothing any more; waits as long as it does not read."""
        ...

    def kill(self) -> None:
        """End it at once, with all that it started."""
        ...

    async def close(self) -> None:
        """Ask it to end, and then make it."""
        ...

    async def epitaph(self) -> str:
        """How it ended and what it said last; to be asked when nothing more can be read."""
        ...


def environment_of(server: McpServer, own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a server gets to know of ours: next to nothing, and what the person gave it."""
    if sys.platform == "win32":
        from mcp.client.stdio import get_default_environment

        return get_default_environment() | server.environment
    return {name: own[name] for name in ("PATH", "HOME", "LANG") if name in own} | server.environment


def command_of(server: McpServer) -> tuple[str, ...]:
    """What is started, secrets and all."""
    return tuple(filled(text, server.secrets) for text in server.command)


def address_of(server: McpServer) -> str:
    """Where a server on the network is, secrets and all."""
    return filled(server.url, server.secrets)


def without_secrets(text: str, server: McpServer) -> str:
    """``text`` without the keys and passwords that the server was given: it is shown, stored and read by models.

    Other values (a folder, a time zone) may well be what was asked for.
    """
    given = {**server.environment, **server.headers}
    values = [value for name, value in given.items() if _NAME_OF_SECRET.search(name)]
    return _hide(text, [*values, *(value.rpartition(" ")[2] for value in values)], server)  # headers say "Bearer" first


def _hide(text: str, secrets: Iterable[str], server: McpServer) -> str:
    """Also those of the command and address; short ones only with the rest of their argument around them."""
    for part in (*server.command, server.url):
        if server.secrets and (shown := hidden(part)) not in (part, HIDDEN):
            text = text.replace(filled(part, server.secrets), shown)
    spelt = {way(value) for value in server.secrets.values() for way in (str, quote, _quoted, unquote)}
    for secret in sorted({*secrets, *spelt}, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text


def _quoted(value: str) -> str:
    return quote(value, safe="")


def last_words(stderr: bytes, server: McpServer) -> str:
    """The end of what a server said, on one line and without any value that it was given."""
    text = _hide(stderr.decode("utf-8", "replace"), server.environment.values(), server)
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(" / ".join(lines[-3:]), 300)
