"""What the chat needs from a worker: the supervisor fills this interface, and so does a link to the running app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from inference_worker.protocol.messages import Event, FollowUp, RunTool, RunTurn
from nyanko_desktop.worker.state import WorkerState


class Worker(Protocol):
    """A worker that answers turns; one that is asleep wakes up and loads its model for it."""

    @property
    def state(self) -> WorkerState: ...

    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]:
        """Call ``callback`` with each new state; returns the function that ends this."""
        ...

    def turn(self, command: RunTurn) -> AsyncIterator[Event]:
        """The events of a turn, the last of which is Done or Failed."""
        ...

    def run_tool(self, command: RunTool) -> AsyncIterator[Event]:
        """The events of one call without a model, the last of which is Finished or Failed."""
        ...

    async def send(self, message: FollowUp) -> None:
        """Say something about an open turn."""
        ...
