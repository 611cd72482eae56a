"""The shipped worker with a real checkpoint: random weights, so what it says is noise, but all that is around it is real."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Cancel, Done, Failed, RunTurn, Sampling, TextDelta
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.supervisor import Supervisor
from tests.support.asynchronous import bounded
from tests.worker.states import answer, turn, until

FREE_SECONDS = 2.0
"""Promised to the person who asks for memory back."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.engine.conftest import make_checkpoint

    return make_checkpoint(tmp_path_factory.mktemp("glm") / "tiny-glm", "glm").path


@bounded
async def test_a_real_model_is_planned_loaded_asked_cancelled_and_freed(checkpoint: Path) -> None:
    supervisor = Supervisor(worker_command)
    try:
        assert (await supervisor.devices())[-1].device == "cpu"
        assert all(
            estimate.weights > 0
            for estimate in (await supervisor.plan(Choice(str(checkpoint), "int8").plan_command())).estimates
        )
        with pytest.raises(RequestError) as caught:
            await supervisor.load(Choice(str(checkpoint.parent), "int8"))
        assert caught.value.error.code is ErrorCode.NOT_A_MODEL
        model = await supervisor.load(Choice(str(checkpoint), "int8", "cpu"))
        assert model is not None
        assert (model.name, model.precision, model.device) == ("tiny-glm", "int8", "cpu")
        assert supervisor.state.model == model

        done = (await answer(supervisor, _limited(turn(), 20)))[-1]
        assert isinstance(done, Done)
        assert 0 < done.usage.completion_tokens <= 20
        assert done.model == model

        command = _limited(turn("Tell me everything."), 900)
        async with aclosing(supervisor.turn(command)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    await supervisor.send(Cancel(id=command.id))
                last = event
        assert isinstance(last, Done)
        assert last.finish_reason in ("cancelled", "stop")

        asking = asyncio.ensure_future(answer(supervisor, _limited(turn("Again."), 900)))
        await until(supervisor, lambda state: state.phase is not None)
        began = time.monotonic()
        await supervisor.free_memory()
        assert time.monotonic() - began < FREE_SECONDS
        assert supervisor.state == WorkerState("asleep")
        assert isinstance((await asking)[-1], Failed)
    finally:
        await supervisor.stop()


def _limited(command: RunTurn, tokens: int) -> RunTurn:
    return msgspec.structs.replace(command, sampling=Sampling(max_tokens=tokens, seed=1))
