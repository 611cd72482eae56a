"""Whether programs of models could run here at all: asks the worker, which alone knows how to confine one.

The worker is asked for a call of run_python that is refused, whatever it answers. Knows no settings and no widget.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final, Protocol, cast

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import (
    Access,
    Decision,
    Event,
    Failed,
    FollowUp,
    RunTool,
    ToolCalled,
    ToolFinished,
)
from nyanko_desktop.worker.client import new_id

NOTHING: Final = '{"code": ""}'


class ToolRunner(Protocol):
    """Whoever reaches a worker: the supervisor, or a link of the command line."""

    def run_tool(self, command: RunTool, /) -> AsyncIterator[Event]: ...
    async def send(self, message: FollowUp, /) -> None: ...


async def why_no_python(worker: ToolRunner) -> str:
    """Why no program of a model can run here, in plain English; empty where one could. Raises RequestError."""
    command, possible, reason = RunTool(new_id(), "run_python", NOTHING, access=Access(python=True)), False, ""
    async with aclosing(cast("AsyncGenerator[Event, None]", worker.run_tool(command))) as events:
        async for event in events:
            match event:
                case ToolCalled(needs_decision=True):  # a call that could not run would ask nobody
                    possible = True
                    await worker.send(Decision(command.id, event.call_id, allowed=False))
                case ToolFinished(failed=True) if not possible:
                    reason = event.result.removeprefix("error: ")
                case Failed():
                    raise RequestError.of(event.error)
                case _:
                    pass
    return reason
