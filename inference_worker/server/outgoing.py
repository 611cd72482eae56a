"""Events on their way to the app. Putting never waits: while the reader is slow, text that waits is merged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from inference_worker.protocol.messages import Event, LoadProgress, ReasoningDelta, TextDelta

DELTA_CHARS: Final = 64 * 1024
"""Of one text delta: even with every character escaped a line stays far below the limit."""
WAITING_LIMIT: Final = 4096
"""Events. Merging keeps honest use far below this; a reader that lets so many pile up is not coming back."""
BATCH: Final = 64
"""Events handed over at once, so that a burst costs one write and the rest can still merge."""


class ReaderGoneError(Exception):
    """The app has not read for so long that its connection should end."""


class _Slot:
    """One waiting event, or several that became one."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._pieces = [event.text] if isinstance(event, TextDelta | ReasoningDelta) else []
        self._chars = len(self._pieces[0]) if self._pieces else 0

    def merge(self, event: Event) -> bool:
        """Take ``event`` in if nothing is lost by it."""
        if type(event) is not type(self._event):
            return False
        if isinstance(event, LoadProgress):
            self._event = event
            return True
        if isinstance(event, TextDelta | ReasoningDelta) and self._chars + len(event.text) <= DELTA_CHARS:
            self._pieces.append(event.text)
            self._chars += len(event.text)
            return True
        return False

    def event(self) -> Event:
        if isinstance(self._event, TextDelta | ReasoningDelta) and len(self._pieces) > 1:
            return msgspec.structs.replace(self._event, text="".join(self._pieces))
        return self._event


class Outgoing:
    """A bounded queue with one reader. Events of one request keep their order."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, _Slot]] = deque()
        self._last: dict[str, _Slot] = {}
        self._filled = asyncio.Event()

    def put(self, event: Event) -> None:
        """Queue ``event``. Raises ReaderGoneError when nobody has read for too long."""
        for part in _parts(event):
            self._put(part)

    async def take(self) -> list[Event]:
        """The next events, at least one."""
        await self._filled.wait()
        taken = [self._pop() for _ in range(min(BATCH, len(self._waiting)))]
        if not self._waiting:
            self._filled.clear()
        return taken

    def drop(self, about: str) -> None:
        """Forget what waits about one request."""
        self._waiting = deque(waiting for waiting in self._waiting if waiting[0] != about)
        self._last.pop(about, None)
        if not self._waiting:
            self._filled.clear()

    def _put(self, event: Event) -> None:
        about = getattr(event, "id", "")
        last = self._last.get(about)
        if last is not None and last.merge(event):
            return
        if len(self._waiting) >= WAITING_LIMIT:
            raise ReaderGoneError(f"{WAITING_LIMIT} events wait to be read")
        slot = self._last[about] = _Slot(event)
        self._waiting.append((about, slot))
        self._filled.set()

    def _pop(self) -> Event:
        about, slot = self._waiting.popleft()
        if self._last.get(about) is slot:
            del self._last[about]
        return slot.event()


def _parts(event: Event) -> Iterator[Event]:
    if isinstance(event, TextDelta | ReasoningDelta) and len(event.text) > DELTA_CHARS:
        for start in range(0, len(event.text), DELTA_CHARS):
            yield msgspec.structs.replace(event, text=event.text[start : start + DELTA_CHARS])
    else:
        yield event
