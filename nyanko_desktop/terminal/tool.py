"""``nyanko tool``: runs one tool without a model, for one argument or one a line."""

from __future__ import annotations

from collections.abc import AsyncIterator

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Failed, RunTool, ToolCalled, ToolFinished
from nyanko_desktop.permissions.levels import OF_FILES
from nyanko_desktop.permissions.permissions import TurnCalls
from nyanko_desktop.permissions.toolbox import unasked
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, open_link
from nyanko_desktop.terminal.permission import Doorkeeper, LazyStore, heed, written_if_possible
from nyanko_desktop.texts import sendable
from nyanko_desktop.worker.client import new_id


async def run_tool(context: Context, name: str, argument: str) -> bool:
    """Run one call; whether it worked."""
    try:
        async with open_link(context.paths, context.settings, context.worker_command) as link:
            return await _run(context, link, name, argument)
    except RequestError as error:
        context.output.fail(error.error)
        return False


async def run_tool_on_each(context: Context, name: str, arguments: AsyncIterator[str]) -> bool:
    """Run one call a line; whether all of them worked. What fails is told, the rest goes on."""
    worked = True
    async with open_link(context.paths, context.settings, context.worker_command) as link:
        index = -1
        async for argument in arguments:
            index += 1
            context.output.begin(index)
            worked &= await _run(context, link, name, argument)
    return worked


async def _run(context: Context, link: Link, name: str, argument: str) -> bool:
    store, doorkeeper = LazyStore(context.open_store), context.doorkeeper()
    calls = TurnCalls(context.permissions(store, link), doorkeeper, saved=doorkeeper.has_person)
    try:
        return await _show(context, link, name, argument, calls, doorkeeper)
    finally:
        await written_if_possible(calls.close())
        await store.close()


async def _show(
    context: Context, link: Link, name: str, argument: str, calls: TurnCalls, doorkeeper: Doorkeeper
) -> bool:
    name = sendable(name)
    access = await context.toolbox(link).access(about_files=name in OF_FILES)
    command = RunTool(new_id(), name, sendable(argument), grants=unasked((name,)), access=access)
    called: ToolCalled | None = None
    async for event in link.run_tool(command):
        await heed(event, calls, link.send)
        if doorkeeper.refused is not None:
            context.output.fail(doorkeeper.refused)
            return False
        match event:
            case ToolCalled():
                called = event
            case ToolFinished(failed=True, result=result):
                reason = result.removeprefix("error: ")
                context.output.fail(WireError(ErrorCode.TOOL_FAILED, {"name": name, "reason": reason}))
                return False
            case ToolFinished():
                if called is not None:
                    context.output.take(called)
                context.output.take(event)
            case Failed(error=error):
                context.output.fail(error)
                return False
            case _:
                pass
    return True
