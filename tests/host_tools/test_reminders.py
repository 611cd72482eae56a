"""Reminders: stored, shown once at their time, also after a restart and when the clock jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from inference_worker.protocol.messages import HostCall, HostResult
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.host_tools.reminders import ReminderBook

NOON = datetime(2026, 11, 21, 12, 0).astimezone()
WAIT_SECONDS = 30.0
"""Nothing here takes longer than some milliseconds; a slow machine may. Shorter than the book's longest sleep."""
ROUND = 2
"""How often the book reads the clock between two sleeps."""


class Clock:
    """A clock that a test sets, or the real one with ``now`` None; it knows when it was read."""

    def __init__(self, now: datetime | None = NOON) -> None:
        self.now = now
        self._reads = 0
        self._read = asyncio.Event()

    def __call__(self) -> datetime:
        self._reads += 1
        self._read.set()
        return self.now or datetime.now().astimezone()

    async def read_again(self, times: int) -> None:
        """Wait until it was read ``times`` times more."""
        wanted = self._reads + times
        async with asyncio.timeout(WAIT_SECONDS):
            while self._reads < wanted:
                self._read.clear()
                await self._read.wait()


class Shown:
    """A notifier that keeps what it was told; it can be out of order for a while."""

    def __init__(self, failures: int = 0) -> None:
        self.seen: list[tuple[str, str, str]] = []
        self.changed = asyncio.Condition()
        self.failures = failures

    async def show(self, title: str, text: str, key: str) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("no notification service")
        async with self.changed:
            self.seen.append((title, text, key))
            self.changed.notify_all()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self.changed:
            await self.changed.wait_for(lambda: len(self.seen) >= count)


def with_store(file: Path, scene: Callable[[ConversationStore], Awaitable[None]]) -> None:
    async def run() -> None:
        store = await ConversationStore.open(file)
        try:
            await scene(store)
        finally:
            await store.close()

    asyncio.run(run())


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_reminder_is_shown_once_when_its_time_comes(tmp_path: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        clock, shown = Clock(), Shown()
        book = ReminderBook(store, clock, recheck=0.01)
        await book.add(NOON + timedelta(minutes=10), "drink water")
        running = spawn(book.run(shown), "reminders")
        clock.now = NOON + timedelta(minutes=9, seconds=59)
        await clock.read_again(ROUND * 2)
        assert shown.seen == []
        clock.now = NOON + timedelta(minutes=10)
        await shown.wait_for(1)
        await clock.read_again(ROUND * 2)
        assert [(text, key) for _, text, key in shown.seen] == [("drink water", "reminder-1")]
        assert [r.shown is not None for r in await book.list()] == [True]
        await ended(running)

    with_store(tmp_path / "s", scene)


def test_a_missed_reminder_is_shown_at_the_next_start_and_says_when_it_was_due(tmp_path: Path) -> None:
    async def before(store: ConversationStore) -> None:
        await ReminderBook(store).add(NOON, "喝水")

    async def after(store: ConversationStore) -> None:
        clock, shown = Clock(), Shown()
        clock.now = NOON + timedelta(days=2)
        running = spawn(ReminderBook(store, clock).run(shown), "reminders")
        await shown.wait_for(1)
        assert shown.seen[0][1] == "喝水\nIt was due at 2026-11-21 12:00."
        await ended(running)

    async def later(store: ConversationStore) -> None:
        assert await ReminderBook(store).due(NOON + timedelta(days=3)) == ()

    with_store(tmp_path / "s", before)
    with_store(tmp_path / "s", after)
    with_store(tmp_path / "s", later)


def test_one_that_is_added_while_sleeping_wakes_the_book(tmp_path: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        clock, shown = Clock(None), Shown()
        book = ReminderBook(store, clock)
        running = spawn(book.run(shown), "reminders")
        await clock.read_again(ROUND)
        await book.add(datetime.now().astimezone() + timedelta(seconds=0.05), "soon")
        await shown.wait_for(1)
        await ended(running)

    with_store(tmp_path / "s", scene)


def test_one_whose_time_comes_while_another_is_shown_does_not_wait_for_the_next_look(tmp_path: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        clock = Clock()

        class Slow(Shown):
            """A notification service that takes a minute."""

            async def show(self, title: str, text: str, key: str) -> None:
                clock.now = NOON + timedelta(minutes=1)
                await super().show(title, text, key)

        shown = Slow()
        book = ReminderBook(store, clock)
        await book.add(NOON, "first")
        await book.add(NOON + timedelta(seconds=30), "second")
        running = spawn(book.run(shown), "reminders")
        await shown.wait_for(2)
        assert [text for _, text, _ in shown.seen] == ["first", "second"]
        await ended(running)

    with_store(tmp_path / "s", scene)


@pytest.mark.expects_log("could not be shown")
def test_a_notification_that_fails_is_tried_again(tmp_path: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        clock, shown = Clock(), Shown(failures=2)
        book = ReminderBook(store, clock, recheck=0.01)
        await book.add(NOON, "again")
        running = spawn(book.run(shown), "reminders")
        await shown.wait_for(1)
        assert len(shown.seen) == 1
        await ended(running)

    with_store(tmp_path / "s", scene)


def test_a_remind_call_is_stored_and_answered_with_its_time(tmp_path: Path) -> None:
    async def scene(store: ConversationStore) -> None:
        book = ReminderBook(store)
        call = HostCall("1", "c", "remind", {"text": "10m | 喝水", "when": "2026-11-21T18:40", "what": "喝水"})
        assert await HostTools(book, NoteBook(store)).run(call) == HostResult("1", "c", "ok 2026-11-21 18:40")
        (kept,) = await book.list()
        assert kept.text == "喝水"
        assert kept.due == datetime(2026, 11, 21, 18, 40).astimezone()

    with_store(tmp_path / "s", scene)


@pytest.mark.allows_log("host tool")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("open_door", {}),
        ("remind", {}),
        ("remind", {"when": "soon", "what": "x"}),
        ("remind", {"when": "2026-11-21T18:40"}),
    ],
)
def test_a_call_that_cannot_be_answered_fails_with_a_reason(
    tmp_path: Path, name: str, arguments: dict[str, str]
) -> None:
    async def scene(store: ConversationStore) -> None:
        result = await HostTools.on(store).run(HostCall("1", "c", name, arguments))
        assert result.failed
        assert result.result.startswith("error: ")

    with_store(tmp_path / "s", scene)
