"""Reminders: kept in the store, shown once when their time has come, also after a restart. Knows no desktop.

What notifies the person is a port (:class:`Notifier`) that shell/ fills. The worker has already read ``WHEN | WHAT``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from inference_worker.protocol.errors import RequestError
from nyanko_desktop.conversations.models import Reminder
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.i18n import tr

log = logging.getLogger(__name__)

MOST_WAITING = 500
"""Reminders that are still to come; more were set by a model that runs in circles."""
FULL = "there are too many reminders: delete some first"
RECHECK_SECONDS = 60.0
"""The longest sleep: a suspended machine or a changed clock must not make a reminder later than this."""
MISSED_AFTER = timedelta(minutes=2)
"""Shown later than this, the notification also says when it was due."""


class Notifier(Protocol):
    """Tells the person something outside our windows."""

    async def show(self, title: str, text: str, key: str) -> None:
        """Show a notification; one with the same ``key`` replaces the earlier one. Raises OSError when it cannot."""
        ...


class TooManyRemindersError(Exception):
    """The book is full."""


class ReminderBook:
    """All reminders of a profile."""

    def __init__(
        self,
        store: ConversationStore,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        recheck: float = RECHECK_SECONDS,
    ) -> None:
        self._store = store
        self._now = now
        self._recheck = recheck
        self._added = asyncio.Event()
        self._told: set[int] = set()
        """Shown in this run, should marking them have failed."""

    async def add(self, when: datetime, what: str) -> Reminder:
        """Keep a reminder for ``when`` (with its zone). Raises StoreError or TooManyRemindersError."""
        if len(await self.waiting()) >= MOST_WAITING:
            raise TooManyRemindersError
        reminder = await self._store.add_reminder(when, what)
        self._added.set()
        return reminder

    async def list(self) -> tuple[Reminder, ...]:
        """Every reminder, shown ones too, by time."""
        return await self._store.reminders()

    async def waiting(self) -> tuple[Reminder, ...]:
        """Those that are still to come, the next one first."""
        return await self._waiting()

    async def change(self, id: int, when: datetime, what: str) -> bool:
        """Give one that is still to come another time and text; false when there is none. Raises StoreError."""
        changed = await self._store.change_reminder(id, when, what)
        self._added.set()
        return changed

    async def delete(self, id: int) -> bool:
        """Forget one that is still to come; false when there is none. Raises StoreError."""
        return await self._store.delete_reminder(id)

    async def due(self, now: datetime) -> tuple[Reminder, ...]:
        """Those whose time has come and that were not shown yet."""
        return tuple(r for r in await self._waiting() if r.due <= now)

    async def mark_shown(self, id: int) -> None:
        self._told.add(id)
        await self._store.mark_shown(id)

    async def run(self, notifier: Notifier) -> None:
        """Show reminders as their time comes, missed ones at once; runs until it is cancelled."""
        while True:
            self._added.clear()
            pause = self._recheck
            try:
                seen = self._now()
                await self._show_due(notifier, seen)
                pause = await self._until_next(seen)
            except RequestError as error:
                log.warning("reminders: %s", error.error.code)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._added.wait(), pause)

    async def _show_due(self, notifier: Notifier, now: datetime) -> None:
        for reminder in await self.due(now):
            try:
                await notifier.show(tr("Reminder"), _words(reminder, now), f"reminder-{reminder.id}")
            except OSError as error:
                log.warning("reminder %d could not be shown, it is tried again: %s", reminder.id, error)
            else:
                await self.mark_shown(reminder.id)

    async def _until_next(self, seen: datetime) -> float:
        """Seconds to sleep: until the first reminder that was not due when they were looked at, which was ``seen``;
        its time may have come since. Never longer than the clock is trusted.
        """
        now = self._now()
        ahead = [(r.due - now).total_seconds() for r in await self._waiting() if r.due > seen]
        return max(0.0, min([self._recheck, *ahead]))

    async def _waiting(self) -> tuple[Reminder, ...]:
        return tuple(r for r in await self._store.waiting_reminders() if r.id not in self._told)


def _words(reminder: Reminder, now: datetime) -> str:
    if now - reminder.due <= MISSED_AFTER:
        return reminder.text
    due = reminder.due.astimezone().strftime("%Y-%m-%d %H:%M")
    return reminder.text + "\n" + tr("It was due at {time}.", time=due)
