"""One app a profile, on a real socket: found, shown, asked, and replaced after it was killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inference_worker.protocol.address import UnixAddress
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Cancel,
    ChatMessage,
    Done,
    Event,
    Failed,
    HostCall,
    LoadModel,
    Ping,
    RunTool,
    RunTurn,
    TextDelta,
    TextPart,
    ToolFinished,
)
from nyanko_desktop.app_connection import App
from nyanko_desktop.app_link import AppLink, find_app
from nyanko_desktop.instance import Instance, InstanceFile
from nyanko_desktop.paths import Paths, profile_paths
from nyanko_desktop.worker.client import WorkerClient
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.transport import connect
from tests.instance.app_process import serving

WAIT_SECONDS = 60.0
"""For anything here, on a busy machine."""
WORDS = " ".join(f"w{i}" for i in range(300))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return profile_paths(tmp_path / "profile")


def question(text: str, id: str = "t1") -> RunTurn:
    return RunTurn(id, (ChatMessage("user", (TextPart(text),)),), ("calculate", "remind"), ("calculate", "remind"))


def play(paths: Paths, scene: Callable[[App, AppLink, list[str]], Awaitable[None]], **script: Any) -> None:
    async def whole() -> None:
        shown: list[str] = []
        async with asyncio.timeout(WAIT_SECONDS), serving(paths, shown, **script) as app:
            link = await find_app(paths)
            assert link is not None
            try:
                await scene(app, link, shown)
            finally:
                await link.close()

    asyncio.run(whole())


async def events_of(link: AppLink, command: RunTurn | RunTool) -> list[Event]:
    stream = link.turn(command) if isinstance(command, RunTurn) else link.run_tool(command)
    return [event async for event in stream]


def test_a_second_start_finds_the_first_and_has_it_show_itself(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        assert await Instance.claim(paths) is None
        await link.show()
        await link.show_quick_ask()
        assert shown == ["window", "quick-ask"]

    play(paths, scene, load=False)


def test_without_an_app_nothing_is_found_and_no_trace_of_looking_stays_in_the_way(paths: Paths) -> None:
    async def scene() -> None:
        assert await find_app(paths) is None
        first = await Instance.claim(paths)
        assert first is not None
        await first.close()
        await first.close()
        again = await Instance.claim(paths)
        assert again is not None
        await again.close()
        assert await find_app(paths) is None

    asyncio.run(scene())


def test_only_the_owner_can_read_the_token_and_enter_the_socket(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        address = paths.instance_address()
        assert isinstance(address, UnixAddress)
        assert stat.S_IMODE(paths.instance_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(address.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(address.path.parent.stat().st_mode) == 0o700

    play(paths, scene, load=False)


@pytest.mark.expects_log("refused a wrong token")
def test_a_wrong_token_and_another_protocol_are_refused(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        with pytest.raises(RequestError) as caught:
            await WorkerClient.connect(await connect(paths.instance_address()), "guess")
        assert caught.value.error.code is ErrorCode.BAD_TOKEN
        found = msgspec.json.decode(paths.instance_file.read_bytes(), type=InstanceFile)
        reader, writer = await asyncio.open_unix_connection(str(paths.instance_address()).removeprefix("unix:"))
        writer.write(json.dumps({"type": "hello", "protocol": 99, "token": found.token}).encode() + b"\n")
        assert b"protocol_mismatch" in await reader.readline()
        assert await reader.read() == b""
        writer.close()

    play(paths, scene, load=False)


@pytest.mark.expects_log("connection closed: not a message")
def test_rubbish_ends_the_connection_and_nothing_else(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        reader, writer = await asyncio.open_unix_connection(str(paths.instance_address()).removeprefix("unix:"))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        await link.show()
        assert shown == ["window"]

    play(paths, scene, load=False)


def test_a_turn_is_answered_by_the_apps_own_worker_under_the_callers_id(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        one, other = await asyncio.gather(events_of(link, question("6*7?", "a")), events_of(link, question("hm?", "b")))
        assert {event.id for event in one} == {"a"}
        assert {event.id for event in other} == {"b"}
        done = one[-1]
        assert isinstance(done, Done)
        assert done.message.parts[-1] == TextPart("It is 42.")
        assert [e.result for e in one if isinstance(e, ToolFinished)] == ["42"]

    play(paths, scene, replies={"6*7?": "/calculate 6*7\nIt is 42.", "hm?": "Hm."})


def test_two_programs_may_use_the_same_id(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        second = await find_app(paths)
        assert second is not None
        both = await asyncio.gather(events_of(link, question("one")), events_of(second, question("two")))
        assert ["".join(e.text for e in events if isinstance(e, TextDelta)) for events in both] == ["first", "second"]
        await second.close()

    play(paths, scene, replies={"one": "first", "two": "second"})


def test_cancel_and_leaving_early_stop_the_turn_in_the_app(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        async with aclosing(link.turn(question("count", "a"))) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, TextDelta):
                    await link.send(Cancel("a"))
                if isinstance(event, Done):
                    assert event.finish_reason == "cancelled"
        second = await find_app(paths)
        assert second is not None
        async for event in second.turn(question("count", "b")):
            if isinstance(event, TextDelta):
                break
        await second.close()
        while app.worker.state.phase is not None:  # noqa: ASYNC110 - the port tells no changes
            await asyncio.sleep(0.01)

    play(paths, scene, default=WORDS, rate=50)


def test_a_reminder_from_outside_is_kept_by_the_app(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        events = await events_of(link, RunTool("r", "remind", "10m | drink water", ("remind",)))
        assert not any(isinstance(event, HostCall) for event in events)
        (finished,) = (event for event in events if isinstance(event, ToolFinished))
        assert finished.result.startswith("ok ")

    play(paths, scene, load=False)


def test_plan_devices_and_the_truth_about_the_app_are_told(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        assert (await link.plan(Choice("/models/script", "int8").plan_command())).device == "cpu"
        assert [device.device for device in await link.devices()] == ["cpu"]
        described = await link.describe()
        assert (described.pid, described.profile, described.details) == (
            os.getpid(),
            str(paths.profile),
            {"tray": "none"},
        )
        assert described.worker.model is not None
        assert (described.worker.model.precision, link.state.kind) == ("int8", "resident")

    play(paths, scene)


def test_another_model_is_refused_because_the_app_chooses(paths: Paths) -> None:
    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        await link._client.ask(Ping("p"))
        with pytest.raises(RequestError, match="Settings"):
            await link._client.ask(LoadModel("l", "/models/other", "fp32"))

    play(paths, scene, load=False)


def test_when_the_app_quits_open_turns_end_with_an_error(paths: Paths) -> None:
    async def whole() -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            async with serving(paths, [], default=WORDS, rate=20):
                link = await find_app(paths)
                assert link is not None
                turn = link.turn(question("count"))
                async for event in turn:
                    if isinstance(event, TextDelta):
                        break
                    assert not isinstance(event, Failed)
            rest = [event async for event in turn]
            last = rest[-1]
            assert isinstance(last, Failed)
            assert last.error.code is ErrorCode.WORKER_LOST
            await link.close()

    asyncio.run(whole())


def test_an_app_that_was_killed_is_not_found_and_a_new_one_takes_its_place(paths: Paths) -> None:
    arguments = [sys.executable, "-m", "tests.instance.app_process", str(paths.profile), '{"load": false}']
    app = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    assert app.stdout.readline() == "serving\n"

    async def ask() -> None:
        link = await find_app(paths)
        assert link is not None
        await link.show()
        assert (await link.describe()).pid == app.pid
        await link.close()

    asyncio.run(ask())
    assert app.stdout.readline() == "window\n"
    os.kill(app.pid, signal.SIGKILL)
    app.communicate()
    assert paths.instance_file.exists()
    assert asyncio.run(find_app(paths)) is None

    async def scene(app: App, link: AppLink, shown: list[str]) -> None:
        await link.show()
        assert shown == ["window"]

    play(paths, scene, load=False)


def test_an_app_that_has_only_begun_to_start_is_waited_for(paths: Paths) -> None:
    async def scene() -> None:
        instance = await Instance.claim(paths)
        assert instance is not None
        with pytest.raises(RequestError) as caught:
            await find_app(paths, seconds=0.1)
        assert caught.value.error.code is ErrorCode.TIMED_OUT
        await instance.close()

    asyncio.run(scene())
