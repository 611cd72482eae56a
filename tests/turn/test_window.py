"""The sliding window of an endless chat: what it keeps, when it moves, and what stays cached."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from inference_worker.chat.generator import Generator
from inference_worker.chat.local_generator import LocalGenerator, load_generator
from inference_worker.chat.turn import run_turn
from inference_worker.chat.window import KEPT_SHARE, reply_room, tools_that_fit
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import CallPart, ChatMessage, Done, LoadModel, RunTurn, Sampling, TextPart
from inference_worker.tools.registry import find_tools
from tests.support.fake_desk import FakeDesk
from tests.support.fake_generator import INFO, FakeGenerator

MINI = Path(__file__).resolve().parents[2] / "resources" / "models" / "nyanko-mini"
SYSTEM = ChatMessage("system", (TextPart("You are Nyanko."),))
CONTEXT = 1000
TURN_SECONDS = 60.0
"""Bound of one turn; the real model takes about one."""


def said(text: str) -> ChatMessage:
    return ChatMessage("user", (TextPart(text),))


def answer(text: str) -> ChatMessage:
    return ChatMessage("assistant", (TextPart(text),))


def model(*replies: str, context: int = CONTEXT) -> FakeGenerator:
    return FakeGenerator(*replies, info=msgspec.structs.replace(INFO, context=context))


@dataclass
class Chat:
    """An endless chat, as the app leads it: everything is sent each time, with the window of the last turn."""

    generator: Generator
    tools: tuple[str, ...] = ()
    reply_tokens: int | None = None
    messages: list[ChatMessage] = field(default_factory=lambda: [SYSTEM])
    window_start: int = 0

    async def turn(self, *, resume: bool = False) -> Done:
        sampling = Sampling(temperature=0.0, max_tokens=self.reply_tokens)
        command = RunTurn("t", tuple(self.messages), self.tools, self.tools, sampling, resume, self.window_start)
        async with asyncio.timeout(TURN_SECONDS):
            done = await run_turn(command, self.generator, FakeDesk(host="ok"))
        self.window_start = done.window_start
        return done

    async def ask(self, text: str) -> Done:
        self.messages.append(said(text))
        done = await self.turn()
        self.messages.append(done.message)
        return done

    def say(self, text: str) -> Done:
        return asyncio.run(self.ask(text))


@pytest.mark.parametrize(("context", "held"), [(4000, 3), (1350, 2), (300, 0)])
def test_a_small_context_holds_fewer_tools_and_the_same_in_every_turn(context: int, held: int) -> None:
    generator, names = model(context=context), ("calculate", "now", "remind")
    for messages in ((SYSTEM, said("hi")), (SYSTEM, said("a"), answer("b"), said("c" * 100))):
        command = RunTurn("t", messages, names, names)
        fitting = tools_that_fit(command, find_tools(names), generator)
        assert tuple(tool.name for tool in fitting) == names[:held]


def long_chat(exchanges: int = 20, length: int = 50) -> list[ChatMessage]:
    """The system text and exchanges of about ``2 * length`` tokens each."""
    pairs = ((said(f"q{i} ".ljust(length, "x")), answer(f"a{i} ".ljust(length, "y"))) for i in range(exchanges))
    return [SYSTEM, *(message for pair in pairs for message in pair)]


# ---------------------------------------------------------------- when it moves, and how far


def test_a_chat_that_fits_is_seen_whole() -> None:
    generator = model("nya")
    done = Chat(generator, messages=long_chat(3)).say("and?")
    assert done.window_start == 0
    assert "q0" in generator.text_of(generator.prompts[0])


def test_a_full_window_moves_at_once_to_60_percent_and_begins_with_a_question() -> None:
    generator = model("nya")
    chat = Chat(generator, messages=long_chat())
    done = chat.say("and?")
    assert chat.messages[done.window_start].role == "user"
    assert CONTEXT * (KEPT_SHARE - 0.11) < done.usage.prompt_tokens <= CONTEXT * KEPT_SHARE
    prompt = generator.text_of(generator.prompts[0])
    assert prompt.startswith("<system>You are Nyanko.<user>q")
    assert prompt.endswith("<user>and?<assistant>")


def test_the_window_stays_until_the_context_is_full_again_and_every_turn_reuses_what_the_last_one_left() -> None:
    generator = model(*["nya " * 5] * 60)
    chat = Chat(generator)
    starts = []
    for number in range(60):
        done = chat.say(f"question {number:3}")
        if starts and done.window_start == starts[-1]:
            assert done.usage.reused_tokens == len(generator.prompts[-2]) + 20
        else:
            assert done.usage.reused_tokens >= (len("<You are Nyanko.") if starts else 0)
        assert done.usage.prompt_tokens <= CONTEXT - reply_room(CONTEXT)
        assert generator.text_of(generator.prompts[-1]).startswith("<system>You are Nyanko.<user>question")
        starts.append(done.window_start)
    assert starts == sorted(starts)
    assert 3 <= len(set(starts)) <= 10


def test_a_reply_always_has_room() -> None:
    assert (reply_room(1024), reply_room(131_072)) == (256, 512)
    chat = Chat(model(*["z" * 240] * 12))
    assert all(chat.say("q" * 100).finish_reason == "stop" for _ in range(12))


def test_messages_before_the_window_stay_out_even_where_they_would_fit() -> None:
    generator = model("nya")
    chat = Chat(generator, messages=long_chat(3), window_start=3)
    assert chat.say("and?").window_start == 3
    prompt = generator.text_of(generator.prompts[0])
    assert "q0" not in prompt
    assert prompt.startswith("<system>You are Nyanko.<user>q1")


def test_system_text_is_never_left_out_wherever_it_stands() -> None:
    generator = model("nya")
    messages = [*long_chat(5), ChatMessage("system", (TextPart("Be brief."),)), *long_chat(15)[1:]]
    done = Chat(generator, messages=messages).say("and?")
    assert done.window_start > 12
    assert generator.text_of(generator.prompts[0]).startswith("<system>You are Nyanko.<system>Be brief.<user>")


@pytest.mark.parametrize("asked", [-5, 999])
def test_a_window_that_points_nowhere_still_holds_the_last_question(asked: int) -> None:
    chat = Chat(model("nya"), messages=long_chat(2), window_start=asked)
    assert chat.say("and?").window_start == (0 if asked < 0 else 5)


def test_only_the_system_text_before_the_window_means_that_all_was_seen() -> None:
    assert Chat(model("nya"), window_start=1).say("hi").window_start == 0


# ---------------------------------------------------------------- what is too long


def test_a_question_that_takes_more_than_the_kept_share_stands_alone() -> None:
    generator = model("nya")
    chat = Chat(generator, messages=long_chat())
    done = chat.say("w" * 700)
    assert done.window_start == len(chat.messages) - 2
    assert "q19" not in generator.text_of(generator.prompts[0])


def test_a_question_that_cannot_fit_is_refused_with_its_length_and_how_much_fits() -> None:
    with pytest.raises(RequestError) as refused:
        Chat(model(), messages=long_chat()).say("w" * 900)
    error = refused.value.error
    assert error.code is ErrorCode.CONTEXT_FULL
    assert (error.params["tokens"], error.params["context"]) == ("900", "1000")
    fits = int(error.params["fits"])
    Chat(model("nya"), messages=long_chat()).say("w" * fits)
    with pytest.raises(RequestError):
        Chat(model(), messages=long_chat()).say("w" * (fits + 1))


CALL = "/remind 10m | tea\n"


def turn_in_a_full_context(*replies: str) -> Done:
    """The question leaves room for the reply and for nothing else; every result would take all of it."""
    generator = model(*replies, context=2000)
    bare = len(generator.encode_conversation([said("")], find_tools(["remind"]), resume=False))
    question = said("x" * (2000 - reply_room(2000) - bare))
    command = RunTurn("t", (question,), ("remind",), ("remind",))
    return asyncio.run(run_turn(command, generator, FakeDesk(host="r" * 600)))


def test_a_result_that_would_fill_the_context_is_cut_and_the_reply_goes_on() -> None:
    done = turn_in_a_full_context(CALL, "So be it.")
    call, text = done.message.parts
    assert isinstance(call, CallPart)
    assert call.result.endswith("of 600 characters]")
    assert (done.finish_reason, text) == ("stop", TextPart("So be it."))


def test_calls_that_fill_the_context_end_the_reply_instead_of_the_turn() -> None:
    done = turn_in_a_full_context(*[f"{'y' * 200}\n{CALL}"] * 4)
    assert done.finish_reason == "length"
    assert sum(isinstance(part, CallPart) for part in done.message.parts) in (1, 2, 3)


# ---------------------------------------------------------------- continue


def test_a_reply_goes_on_in_a_window_that_moved() -> None:
    generator = model("and on")
    chat = Chat(generator, messages=[*long_chat(), said("tell me"), answer("It " + "is " * 20)])
    done = asyncio.run(chat.turn(resume=True))
    assert done.window_start > 1
    assert done.message.parts == (TextPart("It " + "is " * 20 + "and on"),)
    prompt = generator.text_of(generator.prompts[0])
    assert prompt.endswith("<user>tell me<assistant>It " + "is " * 20)
    assert prompt.startswith("<system>You are Nyanko.<user>q")


def test_a_reply_goes_on_as_long_as_one_token_is_free_and_is_refused_then() -> None:
    fixed = [SYSTEM, said("q")]
    used = len("<You are Nyanko.<q<")
    done = asyncio.run(Chat(model("no"), messages=[*fixed, answer("a" * (999 - used))]).turn(resume=True))
    assert done.usage.prompt_tokens == 999
    with pytest.raises(RequestError) as refused:
        asyncio.run(Chat(model(), messages=[*fixed, answer("a" * (1000 - used))]).turn(resume=True))
    assert refused.value.error.params["fits"] == str(999 - used + 1)


# ---------------------------------------------------------------- a real model


async def _mini(context: int) -> LocalGenerator:
    command = LoadModel("l", str(MINI), "int8", "cpu", context)
    return await load_generator(command, lambda *_: None, lambda: False)


def test_the_real_model_reuses_its_prefix_before_and_after_the_window_moves() -> None:
    """Its template prints no system text, so nothing stands before the first question."""

    async def talk() -> list[Done]:
        generator = await _mini(256)
        chat = Chat(generator, reply_tokens=6)
        try:
            return [await chat.ask(f"What is {number}*7? Please tell me in few words.") for number in range(12, 28)]
        finally:
            await generator.close()

    dones = asyncio.run(talk())
    starts = [done.window_start for done in dones]
    assert starts == sorted(starts)
    assert len(set(starts)) >= 3
    for before, done in pairwise(dones):
        if done.window_start == before.window_start:
            assert done.usage.reused_tokens >= before.usage.prompt_tokens
        else:
            assert done.usage.prompt_tokens <= KEPT_SHARE * 256
