"""What the page of tools changes: folders, search engine, Python, single tools, servers. Knows no widget.

A change is written at once and holds for the next turn. Secrets go to the key store, never into the file.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.folders import why_not_open
from inference_worker.protocol.messages import Level, McpServer
from inference_worker.protocol.placeholders import place_of
from inference_worker.protocol.tasks import in_thread, spawn
from nyanko_desktop.permissions.levels import LEVELS, OF_SERVERS
from nyanko_desktop.permissions.toolbox import (
    FOLDER_SECONDS,
    closed_folders,
    names_of_secrets,
    search_key,
    server_secret,
)
from nyanko_desktop.settings.python_check import ToolRunner, why_no_python
from nyanko_desktop.settings.schema import SearchKind, SeenTool, ServerSettings, ToolLevel, ToolSettings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.secrets_in_commands import set_apart
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.view import ToolsState

log = logging.getLogger(__name__)

STAYS: Final = "its secrets stay in settings.toml, because the key store does not take them"


class ToolSettingsController:
    """Intents about tools; the values are in ``Settings.tools``, and the problem of a change in ``on_problem``.

    What does not work here goes to ``on_state``, as often as somebody asks for a :meth:`look`.
    """

    def __init__(
        self,
        store: SettingsStore,
        secrets: SecretStore,
        profile: Path,
        on_problem: Callable[[WireError | None], None],
        worker: ToolRunner | None = None,
        on_state: Callable[[ToolsState], None] = lambda _: None,
        judge: Callable[[str, str], str] = why_not_open,
        patience: float = FOLDER_SECONDS,
    ) -> None:
        """``judge`` says why a folder must stay closed. It may wait for a disk; nobody waits for it longer than
        ``patience`` seconds.
        """
        self._profile = profile
        self._store = store
        self._secrets = secrets
        self._tell = on_problem
        self._worker = worker
        self._tell_state = on_state
        self._state = ToolsState()
        self._judge = judge
        self._patience = patience
        self._looking: asyncio.Task[None] | None = None
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> ToolSettings:
        return self._store.current.tools

    # ------------------------------------------------------------ what works here

    def look(self) -> asyncio.Task[None]:
        """Look which folders are open to tools, and whether a program of a model can be confined."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = spawn(self._look(), "look at what tools may work with")
        return self._looking

    def close(self) -> None:
        """Look no more, and open nothing any more."""
        for task in (*self._opening, *filter(None, (self._looking,))):
            task.cancel()

    async def _look(self) -> None:
        """Folders are told of first: the worker may have to start."""
        closed = tuple((await closed_folders(self.current.folders, str(self._profile))).items())
        self._show(ToolsState(closed, self._state.no_python))
        if self._worker is not None:
            try:
                self._show(ToolsState(closed, await why_no_python(self._worker)))
            except RequestError as error:
                log.info("nobody can say whether programs can run: %s", error.error.code)

    def _show(self, state: ToolsState) -> None:
        self._state = state
        self._tell_state(state)

    # ------------------------------------------------------------ what tools may work with

    def open_folder(self, path: str) -> asyncio.Task[None]:
        """Let file tools see the folder ``path`` and all that is in it, once the disk has answered.

        Refused is a whole disk or home, and what holds this program's own profile: there lie keys and conversations.
        """
        task = self._try(self._open_folder(path), "open a folder to tools")
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return task

    def close_folder(self, path: str) -> None:
        self._save(folders=tuple(folder for folder in self.current.folders if folder != path))

    def choose_search(self, kind: SearchKind, endpoint: str = "") -> None:
        """The search engine; ``endpoint`` is the address of a SearXNG instance."""
        if kind == "searxng" and not endpoint.strip():
            self._tell(WireError(ErrorCode.BAD_REQUEST, {"reason": "a SearXNG instance needs its address"}))
            return
        same = kind == self.current.search.kind
        has_key = same and self.current.search.has_key
        self._change_search(kind=kind, endpoint=endpoint.strip().rstrip("/"), has_key=has_key)

    def set_search_key(self, key: str) -> asyncio.Task[None]:
        """Keep the key of the chosen engine in the key store; an empty one is forgotten."""
        return self._try(self._set_search_key(key.strip()), "set a search key")

    def set_python(self, wanted: bool) -> None:
        self._save(python=wanted)

    def set_beyond_training(self, wanted: bool) -> None:
        """Offer every tool also to a model that says that it was trained for a few."""
        self._save(beyond_training=wanted)

    # ------------------------------------------------------------ single tools

    def set_tool(self, name: str, wanted: bool, identity: str = "") -> None:
        """Whether any model is offered ``name``; of a server's tool, what it is now (``identity``)."""
        others = tuple(tool for tool in self.current.off if tool != name)
        seen = tuple(one for one in self.current.seen if one.tool != name)
        now = (*seen, SeenTool(name, identity)) if identity and wanted else self.current.seen
        self._save(off=others if wanted else (*others, name), seen=now)

    def see_tools(self, identities: Mapping[str, str]) -> None:
        """Keep what tools of servers are, by name, now that they can be looked at; what was seen before stays."""
        known = {one.tool for one in self.current.seen}
        new = tuple(SeenTool(name, identity) for name, identity in identities.items() if name not in known)
        if new:
            self._save(seen=(*self.current.seen, *new))

    def set_level(self, name: str, level: Level | None, identity: str = "") -> None:
        """Another level for a tool of a server as it is now, ``None`` for the usual one. Our own cannot be changed."""
        if name in LEVELS:
            return
        others = tuple(chosen for chosen in self.current.levels if chosen.tool != name)
        self._save(levels=others if level is None else (*others, ToolLevel(name, level, identity)))

    # ------------------------------------------------------------ servers

    def add_servers(self, servers: tuple[McpServer, ...]) -> asyncio.Task[None]:
        """Put servers into the list, switched off until the person has seen what they start."""
        return self._try(self._add_servers(servers), "add servers")

    def set_server(self, name: str, wanted: bool) -> None:
        """Switch a server on, after the person has seen its command, or off; on again, its tools are seen anew.

        A secret that stands in its command or address, written there by hand, then moves to the key store.
        """
        servers = tuple(
            msgspec.structs.replace(one, enabled=wanted) if one.name == name else one for one in self.current.servers
        )
        self._save(servers=servers, seen=self._seen_of_others({name}))
        if any(one.name == name and set_apart(one.command, one.url).secrets for one in servers):
            self._try(self._move_secrets(name), "move the secrets of a server")

    def remove_server(self, name: str) -> asyncio.Task[None]:
        """Forget a server and its secrets."""
        return self._try(self._remove_server(name), "remove a server")

    # ------------------------------------------------------------ changes

    def _try(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        async def attempt() -> None:
            try:
                await work
            except RequestError as error:
                log.info("%s: %s", name, error.error.code)
                self._tell(error.error)

        return spawn(attempt(), name)

    async def _open_folder(self, path: str) -> None:
        def look() -> tuple[str, str]:
            return self._judge(path, str(self._profile)), os.path.realpath(path)

        try:
            reason, folder = await asyncio.wait_for(in_thread(look, "look at a folder"), self._patience)
        except TimeoutError:
            reason, folder = f"{path} does not answer", ""
        if reason:
            raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
        self._save(folders=(*(f for f in self.current.folders if f != folder), folder))

    async def _set_search_key(self, key: str) -> None:
        name = search_key(self.current.search.kind)
        await (self._secrets.set(name, key) if key else self._secrets.delete(name))
        self._change_search(has_key=bool(key))

    async def _add_servers(self, servers: tuple[McpServer, ...]) -> None:
        before = {one.name: names_of_secrets(one) for one in self.current.servers}
        for server in servers:
            places = {place_of(name): value for name, value in server.secrets.items()}
            given = {**server.environment, **server.headers, **places}
            for name, value in given.items():
                await self._secrets.set(server_secret(server.name, name), value)
            await self._forget_secrets(server.name, before.get(server.name, set()) - set(given))
        names = {server.name for server in servers}
        kept = tuple(one for one in self.current.servers if one.name not in names)
        self._save(servers=(*kept, *map(_settings_of, servers)), seen=self._seen_of_others(names))

    async def _remove_server(self, name: str) -> None:
        gone = [one for one in self.current.servers if one.name == name]
        others = tuple(one for one in self.current.servers if one.name != name)
        self._save(servers=others, seen=self._seen_of_others({name}))
        for server in gone:
            await self._forget_secrets(name, names_of_secrets(server))

    async def _move_secrets(self, name: str) -> None:
        """Into the key store, and only then out of the file; where there is none they stay, and that is told."""
        for server in [one for one in self.current.servers if one.name == name]:
            command, url, secrets = set_apart(server.command, server.url)
            for place, value in secrets.items():
                await self._secrets.set(server_secret(name, place_of(place)), value)
            if self._secrets.problem:
                raise RequestError(ErrorCode.BAD_REQUEST, reason=f"{name}: {STAYS}")
            moved = tuple(
                msgspec.structs.replace(one, command=command, url=url)
                if (one.name, one.command, one.url) == (name, server.command, server.url)
                else one
                for one in self.current.servers
            )
            self._save(servers=moved)

    async def _forget_secrets(self, server: str, names: set[str]) -> None:
        for name in names:
            await self._secrets.delete(server_secret(server, name))

    def _seen_of_others(self, servers: set[str]) -> tuple[SeenTool, ...]:
        return tuple(one for one in self.current.seen if one.tool.partition(OF_SERVERS)[0] not in servers)

    def _change_search(self, **changes: Any) -> None:
        self._save(search=msgspec.structs.replace(self.current.search, **changes))

    def _save(self, **changes: Any) -> None:
        current = self._store.current
        try:
            self._store.save(msgspec.structs.replace(current, tools=msgspec.structs.replace(current.tools, **changes)))
        except RequestError as error:
            self._tell(error.error)
        except msgspec.ValidationError as error:
            self._tell(WireError(ErrorCode.BAD_REQUEST, {"reason": str(error)}))
        else:
            self._tell(None)


def _settings_of(server: McpServer) -> ServerSettings:
    return ServerSettings(
        name=server.name,
        command=server.command,
        folder=server.folder,
        url=server.url,
        environment=tuple(server.environment),
        headers=tuple(server.headers),
        seconds=server.seconds,
    )
