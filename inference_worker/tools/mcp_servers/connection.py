"""One server from its start to its end, on the servers' event loop: greets it, lists what it has, calls its tools."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from inference_worker.protocol.messages import McpServer
from inference_worker.protocol.tasks import spawn
from inference_worker.tools.base import ToolError
from inference_worker.tools.mcp_servers.definitions import Definition, definition, one_line
from inference_worker.tools.mcp_servers.http import http_streams
from inference_worker.tools.mcp_servers.identity import words_of
from inference_worker.tools.mcp_servers.names import clean_names
from inference_worker.tools.mcp_servers.pipes import Pipes, StartError, without_secrets
from inference_worker.tools.mcp_servers.results import text_of
from inference_worker.tools.mcp_servers.stdio import Speech, stdio_streams

START_SECONDS: Final = 30.0
"""From the start of a server to the list of its tools; one that is brought by npx or uvx may be downloaded first."""
MOST_PAGES: Final = 20
MOST_TOOLS: Final = 200
MOST_NAMES: Final = 100
"""Of resources, and of prompts: only their names are shown."""
_CLIENT: Final = types.Implementation(name="nyanko-desktop", version="0.1.0")
_RESULT: Final[TypeAdapter[types.CallToolResult | types.InputRequiredResult]] = TypeAdapter(
    types.CallToolResult | types.InputRequiredResult
)
_FORGOTTEN: Final = (types.INVALID_REQUEST, "Session terminated")
"""What the SDK makes of the status 404 in a session."""
_SAID: Final = {"name", "title", "description", "input_schema", "annotations"}
"""Of a tool: what a person or a model may have decided by."""
R = TypeVar("R")
Page = TypeVar("Page", bound=types.PaginatedResult)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server has, and what it says of itself; all of it untrusted, bounded and on single lines."""

    tools: dict[str, Definition]
    """By the names that they have here."""
    title: str = ""
    version: str = ""
    resources: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    note: str = ""
    """What of it cannot be used."""


class ServerProblem(Exception):  # noqa: N818 - says what happened
    """The server is not there, or makes no sense; the message is the rest of a sentence that begins with its name."""


class Connection:
    """One running server. Used on the servers' loop alone."""

    def __init__(self, server: McpServer, *, offline: bool, start_seconds: float = START_SECONDS) -> None:
        self.server, self.offline = server, offline
        self._start_seconds = start_seconds
        self._ended, self._gone = asyncio.Event(), asyncio.Event()
        self._ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
        self._pipes: Pipes | None = None
        self._speech = Speech(lambda text: without_secrets(text, server))
        self._is_lost = False
        """It ended by itself."""
        self._offer: Offer | None = None
        self._changed = False
        self.problem = ""
        """Why it is no more, once it is ``gone``."""
        self.lived = 0.0
        """Seconds from the greeting to the end."""
        self.start_took = 0.0
        """Seconds until the greeting, or until that failed."""
        self.is_failure = True
        """Whether it ended, if it did, otherwise than by our wish."""
        self.on_gone: Callable[[Connection], None] = lambda _: None
        self._has_begun = False
        self._life = spawn(self._live(), f"server {server.name}")

    @property
    def is_ending(self) -> bool:
        """Whether it takes no call any more."""
        return self._ended.is_set() or self._gone.is_set()

    async def gone(self) -> None:
        """Return when it ended, and has been buried."""
        await self._gone.wait()

    def end(self, *, at_once: bool = False) -> None:
        """Let it go: its process is asked to end, or killed."""
        self.is_failure = False
        if at_once and self._pipes:
            self._pipes.kill()
        self._ended.set()
        if self._has_begun and not self._ready.done() and not self._life.cancelling():
            self._life.cancel()

    async def offer(self) -> Offer:
        """What it has now; ServerProblem."""
        session = await self._session()
        if self._offer is None or self._changed:
            self._changed = False
            self._offer = await self._ask(_offer_of(session, self.server), self._start_seconds)
        return self._offer

    async def call(self, tool: str, arguments: dict[str, Any], tell: Callable[[str], None]) -> str:
        """What the tool gives back; ToolError where the tool fails, ServerProblem where the server does."""
        session = await self._session()

        async def report(progress: float, total: float | None, message: str | None) -> None:
            tell(_progress(progress, total, without_secrets(message or "", self.server)))

        request = types.CallToolRequest(params=types.CallToolRequestParams(name=tool, arguments=arguments))
        asked = session.send_request(request, _RESULT, progress_callback=report)
        result = await self._ask(asked, self.server.seconds)
        if isinstance(result, types.InputRequiredResult):
            raise ToolError(f"the server {self.server.name}: wants to be told more than a call can say", self.source)
        if result.is_error:
            raise ToolError(text_of(result, self.server), self.source)
        return text_of(result, self.server)

    @property
    def source(self) -> str:
        """Whose words its results are."""
        return f"MCP server {self.server.name}"

    # ------------------------------------------------------------ its life

    async def _live(self) -> None:
        begun, started, error = time.monotonic(), 0.0, None
        self._has_begun = True
        try:
            if self._ended.is_set():
                raise asyncio.CancelledError
            async with self._streams() as (incoming, outgoing):
                session = ClientSession(incoming, outgoing, message_handler=self._hear, client_info=_CLIENT)
                async with session:
                    await self._greet(session)
                    started = time.monotonic()
                    self._ready.set_result(session)
                    await self._ended.wait()
        except (Exception, asyncio.CancelledError) as reason:  # noqa: BLE001 - the boundary to a server: it fails in its own way
            error = _cause(reason)
        now = time.monotonic()
        self.lived, self.start_took = now - started if started else 0.0, (started or now) - begun
        self.problem = without_secrets(self.problem or await self._words(error), self.server)
        self._gone.set()
        self.on_gone(self)
        if not self._ready.done():
            self._ready.set_exception(ServerProblem(self.problem))
            self._ready.exception()

    @contextlib.asynccontextmanager
    async def _streams(self) -> AsyncIterator[Any]:
        if self.server.url:
            async with http_streams(self.server) as streams:
                yield streams
            return
        self._pipes = await _start(self.server, offline=self.offline)
        try:
            async with stdio_streams(self._pipes, self._speech, self._lose) as streams:
                yield streams
        finally:
            await self._pipes.close()

    def _lose(self) -> None:
        self._is_lost = True
        self._ended.set()

    async def _greet(self, session: ClientSession) -> None:
        """Most servers want the handshake and some break at anything else; only newer ones have none."""
        async with asyncio.timeout(self._start_seconds):
            try:
                await session.initialize()
            except MCPError as refusal:
                if self._is_end(refusal):
                    raise
                try:
                    await session.discover()
                except MCPError as again:
                    raise refusal if not self._is_end(again) else again from None

    async def _hear(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._changed = True

    # ------------------------------------------------------------ asking

    async def _session(self) -> ClientSession:
        return await asyncio.shield(self._ready)

    async def _ask(self, work: Awaitable[R], seconds: float) -> R:
        """The answer; what goes wrong in words. A server that does not answer in time is ended."""
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            self.problem = f"did not answer within {seconds:g} seconds and was ended"
            self.end(at_once=True)
            raise ServerProblem(self.problem) from None
        except MCPError as error:
            if self._is_end(error) or self._is_forgotten(error):
                self._ended.set()
                await self.gone()
                raise ServerProblem(self.problem) from None
            if error.code == types.PARSE_ERROR:
                raise ServerProblem("answered with what makes no sense") from None
            raise ToolError(_shown(error.message, self.server, 500), self.source) from None
        except (ValueError, RuntimeError) as error:
            raise ServerProblem(f"answered with what makes no sense: {_first_line(error, self.server)}") from None

    def _is_end(self, error: MCPError) -> bool:
        """Whether the SDK says that nothing more will come; servers use the same code for whatever they like."""
        if error.code != types.CONNECTION_CLOSED:
            return False
        if self.server.url and error.message.startswith("SSE stream "):
            self.problem = f"was lost: {_shown(error.message, self.server, 300)}"
            return True
        return error.message == "Connection closed"

    def _is_forgotten(self, error: MCPError) -> bool:
        """Whether a server on the network knows our session no more."""
        if not self.server.url or (error.code, error.message) != _FORGOTTEN:
            return False
        self.problem = "was started anew meanwhile; the call may be made again"
        return True

    async def _words(self, error: BaseException | None) -> str:
        """Why the server is no more, for the person and the model."""
        if self._speech.problem:
            return self._speech.problem
        if isinstance(error, TimeoutError):
            rubbish = self._speech.first_rubbish
            return f"did not greet within {self._start_seconds:g} seconds{rubbish and f', but wrote: {rubbish}'}"
        if self._pipes and (self._is_lost or (isinstance(error, MCPError) and self._is_end(error))):
            return await self._pipes.epitaph()
        if error is None or isinstance(error, asyncio.CancelledError):
            return "was ended"
        if isinstance(error, StartError):
            return str(error)
        if isinstance(error, MCPError) and not self.server.url:
            return f"refused to begin: {_shown(error.message, self.server, 300)}"
        if not self.server.url:
            return _first_line(error, self.server)
        greeted = self._ready.done() and not self._ready.cancelled()
        return f"{'was lost' if greeted else 'cannot be reached'}: {_first_line(error, self.server)}"


async def _start(server: McpServer, *, offline: bool) -> Pipes:
    if sys.platform == "win32":
        from inference_worker.tools.mcp_servers.windows import WindowsServer

        return await WindowsServer.start(server, offline=offline)
    from inference_worker.tools.mcp_servers.posix import GuardedServer

    return await GuardedServer.start(server, offline=offline)


async def _offer_of(session: ClientSession, server: McpServer) -> Offer:
    has = session.server_capabilities
    tools: list[types.Tool] = []
    if has is None or has.tools is not None:
        tools = await _pages(lambda params: session.list_tools(params=params), lambda page: page.tools, MOST_TOOLS + 1)
    about = session.server_info
    usable, note = _usable(server, tools[:MOST_TOOLS])
    if len(tools) > MOST_TOOLS:
        note = "; ".join(filter(None, (note, f"has more than {MOST_TOOLS} tools: the others are left out")))
    return Offer(
        tools=usable,
        title=_shown((about and (about.title or about.name)) or "", server, 100),
        version=_shown((about and about.version) or "", server, 40),
        resources=await _names(session, server, "resources") if has and has.resources else (),
        prompts=await _names(session, server, "prompts") if has and has.prompts else (),
        note=note,
    )


async def _names(session: ClientSession, server: McpServer, kind: str) -> tuple[str, ...]:
    """Of resources or prompts; a server that breaks here may still have good tools."""
    try:
        if kind == "prompts":
            prompts = await _pages(lambda p: session.list_prompts(params=p), lambda page: page.prompts, MOST_NAMES)
            return tuple(_shown(prompt.name, server, 100) for prompt in prompts)
        found = await _pages(lambda p: session.list_resources(params=p), lambda page: page.resources, MOST_NAMES)
        return tuple(_shown(resource.name or str(resource.uri), server, 100) for resource in found)
    except (MCPError, ValidationError):
        return ()


async def _pages(
    ask: Callable[[types.PaginatedRequestParams], Awaitable[Page]], read: Callable[[Page], list[R]], most: int
) -> list[R]:
    found: list[R] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await ask(types.PaginatedRequestParams(cursor=cursor))
        found += read(page)
        if page.next_cursor is None or page.next_cursor == cursor or len(found) >= most:
            break
        cursor = page.next_cursor
    return found[:most]


def _usable(server: McpServer, tools: list[types.Tool]) -> tuple[dict[str, Definition], str]:
    """The tools that can be offered, and what is wrong with the others."""
    by_name: dict[str, Definition] = {}
    bad: list[str] = []
    for tool in reversed(tools):  # of two of one name the first is meant
        about = without_secrets(tool.description or tool.title or "", server)
        if (one := definition(tool.name, about, tool.input_schema)) is not None:
            by_name[tool.name] = replace(one, words=_words_of(tool, server))
        else:
            bad.append(_shown(tool.name, server, 64))
    names = clean_names(server.name, [tool.name for tool in tools if tool.name in by_name])
    note = f"no tool can be made of: {', '.join(sorted(set(bad)))}"[:300] if bad else ""
    return {ours: by_name[theirs] for ours, theirs in names.items()}, note


def _words_of(tool: types.Tool, server: McpServer) -> str:
    """A fingerprint in which no secret can be tried, should the server repeat one."""
    said = tool.model_dump(mode="json", include=_SAID)
    whole = json.dumps(said, sort_keys=True, ensure_ascii=False)
    clean = without_secrets(whole, server)
    return words_of(said if clean == whole else {"said": clean})


def _shown(text: str, server: McpServer, longest: int) -> str:
    return one_line(without_secrets(text, server), longest)


def _progress(done: float, total: float | None, message: str) -> str:
    far = f"{done:g}" if not total else f"{done:g} of {total:g}"
    return f"{one_line(message, 120)} ({far})" if message else far


def _cause(error: BaseException) -> BaseException:
    """The first of what went wrong together."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _first_line(error: BaseException, server: McpServer) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return one_line(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}", 300)
    return _shown(str(error), server, 300) or type(error).__name__
