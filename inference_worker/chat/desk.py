"""What a turn may ask of the app, as an interface: the server fills it with a socket, tests with a list."""

from __future__ import annotations

import asyncio
from typing import Protocol

from inference_worker.protocol.messages import Event, HostCall, HostResult, ToolCalled


class Desk(Protocol):
    """The app's end of one running turn."""

    cancelled: asyncio.Event
    """Set once when the person stops the turn; the turn then ends with ``Done(finish_reason="cancelled")``."""

    async def emit(self, event: Event) -> None:
        """Hand ``event`` to the app. Returns at once however slowly the app reads: text deltas that wait are merged."""
        ...

    async def decide(self, call: ToolCalled) -> bool:
        """Send ``call`` and wait for the app's Decision: true when it may run. A cancelled turn gets false at once."""
        ...

    async def host_call(self, call: HostCall) -> HostResult:
        """Send ``call`` and wait for its HostResult. A cancelled turn gets a failed result, without waiting."""
        ...
