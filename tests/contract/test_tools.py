"""The tools over the wire: a file is written after a decision and taken back, and a program that runs is ended."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil
import pytest

from inference_worker.protocol.messages import Access, CancelCall, Decision, Event, RunTool, ToolCalled, ToolFinished
from nyanko_desktop.worker.client import WorkerClient, new_id
from tests.contract.conftest import Reach
from tests.support.asynchronous import bounded
from tests.support.scripted_model import Script


async def run(client: WorkerClient, command: RunTool, allowed: bool = True) -> tuple[ToolCalled, ToolFinished]:
    seen: list[Event] = []
    async with client.request(command) as events:
        async for event in events:
            seen.append(event)
            if isinstance(event, ToolCalled) and event.needs_decision:
                await client.send(Decision(id=command.id, call_id=event.call_id, allowed=allowed))
    called, finished = seen[0], seen[-2]
    assert isinstance(called, ToolCalled)
    assert isinstance(finished, ToolFinished)
    return called, finished


@bounded
async def test_a_file_is_written_when_it_was_allowed_and_taken_back_for_the_app(reach: Reach, tmp_path: Path) -> None:
    notes, undo = tmp_path / "open/notes.txt", tmp_path / "undo"
    notes.parent.mkdir()
    notes.write_text("milk\n")
    access = Access(folders=(str(notes.parent),), undo=str(undo))
    argument = json.dumps({"path": "notes.txt", "content": "tea\n"})
    async with reach(Script()) as link, link.client() as client:
        _, refused = await run(client, RunTool(new_id(), "write_file", argument, access=access), allowed=False)
        assert (refused.failed, notes.read_text()) == (True, "milk\n")
        called, written = await run(client, RunTool(new_id(), "write_file", argument, access=access))
        assert (called.level, called.scope) == ("effect", str(notes))
        assert "-milk\n+tea" in called.preview
        assert notes.read_text() == "tea\n"
        _, back = await run(client, RunTool(new_id(), "undo_write", written.undo, ("undo_write",), access))
        assert (back.failed, notes.read_text()) == (False, "milk\n")


@bounded
async def test_what_cannot_be_allowed_is_not_asked_about(reach: Reach, tmp_path: Path) -> None:
    cases = {
        "read_file": {"path": "/etc/passwd"},
        "write_file": {"path": "../x", "content": ""},
        "fetch": {"url": "http://127.0.0.1/"},
        "search": {"query": "tea"},
        "run_python": {"code": "print(1)"},
    }
    access = Access(folders=(str(tmp_path),), undo=str(tmp_path.parent / "undo"))
    async with reach(Script()) as link, link.client() as client:
        for name, arguments in cases.items():
            called, finished = await run(client, RunTool(new_id(), name, json.dumps(arguments), access=access))
            assert (called.needs_decision, finished.failed) == (False, True)


@pytest.mark.skipif(sys.platform != "linux", reason="no program is run there")
@bounded
async def test_a_program_ends_when_its_call_is_ended(reach: Reach) -> None:
    command = RunTool(
        new_id(), "run_python", json.dumps({"code": "while True: pass"}), ("run_python",), Access(python=True)
    )
    async with reach(Script()) as link, link.client() as client:
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        async with client.request(command) as events:
            called = await anext(events)
            assert isinstance(called, ToolCalled)
            await client.send(CancelCall(id=command.id, call_id=called.call_id))
            finished = await anext(events)
        assert isinstance(finished, ToolFinished)
        assert finished.result.startswith("error: ")
        started = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
        assert not psutil.wait_procs(started, timeout=5)[1]
