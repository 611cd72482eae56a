"""The first message of each side: Hello with protocol and token, answered by Welcome or Refused.

Used by the worker and by the app's own socket, and by whoever connects to one of them. Knows no request and no address.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
from collections.abc import Callable
from typing import Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.framing import Channel, FramingError, decode_event, encode
from inference_worker.protocol.messages import Hello, Refused, Welcome
from inference_worker.protocol.version import PROTOCOL_VERSION

HELLO_SECONDS: Final = 10.0
"""For the first message, which a real program sends at once."""

_log = logging.getLogger(__name__)


async def answer_hello(
    channel: Channel, decode: Callable[[bytes], object], *, token: str, tools: tuple[str, ...]
) -> bool:
    """Read Hello and answer it; whether the peer may go on.

    Raises FramingError when something else comes, or nothing within :data:`HELLO_SECONDS`.
    """
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            line = await channel.receive()
    except TimeoutError as error:
        raise FramingError("no Hello came") from error
    if line is None:
        return False
    hello = decode(line)
    if not isinstance(hello, Hello):
        raise FramingError(f"{type(hello).__name__} came before Hello")
    refusal = _refusal(hello, token)
    answer = Refused(refusal) if refusal else Welcome(PROTOCOL_VERSION, os.getpid(), tools)
    with contextlib.suppress(ConnectionError):
        await channel.send(encode(answer))
    return refusal is None


async def introduce(channel: Channel, token: str) -> Welcome:
    """Say Hello and wait for the welcome; the caller bounds the time.

    Raises RequestError when it is refused or the peer speaks another protocol, FramingError for an answer that is
    none, ConnectionError when the peer leaves.
    """
    await channel.send(encode(Hello(PROTOCOL_VERSION, token)))
    line = await channel.receive()
    if line is None:
        raise ConnectionResetError("the other side closed the connection")
    match decode_event(line):
        case Welcome(protocol=protocol) as welcome if protocol == PROTOCOL_VERSION:
            return welcome
        case Welcome(protocol=protocol):
            raise RequestError.of(_mismatch(protocol))
        case Refused(error):
            _log.info("the other side refused us: %s %s", error.code, error.params)
            raise RequestError.of(error)
        case other:
            raise FramingError(f"it answered Hello with {type(other).__name__}")


def _refusal(hello: Hello, token: str) -> WireError | None:
    if hello.protocol != PROTOCOL_VERSION:
        return _mismatch(hello.protocol)
    if not hmac.compare_digest(hello.token.encode(), token.encode()):
        _log.warning("refused a wrong token")
        return WireError(ErrorCode.BAD_TOKEN)
    return None


def _mismatch(theirs: int) -> WireError:
    """Two versions met, as they do after an update: worth a line, but nothing is wrong with this program."""
    _log.info("the other side speaks protocol %d, ours is %d", theirs, PROTOCOL_VERSION)
    return WireError(ErrorCode.PROTOCOL_MISMATCH, {"ours": str(PROTOCOL_VERSION), "theirs": str(theirs)})
