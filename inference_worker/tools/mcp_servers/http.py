"""Messages of a server over streamable HTTP. The person chose the address, so it may be one of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
from mcp.client.streamable_http import streamable_http_client

from inference_worker.protocol.messages import McpServer
from inference_worker.tools.mcp_servers.pipes import address_of

LARGEST_BODY: Final = 8 * 2**20
"""Bytes of one answer, as many as of a line over standard streams; a stream of events has the limit for each event."""
_CONNECT_SECONDS: Final = 10.0


_WANTS_CREDENTIALS: Final = frozenset({401, 403})
_NOT_THERE: Final = frozenset({404, 405, 410})


class _RefusedError(httpx2.TransportError):
    """An answer that is not read, and why."""


def _refusal(request: httpx2.Request, response: httpx2.Response) -> str | None:
    """Why there is no server, outside of a session: the SDK would not say the status. Errors in JSON are its own."""
    begun = "mcp-session-id" in request.headers or request.method != "POST"
    if begun or response.status_code < 400 or response.headers.get("content-type", "").startswith("application/json"):
        return None
    if response.status_code in _NOT_THERE:
        return f"there is no MCP server at this address (status {response.status_code})"
    return f"it answered with the status {response.status_code}"


class _Bounded(httpx2.AsyncByteStream):
    """The body of an answer, up to a limit."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for chunk in self._stream:
            count += len(chunk)
            if count > LARGEST_BODY:
                raise _RefusedError(f"the answer has more than {LARGEST_BODY // 2**20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    """Takes no packed answer, whose size nobody knows, and none without an end but a stream of events."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        response = await super().handle_async_request(request)
        if response.status_code in _WANTS_CREDENTIALS:
            await response.aclose()
            raise _RefusedError(f"it wants other credentials (status {response.status_code}): look at its headers")
        if (why := _refusal(request, response)) is not None:
            await response.aclose()
            raise _RefusedError(why)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise _RefusedError("the answer is packed, which was not asked for")
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _Bounded(response.stream)
        return response


@contextlib.asynccontextmanager
async def http_streams(server: McpServer) -> AsyncIterator[Any]:
    """The two streams of the SDK's transport; redirects only within the server's own origin, and no proxy."""
    timeout = httpx2.Timeout(_CONNECT_SECONDS, read=server.seconds)
    client = httpx2.AsyncClient(
        headers=server.headers, timeout=timeout, transport=_BoundedTransport(trust_env=False), trust_env=False
    )
    async with (
        client,
        streamable_http_client(address_of(server), http_client=client, max_sse_event_size=LARGEST_BODY) as streams,
    ):
        yield streams
