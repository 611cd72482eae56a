"""Servers as a window sees them: read before they are kept, kept before they start, told as the worker tells them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import ListTools, McpServer, ServerInfo, ToolInfo, ToolsListed
from nyanko_desktop.permissions.toolbox import ListServers, Toolbox
from nyanko_desktop.settings.mcp_import import read_servers
from nyanko_desktop.settings.schema import NetworkSettings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.servers import Parse, ServersController, ServersView
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.tools import ToolSettingsController
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.supervisor import Supervisor
from tests.mcp.reach import SHELF
from tests.support.asynchronous import bounded
from tests.ui_settings.server_views import FOUND


class NoKeyring:
    """A key store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop(username, None)


class Worker:
    """Says of every server that is named that it runs and has one tool."""

    def __init__(self) -> None:
        self.asked: list[tuple[McpServer, ...]] = []
        self.problem = ""
        self.identity = "aa"

    async def tools(self, command: ListTools) -> ToolsListed:
        servers = command.access.servers
        self.asked.append(servers)
        tools = tuple(ToolInfo(f"{one.name}__do", "Does it.", "effect", {}, one.name, self.identity) for one in servers)
        infos = tuple(ServerInfo(one.name, version="1.0", problem=self.problem) for one in servers)
        return ToolsListed(command.id, () if self.problem else tools, infos)


class Page:
    """A controller with everything behind it, and a worker that only says what it was asked."""

    def __init__(self, folder: Path, parse: Parse, list_tools: ListServers | None = None) -> None:
        self.keyring, self.worker = NoKeyring(), Worker()
        self.store = SettingsStore(folder / "settings.toml")
        secrets = SecretStore(lambda: self.keyring)
        list_tools = list_tools or self.worker.tools
        toolbox = Toolbox(lambda: self.store.current, folder / "undo", secrets, list_tools)
        self.tools = ToolSettingsController(self.store, secrets, folder, lambda _: None)
        self.controller = ServersController(self.store, toolbox, self.tools, list_tools, parse)

    @property
    def view(self) -> ServersView:
        return self.controller.view

    async def settle(self) -> None:
        """Wait until the worker has answered."""
        while (looking := self.controller._looking) is not None and not looking.done():
            await asyncio.wait((looking,))


def read(text: str) -> tuple[tuple[McpServer, ...], tuple[str, ...]]:
    if text == "bad":
        raise RequestError(ErrorCode.BAD_REQUEST, reason="this is no JSON")
    return FOUND, () if text == "good" else ("old: out of use",)


def on_page(folder: Path, act: Callable[[Page], Awaitable[None]], parse: Parse = read) -> None:
    async def live() -> None:
        page = Page(folder, parse)
        await act(page)
        page.controller.close()

    asyncio.run(live())


def test_what_was_read_is_shown_and_neither_kept_nor_started(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("good")
        await page.settle()
        assert page.view.imported == FOUND
        assert page.store.current.tools.servers == ()
        assert page.worker.asked == []
        page.controller.forget_imported()
        assert page.view.imported == ()

    on_page(tmp_path, act)


def test_only_what_was_chosen_is_kept_and_starts_and_its_secrets_go_to_the_key_store(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("good")
        await page.controller.add(("github",))
        await page.settle()
        (kept,) = page.store.current.tools.servers
        assert (kept.name, kept.enabled, kept.environment) == ("github", True, ("TOKEN",))
        assert "secret-1" not in (tmp_path / "settings.toml").read_text()
        assert list(page.keyring.kept.values()) == ["secret-1"]
        (asked,) = page.worker.asked[-1]
        assert asked.environment == {"TOKEN": "secret-1"}
        (server,) = page.view.servers
        assert (server.state, server.version, [tool.name for tool in server.tools]) == (
            "running",
            "1.0",
            ["github__do"],
        )

    on_page(tmp_path, act)


def test_secrets_of_a_command_reach_the_worker_and_neither_file_nor_view(tmp_path: Path) -> None:
    text = '{"pg": {"command": "pg", "args": ["--token", "hunter2", "postgres://mia:hunter3@db/x"]}}'

    async def act(page: Page) -> None:
        page.controller.read(text)
        await page.controller.add(("pg",))
        await page.settle()
        assert page.worker.asked[-1][0].secrets == {"token": "hunter2", "password": "hunter3"}
        file = (tmp_path / "settings.toml").read_text()
        assert "postgres://mia:${secret:password}@db/x" in file
        assert "hunter" not in file + str(page.view)
        asked = len(page.worker.asked)
        page.tools.set_server("pg", False)
        await page.settle()
        assert page.worker.asked[asked:] == [()]

    on_page(tmp_path, act, read_servers)


@bounded
async def test_a_real_server_is_started_with_a_secret_that_only_the_key_store_has(tmp_path: Path) -> None:
    supervisor = Supervisor(worker_command)
    page = Page(tmp_path, read_servers, supervisor.tools)
    arguments = ["-I", "-S", str(SHELF), "Repeats", "--token", "hunter-2000", "--verbose"]
    try:
        page.controller.read(json.dumps({"repeats": {"command": sys.executable, "args": arguments}}))
        await page.controller.add(("repeats",))
        await page.settle()
    finally:
        page.controller.close()
        await supervisor.stop()
    (server,) = page.view.servers
    assert server.problem == ""
    assert [tool.description for tool in server.tools] == ["Runs as ['--token', '•••', '--verbose']"]
    assert list(page.keyring.kept.values()) == ["hunter-2000"]
    assert "hunter" not in (tmp_path / "settings.toml").read_text()


def test_what_cannot_be_read_is_told_and_a_file_that_is_not_there_too(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("bad")
        assert page.view.notice is not None
        assert page.view.notice.title == "This text cannot be imported"
        assert "no JSON" in page.view.notice.reason
        page.controller.dismiss_notice()
        assert page.view.notice is None
        page.controller.read_file(str(tmp_path / "none.json"))
        assert page.view.notice is not None
        (tmp_path / "servers.json").write_text("good")
        page.controller.read_file(str(tmp_path / "servers.json"))
        assert page.view.imported == FOUND

    on_page(tmp_path, act)


def test_a_restart_is_an_end_and_a_beginning(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("good")
        await page.controller.add(("github", "shell"))
        await page.settle()
        page.worker.asked.clear()
        await page.controller.restart("shell")
        assert [[one.name for one in servers] for servers in page.worker.asked] == [["github"], ["github", "shell"]]

    on_page(tmp_path, act)


def test_a_server_that_does_not_run_says_why_and_one_that_is_off_is_not_asked(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.worker.problem = "the server ended by itself"
        page.controller.read("good")
        await page.controller.add(("github",))
        await page.settle()
        assert [(one.state, one.problem) for one in page.view.servers] == [("problem", "the server ended by itself")]
        page.tools.set_server("github", False)
        await page.settle()
        assert [one.state for one in page.view.servers] == ["off"]
        assert page.worker.asked[-1] == ()

    on_page(tmp_path, act)


def test_the_level_and_the_switch_of_a_tool_are_shown_as_they_are_set(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("good")
        await page.controller.add(("github",))
        await page.settle()
        page.controller.set_level("github__do", "private")
        page.controller.set_tool("github__do", False)
        (tool,) = page.view.servers[0].tools
        assert (tool.level, tool.offered) == ("private", False)

    on_page(tmp_path, act)


def test_a_tool_that_changed_is_switched_off_and_judged_by_nobody_until_it_is_switched_on_again(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("good")
        await page.controller.add(("github",))
        await page.settle()
        page.controller.set_level("github__do", "private")
        page.worker.identity = "bb"
        await page.controller.refresh()
        (tool,) = page.view.servers[0].tools
        assert (tool.offered, tool.changed, tool.level) == (False, True, "effect")
        page.controller.set_tool("github__do", True)
        (tool,) = page.view.servers[0].tools
        assert (tool.offered, tool.changed) == (True, False)
        page.worker.identity = "cc"
        page.tools.set_server("github", False)
        page.tools.set_server("github", True)
        await page.settle()
        assert not page.view.servers[0].tools[0].changed, "who switches a server on takes it as it is"
        await page.tools.remove_server("github")
        assert page.store.current.tools.seen == ()

    on_page(tmp_path, act)


def test_what_of_a_file_cannot_be_used_is_told_beside_the_rest(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        page.controller.read("partly")
        assert page.view.imported == FOUND
        assert page.view.notice is not None
        assert page.view.notice.title == "Some servers were left out"
        assert page.view.notice.reason == "old: out of use"

    on_page(tmp_path, act)


def test_offline_each_server_says_what_that_means_for_it(tmp_path: Path) -> None:
    async def act(page: Page) -> None:
        web = McpServer("web", url="https://mcp.example/")
        await page.tools.add_servers((*FOUND[:1], web))
        for name in ("github", "web"):
            page.tools.set_server(name, True)
        await page.settle()
        settings = page.store.current
        page.store.save(msgspec.structs.replace(settings, network=NetworkSettings(offline=True)))
        await page.settle()
        local, far = page.view.servers
        assert (local.state, local.note) == ("running", "runs without a network, because the program is offline")
        assert (far.state, far.problem) == ("problem", "is on the network, and the program is offline")

    on_page(tmp_path, act)
