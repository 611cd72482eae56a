"""All servers of this process: started when a request first names them, kept for the next, ended with the worker.

One event loop on a thread of its own carries them, because the SDK is written for a loop and tools run on threads. The
SDK is imported there, with the first server.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.protocol.placeholders import names_in
from inference_worker.tools.base import Run, ToolError
from inference_worker.tools.mcp_servers.names import is_server_name
from inference_worker.tools.mcp_servers.restarts import Restarts

if TYPE_CHECKING:
    from inference_worker.tools.mcp_servers.connection import Connection, Offer

POLL_SECONDS: Final = 0.1
"""How late a cancelled call can be noticed, and between two reports of one: a server may send thousands."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """One server of a request: what it has, or the ``problem`` with it. What it had is told although it is down now."""

    server: McpServer
    offer: Offer | None
    problem: str = ""


@dataclass(slots=True)
class _Place:
    """What is known of the server of one name."""

    server: McpServer
    offline: bool
    restarts: Restarts = field(default_factory=Restarts)
    connection: Connection | None = None
    offer: Offer | None = None
    problem: str = ""

    def why(self) -> str:
        """Why it is not tried now; empty where it may be."""
        return self.problem if self.restarts.wait() > 0 else ""


class Servers:
    """Used from any thread."""

    def __init__(self, start_seconds: float | None = None) -> None:
        self._start_seconds = start_seconds
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places: dict[str, _Place] = {}

    async def listed(self, access: Access, names: Iterable[str] | None = None) -> list[Listed]:
        """What the servers of ``access`` have, all or those called ``names``; all are asked at once.

        Without ``names`` this is also the word on which servers there are: others are ended.
        """
        if not access.servers and not self._places:
            return []
        wanted = access.servers if names is None else [one for one in access.servers if one.name in set(names)]
        work = self._list_all(wanted, access.offline, only=names is None)
        return await asyncio.wrap_future(self._submit(work))

    def call(self, server: McpServer, tool: str, arguments: dict[str, Any], run: Run) -> str:
        """The result of a call, on the caller's thread; ToolError. A call that is cancelled ends its server."""
        report = _Reporter(run.report)
        future = self._submit(self._call(server, run.access.offline, tool, arguments, report))
        while True:
            try:
                return future.result(POLL_SECONDS)
            except concurrent.futures.TimeoutError:
                if future.done():
                    raise
            except concurrent.futures.CancelledError:
                raise ToolError("stopped") from None
            if run.cancelled.is_set():
                self._submit(self._end(server.name)).result()
                future.cancel()
                raise ToolError("stopped")
            report.flush()

    def close(self) -> None:
        """End all servers and the thread; waits until they are gone."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop:
            asyncio.run_coroutine_threadsafe(self._end_all(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    # ------------------------------------------------------------ the thread

    def _submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_carry, args=(self._loop,), name="mcp-servers", daemon=True).start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _list_all(self, servers: Iterable[McpServer], offline: bool, *, only: bool) -> list[Listed]:
        servers = tuple(servers)
        if only:
            for name in set(self._places) - {server.name for server in servers}:
                await self._forget(name)
        return list(await asyncio.gather(*(self._list_one(server, offline) for server in servers)))

    async def _list_one(self, server: McpServer, offline: bool) -> Listed:
        from inference_worker.tools.mcp_servers.connection import ServerProblem

        place = None
        try:
            place, connection = await self._connected(server, offline)
            place.offer = await connection.offer()
            return Listed(server, place.offer)
        except (ServerProblem, ToolError) as error:
            place = place or self._places.get(server.name)
            problem = place.why() if place else ""
            _log.info("server %s: %s", server.name, problem or error)
            return Listed(server, place.offer if place else None, problem or str(error))

    async def _call(
        self, server: McpServer, offline: bool, tool: str, arguments: dict[str, Any], report: Callable[[str], None]
    ) -> str:
        from inference_worker.tools.mcp_servers.connection import ServerProblem

        try:
            _, connection = await self._connected(server, offline)
            return await connection.call(tool, arguments, report)
        except ServerProblem as lost:
            raise ToolError(f"the server {server.name}: {lost}", f"MCP server {server.name}") from None

    async def _connected(self, server: McpServer, offline: bool) -> tuple[_Place, Connection]:
        """The running server, started if it may be; ServerProblem."""
        from inference_worker.tools.mcp_servers.connection import START_SECONDS, Connection, ServerProblem

        if (problem := problem_of(server, offline=offline)) is not None:
            await self._forget(server.name)
            raise ServerProblem(problem)
        place = self._places.get(server.name)
        if place is None or (place.server, place.offline) != (server, offline):
            await self._forget(server.name)
            place = self._places[server.name] = _Place(server, offline)
        if place.connection is None or place.connection.is_ending:
            if (wait := place.restarts.wait()) > 0:
                raise ServerProblem(f"is left alone for {wait:.0f} seconds, or until Restart: {place.problem}")
            place.connection = Connection(server, offline=offline, start_seconds=self._start_seconds or START_SECONDS)
            place.connection.on_gone = lambda gone: _note(place, gone)
        return place, place.connection

    async def _end(self, name: str) -> None:
        if (place := self._places.get(name)) and place.connection:
            place.connection.end(at_once=True)

    async def _forget(self, name: str) -> None:
        """End the server of that name; whoever waits for it is told."""
        place = self._places.pop(name, None)
        if place and place.connection:
            place.connection.end()

    async def _end_all(self) -> None:
        connections = [place.connection for place in self._places.values() if place.connection]
        for name in list(self._places):
            await self._forget(name)
        await asyncio.gather(*(connection.gone() for connection in connections))


class _Reporter:
    """Passes progress on, not more often than anybody can read, and never loses the last word."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._waiting: str | None = None

    def __call__(self, text: str) -> None:
        self._waiting = text

    def flush(self) -> None:
        text, self._waiting = self._waiting, None
        if text is not None:
            self._report(text)


def problem_of(server: McpServer, *, offline: bool) -> str | None:
    """Why ``server`` cannot even be tried."""
    if not is_server_name(server.name):
        return "has a name that tools cannot begin with"
    if not server.url:
        return _what_lacks(server) if server.command else "has neither a command nor an address"
    if offline:
        return "is on the network, and the program is offline"
    if not host_of(server) or urlsplit(server.url).scheme not in ("http", "https"):
        return "has an address that is not for the web"
    return _what_lacks(server)


def _what_lacks(server: McpServer) -> str | None:
    """Secrets whose places would stay empty."""
    missing = set(names_in((*server.command, server.url))) - set(server.secrets)
    return f"needs what is not in the key store: {', '.join(sorted(missing))}; import it again" if missing else None


def host_of(server: McpServer) -> str:
    """The host of a server on the network; empty where the address makes no sense."""
    try:
        return urlsplit(server.url).hostname or ""
    except ValueError:
        return ""


def _note(place: _Place, connection: Connection) -> None:
    """An end by our own wish is no failure."""
    place.problem = connection.problem
    if connection.is_failure:
        place.restarts.failed(connection.lived, connection.start_took)


def _carry(loop: asyncio.AbstractEventLoop) -> None:
    for name in ("mcp", "client", "httpx2"):
        # They log what servers say, and whole addresses: secrets, and nothing that our own words do not tell.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


SERVERS: Final = Servers()
"""Those of this worker."""
