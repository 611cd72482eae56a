"""The shipped worker and memory: the kind of cache that was chosen is the one in use, and a load corrects the plan."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from inference_worker.protocol.messages import Done, KvPrecision, MemoryPlanned, Precision, Sampling
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.support.asynchronous import bounded
from tests.worker.states import answer, turn

LONG = "The cat sat on the mat and purred. " * 30


@pytest.mark.parametrize("kv_cache", ["int8", "16bit"])
@bounded
async def test_the_chosen_cache_is_used_told_and_measured(tmp_path: Path, kv_cache: KvPrecision) -> None:
    from tests.engine.conftest import make_checkpoint

    path = make_checkpoint(tmp_path / "tiny", "llama").path
    choice = Choice(str(path), "int8", "cpu", kv_cache=kv_cache, cache=str(tmp_path / "cache"))
    supervisor = Supervisor(worker_command)
    try:
        before = await supervisor.plan(choice.plan_command())
        assert not any(estimate.measured for estimate in before.estimates)
        model = await supervisor.load(choice)
        assert model is not None
        assert model.kv_cache == kv_cache
        assert (model.device, model.bytes_elsewhere) == ("cpu", 0)
        assert model.bytes == next(one.weights for one in before.estimates if one.precision == "int8")
        asked = msgspec.structs.replace(turn(LONG), sampling=Sampling(max_tokens=2, seed=1))
        done = (await answer(supervisor, asked))[-1]
        assert isinstance(done, Done)
        assert done.usage.prompt_tokens >= 256
        assert _measured(await supervisor.plan(choice.plan_command())) == ["int8"]
        other: KvPrecision = "16bit" if kv_cache == "int8" else "int8"
        elsewhere = Choice(str(path), "int8", "cpu", kv_cache=other, cache=choice.cache)
        assert _measured(await supervisor.plan(elsewhere.plan_command())) == []
    finally:
        await supervisor.stop()


def _measured(plan: MemoryPlanned) -> list[Precision]:
    return [estimate.precision for estimate in plan.estimates if estimate.measured]
