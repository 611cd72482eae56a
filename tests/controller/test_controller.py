"""The chat as a window sees it, over a real store, the real supervisor and a scripted worker process."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.errors import ErrorCode
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.chat.controller import ChatController
from nyanko_desktop.chat.model_keeper import ModelKeeper
from nyanko_desktop.chat.view_state import ToolView, ViewState
from nyanko_desktop.conversations.models import Window
from nyanko_desktop.settings.schema import ModelSettings, Settings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.residency import Choice
from tests.controller.scene import SYSTEM, Chat, play, text_of

WORDS = " ".join(f"w{i}" for i in range(400))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.sqlite3"


def held(file: Path, after: int) -> dict[str, Any]:
    """A script whose replies wait after so many tokens, until :func:`let_go`."""
    return {"holds_after": after, "goes_on": str(file.with_name("go on"))}


def let_go(file: Path) -> None:
    file.with_name("go on").touch()


def test_a_question_is_answered_and_both_are_stored(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        state = await chat.ask("What is six times seven?")
        assert text_of(state) == "It is 42."
        card = state.messages[-1].parts[0]
        assert isinstance(card, ToolView)
        assert (card.name, card.argument, card.result, card.failed) == ("calculate", "6*7", "42", False)
        assert (state.messages[-1].status, state.messages[-1].model) == ("complete", "script · int8")
        assert state.messages[-1].usage is not None
        assert (state.title, state.conversations[0].preview) == ("What is six times seven?", "It is 42.")
        stored = await chat.store.messages(state.current or 0)
        assert [m.status for m in stored] == ["complete", "complete"]
        assert stored[1].reply.ids != ()
        assert stored[1].reply.ids_model == "script"

    play(file, scene, default="/calculate 6*7\nIt is 42.")


def test_the_persons_words_are_stored_before_the_worker_has_even_started(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        loading = asyncio.ensure_future(chat.worker.load(Choice("/models/endless", "int8", "cpu")))
        await chat.until(lambda s: s.worker.kind == "starting")
        assert await chat.controller.send("first of all")
        assert chat.worker.state.kind != "resident"
        stored = await chat.store.messages(chat.controller.state.current or 0)
        assert [(m.text, m.status) for m in stored] == [("first of all", "complete"), ("", "streaming")]
        loading.cancel()

    play(file, scene, load=False)


def test_a_turn_that_is_sent_while_the_model_loads_is_answered(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        loading = asyncio.ensure_future(chat.worker.load(Choice("/models/script", "int8", "cpu")))
        await chat.until(lambda s: s.worker.kind == "loading")
        assert text_of(await chat.ask("are you there?")) == "I am here."
        await loading

    play(file, scene, load=False, default="I am here.", load_steps=5)


def test_stop_keeps_what_was_written_and_continue_goes_on_from_there(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        assert await chat.controller.send("count")
        await chat.until(lambda s: "w5 " in text_of(s))
        await chat.controller.stop()
        state = await chat.until(lambda s: not s.busy)
        assert state.messages[-1].status == "cancelled"
        assert state.messages[-1].error is not None
        assert WORDS.startswith(text_of(state))
        let_go(file)
        assert await chat.controller.resume()
        state = await chat.until(lambda s: not s.busy)
        assert text_of(state) == WORDS
        assert (state.messages[-1].status, state.messages[-1].error) == ("complete", None)
        assert len(await chat.store.messages(state.current or 0)) == 2

    play(file, scene, default=WORDS, **held(file, 20))


@pytest.mark.allows_log("worker", "connection")
def test_a_worker_that_dies_mid_reply_leaves_an_interrupted_reply_that_can_be_continued(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        assert await chat.controller.send("count")
        await chat.until(lambda s: "w9 " in text_of(s))
        os.kill(chat.worker.state.pid or 0, signal.SIGKILL)
        state = await chat.until(lambda s: not s.busy)
        last = state.messages[-1]
        assert last.status == "interrupted"
        assert last.error is not None
        assert last.error.action == "continue"
        assert "w9 " in text_of(state)
        let_go(file)
        assert await chat.controller.resume()
        assert text_of(await chat.until(lambda s: not s.busy)) == WORDS

    play(file, scene, default=WORDS, **held(file, 20))


def test_retry_answers_anew_and_edit_asks_something_else(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        await chat.ask("one")
        state = await chat.ask("two")
        first_reply = state.messages[-1].id
        assert await chat.controller.retry()
        state = await chat.until(lambda s: not s.busy)
        assert len(state.messages) == 4
        assert state.messages[-1].id > first_reply
        assert await chat.controller.edit(state.messages[0].id, "three")
        state = await chat.until(lambda s: not s.busy)
        assert [text_of(state, i) for i in range(len(state.messages))] == ["three", "three it is"]
        assert [m.text for m in await chat.store.messages(state.current or 0)] == ["three", "three it is"]

    play(file, scene, replies={"one": "one it is", "two": "two it is", "three": "three it is"})


def test_two_conversations_stream_at_once_and_one_window_opens_what_the_other_began(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        quick_ask = ChatController(chat.hub)
        assert await chat.controller.send("count")
        assert await quick_ask.send("hello")
        assert chat.controller.state.busy
        assert quick_ask.state.busy
        assert quick_ask.state.current != chat.controller.state.current
        let_go(file)
        assert await chat.controller.open(quick_ask.state.current or 0)
        state = await chat.until(lambda s: not s.busy)
        assert text_of(state) == "short"
        await chat.until(lambda s: len(s.conversations) == 2, quick_ask)
        quick_ask.close()

    play(file, scene, replies={"count": WORDS, "hello": "short"}, **held(file, 20))


def test_a_reply_goes_on_when_its_window_shows_something_else(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        assert await chat.controller.send("count")
        began = chat.controller.state.current or 0
        chat.controller.new_conversation()
        assert chat.controller.state.messages == ()
        await chat.hub.wait_for_reply(began)
        assert await chat.controller.open(began)
        assert text_of(chat.controller.state) == WORDS

    play(file, scene, default=WORDS)


def test_a_reminder_in_a_reply_is_stored_and_shown_on_its_card(file: Path) -> None:
    next_year = time.localtime().tm_year + 1

    async def scene(chat: Chat) -> None:
        state = await chat.ask("remind me")
        card = state.messages[-1].parts[0]
        assert isinstance(card, ToolView)
        assert (card.name, card.argument) == ("remind", f"{next_year}-11-21 18:30 | 喝水")
        assert card.result == f"ok {next_year}-11-21 18:30"
        assert [r.text for r in await chat.reminders.list()] == ["喝水"]

    play(file, scene, default=f"/remind {next_year}-11-21 18:30 | 喝水\nI will.")


def test_while_text_streams_a_window_hears_at_most_once_a_frame(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        times: list[tuple[float, ViewState]] = []
        chat.controller.subscribe(lambda state: times.append((time.monotonic(), state)))
        await chat.ask("count")
        shown = [(at, text_of(state)) for at, state in times if state.busy and state.worker.phase == "answering"]
        gaps = sorted(b[0] - a[0] for a, b in itertools.pairwise(shown))
        assert len(shown) > 3
        assert gaps[len(gaps) // 2] >= 0.030
        assert len(shown) <= 2 + (shown[-1][0] - shown[0][0]) / 0.030
        assert text_of(chat.controller.state) == WORDS

    play(file, scene, default=WORDS, rate=400)


def test_a_missing_model_fails_the_reply_with_a_way_out_and_retry_works_after_it(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        with pytest.raises(Exception, match="model_not_found"):
            await chat.worker.load(Choice("/models/missing", "int8", "cpu"))
        state = await chat.ask("hello?")
        assert state.messages[-1].status == "failed"
        assert state.messages[-1].error is not None
        assert state.messages[-1].error.code == ErrorCode.MODEL_NOT_FOUND
        assert state.messages[-1].error.action == "open_settings"
        await chat.worker.load(Choice("/models/script", "int8", "cpu"))
        assert await chat.controller.retry()
        assert text_of(await chat.until(lambda s: not s.busy)) == "I am a script."

    play(file, scene, load=False)


def test_a_long_conversation_moves_its_window_and_goes_on(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        for i in range(8):
            state = await chat.ask(f"{i} " + "x" * 100)
            assert state.messages[-1].status == "complete"
        stored = await chat.store.conversation(state.current or 0)
        assert stored is not None
        assert state.memory_begins is not None
        assert stored.window == Window(state.messages[state.memory_begins].id, "/models/script 600")
        assert state.messages[state.memory_begins].role == "user"
        assert len(state.messages) == 16

    play(file, scene, default="short", context=600)


def test_a_question_that_is_too_long_costs_no_memory_of_what_was_said_before(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        await chat.ask("one")
        state = await chat.ask("x" * 900)
        error = state.messages[-1].error
        assert error is not None
        assert (state.messages[-1].status, error.code) == ("failed", ErrorCode.CONTEXT_FULL)
        assert "900" in error.reason
        state = await chat.ask("two")
        assert (state.messages[-1].status, state.memory_begins) == ("complete", None)
        assert state.messages[-1].usage is not None
        assert state.messages[-1].usage.prompt_tokens == len(f"{SYSTEM} one short two ")

    play(file, scene, default="short", context=600)


@pytest.mark.expects_log("is not stored: disk_full")
def test_a_full_disk_keeps_the_reply_in_memory_says_so_and_stores_it_when_there_is_room(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        sql = chat.store._database._sql
        assert await chat.controller.send("count")
        await chat.until(lambda s: "w5 " in text_of(s))
        await chat.store._run(lambda: sql.execute("PRAGMA max_page_count = 1").fetchone())
        let_go(file)
        state = await chat.until(lambda s: s.notice is not None and text_of(s) == WORDS)
        assert state.notice is not None
        assert state.notice.code == ErrorCode.DISK_FULL
        await chat.store._run(lambda: sql.execute("PRAGMA max_page_count = 100000").fetchone())
        state = await chat.until(lambda s: not s.busy)
        assert state.notice is None
        assert (await chat.store.messages(state.current or 0))[-1].text == WORDS

    play(file, scene, default=WORDS, **held(file, 20))


def test_words_that_could_not_be_stored_are_not_sent_and_not_lost(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        await chat.store._run(lambda: chat.store._database._sql.execute("PRAGMA max_page_count = 1").fetchone())
        assert not await chat.controller.send("y" * 100_000)
        assert chat.controller.state.notice is not None
        assert chat.controller.state.notice.code == ErrorCode.DISK_FULL
        assert chat.controller.state.messages == ()
        chat.controller.dismiss_notice()
        assert chat.controller.state.notice is None

    play(file, scene)


def test_a_second_question_waits_for_nobody_it_is_refused_while_a_reply_is_written(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        assert await chat.controller.send("count")
        assert not await chat.controller.send("again")
        assert chat.controller.state.notice is not None
        assert chat.controller.state.notice.code == ErrorCode.BUSY
        await chat.controller.stop()
        state = await chat.until(lambda s: not s.busy)
        assert len(state.messages) == 2

    play(file, scene, default=WORDS, **held(file, 20))


def test_search_rename_and_delete_show_in_the_list(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        await chat.ask("我家有猫娘")
        cat = chat.controller.state.current or 0
        chat.controller.new_conversation()
        await chat.ask("something else")
        await chat.controller.search("猫娘")
        assert [c.id for c in chat.controller.state.conversations] == [cat]
        await chat.controller.search("")
        assert len(chat.controller.state.conversations) == 2
        await chat.controller.open(cat)
        await chat.controller.rename(cat, " My  cat ")
        assert chat.controller.state.title == "My cat"
        await chat.controller.delete(cat)
        state = chat.controller.state
        assert (state.current, state.messages) == (None, ())
        assert cat not in [c.id for c in state.conversations]

    play(file, scene)


def test_quitting_mid_reply_stores_it_as_interrupted(file: Path) -> None:
    async def quit_soon(chat: Chat) -> None:
        assert await chat.controller.send("count")
        await chat.until(lambda s: "w5 " in text_of(s))

    async def look(chat: Chat) -> None:
        (conversation,) = chat.controller.state.conversations
        assert await chat.controller.open(conversation.id)
        state = chat.controller.state
        assert state.messages[-1].status == "interrupted"
        assert "w5 " in text_of(state)
        assert await chat.controller.resume()
        assert text_of(await chat.until(lambda s: not s.busy)) == WORDS

    play(file, quit_soon, default=WORDS, **held(file, 20))
    play(file, look, default=WORDS)


def test_the_chosen_model_is_loaded_at_start_and_when_the_choice_changes(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        settings = SettingsStore(file.with_name("settings.toml"))
        choice = ModelKeeper(chat.worker, settings, file.with_name("cache"))
        state = await chat.until(lambda s: s.worker.model is not None)
        assert state.worker.model is not None
        assert (state.worker.model.path, state.worker.model.precision) == (str(embedded_model()), "int8")
        settings.save(Settings(theme="dark"))
        assert chat.worker.state.kind == "resident"
        settings.save(Settings(model=ModelSettings(precision="bf16")))
        await chat.until(lambda s: s.worker.model is not None and s.worker.model.precision == "bf16")
        settings.save(Settings(model=ModelSettings(path="/models/missing")))
        state = await chat.until(lambda s: s.worker.kind == "failed")
        assert state.worker.error is not None
        assert state.worker.error.code is ErrorCode.MODEL_NOT_FOUND
        choice.close()

    play(file, scene, load=False)
