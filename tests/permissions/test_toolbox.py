"""What a model is offered, and with what: out of settings, key store, and what a model's folder says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import ListTools, McpServer, SearchService, ServerInfo, ToolInfo, ToolsListed
from inference_worker.tools.registry import TOOLS
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.errors import explain
from nyanko_desktop.permissions.toolbox import (
    ASK_AGAIN_SECONDS,
    COSTLY,
    Offered,
    Toolbox,
    search_key,
    server_secret,
)
from nyanko_desktop.settings.schema import (
    NetworkSettings,
    SearchSettings,
    SeenTool,
    ServerSettings,
    Settings,
    ToolLevel,
    ToolSettings,
)
from nyanko_desktop.settings.secrets import SecretStore
from tests.settings.test_secrets import MemoryKeyring

UNDO = "/nowhere/profile/undo"
FILES = {"read_file", "find_files", "write_file"}
CLOCK = ServerSettings("time", command=("mcp-server-time",), environment=("TOKEN",), enabled=True)
FAR = ServerSettings("far", url="https://example.org/mcp", enabled=True)


def offered(settings: Settings, model: str = "", make: Callable[[Settings], Toolbox] | None = None) -> Offered:
    box = make(settings) if make else Toolbox(lambda: settings, Path(UNDO), SecretStore(MemoryKeyring))
    return asyncio.run(box.offered(model))


def with_tools(**tools: object) -> Settings:
    return Settings(tools=msgspec.structs.replace(ToolSettings(), **tools))


def test_at_first_nothing_of_the_person_is_open() -> None:
    at_first = offered(Settings())
    assert not FILES & set(at_first.tools)
    assert not {"search", "run_python"} & set(at_first.tools)
    assert set(at_first.tools) <= set(TOOLS), "the worker knows all of them"
    assert set(at_first.grants) == {"calculate", "now", "recall", "remind", "list_reminders"}
    assert at_first.access.folders == ()


def test_what_is_opened_is_offered_and_goes_along(tmp_path: Path) -> None:
    notes = str(tmp_path)
    settings = with_tools(folders=(notes,), python=True, search=SearchSettings("searxng", "https://s.example"))
    open_now = offered(settings)
    assert set(open_now.tools) >= {*FILES, "search", "run_python", "fetch", "open"}
    assert set(open_now.tools) <= set(TOOLS)
    assert (open_now.access.folders, open_now.access.undo, open_now.access.python) == ((notes,), UNDO, True)
    assert open_now.access.search == SearchService("searxng", "https://s.example")


def test_folders_that_may_not_be_open_are_not_and_that_is_told_once(tmp_path: Path) -> None:
    notes, profile = tmp_path / "notes", tmp_path / "profile"
    for folder in (notes, profile / "logs"):
        folder.mkdir(parents=True)
    (tmp_path / "file").touch()
    (tmp_path / "home").symlink_to(Path.home())
    closed = {
        "/": "/ is too much: choose a folder in it",
        str(Path.home()): f"{Path.home()} is too much",
        str(tmp_path / "home"): f"{tmp_path / 'home'} is too much",
        str(tmp_path): f"{tmp_path} is too much",
        str(profile): f"{profile} is too much",
        str(profile / "logs"): f"{profile / 'logs'} belongs to Nyanko itself: choose another folder",
        str(tmp_path / "gone"): f"there is no folder {tmp_path / 'gone'}",
        str(tmp_path / "file"): f"{tmp_path / 'file'} is no folder",
        "notes": "notes is no whole path: write it from the root on",
        "~/notes": "~/notes is no whole path",
    }
    settings = with_tools(folders=(*closed, str(notes)))
    told: list[WireError] = []
    box = Toolbox(lambda: settings, profile / "undo", SecretStore(MemoryKeyring), tell=told.append)

    async def scene() -> None:
        assert (await box.offered("")).access.folders == (str(notes),)
        assert (await box.offered("")).access.folders == (str(notes),)

    asyncio.run(scene())
    (problem,) = told
    reasons = problem.params["reasons"].split("\n")
    assert [reason.startswith(said) for reason, said in zip(reasons, closed.values(), strict=True)] == [True] * len(
        closed
    )
    assert not FILES & set(offered(with_tools(folders=("/",))).tools)
    words = explain(problem)
    assert words.action == "open_settings"


def test_offline_and_what_was_switched_off_are_not_offered() -> None:
    settings = Settings(
        network=NetworkSettings(offline=True),
        tools=ToolSettings(search=SearchSettings("duckduckgo"), off=("recall",), servers=(FAR,)),
    )
    found = offered(settings)
    assert not {"fetch", "search", "open", "recall"} & set(found.tools)
    assert found.access.offline
    assert found.access.servers == ()


def test_the_embedded_model_gets_what_it_was_trained_for_unless_the_person_wants_more() -> None:
    mini = str(embedded_model())
    assert offered(Settings(), mini).tools == ("calculate", "now", "remind")
    assert "fetch" in offered(with_tools(beyond_training=True), mini).tools


def test_a_manifest_that_says_nothing_sensible_restricts_nothing(tmp_path: Path) -> None:
    for text in ("{}", "rubbish", '{"tools": 7}', "x" * 100_000):
        (tmp_path / "nyanko.json").write_text(text)
        assert "fetch" in offered(Settings(), str(tmp_path)).tools
    (tmp_path / "nyanko.json").write_text('{"tools": ["now", "format_disk"], "more": 1}')
    assert offered(Settings(), str(tmp_path)).tools == ("now",)


def test_secrets_come_from_the_key_store_and_only_where_there_is_one() -> None:
    keyring = MemoryKeyring()
    keyring.set_password("nyanko", search_key("brave"), "k3y")
    keyring.set_password("nyanko", server_secret("time", "TOKEN"), "t0k")
    settings = with_tools(search=SearchSettings("brave", has_key=True), servers=(CLOCK,))
    access = offered(settings, make=lambda s: Toolbox(lambda: s, Path(UNDO), SecretStore(lambda: keyring))).access
    assert access.search == SearchService("brave", key="k3y")
    assert [server.environment for server in access.servers] == [{"TOKEN": "t0k"}]


def test_secrets_of_a_command_come_from_the_key_store_and_the_server_is_the_same_before_they_moved_there() -> None:
    keyring = MemoryKeyring()
    places = ServerSettings("pg", ("pg", "--token=${secret:token}"), enabled=True)
    plain = msgspec.structs.replace(places, command=("pg", "--token=s3cret"))

    def handed_over(server: ServerSettings) -> McpServer:
        box = Toolbox(lambda: with_tools(servers=(server,)), Path(UNDO), SecretStore(lambda: keyring))
        (one,) = asyncio.run(box.access()).servers
        return one

    assert handed_over(places).secrets == {}, "the worker says what is missing"
    keyring.set_password("nyanko", server_secret("pg", "${secret:token}"), "s3cret")
    assert handed_over(places) == handed_over(plain)
    assert handed_over(places) == McpServer("pg", places.command, secrets={"token": "s3cret"})


def test_tools_of_servers_are_asked_for_now_and_then_and_not_in_each_turn() -> None:
    asked: list[ListTools] = []
    answers: list[ToolsListed | RequestError] = [
        RequestError(ErrorCode.WORKER_LOST, reason="x"),
        listed(problem="it did not start"),
        listed(),
        ToolsListed("1", ()),
        listed(),
    ]

    async def list_servers(command: ListTools) -> ToolsListed:
        asked.append(command)
        answer = answers.pop(0)
        if isinstance(answer, RequestError):
            raise answer
        return answer

    async def scene() -> None:
        now = [0.0]
        secrets = SecretStore(MemoryKeyring)
        settings = with_tools(servers=(CLOCK,))
        box = Toolbox(lambda: settings, Path(UNDO), secrets, list_servers, lambda: now[0])
        assert "time__now" not in (await box.offered("")).tools
        assert "time__now" not in (await box.offered("")).tools
        assert len(asked) == 1, "a server that hangs holds up one turn, not each"
        for _ in range(2):
            now[0] += ASK_AGAIN_SECONDS
            found = await box.offered("")
            assert "time__now" in found.tools
            assert "time__now" not in found.grants
            assert found.tools.count("calculate") == 1
            await box.offered("")
        assert len(asked) == 3
        now[0] += ASK_AGAIN_SECONDS
        assert "time__now" not in (await box.offered("")).tools, "what a server has may change"
        box.forget_servers()
        await box.offered("")
        assert len(asked) == 5

    asyncio.run(scene())


def test_the_person_may_judge_tools_of_servers() -> None:
    settings = with_tools(levels=(ToolLevel("time__now", "harmless", "ab"),))
    box = Toolbox(lambda: settings, Path(UNDO), SecretStore(MemoryKeyring))
    assert box.levels() == {("time__now", "ab"): "harmless"}


def listed(problem: str = "") -> ToolsListed:
    ours = ToolInfo("calculate", "", "harmless", {})
    return ToolsListed(
        "1", (ours, ToolInfo("time__now", "", "effect", {}, "time")), (ServerInfo("time", problem=problem),)
    )


def test_tools_that_changed_since_they_were_switched_on_are_told_once() -> None:
    told: list[WireError] = []

    async def list_servers(command: ListTools) -> ToolsListed:
        assert command.access.seen == {"time__now": "aa"}
        return ToolsListed("1", (ToolInfo("time__now", "", "effect", {}, "time", "bb"),))

    async def scene() -> None:
        now = [0.0]
        settings = with_tools(servers=(CLOCK,), seen=(SeenTool("time__now", "aa"),))
        secrets = SecretStore(MemoryKeyring)
        box = Toolbox(lambda: settings, Path("/undo"), secrets, list_servers, lambda: now[0], tell=told.append)
        for _ in range(3):
            await box.offered("")
            now[0] += ASK_AGAIN_SECONDS

    asyncio.run(scene())
    assert told == [WireError(ErrorCode.TOOLS_CHANGED, {"names": "time__now"})]


def test_servers_that_are_slow_to_answer_do_not_hold_up_each_turn() -> None:
    now, asked = [0.0], list[float]()

    async def list_servers(command: ListTools) -> ToolsListed:
        asked.append(now[0])
        now[0] += 30.0
        return ToolsListed(command.id, ())

    async def scene() -> None:
        settings = with_tools(servers=(CLOCK,))
        box = Toolbox(lambda: settings, Path("/undo"), SecretStore(MemoryKeyring), list_servers, lambda: now[0])
        for _ in range(2):
            await box.offered("")
            now[0] += COSTLY * 30.0 - 1.0
            await box.offered("")
            now[0] += 1.0

    asyncio.run(scene())
    assert asked == [0.0, 30.0 + COSTLY * 30.0]
