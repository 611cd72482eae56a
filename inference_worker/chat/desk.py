"""What a turn may ask of the app, as an interface: the server fills it with a socket, tests with a list."""

from __future__ import annotations

import asyncio
from typing import Protocol

from inference_worker.protocol.messages import Decision, Event, HostCall, HostResult, ToolCalled


class Desk(Protocol):
    """The app's end of one running turn."""

    cancelled: asyncio.Event
    """Set once when the person stops the turn; the turn then ends with ``Done(finish_reason="cancelled")``."""

    async def emit(self, event: Event) -> None:
        """Hand ``event`` to the app. Returns at once however slowly the app reads: text deltas that wait are merged."""
        ...

    async def decide(self, call: ToolCalled) -> Decision:
        """Send ``call`` and wait for the app's Decision. A cancelled turn gets a refusal at once."""
        ...

    async def call_ended(self, call_id: str) -> None:
        """Return when the person ends this one call, which may be never."""
        ...

    async def host_call(self, call: HostCall) -> HostResult:
        """Send ``call`` and wait for its HostResult. A cancelled turn gets a failed result, without waiting."""
        ...
