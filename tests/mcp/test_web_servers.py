"""Servers over streamable HTTP, real ones on a socket: what works, and how each failure reads."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools.base import Run
from inference_worker.tools.mcp_servers.tools import all_tools
from inference_worker.tools.registry import prepare, run_tool
from tests.mcp.reach import access, call, pool
from tests.mcp.web_shelf import web_shelf
from tests.support.asynchronous import bounded


def web(address: str, kind: str, **settings: Any) -> Access:
    return access(McpServer("web", url=f"{address}/{kind}", **settings))


@bounded
@pytest.mark.parametrize("kind", ["good", "events"])
async def test_a_tool_over_http_runs_and_names_its_host(kind: str) -> None:
    with web_shelf() as (address, seen), pool() as servers:
        opened = web(address, kind, headers={"Authorization": "Bearer s3cret"})
        outcome = await call(servers, opened, "web__echo", text="hello")
        tools, _ = await all_tools(opened, servers)
    assert (outcome.result, outcome.source, outcome.hosts) == ("hello", "MCP server web", ("127.0.0.1",))
    assert prepare(tools[0], {"text": ""}, opened).scope == "web"
    assert all(headers["Authorization"] == "Bearer s3cret" for headers in seen)
    assert {headers["accept-encoding"] for headers in [{k.lower(): v for k, v in h.items()} for h in seen]} == {
        "identity"
    }


@bounded
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("huge", "the server web: was lost: the answer has more than 8 MiB"),
        ("packed", "the server web: was lost: the answer is packed, which was not asked for"),
        ("garbage", "the server web: answered with what makes no sense"),
        ("broken", "Server returned an error response"),
        ("cut", "the server web: was lost: peer closed connection"),
    ],
)
async def test_an_answer_that_is_none_is_an_error_and_the_server_can_be_asked_again(kind: str, words: str) -> None:
    with web_shelf() as (address, _), pool() as servers:
        opened = web(address, kind, seconds=20.0)
        outcome = await call(servers, opened, "web__echo", text="x")
        _, (info,) = await all_tools(opened, servers)
    assert outcome.failed
    assert outcome.source == "MCP server web"
    assert outcome.result.startswith(f"error: {words}")
    assert outcome.hosts == ("127.0.0.1",)
    assert info.problem == ""


@bounded
async def test_a_server_that_forgot_us_is_greeted_again() -> None:
    with web_shelf() as (address, _), pool() as servers:
        first = await call(servers, web(address, "forgets"), "web__echo", text="x")
        second = await call(servers, web(address, "forgets"), "web__echo", text="x")
    assert first.result == "error: the server web: was started anew meanwhile; the call may be made again"
    assert second.result == "x"


@bounded
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("locked", "it wants other credentials"),
        ("moved", "Redirect to http://127.0.0.2:9/"),
        ("page", "Unexpected"),
        ("nothing", "there is no MCP server at this address (status 404)"),
        ("down", "it answered with the status 503"),
    ],
)
async def test_an_address_without_such_a_server_is_told(kind: str, words: str) -> None:
    with web_shelf() as (address, _), pool() as servers:
        _, (info,) = await all_tools(web(address, kind), servers)
    assert info.problem.startswith(f"cannot be reached: {words}")


@bounded
async def test_nobody_there_is_told() -> None:
    with web_shelf() as (address, _), pool() as servers:
        pass
    with pool() as servers:
        _, (info,) = await all_tools(web(address, "good"), servers)
    assert info.problem.startswith("cannot be reached: ")


@bounded
async def test_a_call_that_hangs_ends_by_the_clock_and_by_the_person() -> None:
    with web_shelf() as (address, _), pool() as servers:
        slow = await call(servers, web(address, "hangs", seconds=0.5), "web__echo", text="x")
        opened = web(address, "hangs")
        run = Run(opened)
        tools, _ = await all_tools(opened, servers)
        calling = asyncio.ensure_future(run_tool(tools[0], {"text": "x"}, run))
        run.cancelled.set()
        started = time.monotonic()
        stopped = await calling
        assert time.monotonic() - started < 5  # a second on a machine that is not busy
    assert slow.result == "error: the server web: did not answer within 0.5 seconds and was ended"
    assert stopped.result == "error: stopped"
