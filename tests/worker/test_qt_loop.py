"""The same supervisor on the event loop of the user interface."""

from __future__ import annotations

import asyncio

import qasync
from pytestqt.qtbot import QtBot

from inference_worker.protocol.messages import Done
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.state import WorkerState
from tests.support.asynchronous import HANG_SECONDS
from tests.worker.states import MODEL, answer, supervising, text_of, turn


def test_a_worker_is_supervised_on_the_event_loop_of_qt(qtbot: QtBot, qapp: object) -> None:
    async def whole_life() -> None:
        async with asyncio.timeout(HANG_SECONDS), supervising(default="/nap 0.1\nYes?", rate=100) as supervisor:
            await supervisor.load(Choice(MODEL, "int8"))
            events = await answer(supervisor, turn("hi", "nap"))
            assert text_of(events) == "Yes?"
            assert isinstance(events[-1], Done)
            await supervisor.free_memory()
            assert supervisor.state == WorkerState("asleep")
            assert text_of(await answer(supervisor, turn("hi", "nap"))) == "Yes?"

    with qasync.QEventLoop(qapp) as loop:
        loop.run_until_complete(whole_life())
