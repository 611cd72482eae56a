"""Which tools a model is offered in a turn, and what they may work with: out of settings and key store.

Offered is what can work now: no file tool without a folder, nothing that reaches out while offline. Decides no call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.folders import why_not_open
from inference_worker.protocol.manifest import trained_tools
from inference_worker.protocol.messages import Access, ListTools, McpServer, SearchService, ToolsListed
from inference_worker.protocol.placeholders import names_in, place_of
from inference_worker.protocol.tasks import in_thread
from nyanko_desktop.permissions.levels import OF_FILES, UNASKED, Chosen, level_of
from nyanko_desktop.settings.schema import ServerSettings, Settings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.secrets_in_commands import set_apart
from nyanko_desktop.worker.client import new_id

log = logging.getLogger(__name__)

ALWAYS: Final = ("calculate", "now", "remind", "list_reminders", "edit_reminder", "remember", "recall", "forget")
"""Need nothing but this program."""
ASK_AGAIN_SECONDS: Final = 5.0
"""Between two questions to servers for their tools, which change."""
COSTLY: Final = 10.0
"""A question is not asked again before ten times what it took: a server that hangs must not hold up each turn."""

FOLDER_SECONDS: Final = 3.0
"""For a look at a folder, which may lie on a disk that does not answer."""

ListServers = Callable[[ListTools], Awaitable[ToolsListed]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What goes with a turn."""

    tools: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    """Those of ``tools`` that the worker need not ask about."""
    access: Access = field(default_factory=Access)


class Offers(Protocol):
    """Who knows what a model is offered."""

    async def offered(self, model: str) -> Offered:
        """For the model in the folder ``model``; empty where none is known."""
        ...


@dataclass(frozen=True, slots=True)
class FixedOffer:
    """The same in every turn: no server, no folder, no secret."""

    tools: tuple[str, ...] = ("calculate", "now", "remind")
    access: Access = field(default_factory=Access)

    async def offered(self, model: str) -> Offered:
        del model
        return Offered(self.tools, unasked(self.tools), self.access)


async def closed_folders(folders: Sequence[str], ours: str) -> dict[str, str]:
    """Those of ``folders`` that may not be open to tools, and why."""
    reasons = await asyncio.gather(*(_why_closed(folder, ours) for folder in folders))
    return {folder: reason for folder, reason in zip(folders, reasons, strict=True) if reason}


async def _why_closed(folder: str, ours: str) -> str:
    """As ``why_not_open``, off the loop; a disk that does not answer is a reason, too."""
    look = in_thread(lambda: why_not_open(folder, ours), "look at a folder")
    try:
        return await asyncio.wait_for(look, FOLDER_SECONDS)
    except TimeoutError:
        return f"{folder} does not answer"


@dataclass(slots=True)
class Toolbox:
    """What the settings of one profile offer."""

    settings: Callable[[], Settings]
    undo: Path
    """Where write_file keeps what it replaces."""
    secrets: SecretStore = field(default_factory=SecretStore)
    list_servers: ListServers | None = None
    """Asks the worker which tools the servers have."""
    clock: Callable[[], float] = time.monotonic
    tell: Callable[[WireError], None] = lambda _: None
    """Hears of folders in the settings that are not open to tools, and of tools that changed, once of the same."""
    _told: WireError | None = None
    _told_changed: tuple[str, ...] = ()
    _listed: tuple[tuple[McpServer, ...], tuple[str, ...]] = ((), ())
    """Servers, and the names of their tools as they said last."""
    _ask_again: float = 0.0

    def levels(self) -> Chosen:
        """What the person chose for tools that are not ours."""
        return {(chosen.tool, chosen.identity): chosen.level for chosen in self.settings().tools.levels}

    async def offered(self, model: str) -> Offered:
        off = set(self.settings().tools.off)
        trained = None if self.settings().tools.beyond_training else trained_tools(model)

        def wanted(tool: str) -> bool:
            return tool not in off and (trained is None or tool in trained)

        access = await self.access(about_files=any(map(wanted, OF_FILES)))
        offered = tuple(filter(wanted, (*self._ours(access), *await self._of_servers(access))))
        return Offered(offered, unasked(offered), access)

    async def access(self, *, about_files: bool = True) -> Access:
        """What the settings open to tools, with the secrets it needs; ``about_files``: tell of closed folders."""
        settings = self.settings()
        return Access(
            folders=await self._folders(about_files),
            undo=str(self.undo),
            offline=settings.network.offline,
            search=await self._search(),
            python=settings.tools.python,
            servers=tuple([await self._server(one) for one in self._wanted_servers()]),
            seen={tool.tool: tool.identity for tool in settings.tools.seen},
        )

    def forget_servers(self) -> None:
        """Ask anew for the tools of servers next time."""
        self._listed = ((), ())

    async def _folders(self, tell: bool) -> tuple[str, ...]:
        """Those of the settings that may be open; a file can be written by hand, and a folder can vanish."""
        wanted = self.settings().tools.folders
        closed = await closed_folders(wanted, str(self.undo.parent))
        reasons = "\n".join(closed.values())
        problem = WireError(ErrorCode.FOLDERS_CLOSED, {"reasons": reasons}) if closed else None
        if tell and problem != self._told:
            self._told = problem
            if problem is not None:
                log.info("not open to tools: %s", reasons)
                self.tell(problem)
        return tuple(folder for folder in wanted if folder not in closed)

    def _ours(self, access: Access) -> tuple[str, ...]:
        files = ("read_file", "find_files", "write_file") if access.folders else ()
        network = () if access.offline else ("fetch", "open", *(("search",) if access.search else ()))
        python = ("run_python",) if access.python else ()
        return (*ALWAYS, *files, *network, *python)

    async def _of_servers(self, access: Access) -> tuple[str, ...]:
        """Names of the tools of all servers; none while the worker cannot say."""
        if not access.servers or self.list_servers is None:
            return ()
        if access.servers != self._listed[0] or self.clock() >= self._ask_again:
            asked = self.clock()
            self._listed = (access.servers, await self._ask_servers(self.list_servers, access))
            now = self.clock()
            self._ask_again = now + max(ASK_AGAIN_SECONDS, COSTLY * (now - asked))
        return self._listed[1]

    async def _ask_servers(self, list_servers: ListServers, access: Access) -> tuple[str, ...]:
        """Names of tools."""
        try:
            listed = await list_servers(ListTools(new_id(), access))
        except RequestError as error:
            log.info("the tools of servers are not known: %s", error.error.code)
            return ()
        tools = [tool for tool in listed.tools if tool.server]
        changed = [tool.name for tool in tools if access.seen.get(tool.name, tool.identity) != tool.identity]
        self._tell_of_changed(tuple(sorted(set(changed) - set(self.settings().tools.off))))
        return tuple(tool.name for tool in tools)

    def _tell_of_changed(self, names: tuple[str, ...]) -> None:
        """The worker leaves them out of turns by itself."""
        if names and names != self._told_changed:
            self.tell(WireError(ErrorCode.TOOLS_CHANGED, {"names": ", ".join(names[:10]) + " …" * (len(names) > 10)}))
        self._told_changed = names

    async def _search(self) -> SearchService | None:
        search = self.settings().tools.search
        if search.kind == "none":
            return None
        key = await self.secrets.get(search_key(search.kind)) if search.has_key else ""
        return SearchService(search.kind, search.endpoint, key or "")

    def _wanted_servers(self) -> list[ServerSettings]:
        offline = self.settings().network.offline
        return [one for one in self.settings().tools.servers if one.enabled and not (offline and one.url)]

    async def _server(self, server: ServerSettings) -> McpServer:
        """As the worker gets it, the same whether its secrets have moved into the key store yet or not."""
        apart = set_apart(server.command, server.url)
        kept = {name: await self._secret(server, place_of(name)) for name in names_in((*server.command, server.url))}
        return McpServer(
            name=server.name,
            command=apart.command,
            environment={name: await self._secret(server, name) or "" for name in server.environment},
            folder=server.folder,
            url=apart.url,
            headers={name: await self._secret(server, name) or "" for name in server.headers},
            seconds=server.seconds,
            secrets=apart.secrets | {name: value for name, value in kept.items() if value is not None},
        )

    async def _secret(self, server: ServerSettings, name: str) -> str | None:
        return await self.secrets.get(server_secret(server.name, name))


def unasked(tools: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``tools`` that the worker may run without a word; all others it asks about."""
    return tuple(tool for tool in tools if level_of(tool) in UNASKED)


def search_key(kind: str) -> str:
    """Under which name the key store has the key of a search engine."""
    return f"search {kind}"


def server_secret(server: str, name: str) -> str:
    """Under which name the key store has a variable, a header or a place (``${secret:…}``) of a server."""
    return f"server {server} {name}"


def names_of_secrets(server: ServerSettings) -> set[str]:
    """All that the key store has for ``server``."""
    return {*server.environment, *server.headers, *map(place_of, names_in((*server.command, server.url)))}
