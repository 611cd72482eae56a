"""What the worker does for each kind of request, from the command to its final event. Knows no channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, assert_never

from inference_worker.chat.calls import Calls
from inference_worker.chat.stopping import Stop, Stopped
from inference_worker.chat.turn import run_turn
from inference_worker.jobs import hub, quantize
from inference_worker.jobs.progress import JobCancelled, Report
from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    DevicesListed,
    Download,
    Event,
    Failed,
    Finished,
    InspectModel,
    JobProgress,
    JobStage,
    ListDevices,
    ListRepository,
    ListTools,
    Loaded,
    LoadModel,
    LoadProgress,
    PlanMemory,
    Quantize,
    RunTool,
    RunTurn,
    ToolInfo,
    ToolsListed,
    UnloadModel,
)
from inference_worker.server.backend import Backend
from inference_worker.server.request import Request
from inference_worker.server.resident import Resident
from inference_worker.tools import registry
from inference_worker.tools.base import Tool, ToolError
from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.mcp_servers.tools import all_tools
from inference_worker.tools.registry import TOOLS

Work = (
    LoadModel
    | UnloadModel
    | RunTurn
    | RunTool
    | PlanMemory
    | InspectModel
    | Quantize
    | ListRepository
    | Download
    | ListTools
    | ListDevices
)
"""Commands that take a while."""

_log = logging.getLogger(__name__)


class Worker:
    """What all connections of this process share: the token that lets them in, and the one model."""

    def __init__(self, token: str, backend: Backend) -> None:
        self.token = token
        self._backend = backend
        self._resident = Resident(backend.close)

    async def answer(self, command: Work, request: Request) -> Event:
        """Do it; the final event. Others go through ``request`` on the way. Never raises for what goes wrong."""
        try:
            return await self._do(command, request)
        except RequestError as error:
            failed = error.error
        except (JobCancelled, Stopped):
            return Finished(id=command.id)
        except Exception as error:  # noqa: BLE001 - the boundary: one broken request must not end the worker
            if not request.cancelled.is_set():
                _log.exception("%s failed", type(command).__name__)
            failed = WireError(ErrorCode.INTERNAL, {"reason": f"{type(error).__name__}: {error}"[:500]})
        if request.cancelled.is_set() and not isinstance(command, RunTurn):
            return Finished(id=command.id)  # however it broke off, that is what was asked for
        return Failed(id=command.id, error=failed)

    async def _do(self, command: Work, request: Request) -> Event:
        match command:
            case RunTurn():
                with self._resident.in_use() as generator:
                    return await run_turn(command, generator, request)
            case RunTool():
                return await self._run_tool(command, request)
            case LoadModel():
                return await self._load(command, request)
            case UnloadModel():
                await self._resident.unload()
                return Finished(id=command.id)
            case PlanMemory():
                return await _unless_cancelled(self._backend.plan(command), request)
            case InspectModel():
                return await _unless_cancelled(quantize.inspect(command), request)
            case Quantize():
                return await quantize.quantize(command, _report_to(request), request.cancelled.is_set)
            case ListRepository():
                return await _unless_cancelled(hub.list_repository(command), request)
            case Download():
                return await hub.download(command, _report_to(request), request.cancelled.is_set)
            case ListTools():
                return await _unless_cancelled(self._tools(command), request)
            case ListDevices():
                return await _unless_cancelled(self._devices(command), request)
            case _:
                assert_never(command)

    async def _load(self, command: LoadModel, request: Request) -> Event:
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(request.put, LoadProgress(id=command.id, done=done, total=total))

        generator = await self._resident.replace(
            lambda: self._backend.load(command, progress, request.cancelled.is_set)
        )
        return Loaded(id=command.id, model=generator.info)

    async def _devices(self, command: ListDevices) -> Event:
        return DevicesListed(id=command.id, devices=await self._backend.devices())

    async def _tools(self, command: ListTools) -> Event:
        of_servers, servers = await all_tools(command.access)
        tools = (*TOOLS.values(), *of_servers)
        infos = (ToolInfo(t.name, t.description, t.level, dict(t.parameters), t.server, t.identity) for t in tools)
        return ToolsListed(id=command.id, tools=tuple(infos), servers=servers)

    async def _run_tool(self, command: RunTool, request: Request) -> Event:
        async with Stop(request.cancelled) as stop:
            tool = await stop.unless(registry.find_tool_for_app(command.name, command.access))
            await Calls(command, {tool.name: tool}, request, stop).answer(_read(tool, command.argument), word=str)
        return Finished(id=command.id)


def _read(tool: Tool, argument: str) -> Called | Rejected:
    """What a person wrote behind the name of a tool."""
    try:
        return Called(tool.name, registry.read_argument(tool, argument), end=0)
    except ToolError as refusal:
        return Rejected(tool.name, str(refusal), "malformed")


def _report_to(request: Request) -> Report:
    """Progress of a job, from whichever thread, as events of ``request``."""
    loop = asyncio.get_running_loop()

    def report(stage: JobStage, done: int, total: int, detail: str) -> None:
        progress = JobProgress(id=request.id, stage=stage, done=done, total=total, detail=detail)
        loop.call_soon_threadsafe(request.put, progress)

    return report


async def _unless_cancelled(work: Coroutine[Any, Any, Event], request: Request) -> Event:
    """The event of ``work``, or Finished as soon as the request is cancelled."""
    task, stop = asyncio.ensure_future(work), asyncio.ensure_future(request.cancelled.wait())
    try:
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else Finished(id=request.id)
    finally:
        task.cancel()
        stop.cancel()
