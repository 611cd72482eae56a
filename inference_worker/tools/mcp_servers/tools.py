"""The tools of a request's servers, as tools like our own. Whatever a server says of them, they are asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Access, McpServer, ServerInfo
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.mcp_servers.identity import identity_of
from inference_worker.tools.mcp_servers.names import server_of
from inference_worker.tools.mcp_servers.pool import SERVERS, Listed, Servers, host_of, problem_of

if TYPE_CHECKING:
    from inference_worker.tools.mcp_servers.definitions import Definition

START_ALLOWANCE: Final = 60.0
"""Seconds over the limit of a call, for a server that has to be started first; the limits inside are narrower."""


async def tools_of(access: Access, names: Iterable[str], servers: Servers = SERVERS) -> dict[str, Tool]:
    """Those of ``names`` that a server of ``access`` has, and that are what they were when the person switched them on.

    A server that cannot be had only lacks its own.
    """
    wanted = {name for name in names if server_of(name)}
    if not wanted:
        return {}
    listed = await servers.listed(access, {server_of(name) for name in wanted})
    found = [tool for one in listed for tool in _tools(one, servers) if tool.name in wanted]
    return {tool.name: tool for tool in found if access.seen.get(tool.name, tool.identity) == tool.identity}


async def tool_of(access: Access, name: str, servers: Servers = SERVERS) -> Tool:
    """The one tool called ``name``; RequestError says whether it or its server is not there."""
    known: list[str] = []
    for one in await servers.listed(access, {server_of(name)}):
        tools = {tool.name: tool for tool in _tools(one, servers)}
        if name in tools:
            return tools[name]
        if one.problem:  # what it has now is not known, only what it had
            raise RequestError(ErrorCode.TOOL_FAILED, name=name, reason=f"the server {one.server.name}: {one.problem}")
        known += tools
    raise RequestError(ErrorCode.UNKNOWN_TOOL, name=name, known=", ".join(known))


async def all_tools(access: Access, servers: Servers = SERVERS) -> tuple[list[Tool], tuple[ServerInfo, ...]]:
    """What all servers have and how they are; servers that ``access`` does not name are ended."""
    listed = await servers.listed(access)
    return [tool for one in listed for tool in _tools(one, servers)], tuple(_info(one) for one in listed)


def _info(listed: Listed) -> ServerInfo:
    offer = listed.offer
    if offer is None:
        return ServerInfo(listed.server.name, problem=listed.problem)
    return ServerInfo(
        listed.server.name, offer.title, offer.version, offer.resources, offer.prompts, listed.problem, offer.note
    )


def _tools(listed: Listed, servers: Servers) -> list[Tool]:
    definitions = listed.offer.tools if listed.offer else {}
    return [_tool(listed.server, name, definition, servers) for name, definition in definitions.items()]


def _tool(server: McpServer, name: str, definition: Definition, servers: Servers) -> Tool:
    def prepare(arguments: Arguments, access: Access) -> Prepared:
        if (problem := problem_of(server, offline=access.offline)) is not None:
            raise ToolError(f"the server {server.name}: {problem}")
        return Prepared(_meant(arguments, definition), scope=server.name)

    def run(arguments: Arguments, running: Run) -> Result:
        if server.url:
            running.reaches(host_of(server))
        text = servers.call(server, definition.name, _meant(arguments, definition), running)
        return Result(text, source=f"MCP server {server.name}")

    return Tool(
        name=name,
        description=definition.description,
        parameters=definition.parameters,
        run=run,
        prepare=prepare,
        level="effect",
        seconds=server.seconds + START_ALLOWANCE,
        server=server.name,
        identity=identity_of(server, definition.words),
    )


def _meant(arguments: Arguments, definition: Definition) -> dict[str, Any]:
    """Without the empty ``text`` that a slash line has for a tool that takes nothing."""
    if definition.parameters["properties"] or arguments.get("text") != "":
        return dict(arguments)
    return {name: value for name, value in arguments.items() if name != "text"}
