"""Tools of servers in a turn, and from the command line's side of the wire."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Access, McpServer, RunTool
from nyanko_desktop.worker.client import new_id
from tests.mcp import wire
from tests.mcp.reach import SHELF, access, server
from tests.support.asynchronous import bounded


@bounded
async def test_a_model_calls_a_tool_of_a_server_after_the_person_allowed_it() -> None:
    opened = access(server("Server"))
    async with wire.worker(go="/server__echo hello\nIt said it.") as client:
        events = await wire.ask(client, "go", opened, "server__echo", "calculate")
    called, finished = wire.called(events), wire.finished(events)
    assert (called.needs_decision, called.level, called.scope) == (True, "effect", "server")
    assert (finished.result, finished.source) == ("hello", "MCP server server")
    assert wire.done(events).finish_reason == "stop"


@bounded
async def test_a_turn_goes_on_without_the_tools_of_a_server_that_cannot_be_had() -> None:
    opened = access(McpServer("x", ("/nowhere",)), server("Server"))
    async with wire.worker(go="/calculate 6*7\n") as client:
        events = await wire.ask(client, "go", opened, "x__gone", "server__gone", "calculate")
    assert wire.finished(events).result == "42"


@bounded
async def test_a_server_that_dies_in_a_turn_is_a_result_and_the_turn_goes_on() -> None:
    opened = access(server("Dies"))
    async with wire.worker(go="/dies__echo exit\nToo bad.") as client:
        events = await wire.ask(client, "go", opened, "dies__echo")
    finished = wire.finished(events)
    assert finished.failed
    assert finished.result.startswith("error: the server dies: ended with the status 3; it said: ")
    assert wire.done(events).finish_reason == "stop"


@bounded
async def test_all_tools_are_listed_and_each_server_says_how_it_is() -> None:
    opened = access(McpServer("x", ("/nowhere",)), server("Server"))
    async with wire.worker() as client:
        answer = await wire.listed(client, opened)
    assert {"calculate", "server__echo"} <= {tool.name for tool in answer.tools}
    (echo,) = [tool for tool in answer.tools if tool.server]
    assert (echo.server, echo.level, list(echo.parameters["properties"])) == ("server", "effect", ["text"])
    assert [(one.name, one.problem) for one in answer.servers] == [
        ("x", "cannot be started: there is no program /nowhere; install it, or write its whole path"),
        ("server", ""),
    ]


@bounded
async def test_a_tool_of_a_server_runs_without_a_model() -> None:
    async with wire.worker() as client:
        events = await wire.run(client, access(server("Server")), "server__echo", "hello")
        assert wire.finished(events).result == "hello"


@bounded
async def test_what_is_not_there_is_told_by_name() -> None:
    async with wire.worker() as client:
        for opened, name, code in (
            (Access(), "server__echo", ErrorCode.UNKNOWN_TOOL),
            (access(server("Server")), "server__other", ErrorCode.UNKNOWN_TOOL),
            (access(McpServer("x", ("/nowhere",))), "x__tool", ErrorCode.TOOL_FAILED),
        ):
            with pytest.raises(RequestError) as caught:
                await client.ask(RunTool(new_id(), name, "", access=opened))
            assert caught.value.error.code is code
            assert caught.value.error.params["name"] == name
    assert "cannot be started" in caught.value.error.params["reason"]


@bounded
async def test_of_a_server_that_is_gone_its_end_is_told_and_not_that_it_lacks_a_tool(tmp_path: Path) -> None:
    shelf = shutil.copy(SHELF, tmp_path)
    opened = access(McpServer("dies", (sys.executable, "-I", "-S", shelf, "Dies")))
    async with wire.worker() as client:
        assert wire.finished(await wire.run(client, opened, "dies__echo", "exit")).failed
        os.unlink(shelf)  # noqa: PTH108
        with pytest.raises(RequestError) as caught:
            await client.ask(RunTool(new_id(), "dies__other", "", access=opened))
    assert caught.value.error.code is ErrorCode.TOOL_FAILED
    assert caught.value.error.params["reason"].startswith("the server dies: ")
