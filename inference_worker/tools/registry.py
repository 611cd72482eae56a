"""The tools there are, by exact name, and the one way to run a call. Knows no turn, no wire and no permission."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Access
from inference_worker.protocol.tasks import in_thread
from inference_worker.tools import (
    calculate,
    fetch,
    find_files,
    now,
    read_file,
    remember,
    remind,
    reminders,
    run_python,
    search,
    write_file,
)
from inference_worker.tools import open as open_link
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.mcp_servers.names import server_of
from inference_worker.tools.mcp_servers.tools import tool_of, tools_of
from inference_worker.tools.values import BadValueError, parse_value

_log = logging.getLogger(__name__)

_OURS = (calculate.TOOL, now.TOOL, remind.TOOL, read_file.TOOL, find_files.TOOL, write_file.TOOL, run_python.TOOL)
_OF_THE_WEB = (fetch.TOOL, search.TOOL)
_OF_THE_APP = (remember.REMEMBER, remember.RECALL, remember.FORGET, reminders.LIST, reminders.EDIT, open_link.TOOL)
_FOR_THE_APP = {tool.name: tool for tool in (write_file.UNDO,)}
"""Never offered to a model, and in no list."""
_tools: dict[str, Tool] = {tool.name: tool for tool in (*_OURS, *_OF_THE_WEB, *_OF_THE_APP)}
TOOLS: Mapping[str, Tool] = MappingProxyType(_tools)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended; a failed one reads ``error: …``. The rest is as in Result."""

    result: str
    failed: bool
    seconds: float = 0.0
    source: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts that were reached out to, however it ended."""
    undo: str = ""


def add_tool(tool: Tool) -> None:
    """Have one more tool from now on, or another one under a name that is there."""
    _tools[tool.name] = tool


def error(reason: str, seconds: float = 0.0) -> Outcome:
    return Outcome(f"error: {reason}", True, seconds)


def find_tools(names: Iterable[str]) -> tuple[Tool, ...]:
    """The tools called ``names``, in that order; RequestError(UNKNOWN_TOOL) for the first that does not exist."""
    return tuple(find_tool(name) for name in names)


async def find_offered(names: Iterable[str], access: Access) -> tuple[Tool, ...]:
    """As :func:`find_tools`, among those of servers too; a tool that its server does not have now is left out."""
    names = tuple(names)
    of_servers = await tools_of(access, names)
    known = (of_servers.get(name) or (None if server_of(name) else find_tool(name)) for name in names)
    return tuple(tool for tool in known if tool is not None)


async def find_tool_for_app(name: str, access: Access) -> Tool:
    """As :func:`find_tool`, among those of servers too, and those that only the app itself may run."""
    if server_of(name) in {server.name for server in access.servers}:
        return await tool_of(access, name)
    return _FOR_THE_APP.get(name) or find_tool(name)


def find_tool(name: str) -> Tool:
    if name not in TOOLS:
        raise RequestError(ErrorCode.UNKNOWN_TOOL, name=name, known=", ".join(TOOLS))
    return TOOLS[name]


def takes_one_text(tool: Tool) -> bool:
    """Whether the argument is the rest of a line as it stands; else it is a JSON object."""
    properties = tool.parameters.get("properties", {})
    if not isinstance(properties, Mapping) or not set(properties) <= {"text"}:
        return False
    text = properties.get("text", {})
    return isinstance(text, Mapping) and text.get("type", "string") == "string"


def read_argument(tool: Tool, text: str) -> dict[str, Any]:
    """The arguments in the rest of a slash line; ToolError where a JSON object was wanted and is not there.

    A tool that takes one text may be given ``{"text": …}`` as well: who knows its schema writes that.
    """
    if takes_one_text(tool):
        match _object_in(text):
            case {"text": str() as words, **others} if not others:
                return {"text": words}
        return {"text": text}
    arguments = _object_in(text) if text.strip() else {}
    if arguments is None:
        raise ToolError(f"write one JSON object with {', '.join(tool.parameters.get('properties', {})) or 'nothing'}")
    return arguments


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        value = parse_value(text)
    except BadValueError:
        return None
    return value if isinstance(value, dict) else None


def prepare(tool: Tool, arguments: Arguments, access: Access) -> Prepared:
    """The call as it would run: as written, and whatever the tool's own check adds; ToolError where it refuses."""
    try:
        return tool.prepare(arguments, access) if tool.prepare else Prepared(dict(arguments))
    except ToolError:
        raise
    except Exception:  # noqa: BLE001 - as in _run: what breaks in a check must not end the turn either
        _log.exception("the check of %s broke", tool.name)
        raise ToolError("the tool broke") from None


async def run_tool(tool: Tool, arguments: Arguments, run: Run) -> Outcome:
    """Run a call on a thread of its own, for ``tool.seconds`` at most. Never raises for what the tool does.

    A thread cannot be ended from outside: one that takes too long, or whose caller was cancelled, is told through
    ``run.cancelled`` and left to itself.
    """
    if tool.run is None:
        raise ValueError(f"{tool.name} is a host tool")
    started = time.monotonic()
    try:
        work = in_thread(lambda: _run(tool, arguments, run), f"tool-{tool.name}")
        outcome = await asyncio.wait_for(work, tool.seconds)
    except TimeoutError:
        outcome = error(f"took longer than {tool.seconds:g} seconds")
    finally:
        run.cancelled.set()
    seconds = time.monotonic() - started
    return replace(outcome, seconds=seconds, hosts=tuple(run.hosts))


def _run(tool: Tool, arguments: Arguments, run: Run) -> Outcome:
    assert tool.run is not None
    try:
        result = tool.run(arguments, run)
    except ToolError as refusal:
        return Outcome(f"error: {refusal}", failed=True, source=refusal.source)
    except Exception:  # noqa: BLE001 - the boundary to a tool: whatever breaks in it must not end the turn
        _log.exception("tool %s broke", tool.name)
        return error("the tool broke")
    if isinstance(result, str):
        result = Result(result)
    return Outcome(result.text, failed=False, source=result.source, undo=result.undo)
