"""The supervisor over a worker that behaves: its states are true, and everybody gets an answer."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from contextlib import aclosing

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Cancel,
    Decision,
    Done,
    Event,
    Failed,
    Finished,
    HostCall,
    HostResult,
    PhaseChanged,
    RunTool,
    TextDelta,
    ToolCalled,
    ToolFinished,
)
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.restarts import RestartPolicy, Restarts
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.supervisor import Supervisor
from tests.support.asynchronous import bounded
from tests.support.processes import alive
from tests.worker.states import MODEL, answer, supervising, text_of, turn, until

FREE_SECONDS = 2.0
"""Promised to the person who asks for memory back."""


async def asked(supervisor: Supervisor, text: str = "hi") -> asyncio.Task[list[Event]]:
    """A turn under way: the supervisor knows it."""
    task = asyncio.create_task(answer(supervisor, turn(text)))
    await asyncio.sleep(0)
    return task


def failure(events: list[Event]) -> ErrorCode:
    assert isinstance(events[-1], Failed)
    return events[-1].error.code


# ---------------------------------------------------------------- states


@bounded
async def test_the_states_from_asleep_to_an_answer_and_back_are_all_true() -> None:
    async with supervising(default="Let me see.\n/nap 0.1\nTwo.", load=0.05, prefill=0.02) as supervisor:
        seen = [supervisor.state]
        supervisor.subscribe(seen.append)
        await supervisor.start()
        await supervisor.load(Choice(MODEL, "int8"))
        await answer(supervisor, turn("hi", "nap"))
        await supervisor.free_memory()
    kinds = [kind for kind, _ in itertools.groupby(state.kind for state in seen)]
    assert kinds == ["asleep", "starting", "empty", "loading", "resident", "asleep"]
    phases = [phase for phase, _ in itertools.groupby(state.phase for state in seen if state.kind == "resident")]
    assert phases[0] is None
    assert phases[-1] is None
    assert [phase for phase in phases if phase in ("answering", "tool")] == ["answering", "tool", "answering"]
    progress = [state.progress for state in seen if state.kind == "loading"]
    assert progress == sorted(progress)
    assert 0 < progress[-1] <= 1
    for state in seen:
        assert (state.pid is not None) is (state.kind in ("empty", "loading", "resident"))
        assert (state.model is not None) is (state.kind == "resident")
        assert state.error is None
        assert state.phase is None or state.kind == "resident"


@bounded
async def test_a_listener_that_has_left_hears_nothing_more() -> None:
    async with supervising() as supervisor:
        seen = list[WorkerState]()
        unsubscribe = supervisor.subscribe(seen.append)
        await supervisor.start()
        unsubscribe()
        count = len(seen)
        await supervisor.free_memory()
        assert count == len(seen) > 0


@bounded
@pytest.mark.expects_log("a listener failed")
async def test_a_listener_that_fails_harms_nobody_else() -> None:
    def fail(_: WorkerState) -> None:
        raise RuntimeError("cannot draw this")

    async with supervising() as supervisor:
        seen = list[WorkerState]()
        supervisor.subscribe(fail)
        supervisor.subscribe(seen.append)
        await supervisor.start()
        assert seen[-1].kind == "empty"


@bounded
async def test_a_failed_load_is_said_in_the_state_until_another_one_works() -> None:
    async with supervising() as supervisor:
        with pytest.raises(RequestError) as caught:
            await supervisor.load(Choice("/models/missing", "int8"))
        assert caught.value.error.code is ErrorCode.MODEL_NOT_FOUND
        assert supervisor.state.kind == "failed"
        assert supervisor.state.error == caught.value.error
        assert supervisor.state.pid is not None
        assert failure(await answer(supervisor, turn())) is ErrorCode.MODEL_NOT_FOUND
        assert await supervisor.load(Choice(MODEL, "int8")) is not None
        assert supervisor.state.kind == "resident"


@bounded
async def test_with_two_turns_the_state_shows_the_more_telling_phase() -> None:
    script = {"replies": {"ask": "/calculate 1+1\nTwo."}, "default": "word " * 100, "rate": 50}
    async with supervising(**script) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        waiting = turn("ask", "calculate", granted=False)
        async with aclosing(supervisor.turn(waiting)) as events:
            while not isinstance(await anext(events), ToolCalled):
                pass
            assert supervisor.state.phase == "tool"
            async with aclosing(supervisor.turn(turn())) as others:
                while not isinstance(await anext(others), TextDelta):
                    pass
                assert supervisor.state.phase == "answering"
            await until(supervisor, lambda state: state.phase == "tool")


# ---------------------------------------------------------------- turns


@bounded
async def test_a_turn_without_any_chosen_model_fails_and_starts_nothing() -> None:
    async with supervising() as supervisor:
        assert failure(await answer(supervisor, turn())) is ErrorCode.NO_MODEL
        assert supervisor.state.kind == "asleep"


@bounded
async def test_a_turn_wakes_a_worker_that_is_asleep_and_loads_the_chosen_model_again() -> None:
    async with supervising(default="Yes?") as supervisor:
        await supervisor.load(Choice(MODEL, "bf16", context=99))
        await supervisor.free_memory()
        assert supervisor.state == WorkerState("asleep")
        events = await answer(supervisor, turn())
        assert text_of(events) == "Yes?"
        done = events[-1]
        assert isinstance(done, Done)
        assert (done.model.path, done.model.precision, done.model.context) == (MODEL, "bf16", 99)


@bounded
async def test_turns_asked_during_a_load_are_answered_after_it() -> None:
    async with supervising(default="Yes?", load=0.2) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        await until(supervisor, lambda state: state.kind == "loading")
        answers = await asyncio.gather(*(answer(supervisor, turn()) for _ in range(3)))
        assert [text_of(events) for events in answers] == ["Yes?"] * 3
        assert await loading is not None


@bounded
async def test_a_cancelled_turn_that_still_waits_ends_as_cancelled() -> None:
    async with supervising(load=1000, load_steps=100_000) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        await until(supervisor, lambda state: state.kind == "loading")
        command = turn()
        asking = asyncio.create_task(answer(supervisor, command))
        await asyncio.sleep(0)
        await supervisor.send(Cancel(id=command.id))
        done = (await asking)[-1]
        assert isinstance(done, Done)
        assert done.finish_reason == "cancelled"
        loading.cancel()


@bounded
async def test_a_cancelled_turn_that_runs_ends_as_cancelled() -> None:
    async with supervising(default="word " * 1000, rate=50) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        command = turn()
        async with aclosing(supervisor.turn(command)) as events:
            while not isinstance(await anext(events), TextDelta):
                pass
            await supervisor.send(Cancel(id=command.id))
            done = [event async for event in events][-1]
        assert isinstance(done, Done)
        assert done.finish_reason == "cancelled"


@bounded
async def test_decisions_and_host_results_reach_the_turn() -> None:
    async with supervising(default="/remind 10m | tea\nI will.") as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        command, seen = turn("hi", "remind", granted=False), list[Event]()
        async with aclosing(supervisor.turn(command)) as events:
            async for event in events:
                seen.append(event)
                match event:
                    case ToolCalled(call_id=call_id):
                        await supervisor.send(Decision(id=command.id, call_id=call_id, allowed=True))
                    case HostCall(call_id=call_id):
                        await supervisor.send(HostResult(id=command.id, call_id=call_id, result="set"))
        assert [event.result for event in seen if isinstance(event, ToolFinished)] == ["set"]
        assert text_of(seen) == "I will."


# ---------------------------------------------------------------- loads


@bounded
async def test_a_load_waits_for_the_turn_that_runs_and_later_turns_wait_for_the_load() -> None:
    async with supervising(default="one two three four", rate=40) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        before = await asked(supervisor)
        loading = asyncio.create_task(supervisor.load(Choice("/models/dog", "fp32")))
        await until(supervisor, lambda state: state.phase == "answering")
        after = await asked(supervisor)
        done, later = (await before)[-1], (await after)[-1]
        assert isinstance(done, Done)
        assert isinstance(later, Done)
        assert (done.finish_reason, done.model.name) == ("stop", "cat")
        assert later.model.name == "dog"
        model = await loading
        assert model is not None
        assert model.name == "dog"


@bounded
async def test_a_newer_load_takes_the_place_of_an_older_one() -> None:
    async with supervising() as supervisor:
        old = asyncio.create_task(supervisor.load(Choice("/models/endless", "int8")))
        await until(supervisor, lambda state: state.progress > 0)
        new = await supervisor.load(Choice("/models/dog", "int8"))
        assert await old is None
        assert new is not None
        assert supervisor.state.model == new


@bounded
async def test_a_load_that_nobody_waits_for_any_more_is_cancelled() -> None:
    async with supervising(load=1000, load_steps=100_000) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        await until(supervisor, lambda state: state.kind == "loading")
        waiting = await asked(supervisor)
        loading.cancel()
        await until(supervisor, lambda state: state.kind == "empty")
        assert failure(await waiting) is ErrorCode.NO_MODEL


@bounded
async def test_a_load_right_after_leaving_a_turn_waits_for_its_end() -> None:
    async with supervising(default="word " * 1000, rate=50) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        async with aclosing(supervisor.turn(turn())) as events:
            while not isinstance(await anext(events), TextDelta):
                pass
        assert await supervisor.load(Choice("/models/dog", "int8")) is not None


# ---------------------------------------------------------------- giving memory back


@bounded
@pytest.mark.parametrize("moment", ["starting", "loading", "answering", "napping", "waiting"])
async def test_memory_is_given_back_within_two_seconds_at_any_moment(moment: str) -> None:
    script = {"default": "word " * 1000, "rate": 50, "replies": {"nap": "/nap 50\n", "ask": "/nap 1\n"}}
    load = {"load": 1000, "load_steps": 100_000} if moment == "loading" else {}
    async with supervising(**script, **load) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        command = {"napping": turn("nap", "nap"), "waiting": turn("ask", "nap", granted=False)}.get(moment, turn())
        asking = asyncio.create_task(answer(supervisor, command))
        match moment:
            case "starting" | "loading":
                await until(supervisor, lambda state: state.kind == moment)
            case "answering":
                await until(supervisor, lambda state: state.phase == "answering")
            case _:
                await until(supervisor, lambda state: state.phase == "tool")
        pid = supervisor.state.pid
        began = time.monotonic()
        await supervisor.free_memory()
        assert time.monotonic() - began < FREE_SECONDS
        assert supervisor.state == WorkerState("asleep")
        assert pid is None or not alive(pid)
        assert failure(await asking) is ErrorCode.WORKER_LOST
        await asyncio.gather(loading, return_exceptions=True)


@bounded
async def test_a_question_asked_while_memory_is_given_back_is_answered_afterwards() -> None:
    async with supervising(default="Yes?") as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        freeing = asyncio.create_task(supervisor.free_memory())
        await asyncio.sleep(0)
        events = await answer(supervisor, turn())
        await freeing
        assert text_of(events) == "Yes?"


@bounded
async def test_memory_is_given_back_even_when_nobody_waits_for_it_any_more() -> None:
    async with supervising(default="Yes?") as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        freeing = asyncio.create_task(supervisor.free_memory())
        await asyncio.sleep(0)
        freeing.cancel()
        await until(supervisor, lambda state: state.kind == "asleep")
        assert text_of(await answer(supervisor, turn())) == "Yes?"


@bounded
async def test_freeing_twice_at_once_and_when_asleep_is_harmless() -> None:
    async with supervising() as supervisor:
        await supervisor.free_memory()
        await supervisor.start()
        await asyncio.gather(supervisor.free_memory(), supervisor.free_memory())
        assert supervisor.state == WorkerState("asleep")


# ---------------------------------------------------------------- losses


@bounded
async def test_a_killed_worker_fails_its_turn_and_the_next_one_is_answered() -> None:
    policy = RestartPolicy(delays=(0.01,))
    async with supervising(policy, default="Yes?", replies={"long": "word "}, repeat=1000, rate=50) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        asking = await asked(supervisor, "long")
        state = await until(supervisor, lambda state: state.phase == "answering")
        assert state.pid is not None
        os.kill(state.pid, signal.SIGKILL)
        assert failure(await asking) is ErrorCode.WORKER_LOST
        assert text_of(await answer(supervisor, turn())) == "Yes?"
        assert supervisor.state.pid != state.pid


@bounded
async def test_a_worker_killed_while_it_loads_is_started_again_and_the_load_goes_on() -> None:
    policy = RestartPolicy(delays=(0.01,))
    async with supervising(policy, load=0.5, load_steps=50) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        state = await until(supervisor, lambda state: state.progress > 0)
        assert state.pid is not None
        os.kill(state.pid, signal.SIGKILL)
        assert await loading is not None
        assert supervisor.state.kind == "resident"


@bounded
async def test_a_stopped_worker_process_can_still_be_ended() -> None:
    async with supervising() as supervisor:
        await supervisor.start()
        pid = supervisor.state.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        await supervisor.free_memory()
        assert time.monotonic() - began < FREE_SECONDS
        assert not alive(pid)


# ---------------------------------------------------------------- requests without a model


@bounded
async def test_plans_devices_and_tools_need_no_model() -> None:
    async with supervising() as supervisor:
        plan = await supervisor.plan(Choice(MODEL, "int8").plan_command())
        assert [estimate.precision for estimate in plan.estimates] == ["fp32", "bf16", "fp16", "int8"]
        assert (await supervisor.devices())[0].device == "cpu"
        command = RunTool(id=new_id(), name="calculate", argument="6.5*7.5", grants=("calculate",))
        events = [event async for event in supervisor.run_tool(command)]
        assert [event.result for event in events if isinstance(event, ToolFinished)] == ["48.75"]
        assert isinstance(events[-1], Finished)
        assert supervisor.state.kind == "empty"


@bounded
async def test_a_host_tool_without_a_model_reaches_the_app() -> None:
    async with supervising() as supervisor:
        command = RunTool(id=new_id(), name="remind", argument="10m | tea", grants=("remind",))
        results = []
        async for event in supervisor.run_tool(command):
            if isinstance(event, HostCall):
                await supervisor.send(HostResult(id=command.id, call_id=event.call_id, result="set"))
            elif isinstance(event, ToolFinished):
                results.append(event.result)
        assert results == ["set"]


def test_restarts_are_counted_within_their_window_and_forgotten_when_the_person_acts() -> None:
    restarts = Restarts(RestartPolicy(limit=2, window=60, delays=(0.1, 1.0)))
    assert [restarts.next_delay(now) for now in (0.0, 1.0, 2.0)] == [0.1, 1.0, None]
    assert restarts.next_delay(60.5) == 1.0
    assert restarts.next_delay(60.6) is None
    restarts.forget()
    assert restarts.next_delay(60.7) == 0.1


@bounded
async def test_phases_are_those_that_the_worker_reports() -> None:
    async with supervising(default="Yes?", prefill=1.0) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        seen = list[str | None]()
        async with aclosing(supervisor.turn(turn())) as events:
            async for event in events:
                if isinstance(event, PhaseChanged):
                    seen.append(supervisor.state.phase)
                    assert supervisor.state.phase == event.phase
        assert seen == ["queued", "prefill", "answering"]
        assert supervisor.state.phase is None
