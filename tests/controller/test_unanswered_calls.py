"""A worker that is killed in a call, an app that quits over an open question: the call stays where it was written."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from inference_worker.protocol.messages import Access, CallPart, TextPart
from nyanko_desktop.chat.draft import UNENDED
from nyanko_desktop.chat.view_state import TextView, ToolView, ViewState
from nyanko_desktop.permissions.toolbox import FixedOffer
from tests.controller.scene import Chat, play

NAPS = FixedOffer(("nap",))


def cards(state: ViewState) -> list[ToolView]:
    return [part for part in state.messages[-1].parts if isinstance(part, ToolView)]


def text(state: ViewState) -> list[str]:
    return [part.text for part in state.messages[-1].parts if isinstance(part, TextView)]


async def asked(chat: Chat) -> str:
    """The id of the call with which the reply to a new question waits."""
    assert await chat.controller.send("go")
    state = await chat.until(lambda s: bool(s.messages and cards(s) and cards(s)[0].approval))
    return cards(state)[0].call_id


async def stored(chat: Chat) -> tuple[TextPart | CallPart, ...]:
    return (await chat.store.messages(chat.controller.state.current or 0))[-1].parts


@pytest.mark.allows_log("worker", "connection")
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_call_whose_worker_is_killed_stays_without_an_answer_and_continue_goes_on_behind_it(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        call = await asked(chat)
        assert chat.controller.allow(call)
        await chat.until(lambda s: cards(s)[0].began is not None)
        os.kill(chat.worker.state.pid or 0, signal.SIGKILL)
        state = await chat.until(lambda s: not s.busy)
        assert state.messages[-1].status == "interrupted"
        (card,) = cards(state)
        assert (card.name, card.argument, card.failed, card.result) == ("nap", "60", True, UNENDED)
        assert await stored(chat) == (TextPart("First.\n"), CallPart(call, "nap", {"text": "60"}, UNENDED, failed=True))
        await chat.until(lambda s: s.worker.kind != "failed")
        assert await chat.controller.resume()
        state = await chat.until(lambda s: not s.busy)
        assert state.messages[-1].status == "complete"
        assert cards(state) == [card]
        assert text(state) == ["First.\n", "That is it."]

    play(tmp_path / "store.sqlite3", scene, default="First.\n/nap 60\nThat is it.", offers=NAPS)


def test_a_question_that_is_open_when_the_app_quits_leaves_its_call_which_never_runs(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    offers = FixedOffer(("write_file",), Access(folders=(str(folder),), undo=str(tmp_path / "undo")))
    said = '/write_file {"path": "a.txt", "content": "x"}\nThat is it.'

    async def quit_soon(chat: Chat) -> None:
        await asked(chat)
        assert [part.result for part in await stored(chat) if isinstance(part, CallPart)] == [UNENDED]

    async def look(chat: Chat) -> None:
        (conversation,) = chat.controller.state.conversations
        assert await chat.controller.open(conversation.id)
        (card,) = cards(chat.controller.state)
        assert (card.name, card.result, card.approval) == ("write_file", UNENDED, None)
        assert [call.allowed for call in await chat.permissions.calls()] == [False]
        assert await chat.controller.resume()
        assert text(await chat.until(lambda s: not s.busy)) == ["That is it."]
        assert list(folder.iterdir()) == []

    play(tmp_path / "store.sqlite3", quit_soon, default=said, offers=offers)
    play(tmp_path / "store.sqlite3", look, default=said, offers=offers)


def test_a_call_that_ends_keeps_its_own_result(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        assert chat.controller.allow(await asked(chat))
        state = await chat.until(lambda s: not s.busy)
        assert [card.result for card in cards(state)] == ["slept 0 s"]
        assert [part.result for part in await stored(chat) if isinstance(part, CallPart)] == ["slept 0 s"]

    play(tmp_path / "store.sqlite3", scene, default="/nap 0\nThat is it.", offers=NAPS)
