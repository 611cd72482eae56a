"""A server that says all the time how far it is, ended in the middle: its worker lives on and owes nobody a word."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from inference_worker.protocol.messages import (
    Access,
    Cancel,
    CancelCall,
    ChatMessage,
    Decision,
    Done,
    Event,
    Finished,
    RunTool,
    RunTurn,
    TextPart,
    ToolCalled,
    ToolFinished,
    ToolProgress,
)
from nyanko_desktop.app_link import find_app
from nyanko_desktop.paths import profile_paths
from nyanko_desktop.settings.schema import ServerSettings, Settings, ToolSettings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.client import WorkerClient, new_id
from tests.cli.command_line import CommandLine
from tests.contract.links import in_process
from tests.instance.app_process import serving
from tests.mcp.reach import access, server
from tests.support.asynchronous import bounded
from tests.support.processes import gone_within
from tests.support.scripted_model import Script

GONE_SECONDS = 20.0
"""For a server that was ended, on a busy machine."""


def turn(text: str, opened: Access | None = None) -> RunTurn:
    message = ChatMessage("user", (TextPart(text),))
    tools = () if opened is None else ("chatty__echo",)
    return RunTurn(new_id(), (message,), tools, access=opened or Access())


async def ended_at_progress(client: WorkerClient, command: RunTool | RunTurn, *, call_only: bool) -> list[Event]:
    """All events of ``command``, whose call, or all of which, is ended as soon as it has said how far it is."""
    seen: list[Event] = []
    asked_to_end = False
    async with client.request(command) as events:
        async for event in events:
            seen.append(event)
            if isinstance(event, ToolCalled):
                await client.send(Decision(command.id, event.call_id, allowed=True))
            elif isinstance(event, ToolProgress) and not asked_to_end:
                asked_to_end = True
                await client.send(CancelCall(command.id, event.call_id) if call_only else Cancel(command.id))
    return seen


async def its_process_is_gone(file: Path) -> bool:
    return await asyncio.to_thread(lambda: gone_within(int(file.read_text()), GONE_SECONDS))


@pytest.mark.parametrize("call_only", [False, True], ids=["stop", "cancel"])
@pytest.mark.parametrize("in_turn", [False, True], ids=["tool", "turn"])
@bounded
async def test_ending_it_leaves_the_worker_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, in_turn: bool, call_only: bool
) -> None:
    opened, file = access(server("Chatty")), tmp_path / "pid"
    caplog.set_level("DEBUG", "nyanko_desktop.worker.client")
    script = Script(replies={"go": f"/chatty__echo {file}\nWell."}, default="Hello.")
    async with in_process(script) as link, link.client(model=True) as client:
        command = turn("go", opened) if in_turn else RunTool(new_id(), "chatty__echo", str(file), access=opened)
        seen = await ended_at_progress(client, command, call_only=call_only)
        assert isinstance(seen[-1], Done if in_turn else Finished)
        last = next(i for i, event in enumerate(seen) if isinstance(event, ToolFinished))
        assert not [event for event in seen[last:] if isinstance(event, ToolProgress)]
        assert await its_process_is_gone(file)  # its thread in the worker has said all that it will say by then
        assert isinstance(await client.ask(turn("hi")), Done)
        assert client.lost is None
    assert "after the end of its request" not in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C of another program")
@bounded
async def test_ctrl_c_at_a_call_in_the_app_leaves_the_apps_model_where_it_was(tmp_path: Path) -> None:
    line, file = CommandLine(tmp_path), tmp_path / "pid"
    chatty = ServerSettings("chatty", server("Chatty").command, enabled=True)
    paths = profile_paths(line.profile)
    SettingsStore(paths.settings).save(Settings(tools=ToolSettings(servers=(chatty,))))
    async with serving(paths, [], default="Hello.") as app:
        before = app.worker.state
        call = line.start("tool", "--allow", "chatty__echo", "chatty__echo", str(file))
        while not file.exists():
            assert call.poll() is None, call.communicate()
            await asyncio.sleep(0.02)
        call.send_signal(signal.SIGINT)
        await asyncio.to_thread(call.communicate)
        assert call.returncode in (-signal.SIGINT, 130)
        assert await its_process_is_gone(file)
        app_link = await find_app(paths)
        assert app_link is not None
        async with aclosing(app_link.turn(turn("hi"))) as events:  # type: ignore[type-var]
            assert isinstance([event async for event in events][-1], Done)
        await app_link.close()
        assert app.worker.state == before
