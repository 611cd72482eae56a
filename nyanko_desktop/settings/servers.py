"""What the page of MCP servers does and shows: intents in, immutable views out. Knows no widget.

Servers live in the worker; asking it for their tools starts those that are switched on, and ends all others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Access, Level, ListTools, McpServer, ServerInfo, ToolInfo, ToolsListed
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import on_language_changed, tr
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.permissions.levels import level_of
from nyanko_desktop.permissions.toolbox import ListServers, Toolbox, names_of_secrets
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.schema import ServerSettings, Settings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.tools import ToolSettingsController
from nyanko_desktop.worker.client import new_id

log = logging.getLogger(__name__)

LARGEST_FILE: Final = 1_048_576
"""Bytes of a file with servers; a real one has a few thousand."""
_ALONE: Final = "runs without a network, because the program is offline"
ServerState = Literal["off", "asking", "running", "problem"]
Parse = Callable[[str], tuple[tuple[McpServer, ...], tuple[str, ...]]]
"""Reads servers out of JSON, and why others in it cannot be used. Raises RequestError."""


@dataclass(frozen=True, slots=True)
class ServerToolView:
    """One tool of a server. Name and description are the server's own words."""

    name: str
    """Whole, as a model calls it."""
    description: str
    offered: bool
    level: Level
    changed: bool = False
    """Not what it was when it was switched on, so that no model is offered it."""


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server of the list."""

    settings: ServerSettings
    state: ServerState = "off"
    title: str = ""
    version: str = ""
    problem: str = ""
    """Why it does not run, in plain English."""
    tools: tuple[ServerToolView, ...] = ()
    resources: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    note: str = ""
    """What of it cannot be used although it runs, in plain English."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What of a text with servers cannot be used."""

    reasons: tuple[str, ...]
    """In plain English."""
    whole: bool = False
    """Nothing of it can."""

    def explained(self) -> Explanation:
        """For the person, in the language of now."""
        title = tr("This text cannot be imported") if self.whole else tr("Some servers were left out")
        hint = tr("Change it in the text and look again; passwords and keys go to the key store.")
        return Explanation(title, "\n".join(map(reason_in_words, self.reasons)), hint, code=ErrorCode.BAD_REQUEST)


@dataclass(frozen=True, slots=True)
class ServersView:
    """Everything the page of servers needs to draw itself."""

    servers: tuple[ServerView, ...] = ()
    imported: tuple[McpServer, ...] = ()
    """Read and shown, not in the list yet, never started."""
    can_import: bool = False
    notice: Explanation | None = None
    secrets_problem: str = ""
    """Why secrets of servers last only until the program ends, in the person's language."""


class ServersController:
    """The servers of one profile as a window sees them; :meth:`refresh` when the window opens."""

    def __init__(
        self,
        store: SettingsStore,
        toolbox: Toolbox,
        tools: ToolSettingsController,
        list_tools: ListServers,
        parse: Parse | None = None,
    ) -> None:
        self._store = store
        self._toolbox = toolbox
        self._tools = tools
        self._list_tools = list_tools
        self._parse = parse
        self._listed = ToolsListed("", ())
        self._asking = False
        self._imported: tuple[McpServer, ...] = ()
        self._left_out: Refused | None = None
        self._problem: WireError | None = None
        self._looking: asyncio.Task[None] | None = None
        self._asked: object = None
        self._listeners: Listeners[ServersView] = Listeners()
        self.view = self._made()
        self._leave = (store.subscribe(self._follow), on_language_changed(self._show))

    def subscribe(self, listener: Callable[[ServersView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new view; returns the function that ends this."""
        return self._listeners.add(listener)

    def close(self) -> None:
        for leave in self._leave:
            leave()
        if self._looking is not None:
            self._looking.cancel()
        self._listeners.clear()

    # ------------------------------------------------------------ intents

    def refresh(self) -> asyncio.Task[None]:
        """Ask the worker for the tools of all servers that are on."""
        return self._begin(self._look())

    def restart(self, name: str) -> asyncio.Task[None]:
        """End one server and start it again."""
        return self._begin(self._restart(name))

    def read(self, text: str) -> None:
        """Show the servers that stand in ``text``; none is in the list or starts before :meth:`add`."""
        self._problem = None
        try:
            self._imported, refused = self._parse(text) if self._parse else ((), ())
            self._left_out = Refused(refused) if refused else None
        except RequestError as error:
            self._imported, self._left_out = (), Refused((error.error.params["reason"],), whole=True)
        self._show()

    def read_file(self, path: str) -> None:
        """As :meth:`read`, out of a file."""
        try:
            if Path(path).stat().st_size > LARGEST_FILE:
                raise OSError("the file is too large")
            self.read(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            self._problem = WireError(ErrorCode.BAD_REQUEST, {"reason": f"{path}: {error}"})
            self._show()

    def forget_imported(self) -> None:
        """The person wants none of them."""
        self._imported = ()
        self._show()

    def add(self, names: tuple[str, ...]) -> asyncio.Task[None]:
        """Put those of the shown servers that the person chose into the list, and switch them on."""
        return spawn(self._add(names), "add servers")

    def set_tool(self, name: str, wanted: bool) -> None:
        """Whether models are offered a tool, as it is now."""
        self._tools.set_tool(name, wanted, self._identities().get(name, ""))

    def set_level(self, name: str, level: Level | None) -> None:
        """Judge a tool, as it is now."""
        self._tools.set_level(name, level, self._identities().get(name, ""))

    def dismiss_notice(self) -> None:
        self._problem = self._left_out = None
        self._show()

    # ------------------------------------------------------------ how intents are carried out

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._looking is not None:
            self._looking.cancel()
        self._looking = spawn(work, "ask for the tools of servers")
        return self._looking

    async def _look(self) -> None:
        access = await self._toolbox.access()
        if access.servers or self._listed.servers:
            await self._ask(access)

    async def _restart(self, name: str) -> None:
        access = await self._toolbox.access()
        others = tuple(server for server in access.servers if server.name != name)
        await self._ask(msgspec.structs.replace(access, servers=others))
        await self._ask(access)

    async def _ask(self, access: Access) -> None:
        self._asking = True
        self._show()
        try:
            self._listed = await self._list_tools(ListTools(new_id(), access))
            self._toolbox.forget_servers()
            self._tools.see_tools(self._identities())
        except RequestError as error:
            log.info("the tools of servers are not known: %s", error.error.code)
            self._problem = error.error
        finally:
            self._asking = False
            self._show()

    async def _add(self, names: tuple[str, ...]) -> None:
        chosen = tuple(server for server in self._imported if server.name in names)
        self._imported = ()
        await self._tools.add_servers(chosen)
        for server in chosen:
            self._tools.set_server(server.name, True)
        self._show()

    def _follow(self, settings: Settings) -> None:
        """Another server is on or off: the worker is asked, which starts or ends it."""
        asked = tuple(server for server in settings.tools.servers if server.enabled), settings.network.offline
        if asked != self._asked:
            before, self._asked = self._asked, asked
            if before is not None or asked[0]:
                self.refresh()
        self._show()

    # ------------------------------------------------------------ views

    def _made(self) -> ServersView:
        settings = self._store.current.tools
        told = {server.name: server for server in self._listed.servers}
        return ServersView(
            servers=tuple(self._server(one, told.get(one.name)) for one in settings.servers),
            imported=self._imported,
            can_import=self._parse is not None,
            notice=self._notice(),
            secrets_problem=self._toolbox.secrets.problem if any(map(names_of_secrets, settings.servers)) else "",
        )

    def _notice(self) -> Explanation | None:
        if self._problem is not None:
            return explain(self._problem)
        return self._left_out.explained() if self._left_out else None

    def _server(self, one: ServerSettings, told: ServerInfo | None) -> ServerView:
        if not one.enabled:
            return ServerView(one)
        offline = self._store.current.network.offline
        if offline and one.url:
            return ServerView(one, "problem", problem="is on the network, and the program is offline")
        if told is None:
            return ServerView(one, "asking" if self._asking else "off")
        tools = tuple(self._tool(tool) for tool in self._listed.tools if tool.server == one.name)
        state: ServerState = "asking" if self._asking else "problem" if told.problem else "running"
        notes = told.note, _ALONE if offline and state == "running" else ""
        view = ServerView(one, state, told.title, told.version, told.problem, tools)
        return replace(view, resources=told.resources, prompts=told.prompts, note="; ".join(filter(None, notes)))

    def _tool(self, tool: ToolInfo) -> ServerToolView:
        settings = self._store.current.tools
        changed = any(one.tool == tool.name and one.identity != tool.identity for one in settings.seen)
        offered = tool.name not in settings.off and not changed
        level = level_of(tool.name, self._toolbox.levels(), tool.identity)
        return ServerToolView(tool.name, tool.description, offered, level, changed)

    def _identities(self) -> dict[str, str]:
        """What the tools of servers are, by name."""
        return {tool.name: tool.identity for tool in self._listed.tools if tool.server}

    def _show(self) -> None:
        view = self._made()
        if view != self.view:
            self.view = view
            self._listeners.tell(view)
