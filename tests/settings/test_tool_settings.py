"""What the page of tools changes: a real settings file, and a key store for what must not stand in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from msgspec.structs import replace

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.folders import why_not_open
from inference_worker.protocol.messages import (
    Decision,
    Event,
    Finished,
    FollowUp,
    McpServer,
    RunTool,
    ToolCalled,
    ToolFinished,
)
from inference_worker.tools import run_python
from inference_worker.tools.base import ToolError
from nyanko_desktop.settings.python_check import why_no_python
from nyanko_desktop.settings.schema import ServerSettings, ToolLevel
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.tools import STAYS, ToolSettingsController
from nyanko_desktop.settings.view import ToolsState
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.supervisor import Supervisor
from tests.settings.test_secrets import MemoryKeyring
from tests.support.asynchronous import bounded

PATIENCE_SECONDS = 60
"""For what takes no time on an idle machine."""
SERVER = McpServer("mail", command=("mail-server", "--safe"), environment={"TOKEN": "s3cret"}, folder="/tmp")


class Page:
    """One controller over a file, and what it was told to be wrong."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "profile" / "settings.toml"
        self.file.parent.mkdir()
        self.keyring = MemoryKeyring()
        self.problems: list[WireError] = []
        self.store = SettingsStore(self.file)
        secrets = SecretStore(lambda: self.keyring)
        self.tools = ToolSettingsController(self.store, secrets, self.file.parent, self.hear)

    def hear(self, problem: WireError | None) -> None:
        if problem is not None:
            self.problems.append(problem)

    def as_read_again(self) -> SettingsStore:
        return SettingsStore(self.file)


def play(folder: Path, scene: Callable[[Page], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scene(Page(folder))

    asyncio.run(whole())


def test_a_folder_is_opened_by_its_real_path_and_closed_again(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        (tmp_path / "notes").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "notes")
        await page.tools.open_folder(str(tmp_path / "link"))
        await page.tools.open_folder(str(tmp_path / "notes"))
        real = str((tmp_path / "notes").resolve())
        assert page.as_read_again().current.tools.folders == (real,)
        page.tools.close_folder(real)
        assert page.as_read_again().current.tools.folders == ()
        assert page.problems == []

    play(tmp_path, scene)


def test_a_whole_home_and_what_holds_the_profile_are_not_opened(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        for folder in (str(Path.home()), "/", str(tmp_path), str(tmp_path / "profile"), str(tmp_path / "missing")):
            await page.tools.open_folder(folder)
        assert page.tools.current.folders == ()
        assert len(page.problems) == 5

    play(tmp_path, scene)


class Disk:
    """Judges folders as the real one does, but for those with ``slow`` in their path not before it may."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answers = threading.Event()

    def judge(self, folder: str, ours: str) -> str:
        if "slow" in Path(folder).name:
            self.asked.set()
            self.answers.wait(PATIENCE_SECONDS)
        return why_not_open(folder, ours)


def test_a_folder_on_a_disk_that_does_not_answer_holds_nothing_up_and_is_told(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        disk = Disk()
        tools = ToolSettingsController(
            page.store, SecretStore(), page.file.parent, page.hear, judge=disk.judge, patience=0.5
        )
        for name in ("slow", "notes"):
            (tmp_path / name).mkdir()
        page.store.save(replace(page.store.current, tools=replace(tools.current, folders=("/kept", "/taken away"))))
        opening = tools.open_folder(str(tmp_path / "slow"))
        tools.close_folder("/taken away")
        assert tools.current.folders == ("/kept",)
        await opening
        disk.answers.set()
        assert tools.current.folders == ("/kept",)
        assert [problem.params for problem in page.problems] == [{"reason": f"{tmp_path / 'slow'} does not answer"}]

    play(tmp_path, scene)


def test_who_closes_the_program_waits_for_no_folder(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        disk = Disk()
        tools = ToolSettingsController(page.store, SecretStore(), page.file.parent, page.hear, judge=disk.judge)
        (tmp_path / "slow").mkdir()
        opening = tools.open_folder(str(tmp_path / "slow"))
        assert await asyncio.to_thread(disk.asked.wait, PATIENCE_SECONDS)
        tools.close()
        await asyncio.wait({opening})
        disk.answers.set()
        assert opening.cancelled()
        assert tools.current.folders == ()

    play(tmp_path, scene)


def test_the_key_of_a_search_engine_is_in_the_key_store_alone(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        page.tools.choose_search("brave")
        await page.tools.set_search_key(" k3y ")
        assert page.tools.current.search.has_key
        assert page.keyring.kept == {("nyanko", "search brave"): "k3y"}
        assert "k3y" not in page.file.read_text()
        page.tools.choose_search("searxng", "https://search.example/")
        assert not page.tools.current.search.has_key
        assert page.tools.current.search.endpoint == "https://search.example"

    play(tmp_path, scene)


@pytest.mark.parametrize("endpoint", ["", "ftp://x", "https://user:pass@x", "not an address"])
def test_an_address_that_is_none_changes_nothing_and_is_told(tmp_path: Path, endpoint: str) -> None:
    page = Page(tmp_path)
    page.tools.choose_search("searxng", endpoint)
    assert page.tools.current.search.kind == "none"
    assert len(page.problems) == 1


def test_tools_are_switched_and_those_of_servers_judged(tmp_path: Path) -> None:
    page = Page(tmp_path)
    page.tools.set_tool("fetch", False)
    page.tools.set_tool("fetch", False)
    page.tools.set_level("mail__read", "private")
    page.tools.set_level("run_python", "harmless")
    assert page.as_read_again().current.tools.off == ("fetch",)
    assert page.as_read_again().current.tools.levels == (ToolLevel("mail__read", "private"),)
    page.tools.set_tool("fetch", True)
    page.tools.set_level("mail__read", None)
    assert page.as_read_again().current.tools.off == ()
    assert page.as_read_again().current.tools.levels == ()


def test_a_server_is_off_at_first_and_its_secrets_are_in_the_key_store_until_it_goes(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        await page.tools.add_servers((SERVER,))
        (server,) = page.as_read_again().current.tools.servers
        assert server == ServerSettings("mail", SERVER.command, "/tmp", environment=("TOKEN",))
        assert "s3cret" not in page.file.read_text()
        assert page.keyring.kept == {("nyanko", "server mail TOKEN"): "s3cret"}
        page.tools.set_server("mail", True)
        assert page.as_read_again().current.tools.servers[0].enabled
        await page.tools.add_servers((SERVER,))
        assert not page.tools.current.servers[0].enabled, "what is read anew is looked at anew"
        await page.tools.remove_server("mail")
        assert page.as_read_again().current.tools.servers == ()
        assert page.keyring.kept == {}

    play(tmp_path, scene)


SECRET = McpServer("pg", ("pg", "--token=${secret:token}"), secrets={"token": "s3cret"})
BY_HAND = """# mine
[[tools.servers]]
name = "pg"
command = ["pg", "postgresql://mia:s3cret@db/shop"]  # the shop
url = ""
"""


def test_the_secrets_of_a_command_are_in_the_key_store_until_the_server_goes(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        await page.tools.add_servers((SECRET,))
        assert page.as_read_again().current.tools.servers == (ServerSettings("pg", SECRET.command),)
        assert "s3cret" not in page.file.read_text()
        assert page.keyring.kept == {("nyanko", "server pg ${secret:token}"): "s3cret"}
        await page.tools.add_servers((msgspec.structs.replace(SECRET, command=("pg",), secrets={}),))
        assert page.keyring.kept == {}, "what it needs no more is forgotten"
        await page.tools.add_servers((SECRET,))
        await page.tools.remove_server("pg")
        assert page.keyring.kept == {}

    play(tmp_path, scene)


def by_hand(folder: Path, keyring: Callable[[], KeyringBackend] | None = None) -> Page:
    page = Page(folder)
    page.file.write_text(BY_HAND)
    page.store = page.as_read_again()
    page.tools = ToolSettingsController(
        page.store, SecretStore(keyring or (lambda: page.keyring)), page.file.parent, page.hear
    )
    return page


async def settled(page: Page) -> None:
    """Until what was begun has ended."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        await task


@bounded
async def test_a_secret_that_stands_in_the_file_works_and_moves_when_its_server_is_switched(tmp_path: Path) -> None:
    page = by_hand(tmp_path)
    assert page.tools.current.servers[0].command[1] == "postgresql://mia:s3cret@db/shop"
    page.tools.set_server("pg", True)
    await settled(page)
    (server,) = page.as_read_again().current.tools.servers
    assert server == ServerSettings("pg", ("pg", "postgresql://mia:${secret:password}@db/shop"), enabled=True)
    assert page.keyring.kept == {("nyanko", "server pg ${secret:password}"): "s3cret"}
    assert "s3cret" not in page.file.read_text()
    assert "# mine" in page.file.read_text()
    assert page.problems == []


@pytest.mark.expects_log("secrets: The key store cannot be used")
@bounded
async def test_a_secret_stays_in_the_file_where_the_key_store_does_not_take_it(tmp_path: Path) -> None:
    page = by_hand(tmp_path, FailKeyring)
    page.tools.set_server("pg", True)
    await settled(page)
    (server,) = page.as_read_again().current.tools.servers
    assert (server.command[1], server.enabled) == ("postgresql://mia:s3cret@db/shop", True)
    (problem,) = page.problems
    assert problem.params["reason"] == f"pg: {STAYS}"


def test_folders_that_are_not_open_are_told_with_their_reasons(tmp_path: Path) -> None:
    async def scene(page: Page) -> None:
        told: list[ToolsState] = []
        (tmp_path / "notes").mkdir()
        (tmp_path / "gone").mkdir()
        for name in ("notes", "gone"):
            await page.tools.open_folder(str(tmp_path / name))
        (tmp_path / "gone").rmdir()
        tools = ToolSettingsController(page.store, SecretStore(), page.file.parent, page.hear, on_state=told.append)
        await tools.look()
        gone = next(folder for folder in page.tools.current.folders if folder.endswith("gone"))
        assert told[-1].why_closed(gone) == f"there is no folder {gone}"
        assert [folder for folder, _ in told[-1].closed] == [gone]

    play(tmp_path, scene)


class Runner:
    """A worker whose run_python fails with a reason, or asks; it keeps what was decided."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        self.decided: list[FollowUp] = []

    async def run_tool(self, command: RunTool) -> AsyncIterator[Event]:
        called = ToolCalled(command.id, "c", "run_python", {"code": ""}, needs_decision=not self.reason)
        yield called
        result = self.reason or "not allowed"
        yield ToolFinished(command.id, "c", "run_python", f"error: {result}", failed=True, seconds=0)
        yield Finished(command.id)

    async def send(self, message: FollowUp) -> None:
        self.decided.append(message)


def test_where_no_program_can_be_confined_the_reason_is_told_before_any_call() -> None:
    assert asyncio.run(why_no_python(Runner("this system cannot start a program"))) == (
        "this system cannot start a program"
    )


def test_where_a_program_could_run_the_call_that_asks_is_refused() -> None:
    runner = Runner()
    assert asyncio.run(why_no_python(runner)) == ""
    (decision,) = runner.decided
    assert isinstance(decision, Decision)
    assert not decision.allowed


def test_the_real_worker_says_what_the_first_call_would() -> None:
    """Whatever this system is: the answer is that of the tool itself."""

    async def scene() -> str:
        worker = Supervisor(worker_command)
        try:
            return await why_no_python(worker)
        finally:
            await worker.stop()

    try:
        run_python.check_confinement()
    except ToolError as error:
        expected = str(error)
    else:
        expected = ""
    assert asyncio.run(scene()) == expected
