"""Memory that comes back by itself: after the last turn, never during one, and a question wakes the model again."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import msgspec

from inference_worker.protocol.messages import Done, PhaseChanged, TextDelta
from nyanko_desktop.settings.schema import FreeAfter
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.idle import IdleWatch
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.support.asynchronous import bounded
from tests.worker.states import MODEL, answer, supervising, text_of, turn, until

FREE_SECONDS = 2.0
"""Promised to the person who asks for memory back."""
SOON = {"at_once": 0.0, "5_minutes": 0.05}


def choose(settings: SettingsStore, free_after: FreeAfter) -> None:
    model = msgspec.structs.replace(settings.current.model, free_after=free_after)
    settings.save(msgspec.structs.replace(settings.current, model=model))


def watching(supervisor: Supervisor, folder: Path, free_after: FreeAfter, loaded_seconds: float = 60) -> SettingsStore:
    settings = SettingsStore(folder / "settings.toml")
    choose(settings, free_after)
    IdleWatch(supervisor, settings, seconds=SOON, loaded_seconds=loaded_seconds)
    return settings


@bounded
async def test_at_once_means_after_the_reply_and_not_before_a_first_question(tmp_path: Path) -> None:
    async with supervising(default="One two three.", rate=50) as supervisor:
        watching(supervisor, tmp_path, "at_once")
        await supervisor.load(Choice(MODEL, "int8"))
        assert supervisor.state.kind == "resident"
        events = await answer(supervisor, turn())
        assert text_of(events) == "One two three."
        assert isinstance(events[-1], Done)
        await until(supervisor, lambda state: state.kind == "asleep")


@bounded
async def test_a_model_that_nobody_asks_is_given_back_too(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        watching(supervisor, tmp_path, "5_minutes", loaded_seconds=0.05)
        await supervisor.load(Choice(MODEL, "int8"))
        await until(supervisor, lambda state: state.kind == "asleep")


@bounded
async def test_a_turn_that_runs_or_waits_holds_the_model(tmp_path: Path) -> None:
    async with supervising(default="slow " * 20, rate=100) as supervisor:
        watching(supervisor, tmp_path, "5_minutes")
        await supervisor.load(Choice(MODEL, "int8"))
        for events in await asyncio.gather(*(answer(supervisor, turn()) for _ in range(3))):
            assert isinstance(events[-1], Done)
            assert events[-1].finish_reason == "stop"
        await until(supervisor, lambda state: state.kind == "asleep")


@bounded
async def test_a_question_after_that_wakes_the_model_and_is_answered(tmp_path: Path) -> None:
    async with supervising(default="Good morning.", load=0.05) as supervisor:
        watching(supervisor, tmp_path, "at_once")
        await supervisor.load(Choice(MODEL, "int8"))
        for _ in range(3):
            events = await answer(supervisor, turn())
            assert text_of(events) == "Good morning."
            await until(supervisor, lambda state: state.kind == "asleep")


@bounded
async def test_a_question_asked_while_memory_is_being_given_back_is_queued_and_answered(tmp_path: Path) -> None:
    async with supervising(default="Here I am.", load=0.05) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        freeing = asyncio.create_task(supervisor.free_memory())
        await asyncio.sleep(0)
        assert text_of(await answer(supervisor, turn())) == "Here I am."
        await freeing


@bounded
async def test_memory_comes_back_in_two_seconds_in_the_middle_of_a_reply_and_of_a_load() -> None:
    async with supervising(default="word " * 500, rate=100, load=5) as supervisor:
        loading = asyncio.create_task(supervisor.load(Choice(MODEL, "int8")))
        await until(supervisor, lambda state: state.kind == "loading")
        began = time.monotonic()
        await supervisor.free_memory()
        assert time.monotonic() - began < FREE_SECONDS
        await asyncio.wait((loading,))
        assert loading.exception() is not None
    async with supervising(default="word " * 500, rate=100) as supervisor:
        await supervisor.load(Choice(MODEL, "int8"))
        async with aclosing(supervisor.turn(turn())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    began = time.monotonic()
                    await supervisor.free_memory()
                    assert time.monotonic() - began < FREE_SECONDS
                    break
        assert supervisor.state.kind == "asleep"


@bounded
async def test_never_is_never_until_the_setting_changes(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        settings = watching(supervisor, tmp_path, "never")
        await supervisor.load(Choice(MODEL, "int8"))
        events = await answer(supervisor, turn())
        assert any(isinstance(event, PhaseChanged) for event in events)
        assert supervisor.state.kind == "resident"
        choose(settings, "at_once")
        await until(supervisor, lambda state: state.kind == "asleep")


@bounded
async def test_a_watch_that_is_closed_frees_nothing(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        settings = SettingsStore(tmp_path / "settings.toml")
        watch = IdleWatch(supervisor, settings, seconds=SOON)
        await supervisor.load(Choice(MODEL, "int8"))
        await answer(supervisor, turn())
        watch.close()
        choose(settings, "at_once")
        await answer(supervisor, turn())
        assert supervisor.state.kind == "resident"
