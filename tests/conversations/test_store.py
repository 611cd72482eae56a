"""The conversation store on a real SQLite file."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import CallPart, TextPart, Timings, Usage
from nyanko_desktop.conversations import migrations
from nyanko_desktop.conversations.models import Reply, Window
from nyanko_desktop.conversations.store import ConversationStore, StoreError
from nyanko_desktop.locks import FileLock

T = TypeVar("T")
CALL = CallPart("c1", "calculate", {"text": "6.5*7.5"}, "48.75", seconds=0.01)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.sqlite3"


def with_store(file: Path, scene: Callable[[ConversationStore], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await ConversationStore.open(file)
        try:
            return await scene(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def window_of(store: ConversationStore, conversation: int) -> Window:
    found = await store.conversation(conversation)
    assert found is not None
    return found.window


def test_a_turn_and_its_reply_come_back_as_they_were_stored(file: Path) -> None:
    parts = (TextPart("It is "), CALL, TextPart("48.75, 喵."))
    end = Reply(
        ids=(1, 2, 70000),
        ids_model="abc",
        reasoning="hm",
        finish_reason="stop",
        usage=Usage(10, 4, 20),
        timings=Timings(0, 0.1, 0.2, 0.01, 0.15, 0.4),
        model="nyanko-mini · int8",
        error=WireError(ErrorCode.BUSY),
    )

    async def write(store: ConversationStore) -> int:
        conversation, _, reply = await store.begin_turn(None, "title", "6.5 × 7.5?")
        await store.save_reply(reply.id, parts, "complete", end)
        return conversation

    conversation = with_store(file, write)
    person, reply = with_store(file, lambda store: store.messages(conversation))
    assert (person.role, person.text, person.status) == ("user", "6.5 × 7.5?", "complete")
    assert (reply.role, reply.parts, reply.status, reply.reply) == ("assistant", parts, "complete", end)
    assert reply.created.tzinfo is not None


def test_the_conversation_used_last_comes_first_and_shows_its_last_words(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        first, _, reply = await store.begin_turn(None, "one", "a")
        second, _, _ = await store.begin_turn(None, "two", "b\nb")
        assert [c.id for c in await store.conversations()] == [second, first]
        await store.save_reply(reply.id, (TextPart("answer"),), "complete", Reply())
        assert [(c.id, c.preview) for c in await store.conversations()] == [(first, "answer"), (second, "b b")]
        await store.rename(second, "other")
        found = await store.conversation(second)
        assert found is not None
        assert found.title == "other"

    with_store(file, scene)


def test_deleting_a_conversation_takes_its_messages_and_their_words_along(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        conversation, _, _ = await store.begin_turn(None, "one", "unforgettable 猫娘")
        kept, _, _ = await store.begin_turn(None, "two", "猫娘很好")
        assert len(await store.search("猫娘")) == 2
        await store.delete(conversation)
        assert [found.conversation for found in await store.search("猫娘")] == [kept]
        assert await store.search("unforgettable") == ()
        assert await store.messages(conversation) == ()
        assert await store.conversation(conversation) is None

    with_store(file, scene)


def test_finished_replies_are_found_and_other_words_of_a_message_replace_the_old(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        _, person, reply = await store.begin_turn(None, "one", "first words")
        await store.save_reply(reply.id, (TextPart("purring"),), "streaming", Reply())
        assert await store.search("purring") == ()
        await store.save_reply(reply.id, (TextPart("purring"), CALL), "complete", Reply())
        assert [f.message for f in await store.search("purr")] == [reply.id]
        again = await store.replace_turn(person.id, "second words")
        assert again is not None
        assert again.id > reply.id
        assert await store.search("first") == ()
        assert await store.search("purring") == ()
        assert [f.text for f in await store.search("second words")] == ["second words"]
        assert await store.replace_turn(again.id, "not mine") is None

    with_store(file, scene)


def test_replies_that_a_dead_program_left_are_interrupted_when_the_file_is_opened(file: Path) -> None:
    async def die(store: ConversationStore) -> int:
        conversation, _, reply = await store.begin_turn(None, "one", "hello")
        await store.save_reply(reply.id, (TextPart("half an ans"),), "streaming", Reply())
        return conversation

    async def look(store: ConversationStore) -> None:
        assert store.recovered == 1
        assert [m.status for m in await store.messages(conversation)] == ["complete", "interrupted"]
        assert len(await store.search("half")) == 1

    conversation = with_store(file, die)
    with_store(file, look)


def test_a_second_program_leaves_running_replies_of_the_first_alone(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        conversation, _, _ = await store.begin_turn(None, "one", "hello")
        second = await ConversationStore.open(file)
        assert second.recovered == 0
        assert [m.status for m in await second.messages(conversation)] == ["complete", "streaming"]
        await second.begin_turn(None, "two", "from the second")
        await second.close()
        assert len(await store.conversations()) == 2

    with_store(file, scene)


@pytest.mark.expects_log("the conversation file is kept as")
@pytest.mark.parametrize("damage", ["no database", "torn page", "newer"])
def test_a_file_that_cannot_be_read_is_kept_and_a_new_one_begun(file: Path, damage: str) -> None:
    async def fill(store: ConversationStore) -> None:
        for i in range(200):
            await store.begin_turn(None, "one", f"hello {i} " * 20)

    with_store(file, fill)
    if damage == "no database":
        file.write_bytes(b"this was a database once" * 100)
    elif damage == "torn page":
        raw = bytearray(file.read_bytes())
        raw[4096 * 2 : 4096 * 6] = b"\xff" * (4096 * 4)
        file.write_bytes(raw)
    else:
        database = sqlite3.connect(file)
        database.execute("PRAGMA user_version = 99")
        database.close()
    before = file.read_bytes()

    async def look(store: ConversationStore) -> WireError | None:
        assert await store.conversations() == ()
        await store.begin_turn(None, "new", "it goes on")
        return store.problem

    problem = with_store(file, look)
    assert problem is not None
    assert problem.code is ErrorCode.STORE_BROKEN
    assert Path(problem.params["path"]).read_bytes() == before
    assert with_store(file, lambda store: _problem(store)) is None


async def _problem(store: ConversationStore) -> WireError | None:
    return store.problem


def test_a_broken_file_that_another_program_uses_is_not_moved_away(file: Path) -> None:
    file.write_bytes(b"rubbish" * 1000)
    other = FileLock(file.with_name(file.name + ".lock"))
    assert other.acquire(shared=True)
    with pytest.raises(StoreError) as caught:
        with_store(file, _problem)
    assert caught.value.error.code is ErrorCode.STORE_BROKEN
    assert file.exists()
    other.release()


def test_a_full_disk_is_said_and_what_was_stored_stays(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        conversation, _, reply = await store.begin_turn(None, "one", "kept")
        await store._run(lambda: store._database._sql.execute("PRAGMA max_page_count = 1").fetchone())
        with pytest.raises(StoreError) as caught:
            await store.save_reply(reply.id, (TextPart("x" * 100_000),), "streaming", Reply())
        assert caught.value.error.code is ErrorCode.DISK_FULL
        assert [m.text for m in await store.messages(conversation)] == ["kept", ""]
        await store._run(lambda: store._database._sql.execute("PRAGMA max_page_count = 100000").fetchone())
        await store.save_reply(reply.id, (TextPart("room again"),), "complete", Reply())

    with_store(file, scene)


def test_a_folder_that_is_not_there_is_an_error_with_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        with_store(tmp_path / "file" / "store.sqlite3", _problem)


def test_statements_run_on_one_thread_that_is_not_the_event_loops(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        threads = {await store._run(threading.get_ident) for _ in range(5)}
        assert len(threads) == 1
        assert threading.get_ident() not in threads

    with_store(file, scene)


def test_what_was_asked_for_is_stored_even_if_nobody_waits_any_more(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        _, _, reply = await store.begin_turn(None, "one", "hello")
        saving = asyncio.ensure_future(store.save_reply(reply.id, (TextPart("safe"),), "complete", Reply()))
        await asyncio.sleep(0)
        saving.cancel()
        assert (await store.messages(reply.conversation))[-1].text == "safe"

    with_store(file, scene)


def test_the_window_of_a_conversation_is_remembered(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        conversation, _, reply = await store.begin_turn(None, "one", "hello")
        await store.set_window(conversation, Window(reply.id, "/m 512"))
        assert await window_of(store, conversation) == Window(reply.id, "/m 512")

    with_store(file, scene)


def test_a_question_in_front_of_the_window_that_is_asked_anew_opens_the_window_again(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        conversation, first, _ = await store.begin_turn(None, "one", "hello")
        _, second, _ = await store.begin_turn(conversation, "", "and?")
        kept = Window(second.id, "/m 512")
        await store.set_window(conversation, kept)
        await store.replace_turn(second.id, "or?")
        assert await window_of(store, conversation) == kept
        await store.replace_turn(first.id, "hi")
        assert await window_of(store, conversation) == Window()

    with_store(file, scene)


def test_a_file_of_the_version_without_the_windows_model_keeps_what_it_holds(file: Path) -> None:
    old = sqlite3.connect(file)
    migrations.migrate(old, migrations.STEPS[:1])
    old.execute("INSERT INTO conversation(id, title, created, updated, window_start) VALUES (1, 'old', 0, 0, 7)")
    old.commit()
    old.close()

    async def scene(store: ConversationStore) -> None:
        assert await window_of(store, 1) == Window(7)

    with_store(file, scene)


def test_reminders_wait_until_they_are_shown(file: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        now = datetime.now().astimezone()
        late = await store.add_reminder(now + timedelta(hours=1), "late")
        early = await store.add_reminder(now - timedelta(days=1), "early")
        assert [r.text for r in await store.waiting_reminders()] == ["early", "late"]
        await store.mark_shown(early.id)
        assert await store.waiting_reminders() == (late,)
        assert [r.shown is not None for r in await store.reminders()] == [True, False]

    with_store(file, scene)


def test_a_step_that_fails_leaves_the_version_before_it(file: Path) -> None:
    database = sqlite3.connect(file)
    steps = (*migrations.STEPS, "CREATE TABLE extra (a); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(database, steps)
    assert migrations.version_of(database) == len(migrations.STEPS)
    assert database.execute("SELECT name FROM sqlite_master WHERE name = 'extra'").fetchall() == []
    migrations.migrate(database, (*migrations.STEPS, "CREATE TABLE extra (a);"))
    assert migrations.version_of(database) == len(migrations.STEPS) + 1
    database.close()


def test_a_copy_of_the_file_after_a_turn_began_holds_the_turn(file: Path, tmp_path: Path) -> None:
    """What a power cut would leave: the files as they are at this moment."""

    async def scene(store: ConversationStore) -> None:
        await store.begin_turn(None, "one", "do not lose me")
        (tmp_path / "copy").mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(file.with_name(file.name + suffix), tmp_path / "copy")

    with_store(file, scene)
    assert len(with_store(tmp_path / "copy" / file.name, lambda store: store.search("lose"))) == 1
