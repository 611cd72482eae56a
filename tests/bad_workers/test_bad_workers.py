"""What the supervisor does about each worker of this folder: it says what happened, and no process stays behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Cancel, ChatMessage, Event, Failed, RunTurn, TextDelta, TextPart
from inference_worker.protocol.version import PROTOCOL_VERSION
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.restarts import RestartPolicy
from nyanko_desktop.worker.session import Patience
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import bad
from tests.support.asynchronous import bounded, first_that_fits
from tests.support.processes import alive

FREE_SECONDS = 2.0
"""Promised to the person who asks for memory back."""
NO_RESTART = RestartPolicy(limit=0)


@asynccontextmanager
async def supervising(
    name: str,
    *arguments: str,
    policy: RestartPolicy = NO_RESTART,
    ready: float = 20,
    welcome: float = 10,
    ping_every: float = 5,
    pong: float = 30,
    cancel: float = 20,
) -> AsyncIterator[Supervisor]:
    """A supervisor of one of the bad workers; afterwards none of them may live."""
    patience = Patience(ready=ready, welcome=welcome, ping_every=ping_every, pong=pong, cancel=cancel)
    supervisor = Supervisor(lambda: bad(name, *arguments), policy=policy, patience=patience)
    pids = set[int]()
    supervisor.subscribe(lambda state: pids.add(state.pid) if state.pid else None)
    try:
        yield supervisor
    finally:
        await supervisor.stop()
    assert not [pid for pid in pids if alive(pid)]


def turn() -> RunTurn:
    return RunTurn(id=new_id(), messages=(ChatMessage(role="user", parts=(TextPart("hi"),)),))


async def answer(supervisor: Supervisor, command: RunTurn | None = None) -> list[Event]:
    async with aclosing(supervisor.turn(command or turn())) as events:
        return [event async for event in events]


async def error_of(supervisor: Supervisor) -> WireError:
    end = (await answer(supervisor))[-1]
    assert isinstance(end, Failed)
    return end.error


async def reached(supervisor: Supervisor, kind: str) -> WorkerState:
    return await first_that_fits(supervisor.subscribe, supervisor.state, lambda state: state.kind == kind)


async def failed_start(supervisor: Supervisor) -> WireError:
    with pytest.raises(RequestError) as caught:
        await supervisor.start()
    assert supervisor.state == WorkerState("failed", error=caught.value.error)
    return caught.value.error


# ---------------------------------------------------------------- those that never get as far as a connection


@bounded
@pytest.mark.expects_log("the worker is not started again")
async def test_a_silent_start_fails_after_its_bound() -> None:
    async with supervising("silent", ready=0.5) as supervisor:
        error = await failed_start(supervisor)
        assert error.code is ErrorCode.WORKER_START_FAILED
        assert error.params["reason"] == "no answer within 0.5 s"


@bounded
@pytest.mark.expects_log("the worker is not started again", "no kernel image is available")
async def test_a_worker_that_exits_at_once_fails_with_its_last_words() -> None:
    async with supervising("exits") as supervisor:
        error = await failed_start(supervisor)
        assert error.code is ErrorCode.WORKER_START_FAILED
        assert "exit code 1" in error.params["reason"]
        assert "no kernel image is available" in error.params["reason"]


@bounded
@pytest.mark.expects_log("the worker is not started again")
@pytest.mark.parametrize("arguments", [(), ("--endless",)])
async def test_a_worker_that_prints_something_else_than_its_address_is_not_used(arguments: tuple[str, ...]) -> None:
    async with supervising("mistaken", *arguments) as supervisor:
        assert (await failed_start(supervisor)).code is ErrorCode.WORKER_START_FAILED


@bounded
@pytest.mark.expects_log("the worker is not started again")
async def test_an_address_where_nobody_listens_fails_the_start() -> None:
    async with supervising("nowhere") as supervisor:
        assert (await failed_start(supervisor)).code is ErrorCode.WORKER_START_FAILED


@bounded
@pytest.mark.expects_log("the worker is not started again")
async def test_a_worker_that_does_not_answer_hello_fails_after_its_bound() -> None:
    async with supervising("mute", welcome=0.5) as supervisor:
        error = await failed_start(supervisor)
        assert (error.code, error.params["what"]) == (ErrorCode.TIMED_OUT, "handshake")


@bounded
@pytest.mark.expects_log("the worker is not started again")
async def test_another_protocol_is_named_with_both_numbers() -> None:
    async with supervising("stranger") as supervisor:
        error = await failed_start(supervisor)
        assert error == WireError(ErrorCode.PROTOCOL_MISMATCH, {"ours": str(PROTOCOL_VERSION), "theirs": "999"})


@bounded
async def test_a_slow_start_is_waited_for() -> None:
    async with supervising("slow_start") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        assert supervisor.state.kind == "resident"
        assert (await error_of(supervisor)).code is ErrorCode.CONTEXT_FULL
        assert supervisor.state.kind == "resident"


@bounded
@pytest.mark.expects_log("the worker is not started again")
async def test_a_program_that_does_not_exist_fails_the_start() -> None:
    supervisor = Supervisor(lambda: WorkerCommand(("/no/such/python", "-m", "inference_worker")))
    with pytest.raises(RequestError) as caught:
        await supervisor.start()
    assert caught.value.error.code is ErrorCode.WORKER_START_FAILED


# ---------------------------------------------------------------- those that break in the middle of a reply


@bounded
@pytest.mark.expects_log("out of lives", "the worker is not started again: .*SIGSEGV.*out of lives")
async def test_a_crash_in_the_middle_of_a_reply_keeps_what_came_before() -> None:
    async with supervising("crashing") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        events = await answer(supervisor)
        assert [event.text for event in events if isinstance(event, TextDelta)] == ["I feel "]
        end = events[-1]
        assert isinstance(end, Failed)
        assert end.error.code is ErrorCode.WORKER_LOST
        state = await reached(supervisor, "failed")
        assert state.error is not None
        assert "SIGSEGV" in state.error.params["reason"]


@bounded
@pytest.mark.expects_log("out of lives")
async def test_after_a_crash_the_model_is_loaded_again() -> None:
    async with supervising("crashing", policy=RestartPolicy(limit=1, delays=(0.01,))) as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        before = supervisor.state.pid
        assert (await error_of(supervisor)).code is ErrorCode.WORKER_LOST
        state = await reached(supervisor, "resident")
        assert state.pid != before


@bounded
@pytest.mark.expects_log("out of lives", "the worker is not started again")
async def test_after_too_many_crashes_it_stays_down_until_the_person_acts() -> None:
    async with supervising("crashing", policy=RestartPolicy(limit=2, delays=(0.01,))) as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        for _ in range(3):
            assert (await error_of(supervisor)).code is ErrorCode.WORKER_LOST
        assert (await reached(supervisor, "failed")).pid is None
        await supervisor.start()
        assert (await reached(supervisor, "resident")).error is None


@bounded
@pytest.mark.expects_log("the connection to the worker is closed: not a message", "the worker is not started again")
async def test_rubbish_on_the_wire_ends_the_worker() -> None:
    async with supervising("rubbish") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        assert "not a message" in (await error_of(supervisor)).params["reason"]
        await reached(supervisor, "failed")


@bounded
@pytest.mark.expects_log("the connection to the worker is closed: a line is longer", "the worker is not started again")
async def test_an_oversized_line_ends_the_worker() -> None:
    async with supervising("oversized") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        assert "a line is longer" in (await error_of(supervisor)).params["reason"]
        await reached(supervisor, "failed")


@bounded
@pytest.mark.expects_log("about a request that is not open", "the worker is not started again")
async def test_an_answer_nobody_asked_for_ends_the_worker() -> None:
    async with supervising("gossip") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        assert (await error_of(supervisor)).code is ErrorCode.WORKER_LOST
        await reached(supervisor, "failed")


@bounded
async def test_what_comes_late_about_a_turn_that_ended_is_dropped_and_the_next_one_is_answered() -> None:
    async with supervising("late") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        pid = supervisor.state.pid
        for _ in range(3):
            (only,) = await answer(supervisor)
            assert isinstance(only, Failed)
            assert only.error.code is ErrorCode.BUSY
        assert (supervisor.state.kind, supervisor.state.pid) == ("resident", pid)


@bounded
@pytest.mark.expects_log("the worker is not started again: .*silent for 2 s")
async def test_a_worker_that_stands_still_is_noticed_and_ended() -> None:
    """Before it stands still it has to answer, also on a machine that is slow."""
    async with supervising("deaf", ping_every=0.1, pong=2) as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        assert (await error_of(supervisor)).params["reason"] == "the worker was silent for 2 s"
        await reached(supervisor, "failed")


@bounded
async def test_memory_comes_back_within_two_seconds_from_a_worker_that_ignores_every_request() -> None:
    async with supervising("stubborn") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        pid = supervisor.state.pid
        async with aclosing(supervisor.turn(turn())) as events:
            assert isinstance(await anext(events), TextDelta)
            began = time.monotonic()
            await supervisor.free_memory()
            assert time.monotonic() - began < FREE_SECONDS
            end = [event async for event in events][-1]
        assert isinstance(end, Failed)
        assert end.error == WireError(ErrorCode.WORKER_LOST, {"reason": "memory was given back"})
        assert supervisor.state == WorkerState("asleep")
        assert pid is not None
        assert not alive(pid)


@bounded
@pytest.mark.expects_log("the worker is not started again: .*did not stop within 0.3 s")
async def test_a_flood_that_hears_no_cancel_is_ended_and_stalls_nobody() -> None:
    async with supervising("flooding", cancel=0.3) as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        command, worst, ticking, events_seen = turn(), 0.0, True, list[Event]()

        async def tick() -> None:
            nonlocal worst
            while ticking:
                began = time.thread_time()
                await asyncio.sleep(0.01)
                worst = max(worst, time.thread_time() - began)

        ticker = asyncio.create_task(tick())
        async with aclosing(supervisor.turn(command)) as events:
            async for event in events:
                events_seen.append(event)
                if len(events_seen) == 1000:
                    await supervisor.send(Cancel(id=command.id))
        ticking = False
        await ticker
        end = events_seen[-1]
        assert isinstance(end, Failed)
        assert end.error.params["reason"] == "the worker did not stop within 0.3 s"
        assert worst < 0.5, "seconds that this thread computed between two turns of its loop"
        await reached(supervisor, "failed")


@bounded
@pytest.mark.expects_log("events of one request wait to be read", "the worker is not started again")
async def test_a_flood_that_nobody_reads_is_ended_before_it_fills_the_memory() -> None:
    async with supervising("flooding") as supervisor:
        await supervisor.load(Choice("/models/puppet", "int8"))
        async with aclosing(supervisor.turn(turn())) as events:
            await anext(events)
            await reached(supervisor, "failed")
            end = [event async for event in events][-1]
        assert isinstance(end, Failed)
        assert end.error.code is ErrorCode.WORKER_LOST
