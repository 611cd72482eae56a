"""Secrets of a command and an address: the server has them, and nobody else reads them again."""

from __future__ import annotations

import json
import sys

import msgspec
import pytest

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools.mcp_servers.tools import all_tools
from nyanko_desktop.settings.secrets_in_commands import set_apart
from tests.mcp.reach import SHELF, access, call, pool
from tests.mcp.web_shelf import web_shelf
from tests.support.asynchronous import bounded

ARGUMENTS = ("--token", "hunter-2000", "postgres://me:abc@db/x")
SHOWN = "--token ••• postgres://me:•••@db/x"


def server(kind: str) -> McpServer:
    """A server of the shelf with two secrets in its command, as the app hands it over."""
    command, _, secrets = set_apart((sys.executable, "-I", "-S", str(SHELF), kind, *ARGUMENTS))
    assert list(secrets.values()) == ["hunter-2000", "abc"]
    return McpServer(kind.lower(), command, secrets=secrets)


def web(address: str, kind: str) -> Access:
    _, url, secrets = set_apart((), f"{address}/{kind}?api_key=hunter+2000&page=2")
    assert "hunter" not in url
    return access(McpServer("web", url=url, secrets=secrets))


@bounded
async def test_a_server_gets_its_command_whole_and_what_it_repeats_of_it_is_hidden() -> None:
    opened = access(server("Repeats"))
    with pool() as servers:
        ((tool,), _) = await all_tools(opened, servers)
        outcome = await call(servers, opened, "repeats__echo", text="")
        failed = await call(servers, opened, "repeats__echo", text="error")
        died = await call(servers, opened, "repeats__echo", text="die")
    said, arguments = outcome.result.split("\n\n")
    assert said == SHOWN
    assert json.loads(arguments) == ["--token", "•••", "postgres://me:•••@db/x"]
    assert tool.description == "Runs as ['--token', '•••', 'postgres://me:•••@db/x']"
    assert failed.result == f"error: usage: {SHOWN}"
    assert died.result == f"error: the server repeats: ended with the status 1; it said: cannot run {SHOWN}"


@bounded
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_only_the_server_itself_has_the_secret_in_the_list_of_processes() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("Exposes")), "exposes__echo", text="")
    assert json.loads(outcome.result) == [True, False]


@bounded
async def test_what_a_server_prints_in_the_wrong_place_is_hidden_before_it_is_cut() -> None:
    with pool() as servers:
        _, (info,) = await all_tools(access(server("Stutters")), servers)
    assert "xxxx" in info.problem
    assert "hun" not in info.problem


@bounded
async def test_a_tool_is_the_same_with_another_password_and_another_one_where_that_stands_elsewhere() -> None:
    one = server("Repeats")

    async def identity(other: McpServer) -> str:
        with pool() as servers:
            ((tool,), _) = await all_tools(access(other), servers)
        return tool.identity

    first = await identity(one)
    secrets = {**one.secrets, "token": "another-2001"}
    assert await identity(msgspec.structs.replace(one, secrets=secrets)) == first
    moved = (*one.command[:5], *reversed(one.command[5:]))
    assert await identity(msgspec.structs.replace(one, command=moved)) != first


@bounded
async def test_a_server_without_its_secret_is_not_started() -> None:
    one = msgspec.structs.replace(server("Repeats"), secrets={"token": "hunter-2000"})
    with pool() as servers:
        _, (info,) = await all_tools(access(one), servers)
    assert info.problem == "needs what is not in the key store: password; import it again"


@bounded
async def test_a_server_on_the_network_gets_the_whole_address_and_errors_do_not_tell_it() -> None:
    with web_shelf() as (address, seen), pool() as servers:
        outcome = await call(servers, web(address, "good"), "web__echo", text="hunter+2000 and hunter%2B2000")
        assert {headers["query"] for headers in seen} == {"api_key=hunter+2000&page=2"}
    assert outcome.result == "••• and •••"
    with web_shelf() as (address, _), pool() as servers:
        _, (info,) = await all_tools(web(address, "moved"), servers)
    assert info.problem.startswith("cannot be reached: Redirect to http://127.0.0.2:9/elsewhere")
    assert "hunter" not in info.problem
