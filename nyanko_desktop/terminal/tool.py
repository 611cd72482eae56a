"""``nyanko tool``: runs one tool without a model, for one argument or one a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    Access,
    Failed,
    ListTools,
    RunTool,
    ToolCalled,
    ToolFinished,
    ToolInfo,
    ToolsListed,
)
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.levels import OF_FILES, OF_SERVERS
from nyanko_desktop.permissions.permissions import TurnCalls
from nyanko_desktop.permissions.toolbox import unasked
from nyanko_desktop.terminal.arguments import for_tool, form, is_about_arguments
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, open_link
from nyanko_desktop.terminal.permission import Doorkeeper, LazyStore, heed, written_if_possible
from nyanko_desktop.terminal.settings_hint import OFFLINE, where_to_change
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
    if (refusal := out_of_reach(context, name)) is not None:
        context.output.fail(refusal)
        return False
    access = await context.toolbox(link).access(about_files=name in OF_FILES)
    tool = (await described(link, name, access)).tool
    written = sendable(argument) if tool is None else for_tool(tool, sendable(argument))
    command = RunTool(new_id(), name, written, grants=unasked((name,)), access=access)
    called: ToolCalled | None = None
    async for event in link.run_tool(command):
        await heed(event, calls, link.send)
        if doorkeeper.refused is not None:
            context.output.fail(doorkeeper.refused)
            return False
        match event:
            case ToolCalled():
                called = event
            case ToolFinished(failed=True, result="error: not allowed") if doorkeeper.has_person:
                context.output.note(tr("This call did not run."))  # they said so, and need no hint
                return False
            case ToolFinished(failed=True, result=result):
                context.output.fail(_failed(context, command, tool, result.removeprefix("error: ")))
                return False
            case ToolFinished():
                if called is not None:
                    context.output.take(called)
                context.output.take(event)
                context.tell_of_reminder(link, event)
            case Failed(error=error):
                context.output.fail(_amid_call(error, called))
                return False
            case _:
                pass
    return True


@dataclass(frozen=True, slots=True)
class Described:
    """What the worker says when it is asked for a tool: the ``tool``, or what there is instead of it."""

    tool: ToolInfo | None
    listed: ToolsListed


async def described(link: Link, name: str, access: Access) -> Described:
    """What the worker says of ``name``; the servers are asked only for a tool that is not ours."""
    listed = await link.tools(ListTools(new_id()))
    if (tool := _named(name, listed)) is None and access.servers:
        listed = await link.tools(ListTools(new_id(), access))
        tool = _named(name, listed)
    return Described(tool, listed)


def _named(name: str, listed: ToolsListed) -> ToolInfo | None:
    return next((tool for tool in listed.tools if tool.name == name), None)


def _amid_call(error: WireError, called: ToolCalled | None) -> WireError:
    """A worker that was lost in a call: there was no reply that could be continued."""
    if called is None or error.code is not ErrorCode.WORKER_LOST:
        return error
    return WireError(error.code, {**error.params, "tool": called.name})


def _failed(context: Context, command: RunTool, tool: ToolInfo | None, reason: str) -> WireError:
    params = where_to_change(context, reason)
    if tool is not None and is_about_arguments(tool, command.argument, reason):
        params = form(tool)
    return WireError(ErrorCode.TOOL_FAILED, {"name": command.name, "reason": reason, **params})


def out_of_reach(context: Context, name: str) -> WireError | None:
    """A worker that is offline is not even told of servers on the network, so it cannot say why theirs is missing."""
    server, settings = name.partition(OF_SERVERS)[0], context.settings
    on_network = {one.name for one in settings.tools.servers if one.enabled and one.url}
    if not settings.network.offline or server not in on_network:
        return None
    reason = f"the server {server}: is on the network, and the program is offline"
    return WireError(ErrorCode.TOOL_FAILED, {"name": name, "reason": reason, **where_to_change(context, OFFLINE)})
