"""What only a CUDA card can prove: its results are the CPU's, the plan is what it takes, and all of it comes back.

    make gpu

Skipped without a card. Models are random, of 10 to 200 MB, and made on the spot.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from inference_worker.engine import Sampling, load_model, plan_memory
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.memory import Planner
from inference_worker.engine.memory.measured import find
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.engine.conftest import make_checkpoint
from tests.support.asynchronous import bounded

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card"),
    pytest.mark.timeout(600),
]

CARD = "cuda:0"
IDS = [(7 * i) % 250 + 5 for i in range(40)]
QUANTIZED = ["int8", "int8-zero-point", "llm-int8", "int4"]
LARGER = {
    "hidden_size": 768,
    "intermediate_size": 2048,
    "num_hidden_layers": 8,
    "num_attention_heads": 12,
    "num_key_value_heads": 4,
    "max_position_embeddings": 8192,
    "initializer_range": 0.02,
}
FREED = 64 * 2**20
"""Bytes that may be missing after a worker has ended: other programs use the card too."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("small") / "llama", "llama", initializer_range=0.05).path


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("larger") / "llama", "llama", **LARGER).path


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    torch.cuda.empty_cache()


def difference(path: Path, precision, **options) -> float:
    """Of the logits on the card from those on the CPU, relative."""
    here, there = (load_model(path, precision, device, context=256, **options).logits(IDS) for device in ("cpu", CARD))
    return float(np.linalg.norm(there - here) / np.linalg.norm(here))


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", *QUANTIZED])
def test_logits_are_those_of_the_cpu(small: Path, precision) -> None:
    """Quantized weights are multiplied in bf16 there and in fp32 here: 8 bits of mantissa over three layers."""
    assert difference(small, precision) < (1e-4 if precision == "fp32" else 0.03)


@pytest.mark.parametrize("precision", ["bf16", *QUANTIZED])
def test_greedy_replies_over_an_int8_cache_come_from_the_card(small: Path, precision) -> None:
    model = load_model(small, precision, CARD, context=256, kv_cache="int8")
    assert len(list(model.generate(IDS, Sampling(temperature=0, max_tokens=20)))) > 0
    assert (model.info.device, model.info.bytes_elsewhere, model.info.kv_cache) == (CARD, 0, "int8")
    assert all(one.device == torch.device(CARD) for one in model._decoder.model.parameters())


@pytest.mark.parametrize("kv_cache", ["16bit", "int8"])
@pytest.mark.parametrize("precision", ["bf16", "int8", "llm-int8", "int4"])
def test_after_one_measurement_another_context_is_predicted_within_five_percent(
    larger: Path, tmp_path: Path, precision, kv_cache
) -> None:
    learned, control = tmp_path / "learned", tmp_path / "control"

    def planned(tokens: int) -> int:
        options = {"kv_cache": kv_cache, "cache": learned}
        return next(
            one.total for one in plan_memory(larger, CARD, tokens, **options).estimates if one.precision == precision
        )

    def measured(tokens: int, cache: Path) -> int:
        torch.cuda.empty_cache()
        model = load_model(larger, precision, CARD, context=tokens, kv_cache=kv_cache, cache=cache)
        list(model.generate([5 + i % 250 for i in range(tokens - 1)], Sampling(temperature=0, max_tokens=1)))
        key = Planner(open_checkpoint(larger), resolve_device(CARD), 128, kv_cache, cache).key(precision)
        model.close()
        record = find(cache, key)
        assert record is not None
        return max(record.peak, record.loading)

    before = planned(6000)
    measured(2000, learned)
    after, peak = planned(6000), measured(6000, control)
    mebibytes = [size // 2**20 for size in (before, after, peak)]
    print(f"{precision} {kv_cache}: planned {mebibytes[0]}, after measuring {mebibytes[1]}, peak {mebibytes[2]} MiB")
    assert after == pytest.approx(peak, rel=0.05)


def test_closing_gives_every_byte_back(larger: Path) -> None:
    before = torch.cuda.memory_allocated(CARD)
    model = load_model(larger, "int8", CARD, context=1024)
    list(model.generate(IDS, Sampling(temperature=0, max_tokens=5)))
    assert torch.cuda.memory_allocated(CARD) - before >= model.info.bytes
    model.close()
    del model
    assert torch.cuda.memory_allocated(CARD) - before < 2**20


@bounded
async def test_freeing_the_memory_ends_all_use_of_the_card(larger: Path) -> None:
    torch.cuda.init()
    before = torch.cuda.mem_get_info(CARD)[0]
    supervisor = Supervisor(worker_command)
    try:
        model = await supervisor.load(Choice(str(larger), "int8", CARD))
        assert model is not None
        assert (model.device, model.bytes_elsewhere) == (CARD, 0)
        assert before - torch.cuda.mem_get_info(CARD)[0] >= model.bytes
        await supervisor.free_memory()
        assert before - torch.cuda.mem_get_info(CARD)[0] < FREED
    finally:
        await supervisor.stop()


@pytest.mark.parametrize("precision", ["bf16", "int8", "int4"])
def test_a_model_split_with_the_cpu_computes_what_the_card_alone_does(larger: Path, precision) -> None:
    whole = load_model(larger, precision, CARD, context=256)
    expected = whole.logits(IDS)
    whole.close()
    card, cpu = resolve_device(CARD), resolve_device("cpu")
    parts = Device("split", "both", 1, card.free + cpu.free, parts=(card, cpu))
    estimate = Planner(open_checkpoint(larger), parts, 128, "16bit", None).estimate(precision, 256)
    room = estimate.cache + estimate.overhead + estimate.weights * 2 // 3
    small_card = Device(CARD, card.name, card.total, room)
    split = Device("split", "both", card.total, room + cpu.free, parts=(small_card, cpu))
    model = load_model(larger, precision, split, context=256)
    print(*model.info.notes, sep="\n")
    assert model.info.bytes_elsewhere > 0
    assert np.linalg.norm(model.logits(IDS) - expected) < 1e-3 * np.linalg.norm(expected)
