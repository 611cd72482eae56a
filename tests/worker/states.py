"""What tests of the supervisor have in common: questions, answers, and waiting for a state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from inference_worker.protocol.messages import ChatMessage, Event, RunTurn, TextDelta, TextPart
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.restarts import RestartPolicy
from nyanko_desktop.worker.session import Patience
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import scripted
from tests.support.asynchronous import first_that_fits

MODEL = "/models/cat"


@asynccontextmanager
async def supervising(policy: RestartPolicy | None = None, **script: Any) -> AsyncIterator[Supervisor]:
    """A supervisor of a real worker process that follows a script."""
    supervisor = Supervisor(lambda: scripted(**script), policy=policy, patience=Patience())
    try:
        yield supervisor
    finally:
        await supervisor.stop()


def turn(text: str = "hi", *tools: str, granted: bool = True) -> RunTurn:
    message = ChatMessage(role="user", parts=(TextPart(text),))
    return RunTurn(id=new_id(), messages=(message,), tools=tools, grants=tools if granted else ())


async def answer(supervisor: Supervisor, command: RunTurn) -> list[Event]:
    async with aclosing(supervisor.turn(command)) as events:
        return [event async for event in events]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def until(supervisor: Supervisor, condition: Callable[[WorkerState], bool]) -> WorkerState:
    """The first state that fits, the present one included."""
    return await first_that_fits(supervisor.subscribe, supervisor.state, condition)
