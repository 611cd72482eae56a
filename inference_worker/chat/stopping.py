"""The person's wish to stop a turn, as something that any wait can be raced against. Knows no turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar

GIVE_UP = 5.0
"""Seconds that abandoned work has to notice its cancellation; it is only waited for so that nothing runs unseen."""
T = TypeVar("T")


class Stopped(Exception):  # noqa: N818 - a wish, no error
    """The person stopped the turn."""


class Stop:
    """Races work against ``cancelled``; to be entered, so that one waiter serves the whole turn."""

    def __init__(self, cancelled: asyncio.Event) -> None:
        self._cancelled = cancelled

    async def __aenter__(self) -> Stop:
        self._waiter = asyncio.ensure_future(self._cancelled.wait())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._waiter.cancel()
        await asyncio.wait({self._waiter}, timeout=GIVE_UP)

    def check(self) -> None:
        """Raise Stopped if the person has stopped the turn."""
        if self._cancelled.is_set():
            raise Stopped

    async def unless(
        self, work: Awaitable[T], *, tick: Callable[[], Awaitable[None]] | None = None, every: float = 1.0
    ) -> T:
        """The result of ``work``, or Stopped at once; meanwhile ``tick`` is called every so many seconds."""
        task = asyncio.ensure_future(work)
        try:
            self.check()
            while not await self._has_ended(task, every if tick else None):
                if tick:
                    await tick()
            self.check()
            return task.result()
        finally:
            await _abandon(task)

    async def _has_ended(self, task: asyncio.Future[T], seconds: float | None) -> bool:
        either: set[asyncio.Future[Any]] = {task, self._waiter}
        done, _ = await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)


async def _abandon(task: asyncio.Future[Any]) -> None:
    """Cancel ``task`` if it still runs; what became of it interests nobody any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=GIVE_UP)
    if task.done() and not task.cancelled():
        task.exception()
