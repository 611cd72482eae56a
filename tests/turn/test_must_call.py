"""Turns in which the model has to call: what it is held to, and for how long."""

from __future__ import annotations

import asyncio

import pytest

from inference_worker.chat.turn import MAX_REPAIRS, run_turn
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import ChatMessage, Done, RunTurn, TextPart, ToolFinished
from tests.support.fake_desk import FakeDesk
from tests.support.fake_generator import FakeGenerator
from tests.support.native_generator import NativeGenerator
from tests.turn.native_templates import HERMES, LLAMA, SAMPLES

QUESTION = ChatMessage("user", (TextPart("What is 6.5*7.5?"),))
TOOLS = ("calculate", "now")
BROKEN = '<tool_call>\n{"name": "calculate", "arguments": {oops}}\n</tool_call>'
MISFIT = '<tool_call>\n{"name": "calculate", "arguments": {"words": 1}}\n</tool_call>'
UNKNOWN = '<tool_call>\n{"name": "fly", "arguments": {}}\n</tool_call>'
GLM = next(sample for sample in SAMPLES if sample.name == "glm")


def answered(model: FakeGenerator, must_call: str = "", tools: tuple[str, ...] = TOOLS) -> tuple[Done, FakeDesk]:
    async def work() -> tuple[Done, FakeDesk]:
        desk = FakeDesk()
        async with asyncio.timeout(30):
            return await run_turn(RunTurn("t1", (QUESTION,), tools, tools, must_call=must_call), model, desk), desk

    return asyncio.run(work())


def test_the_first_call_is_held_to_the_tool_and_what_follows_is_free() -> None:
    model = NativeGenerator(HERMES.template, HERMES.call, "It is 48.75.")
    done, _ = answered(model, "calculate")
    assert done.finish_reason == "stop"
    first, second = model.grammars
    assert all('"calculate"' in grammar and '"now"' not in grammar for grammar in first)
    assert (len(first), second) == (2, ())


def test_any_is_every_tool_that_is_offered() -> None:
    model = NativeGenerator(HERMES.template, HERMES.call, "It is 48.75.")
    answered(model, "any")
    assert all('"calculate"' in grammar and '"now"' in grammar for grammar in model.grammars[0])
    assert model.grammars[1] == ()


def test_without_it_nothing_is_held() -> None:
    model = NativeGenerator(HERMES.template, HERMES.call, "It is 48.75.")
    answered(model)
    assert model.grammars == [(), ()]


def test_in_the_slash_style_the_line_is_held() -> None:
    model = FakeGenerator("/calculate 6*7\n", "\n42.")
    answered(model, "calculate")
    assert "/\\/calculate " in model.grammars[0][0]
    assert model.grammars[1] == ()


def test_a_family_that_writes_no_json_is_left_free() -> None:
    model = NativeGenerator(GLM.template, GLM.call, "It is 48.75.")
    done, _ = answered(model, "calculate")
    assert (model.grammars, done.finish_reason) == ([(), ()], "stop")


def test_a_tool_that_is_not_offered_is_refused() -> None:
    for tools in ((), ("now",)):
        with pytest.raises(RequestError) as caught:
            answered(FakeGenerator(), "calculate", tools)
        assert caught.value.error.code == ErrorCode.BAD_REQUEST


def test_a_turn_stopped_before_it_began_is_cancelled_though_its_tool_was_not_found() -> None:
    async def work() -> Done:
        desk = FakeDesk()
        desk.cancelled.set()
        command = RunTurn("t1", (QUESTION,), TOOLS, TOOLS, must_call="calculate")
        return await run_turn(command, FakeGenerator(), desk)

    assert asyncio.run(work()).finish_reason == "cancelled"


@pytest.mark.parametrize("mistake", [BROKEN, MISFIT], ids=["malformed", "misfit"])
def test_the_second_try_of_a_repair_is_held_to_a_call(mistake: str) -> None:
    model = NativeGenerator(HERMES.template, mistake, mistake, HERMES.call, "It is 48.75.")
    done, desk = answered(model)
    assert [bool(grammars) for grammars in model.grammars] == [False, False, True, False]
    assert ('"now"' in model.grammars[2][0]) == (mistake == BROKEN), "nobody knows what was meant by a broken one"
    assert [one.failed for one in desk.of(ToolFinished)] == [True, True, False]
    assert done.finish_reason == "stop"


def test_whoever_calls_unknown_tools_is_held_to_those_that_there_are() -> None:
    model = NativeGenerator(HERMES.template, UNKNOWN, UNKNOWN, HERMES.call, "It is 48.75.")
    answered(model)
    assert all(f'"{name}"' in model.grammars[2][0] for name in TOOLS)


def test_a_call_that_fits_between_two_mistakes_shows_that_the_model_can() -> None:
    model = NativeGenerator(HERMES.template, BROKEN, HERMES.call, BROKEN, "It is 48.75.")
    answered(model)
    assert model.grammars == [(), (), (), ()]


def test_after_the_last_repair_it_is_words_that_are_wanted_and_nothing_is_held() -> None:
    model = NativeGenerator(HERMES.template, *[BROKEN] * (MAX_REPAIRS + 1), "I cannot.")
    answered(model, "calculate")
    assert [bool(grammars) for grammars in model.grammars] == [True] * (MAX_REPAIRS + 1) + [False]


def test_a_reply_that_goes_on_where_no_call_can_stand_is_left_free() -> None:
    async def work(model: FakeGenerator) -> None:
        begun = ChatMessage("assistant", (TextPart("Let me see. "),))
        command = RunTurn("t1", (QUESTION, begun), TOOLS, TOOLS, resume=True, must_call="calculate")
        await run_turn(command, model, FakeDesk())

    llama, hermes = NativeGenerator(LLAMA.template, "It is 48.75."), NativeGenerator(HERMES.template, "It is 48.75.")
    asyncio.run(work(llama))
    asyncio.run(work(hermes))
    assert (llama.grammars, len(hermes.grammars[0])) == ([()], 2)
