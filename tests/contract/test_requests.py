"""What a worker answers, in which order, and that nothing stands in the way of anything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.framing import decode_event, encode
from inference_worker.protocol.messages import (
    CallPart,
    Cancel,
    CancelCall,
    ChatMessage,
    Decision,
    DevicesListed,
    Done,
    Event,
    Failed,
    Finished,
    Hello,
    HostCall,
    HostResult,
    ListDevices,
    Loaded,
    LoadModel,
    LoadProgress,
    MemoryPlanned,
    PhaseChanged,
    Ping,
    PlanMemory,
    RunTool,
    RunTurn,
    TextDelta,
    TextPart,
    ToolCalled,
    ToolFinished,
    UnloadModel,
    Welcome,
)
from inference_worker.protocol.version import PROTOCOL_VERSION
from inference_worker.server.connection import OPEN_LIMIT
from nyanko_desktop.worker.client import Request, WorkerClient, new_id
from tests.contract.conftest import Reach
from tests.contract.links import TOKEN
from tests.support.asynchronous import bounded
from tests.support.scripted_model import Script

LONG = "word " * 2000
COUNT = " ".join(map(str, range(300)))


def turn(text: str = "hi", *, tools: tuple[str, ...] = (), grants: tuple[str, ...] = ()) -> RunTurn:
    message = ChatMessage(role="user", parts=(TextPart(text),))
    return RunTurn(id=new_id(), messages=(message,), tools=tools, grants=grants)


def load(path: str = "/models/script") -> LoadModel:
    return LoadModel(id=new_id(), path=path, precision="int8")


async def events_of(client: WorkerClient, command: Request) -> list[Event]:
    async with client.request(command) as events:
        return [event async for event in events]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def words(events: AsyncIterator[Event], count: int) -> None:
    """Wait for so many words; several may come at once."""
    text = ""
    while len(text.split()) < count:
        event = await first(events, TextDelta)
        assert isinstance(event, TextDelta)
        text += event.text


async def first(events: AsyncIterator[Event], kind: type[Event]) -> Event:
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__} came")


# ---------------------------------------------------------------- turns


@bounded
async def test_a_reply_streams_in_order_and_ends_with_all_of_it(reach: Reach) -> None:
    async with reach(Script(default=COUNT)) as link, link.client(model=True) as client:
        events = await events_of(client, turn())
        done = events[-1]
        assert text_of(events) == COUNT
        assert isinstance(done, Done)
        assert done.message.parts == (TextPart(COUNT),)
        assert (done.finish_reason, done.usage.completion_tokens) == ("stop", 300)
        phases = [event.phase for event in events if isinstance(event, PhaseChanged)]
        assert phases[0] == "queued"
        assert phases[-1] == "answering"


@bounded
async def test_cancel_takes_effect_within_one_token(reach: Reach) -> None:
    """The fourth token never comes, so a cancel that waited for it would hang."""
    async with reach(Script(default=LONG, holds_after=3)) as link, link.client(model=True) as client:
        command = turn()
        async with client.request(command) as events:
            await words(events, 3)
            await client.send(Cancel(id=command.id))
            (done,) = [event async for event in events]
        assert isinstance(done, Done)
        assert (done.finish_reason, done.usage.completion_tokens) == ("cancelled", 3)


@bounded
async def test_leaving_a_request_early_cancels_it(reach: Reach) -> None:
    async with (
        reach(Script(default="done", replies={"long": LONG}, holds_after=1)) as link,
        link.client(model=True) as client,
    ):
        async with client.request(turn("long")) as events:
            await first(events, TextDelta)
        assert isinstance((await events_of(client, turn()))[-1], Done)  # the inference thread is free


@bounded
@pytest.mark.parametrize(("allowed", "result", "failed"), [(True, "48.75", False), (False, None, True)])
async def test_a_tool_without_a_grant_waits_for_the_decision(
    reach: Reach, allowed: bool, result: str | None, failed: bool
) -> None:
    script = Script(default="/calculate 6.5*7.5\nThere you are.")
    async with reach(script) as link, link.client(model=True) as client:
        command = turn(tools=("calculate",))
        async with client.request(command) as events:
            called = await first(events, ToolCalled)
            assert isinstance(called, ToolCalled)
            assert (called.name, called.arguments["text"], called.needs_decision) == ("calculate", "6.5*7.5", True)
            await client.send(Decision(id=command.id, call_id=called.call_id, allowed=allowed))
            rest = [event async for event in events]
        finished = next(event for event in rest if isinstance(event, ToolFinished))
        assert finished.failed is failed
        assert result is None or finished.result == result
        assert text_of(rest) == "There you are."
        done = rest[-1]
        assert isinstance(done, Done)
        assert isinstance(done.message.parts[0], CallPart)


@bounded
async def test_a_granted_tool_runs_without_a_decision(reach: Reach) -> None:
    script = Script(default="/calculate 1+1\nDone.")
    async with reach(script) as link, link.client(model=True) as client:
        events = await events_of(client, turn(tools=("calculate",), grants=("calculate",)))
        assert [event.needs_decision for event in events if isinstance(event, ToolCalled)] == [False]
        assert [event.result for event in events if isinstance(event, ToolFinished)] == ["2"]


@bounded
async def test_a_host_tool_runs_in_the_app(reach: Reach) -> None:
    script = Script(default="/remind 10m | drink water\nI will.")
    async with reach(script) as link, link.client(model=True) as client:
        command = turn(tools=("remind",), grants=("remind",))
        async with client.request(command) as events:
            call = await first(events, HostCall)
            assert isinstance(call, HostCall)
            assert (call.name, call.arguments["what"]) == ("remind", "drink water")
            await client.send(HostResult(id=command.id, call_id=call.call_id, result="set for 18:40"))
            rest = [event async for event in events]
        assert [event.result for event in rest if isinstance(event, ToolFinished)] == ["set for 18:40"]
        assert text_of(rest) == "I will."


@bounded
async def test_a_turn_that_waits_for_a_decision_can_be_cancelled(reach: Reach) -> None:
    async with reach(Script(default="/calculate 1+1\n")) as link, link.client(model=True) as client:
        command = turn(tools=("calculate",))
        async with client.request(command) as events:
            await first(events, ToolCalled)
            await client.send(Cancel(id=command.id))
            done = [event async for event in events][-1]
        assert isinstance(done, Done)
        assert done.finish_reason == "cancelled"


@bounded
async def test_a_call_that_is_allowed_and_ended_in_one_breath_is_ended(reach: Reach) -> None:
    script = Script(default="/remind 10m | drink water\nAs you like.")
    async with reach(script) as link:
        channel = await link.open()
        await channel.send(encode(Hello(protocol=PROTOCOL_VERSION, token=TOKEN)) + encode(load()))
        command, text, result = turn(tools=("remind",)), "", ""
        while (line := await channel.receive()) is not None and not isinstance(event := decode_event(line), Done):
            match event:
                case Loaded():
                    await channel.send(encode(command))
                case ToolCalled(call_id=call):
                    await channel.send(encode(Decision(command.id, call, True)) + encode(CancelCall(command.id, call)))
                case ToolFinished():
                    result = event.result
                case TextDelta():
                    text += event.text
        assert (result, text) == ("error: stopped", "As you like.")
        await channel.close()


@bounded
async def test_another_turn_is_answered_while_one_waits_for_a_decision(reach: Reach) -> None:
    script = Script(default="/calculate 1+1\nTwo.", replies={"quick": "Here."})
    async with reach(script) as link, link.client(model=True) as client:
        waiting = turn(tools=("calculate",))
        async with client.request(waiting) as events:
            called = await first(events, ToolCalled)
            assert isinstance(called, ToolCalled)
            assert text_of(await events_of(client, turn("quick"))) == "Here."
            await client.send(Decision(id=waiting.id, call_id=called.call_id, allowed=True))
            assert text_of([event async for event in events]) == "Two."


@bounded
async def test_two_turns_at_once_both_get_all_of_their_own_text(reach: Reach) -> None:
    script = Script(replies={"a": "alpha " * 50, "b": "beta " * 50})
    async with reach(script) as link, link.client(model=True) as client:
        first_turn, second_turn = await asyncio.gather(events_of(client, turn("a")), events_of(client, turn("b")))
        assert text_of(first_turn).split() == ["alpha"] * 50
        assert text_of(second_turn).split() == ["beta"] * 50


@bounded
async def test_a_ping_is_answered_while_a_reply_is_written(reach: Reach) -> None:
    script, command = Script(default=LONG, rate=20), turn()
    async with reach(script) as link, link.client(model=True) as client, client.request(command) as events:
        await first(events, TextDelta)
        assert isinstance(await client.ask(Ping(id=new_id())), Finished)
        assert client.is_open(command.id)


@bounded
async def test_a_reader_that_does_not_read_holds_up_nobody_and_misses_nothing(reach: Reach) -> None:
    words = 40_000
    script = Script(replies={"much": "word "}, repeat=words, default="Next, please.")
    async with reach(script) as link, link.client(model=True) as other:
        channel = await link.open_narrow()
        await channel.send(encode(Hello(protocol=PROTOCOL_VERSION, token=TOKEN)))
        welcome = await channel.receive()
        assert welcome is not None
        assert isinstance(decode_event(welcome), Welcome)
        await channel.send(encode(turn("much")))
        while (line := await channel.receive()) is not None and not isinstance(decode_event(line), TextDelta):
            pass
        assert text_of(await events_of(other, turn())) == "Next, please."  # the whole long reply was decoded before
        text = ""
        while (line := await channel.receive()) is not None:
            event = decode_event(line)
            if isinstance(event, Done):
                assert event.usage.completion_tokens >= words
                break
            text += event.text if isinstance(event, TextDelta) else ""
        assert len(text.split()) >= words - 1
        await channel.close()


@bounded
async def test_losing_the_connection_stops_its_turns(reach: Reach) -> None:
    script = Script(replies={"long": "word "}, repeat=1_000_000, default="Free again.", rate=1000)
    async with reach(script) as link, link.client(model=True) as other:
        async with link.client() as lost, lost.request(turn("long")) as events:
            await first(events, TextDelta)
            await lost.close()
            end = [event async for event in events][-1]
        assert isinstance(end, Failed)
        assert end.error.code is ErrorCode.WORKER_LOST
        assert text_of(await events_of(other, turn())) == "Free again."


@bounded
async def test_a_turn_without_a_model_says_so(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        with pytest.raises(RequestError) as caught:
            await client.ask(turn())
        assert caught.value.error.code is ErrorCode.NO_MODEL


@bounded
async def test_a_turn_with_a_tool_nobody_knows_says_which(reach: Reach) -> None:
    async with reach(Script()) as link, link.client(model=True) as client:
        with pytest.raises(RequestError) as caught:
            await client.ask(turn(tools=("telepathy",)))
        assert caught.value.error.code is ErrorCode.UNKNOWN_TOOL
        assert caught.value.error.params["name"] == "telepathy"


# ---------------------------------------------------------------- models


@bounded
async def test_a_load_reports_rising_progress_and_then_the_model(reach: Reach) -> None:
    async with reach(Script(load=0.1)) as link, link.client() as client:
        *steps, loaded = await events_of(client, load("/models/cat"))
        placed = [step.done for step in steps if isinstance(step, LoadProgress)]
        assert len(placed) == len(steps) > 1
        assert placed == sorted(placed)
        assert isinstance(loaded, Loaded)
        assert (loaded.model.name, loaded.model.precision) == ("cat", "int8")


@bounded
async def test_a_path_without_a_model_fails_with_its_own_code(reach: Reach) -> None:
    async with reach(Script()) as link, link.client(model=True) as client:
        with pytest.raises(RequestError) as caught:
            await client.ask(load("/models/missing"))
        assert caught.value.error.code is ErrorCode.MODEL_NOT_FOUND
        with pytest.raises(RequestError) as caught:
            await client.ask(turn())
        assert caught.value.error.code is ErrorCode.NO_MODEL


@bounded
async def test_a_cancelled_load_ends_at_once_and_leaves_no_model(reach: Reach) -> None:
    async with reach(Script(load=1000, load_steps=100_000)) as link, link.client() as client:
        command = load()
        async with client.request(command) as events:
            await first(events, LoadProgress)
            await client.send(Cancel(id=command.id))
            assert isinstance([event async for event in events][-1], Finished)
        with pytest.raises(RequestError) as caught:
            await client.ask(turn())
        assert caught.value.error.code is ErrorCode.NO_MODEL


@bounded
@pytest.mark.parametrize("command", [load(), UnloadModel(id=new_id())], ids=["load", "unload"])
async def test_the_model_is_not_taken_away_from_a_running_turn(reach: Reach, command: Request) -> None:
    script, running = Script(default="one two three", holds_after=1), turn()
    async with reach(script) as link, link.client(model=True) as client, client.request(running) as events:
        await first(events, TextDelta)
        with pytest.raises(RequestError) as caught:
            await client.ask(command)
        assert caught.value.error.code is ErrorCode.BUSY
        await client.send(Cancel(id=running.id))
        assert isinstance([event async for event in events][-1], Done)


@bounded
async def test_an_unloaded_model_is_gone(reach: Reach) -> None:
    async with reach(Script()) as link, link.client(model=True) as client:
        assert isinstance(await client.ask(UnloadModel(id=new_id())), Finished)
        with pytest.raises(RequestError):
            await client.ask(turn())


@bounded
async def test_memory_is_planned_and_devices_are_listed_without_a_model(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        plan = await client.ask(PlanMemory(id=new_id(), path="/models/cat"))
        assert isinstance(plan, MemoryPlanned)
        assert [estimate.precision for estimate in plan.estimates] == ["fp32", "bf16", "fp16", "int8"]
        listed = await client.ask(ListDevices(id=new_id()))
        assert isinstance(listed, DevicesListed)
        assert listed.devices[0].device == "cpu"


# ---------------------------------------------------------------- tools without a model


@bounded
@pytest.mark.parametrize(
    ("argument", "result", "failed"), [("6.5*7.5", "48.75", False), ("0.1+0.2", "0.3", False), ("1/0", "error: ", True)]
)
async def test_a_tool_runs_without_a_model(reach: Reach, argument: str, result: str, failed: bool) -> None:
    async with reach(Script()) as link, link.client() as client:
        called, finished, end = await events_of(
            client, RunTool(id=new_id(), name="calculate", argument=argument, grants=("calculate",))
        )
        assert isinstance(called, ToolCalled)
        assert isinstance(finished, ToolFinished)
        assert finished.failed is failed
        assert finished.result.startswith(result)
        assert isinstance(end, Finished)


@bounded
async def test_a_host_tool_without_a_model_asks_the_app(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        command = RunTool(id=new_id(), name="remind", argument="10m | tea", grants=("remind",))
        async with client.request(command) as events:
            call = await first(events, HostCall)
            assert isinstance(call, HostCall)
            assert call.arguments["what"] == "tea"
            await client.send(HostResult(id=command.id, call_id=call.call_id, result="set"))
            finished = await first(events, ToolFinished)
        assert isinstance(finished, ToolFinished)
        assert finished.result == "set"


@bounded
async def test_an_unknown_tool_fails_and_names_the_known_ones(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        with pytest.raises(RequestError) as caught:
            await client.ask(RunTool(id=new_id(), name="telepathy", argument=""))
        assert caught.value.error.code is ErrorCode.UNKNOWN_TOOL
        assert "calculate" in caught.value.error.params["known"]


@bounded
async def test_too_many_requests_at_once_are_turned_away_and_the_others_go_on(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        commands = [
            RunTool(id=new_id(), name="remind", argument="10m | tea", grants=("remind",)) for _ in range(OPEN_LIMIT + 1)
        ]
        async with contextlib.AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(client.request(command)) for command in commands]
            *waiting, refused = [await anext(stream) for stream in streams]
            assert all(isinstance(event, ToolCalled) for event in waiting)
            assert isinstance(refused, Failed)
            assert refused.error.code is ErrorCode.BUSY


@bounded
async def test_a_waiting_host_tool_can_be_cancelled(reach: Reach) -> None:
    async with reach(Script()) as link, link.client() as client:
        command = RunTool(id=new_id(), name="remind", argument="10m | tea", grants=("remind",))
        async with client.request(command) as events:
            await first(events, HostCall)
            await client.send(Cancel(id=command.id))
            assert isinstance([event async for event in events][-1], Finished)
