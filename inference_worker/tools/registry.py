"""The tools there are, by exact name, and the one way to run a call. Knows no turn, no wire and no permission."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.tools import calculate, now, remind
from inference_worker.tools.base import Tool, ToolError

_log = logging.getLogger(__name__)

_tools: dict[str, Tool] = {tool.name: tool for tool in (calculate.TOOL, now.TOOL, remind.TOOL)}
TOOLS: Mapping[str, Tool] = MappingProxyType(_tools)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended; a failed one reads ``error: …``."""

    result: str
    failed: bool
    seconds: float = 0.0


def add_tool(tool: Tool) -> None:
    """Have one more tool from now on, or another one under a name that is there."""
    _tools[tool.name] = tool


def error(reason: str, seconds: float = 0.0) -> Outcome:
    return Outcome(f"error: {reason}", True, seconds)


def find_tools(names: Iterable[str]) -> tuple[Tool, ...]:
    """The tools called ``names``, in that order; RequestError(UNKNOWN_TOOL) for the first that does not exist."""
    return tuple(find_tool(name) for name in names)


def find_tool(name: str) -> Tool:
    if name not in TOOLS:
        raise RequestError(ErrorCode.UNKNOWN_TOOL, name=name, known=", ".join(TOOLS))
    return TOOLS[name]


def prepare_arguments(tool: Tool, text: str) -> dict[str, str]:
    """What the tool gets: ``text`` as written and whatever the tool's own check adds; ToolError where it refuses."""
    return tool.prepare(text) if tool.prepare else {"text": text}


async def run_tool(tool: Tool, text: str) -> Outcome:
    """Run a call on a thread of its own, for ``tool.seconds`` at most. Never raises for what the tool does.

    A thread cannot be ended from outside: one that takes too long, or whose caller was cancelled, is left to itself.
    """
    if tool.run is None:
        raise ValueError(f"{tool.name} is a host tool")
    started = time.monotonic()
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Outcome] = loop.create_future()
    threading.Thread(target=_run_there, args=(tool, text, loop, ended), name=f"tool-{tool.name}", daemon=True).start()
    try:
        outcome = await asyncio.wait_for(ended, tool.seconds)
    except TimeoutError:
        outcome = error(f"took longer than {tool.seconds:g} seconds")
    return Outcome(outcome.result, outcome.failed, time.monotonic() - started)


def _run_there(tool: Tool, text: str, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[Outcome]) -> None:
    outcome = _run(tool, text)
    try:
        loop.call_soon_threadsafe(_deliver, ended, outcome)
    except RuntimeError:  # the worker ended meanwhile, nobody waits any more
        _log.debug("result of %s came after the end", tool.name)


def _deliver(ended: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not ended.done():
        ended.set_result(outcome)


def _run(tool: Tool, text: str) -> Outcome:
    assert tool.run is not None
    try:
        return Outcome(tool.run(text), failed=False)
    except ToolError as refusal:
        return error(str(refusal))
    except Exception:  # noqa: BLE001 - the boundary to a tool: whatever breaks in it must not end the turn
        _log.exception("tool %s broke", tool.name)
        return error("the tool broke")
