"""Servers that break in every way there is: each is told in words, ends with all it started, and harms nobody else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools.base import Run
from inference_worker.tools.mcp_servers import guard
from inference_worker.tools.mcp_servers.pool import Servers
from inference_worker.tools.mcp_servers.restarts import HEALTHY_SECONDS, Restarts
from inference_worker.tools.mcp_servers.tools import all_tools
from inference_worker.tools.registry import run_tool
from tests.mcp.reach import SHELF, access, call, pool, server
from tests.support.asynchronous import bounded
from tests.support.processes import alive, gone_within


async def problem_of(servers: Servers, opened: Access) -> str:
    _, (info,) = await all_tools(opened, servers)
    return info.problem


# ---------------------------------------------------------------- how they start


@bounded
async def test_a_program_that_does_not_exist_is_told() -> None:
    with pool() as servers:
        problem = await problem_of(servers, access(McpServer("x", ("/nowhere/at-all",))))
        nothing = await problem_of(servers, access(McpServer("y")))
        folder = await problem_of(servers, access(server("Server", folder="/nowhere")))
    assert problem == "cannot be started: there is no program /nowhere/at-all; install it, or write its whole path"
    assert nothing == "has neither a command nor an address"
    assert folder == "cannot be started: there is no folder /nowhere"


@bounded
async def test_a_server_that_ends_at_once_has_its_last_words_told() -> None:
    with pool() as servers:
        problem = await problem_of(servers, access(server("DiesFirst")))
    assert problem == "ended with the status 1; it said: no configuration"


@bounded
async def test_a_server_that_does_not_greet_is_given_up_and_what_it_wrote_is_told() -> None:
    with pool(start_seconds=3.0) as servers:  # in which it has to start and to write, also on a busy machine
        problem = await problem_of(servers, access(server("Mute")))
    assert problem == "did not greet within 3 seconds, but wrote: waiting for a licence"


@bounded
async def test_a_greeting_where_only_messages_belong_is_overlooked() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("Greeting")), "greeting__echo", text="hi")
    assert outcome.result == "hi"


@bounded
async def test_a_server_that_writes_nothing_but_rubbish_is_given_up() -> None:
    with pool() as servers:
        problem = await problem_of(servers, access(server("Rubbish")))
    assert problem == "writes what is no MCP message to its standard output: Welcome to my server!"


@bounded
async def test_a_list_that_is_none_is_told() -> None:
    with pool() as servers:
        problem = await problem_of(servers, access(server("NoTools")))
    assert problem.startswith("answered with what makes no sense: tools.1.")
    assert len(problem) < 200


# ---------------------------------------------------------------- how they answer


@bounded
async def test_an_answer_that_is_no_result_is_an_error_and_the_server_goes_on() -> None:
    opened = access(server("RubbishOnCall"))
    with pool() as servers:
        outcome = await call(servers, opened, "rubbishoncall__echo", text="")
        assert await problem_of(servers, opened) == ""
    assert outcome.failed
    assert outcome.result.startswith("error: the server rubbishoncall: answered with what makes no sense")
    assert outcome.source == "MCP server rubbishoncall"


@bounded
async def test_a_line_without_an_end_costs_the_server_and_not_the_worker() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("HugeLine")), "hugeline__echo", text="")
    assert outcome.result == "error: the server hugeline: wrote a line of more than 8 MiB"


@bounded
async def test_talk_that_nobody_asked_for_is_passed_over() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("Flood")), "flood__echo", text="")
    assert outcome.result == "after the flood"


@bounded
@pytest.mark.parametrize(("how", "end"), [("exit", "ended with the status 3"), ("kill", "was ended by SIGKILL")])
async def test_a_server_that_dies_in_a_call_says_how_without_its_secrets_and_is_started_again(
    how: str, end: str
) -> None:
    opened = access(server("Dies", environment={"API_KEY": "s3cret-value"}))
    with pool() as servers:
        outcome = await call(servers, opened, "dies__echo", text=how)
        again = await call(servers, opened, "dies__echo", text=how)
    words = "Traceback (most recent call last): / no key •••"
    assert outcome.result == f"error: the server dies: {end}; it said: {words}"
    assert outcome.source == "MCP server dies"
    assert again.result == outcome.result


@bounded
async def test_a_server_that_keeps_dying_is_left_alone_for_a_while() -> None:
    opened = access(server("DiesFirst"))
    with pool() as servers:
        assert len({await problem_of(servers, opened) for _ in range(3)}) == 1, "a list says why, and no more"
        opened = access(server("Dies", environment={"API_KEY": ""}))
        results = [(await call(servers, opened, "dies__echo", text="exit")).result for _ in range(5)]
    assert results[-1].startswith("error: the server dies: is left alone for ")
    assert "seconds, or until Restart: ended with the status 3" in results[-1]


def test_failures_in_a_row_make_the_wait_longer_and_a_healthy_life_forgets_them() -> None:
    now = [0.0]
    restarts = Restarts(clock=lambda: now[0])
    waits = []
    for _ in range(6):
        restarts.failed(lived=1.0)
        waits.append(restarts.wait())
        now[0] += restarts.wait()
    assert waits == [0.0, 2.0, 10.0, 60.0, 60.0, 60.0]
    restarts.failed(lived=HEALTHY_SECONDS)
    assert restarts.wait() == 0.0


def test_a_slow_start_that_failed_is_not_waited_for_in_every_turn() -> None:
    restarts = Restarts(clock=lambda: 0.0)
    restarts.failed(lived=0.0, start=30.0)
    assert restarts.wait() == 300.0


@bounded
async def test_a_server_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    opened = access(server("Hangs", seconds=3.0), server("Server"))
    with pool() as servers:
        outcome = await call(servers, opened, "hangs__echo", text=str(tmp_path / "pids"))
        other = await call(servers, opened, "server__echo", text="I am well")
    assert outcome.result == "error: the server hangs: did not answer within 3 seconds and was ended"
    assert other.result == "I am well"
    assert all(gone_within(pid, 5) for pid in pids(tmp_path / "pids"))


@bounded
async def test_a_server_that_reads_nothing_is_ended_too() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("Deaf", seconds=0.5)), "deaf__echo", text="x" * 5_000_000)
    assert "did not answer within" in outcome.result


# ---------------------------------------------------------------- how they end


def pids(file: Path) -> list[int]:
    """Of the server, of its child, and of one that left for a session of its own."""
    return [int(pid) for pid in file.read_text().split()]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def guard_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@bounded
async def test_a_cancelled_call_ends_the_server_with_all_it_started_within_a_second(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    opened = access(server("Hangs"))
    run = Run(opened)
    with pool() as servers:
        tools, _ = await all_tools(opened, servers)
        calling = asyncio.ensure_future(run_tool(tools[0], {"text": str(file)}, run))
        await asyncio.to_thread(until, file.exists)
        assert all(alive(pid) for pid in pids(file))
        started = time.monotonic()
        run.cancelled.set()
        outcome = await calling
        assert time.monotonic() - started < 5  # a second on a machine that is not busy
        assert outcome.result == "error: stopped"
        assert all(gone_within(pid, 5) for pid in pids(file))
        assert await problem_of(servers, opened) == ""  # and it is there again when it is wanted


@bounded
async def test_a_server_is_stopped_while_it_starts() -> None:
    with pool() as servers:
        listing = asyncio.ensure_future(all_tools(access(server("Mute")), servers))
        await asyncio.to_thread(until, lambda: "mute" in servers._places)
        await all_tools(Access(), servers)
        _, (info,) = await listing
    assert info.problem == "was ended"


WORKER = f"""
import asyncio, sys
sys.path.insert(0, {str(SHELF.parents[2])!r})
from tests.mcp.reach import access, call, pool, server
async def main():
    with pool() as servers:
        await call(servers, access(server("Hangs")), "hangs__echo", text=sys.argv[1])
asyncio.run(main())
"""


def test_nothing_outlives_a_worker_that_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(file)])
    try:
        until(file.exists)
        guarding = guard_of(pids(file)[0])
    finally:
        worker.kill()
        worker.wait()
    assert all(gone_within(pid, 10) for pid in [*pids(file), guarding])


def test_the_guard_ends_what_it_guards_when_it_is_asked_to_end(tmp_path: Path) -> None:
    file = tmp_path / "pids"

    ours, guards = socket.socketpair()
    with ours, guards:
        command = [sys.executable, "-I", "-S", guard.__file__, str(guards.fileno()), "0", str(tmp_path)]
        sleeper = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
        ours.sendall(json.dumps([sys.executable, "-c", sleeper]).encode() + b"\n")
        with subprocess.Popen(command, pass_fds=(guards.fileno(),), stdin=subprocess.DEVNULL) as process:
            assert ours.recv(100) == b"started\n"
            until(lambda: file.exists() and bool(file.read_text()))
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(10) == 0
        assert ours.recv(100) == b"exited -15\n"
    assert gone_within(int(file.read_text()), 5)


# ---------------------------------------------------------------- what they say when they refuse


@bounded
async def test_an_error_of_the_tool_is_no_end_of_the_server_whatever_its_number() -> None:
    opened = access(server("Refuses", environment={"API_KEY": "s3cret-value", "ZONE": "Europe/Berlin"}))
    with pool() as servers:
        outcome = await call(servers, opened, "refuses__echo", text="")
        again = await call(servers, opened, "refuses__echo", text="")
        told = await call(servers, opened, "refuses__echo", text="tell")
    assert outcome.result == again.result == "error: 401 for •••"
    assert told.result == "••• in Europe/Berlin by 1"


@bounded
async def test_why_a_server_refuses_to_begin_is_told() -> None:
    with pool() as servers:
        assert await problem_of(servers, access(server("Unlicensed"))) == "refused to begin: no licence"


@bounded
async def test_a_server_that_says_no_more_is_told_so_and_not_how_we_ended_it() -> None:
    with pool() as servers:
        outcome = await call(servers, access(server("Falls")), "falls__echo", text="")
    assert outcome.result == "error: the server falls: closed its standard output"


@bounded
async def test_of_too_many_tools_the_first_are_taken_and_the_server_runs() -> None:
    with pool() as servers:
        tools, (info,) = await all_tools(access(server("Crowd")), servers)
    assert len(tools) == 200
    assert (info.problem, info.note) == ("", "has more than 200 tools: the others are left out")
