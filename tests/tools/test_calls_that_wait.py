"""A call that waits for a disk or for the network: others are served meanwhile, it can be ended, and it is told."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_worker.chat import calls
from inference_worker.chat.calls import Calls
from inference_worker.chat.stopping import Stop
from inference_worker.protocol.messages import Access, CallPart, RunTool, ToolCalled, ToolFinished, ToolProgress
from inference_worker.tools.base import Arguments, Prepared, Run, Tool
from inference_worker.tools.filter import Called
from tests.support.asynchronous import bounded
from tests.support.fake_desk import FakeDesk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a pipe stands for a disk that does not answer")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A pipe: opening it to read waits in the system until somebody writes, which happens when the test is over."""
    path = tmp_path / "disk"
    os.mkfifo(path)
    yield path
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


def slow_tool(disk: Path) -> Tool:
    def prepare(arguments: Arguments, access: Access) -> Prepared:
        os.close(os.open(disk, os.O_RDONLY))
        return Prepared(dict(arguments), scope="there")

    def run(arguments: Arguments, run: Run) -> str:
        return run.prepared.scope if run.prepared else "nothing was shown"

    return Tool("look", "Looks.", run=run, prepare=prepare)


async def answer(tool: Tool, desk: FakeDesk) -> CallPart:
    command = RunTool("1", tool.name, "x", (tool.name,))
    async with Stop(desk.cancelled) as stop:
        return await Calls(command, {tool.name: tool}, desk, stop).answer(Called(tool.name, {"text": "x"}, end=0), str)


@bounded
async def test_the_loop_goes_on_while_a_check_waits_for_the_disk(disk: Path) -> None:
    desk = FakeDesk()
    waiting = asyncio.create_task(answer(slow_tool(disk), desk))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert desk.events == []
    writer = await asyncio.to_thread(os.open, disk, os.O_WRONLY)
    part = await waiting
    os.close(writer)
    assert part.result == "there"
    assert isinstance(desk.events[0], ToolCalled)
    assert desk.events[0].scope == "there"


@pytest.mark.parametrize("call_only", [False, True], ids=["stop", "cancel"])
@bounded
async def test_what_a_tool_reports_after_its_call_was_ended_reaches_nobody(call_only: bool) -> None:
    over, reported, desk = threading.Event(), threading.Event(), FakeDesk()

    def run(arguments: Arguments, run: Run) -> str:
        run.report("under way")
        over.wait()
        run.report("too late")
        reported.set()
        return "done"

    waiting = asyncio.create_task(answer(Tool("count", "Counts.", run=run), desk))
    await desk.until(lambda: bool(desk.of(ToolProgress)))
    (desk.ended_calls[desk.of(ToolCalled)[0].call_id] if call_only else desk.cancelled).set()
    assert (await waiting).result == "error: stopped"
    over.set()
    await asyncio.to_thread(reported.wait)
    for _ in range(10):
        await asyncio.sleep(0)
    assert [progress.text for progress in desk.of(ToolProgress)] == ["under way"]
    assert isinstance(desk.events[-1], ToolFinished)


@bounded
async def test_a_check_that_waits_is_stopped_at_once(disk: Path) -> None:
    desk = FakeDesk()
    waiting = asyncio.create_task(answer(slow_tool(disk), desk))
    await asyncio.sleep(0)
    desk.cancelled.set()
    assert (await waiting).result == "error: stopped"
    assert desk.asked == []


@bounded
async def test_a_check_that_takes_too_long_is_an_error_and_nobody_is_asked(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "PREPARE_SECONDS", 0.05)
    desk = FakeDesk()
    part = await answer(slow_tool(disk), desk)
    assert (part.result, part.failed) == ("error: took longer than 0.05 seconds", True)
    assert desk.asked == []


@pytest.mark.expects_log("the check of look broke")
@bounded
async def test_a_check_that_breaks_ends_the_call_and_not_the_turn() -> None:
    def prepare(arguments: Arguments, access: Access) -> Prepared:
        raise OSError("the disk is gone")

    part = await answer(Tool("look", "Looks.", run=lambda *_: "", prepare=prepare), FakeDesk())
    assert part.result == "error: the tool broke"


@bounded
@pytest.mark.parametrize("ended_by", ["stop", "end of the call"])
async def test_the_hosts_of_a_call_that_was_ended_are_told(ended_by: str) -> None:
    desk, reached = FakeDesk(), threading.Event()

    def run(arguments: Arguments, run: Run) -> str:
        run.reaches("example.com")
        reached.set()
        run.cancelled.wait(30)
        return "never told"

    waiting = asyncio.create_task(answer(Tool("look", "Looks.", run=run), desk))
    assert await asyncio.to_thread(reached.wait, 30)
    if ended_by == "stop":
        desk.cancelled.set()
    else:
        (called,) = desk.of(ToolCalled)
        desk.ended_calls[called.call_id].set()
    assert (await waiting).result == "error: stopped"
    (finished,) = desk.of(ToolFinished)
    assert finished.hosts == ("example.com",)
