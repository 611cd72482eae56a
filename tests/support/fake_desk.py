"""The app's end of a turn as a list: events are kept, decisions and host results come from the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from inference_worker.protocol.messages import Decision, Event, HostCall, HostResult, TextDelta, ToolCalled

E = TypeVar("E")


class FakeDesk:
    """Allows every call unless told otherwise; ``decision`` may be a future that a test fills later."""

    def __init__(self, *, allows: bool = True, host: Callable[[HostCall], str] | str = "ok") -> None:
        self.cancelled = asyncio.Event()
        self.events: list[Event] = []
        self.asked: list[ToolCalled] = []
        self.decision: asyncio.Future[bool] | None = None
        self.ended_calls: dict[str, asyncio.Event] = {}
        self._allows = allows
        self._host = host
        self._changed = asyncio.Event()

    async def emit(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()

    async def decide(self, call: ToolCalled) -> Decision:
        self.asked.append(call)
        await self.emit(call)
        allowed = self._allows if self.decision is None else await self.decision
        return Decision(call.id, call.call_id, allowed)

    async def call_ended(self, call_id: str) -> None:
        await self.ended_calls.setdefault(call_id, asyncio.Event()).wait()

    async def host_call(self, call: HostCall) -> HostResult:
        await self.emit(call)
        return HostResult(call.id, call.call_id, self._host if isinstance(self._host, str) else self._host(call))

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        """All visible text."""
        return "".join(event.text for event in self.of(TextDelta))

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait until an event makes ``condition`` true."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()
