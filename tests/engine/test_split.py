"""Splitting a model over devices: budgets are kept, blocks stay whole, and what it costs is said."""

from __future__ import annotations

import pytest
import torch

from inference_worker.engine import EngineError
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.skeleton import build_skeleton
from inference_worker.engine.split import SplitMap, plan_split, split_budgets, transfer_rate

PRECISIONS = ["fp32", "int8", "int4"]


@pytest.fixture(params=PRECISIONS)
def skeleton(request, tiny):
    return build_skeleton(open_checkpoint(tiny("llama").path), request.param, torch.device("cpu"))


def test_what_fits_one_card_lies_there_alone(skeleton) -> None:
    planned = plan_split(skeleton, {"cuda:0": 10**9, "cpu": 10**9}, rate=10**9)
    assert planned.nbytes == {"cuda:0": skeleton.nbytes()}
    assert planned.bytes_elsewhere == 0
    assert planned.milliseconds_per_token == 0


def test_a_small_card_gets_what_it_can_hold_and_the_cpu_the_rest(skeleton) -> None:
    budget = skeleton.nbytes() * 2 // 3
    planned = plan_split(skeleton, {"cuda:0": budget, "cpu": 10**9}, rate=10**6)
    assert 0 < planned.nbytes["cuda:0"] <= budget
    assert sum(planned.nbytes.values()) == skeleton.nbytes()
    assert planned.bytes_elsewhere == planned.nbytes["cpu"]
    assert planned.milliseconds_per_token == pytest.approx(planned.nbytes["cpu"] / 1000)


def test_two_cards_cost_no_transfers_of_weights(skeleton) -> None:
    budget = skeleton.nbytes() * 3 // 4
    planned = plan_split(skeleton, {"cuda:0": budget, "cuda:1": budget, "cpu": 10**9}, rate=10**6)
    assert set(planned.nbytes) == {"cuda:0", "cuda:1"}
    assert planned.milliseconds_per_token == 0


def test_a_layer_is_never_cut(skeleton) -> None:
    planned = plan_split(skeleton, {"cuda:0": skeleton.nbytes() // 2, "cpu": 10**9})
    assert not [name for name in planned.modules if "self_attn" in name or "mlp" in name]


def test_budgets_that_are_too_small_together_are_refused_with_both_figures(skeleton) -> None:
    with pytest.raises(EngineError) as caught:
        plan_split(skeleton, {"cuda:0": 1000, "cpu": 2000})
    assert caught.value.code == "out_of_memory"
    assert caught.value.params == {"device": "cuda:0+cpu", "needed": str(skeleton.nbytes()), "free": "3000"}


def test_a_split_takes_usable_cards_by_free_memory_and_then_the_cpu() -> None:
    found = [
        Device("cuda:0", "small", 100, 50),
        Device("cuda:1", "old", 100, 90, problem="no code"),
        Device("cuda:2", "large", 200, 150),
        Device("cpu", "CPU", 500, 400),
    ]
    chosen = resolve_device("split", found)
    assert (chosen.name, chosen.free, chosen.main) == ("large + small + CPU", 600, "cuda:2")
    assert list(split_budgets(chosen.parts, 60).items()) == [("cuda:2", 90), ("cuda:0", 0), ("cpu", 340)]


def test_an_unmeasured_rate_costs_nothing_known() -> None:
    assert SplitMap({}, {"cpu": 100}, 0.0).milliseconds_per_token == 0


def test_the_transfer_rate_is_measured() -> None:
    assert transfer_rate(torch.device("cpu")) > 10**6
