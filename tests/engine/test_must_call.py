"""Turns on the real engine in which a model of random weights has to call: it does, and can be stopped."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from inference_worker.chat.local_generator import LocalGenerator, load_generator
from inference_worker.chat.turn import run_turn
from inference_worker.engine import model as engine_model
from inference_worker.protocol.messages import (
    CallPart,
    ChatMessage,
    Done,
    Event,
    LoadModel,
    PhaseChanged,
    RunTurn,
    Sampling,
    TextPart,
    ToolFinished,
)  # fmt: skip
from inference_worker.tools import registry
from inference_worker.tools.base import Tool
from tests.engine.test_native_turn import TEMPLATE as NATIVE
from tests.support.fake_desk import FakeDesk

needs_llguidance = pytest.mark.skipif(importlib.util.find_spec("llguidance") is None, reason="needs llguidance")
QUESTION = ChatMessage("user", (TextPart("What is 6.5*7.5?"),))
TOOLS = ("pick", "now")
PICK = {
    "type": "object",
    "properties": {
        "colour": {"enum": ["red", "light blue"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 20},
    },
    "required": ["colour", "count"],
}


@pytest.fixture(autouse=True)
def pick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool with arguments that have an end however they are written: a model of random weights finds none."""
    monkeypatch.setitem(registry._tools, "pick", Tool("pick", "Picks", PICK, lambda _arguments, _run: "picked"))


class StoppingDesk(FakeDesk):
    """Stops the turn when an event is of the kind that a test waits for."""

    def __init__(self, stops: Callable[[Event], bool]) -> None:
        super().__init__()
        self._stops = stops

    async def emit(self, event: Event) -> None:
        await super().emit(event)
        if self._stops(event):
            self.cancelled.set()


async def _load(path: Path) -> LocalGenerator:
    return await load_generator(LoadModel("1", str(path), "fp32", "cpu", 1024), lambda *_: None, lambda: False)


async def _turn(generator: LocalGenerator, must_call: str, seed: int, desk: FakeDesk) -> Done:
    sampling = Sampling(temperature=1.2, top_p=1.0, seed=seed, max_tokens=300)
    async with asyncio.timeout(60):
        return await run_turn(RunTurn("t", (QUESTION,), TOOLS, TOOLS, sampling, must_call=must_call), generator, desk)


@needs_llguidance
@pytest.mark.parametrize("template", [NATIVE, None], ids=["native", "slash"])
def test_twenty_of_twenty_turns_begin_with_a_call(checkpoint, template: str | None) -> None:
    path = checkpoint(template=template).path

    async def work() -> list[str]:
        generator = await _load(path)
        assert generator.info.tool_style == ("slash" if template is None else "native")
        names = []
        try:
            for seed in range(20):
                desk = StoppingDesk(lambda event: isinstance(event, ToolFinished))
                done = await _turn(generator, ("any", "pick")[seed % 2], seed, desk)
                call, *_ = done.message.parts
                assert isinstance(call, CallPart)
                assert call.name == "now" or call.result == "picked"
                names.append(call.name)
        finally:
            await generator.close()
        return names

    names = asyncio.run(work())
    assert set(names[1::2]) == {"pick"}


@needs_llguidance
def test_a_turn_that_is_held_to_a_call_can_be_stopped_in_it(checkpoint) -> None:
    path = checkpoint(template=NATIVE).path

    async def work() -> tuple[Done, Done]:
        generator = await _load(path)
        try:
            desk = StoppingDesk(lambda event: event == PhaseChanged("t", "answering"))
            return await _turn(generator, "pick", 1, desk), await _turn(
                generator, "any", 2, StoppingDesk(lambda event: isinstance(event, ToolFinished))
            )
        finally:
            await generator.close()

    stopped, after = asyncio.run(work())
    assert (stopped.finish_reason, stopped.message.parts) == ("cancelled", ())
    assert isinstance(after.message.parts[0], CallPart), "the model is free for the next turn"


@pytest.mark.parametrize("installed", [True, False])
def test_the_notes_say_where_a_model_cannot_be_held_to_a_call(checkpoint, monkeypatch, installed: bool) -> None:
    monkeypatch.setattr(engine_model, "is_installed", lambda: installed)
    path = checkpoint(template=NATIVE).path

    async def work() -> tuple[tuple[str, ...], Done | None]:
        generator = await _load(path)
        try:
            done = None if installed else await _turn(generator, "any", 1, FakeDesk())
            return generator.info.notes, done
        finally:
            await generator.close()

    notes, done = asyncio.run(work())
    said = [note for note in notes if "cannot be held to a call" in note]
    assert said == ([] if installed else ["the model cannot be held to a call: llguidance is not installed"])
    assert done is None or done.finish_reason in ("stop", "length")
