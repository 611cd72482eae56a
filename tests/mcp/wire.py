"""One question to a real worker in this process, over the wire: what a turn does with the tools of servers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from inference_worker.protocol.messages import (
    Access,
    ChatMessage,
    Decision,
    Done,
    Event,
    ListTools,
    RunTool,
    RunTurn,
    TextPart,
    ToolCalled,
    ToolFinished,
    ToolsListed,
)
from inference_worker.tools.mcp_servers.pool import SERVERS
from nyanko_desktop.worker.client import WorkerClient, new_id
from tests.contract.links import in_memory
from tests.support.scripted_model import Script


@contextlib.asynccontextmanager
async def worker(**replies: str) -> AsyncIterator[WorkerClient]:
    """A connection to a worker whose model answers as ``replies`` say; its servers end with it."""
    try:
        async with in_memory(Script(replies=replies)) as link, link.client(model=True) as client:
            yield client
    finally:
        SERVERS.close()


async def listed(client: WorkerClient, opened: Access) -> ToolsListed:
    answer = await client.ask(ListTools(new_id(), opened))
    assert isinstance(answer, ToolsListed)
    return answer


async def ask(
    client: WorkerClient, text: str, opened: Access, *tools: str, see: Callable[[Event], None] = lambda _: None
) -> list[Event]:
    """All events of a turn in which the person allows everything; ``see`` sees each as it comes."""
    message = ChatMessage("user", (TextPart(text),))
    return await _events(client, RunTurn(new_id(), (message,), tools=tools, access=opened), see)


async def run(client: WorkerClient, opened: Access, name: str, argument: str) -> list[Event]:
    """All events of a call without a model, which the person allows."""
    return await _events(client, RunTool(new_id(), name, argument, access=opened))


async def _events(
    client: WorkerClient, command: RunTurn | RunTool, see: Callable[[Event], None] = lambda _: None
) -> list[Event]:
    seen: list[Event] = []
    async with client.request(command) as events:
        async for event in events:
            seen.append(event)
            see(event)
            if isinstance(event, ToolCalled) and event.needs_decision:
                await client.send(Decision(command.id, event.call_id, allowed=True))
    return seen


def finished(events: list[Event]) -> ToolFinished:
    """The one call that ended."""
    (call,) = [event for event in events if isinstance(event, ToolFinished)]
    return call


def called(events: list[Event]) -> ToolCalled:
    (call,) = [event for event in events if isinstance(event, ToolCalled)]
    return call


def done(events: list[Event]) -> Done:
    assert isinstance(events[-1], Done), events[-1]
    return events[-1]
