"""Running a model that is split. There is no card here: ``cpu:1`` stands for one where numbers count, and ``meta``, on
which any tensor left behind is an error, where it counts what moves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from inference_worker.engine import EngineError, Sampling, dispatch, load_model, plan_memory, split
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.kv_cache import KvLayer, QuantizedKvLayer, Scratch
from inference_worker.engine.memory import Planner
from inference_worker.engine.skeleton import build_skeleton
from inference_worker.engine.split import SplitMap, plan_split

IDS = [5, 6, 7, 8]
GREEDY = Sampling(temperature=0, max_tokens=8)
PLENTY = 10**12


def together(card: int, cpu: int = PLENTY) -> Device:
    """Two devices as one, with so many bytes free."""
    parts = (Device("cpu:1", "card", PLENTY, card), Device("cpu", "CPU", PLENTY, cpu))
    return Device("split", "card + CPU", 2 * PLENTY, card + cpu, parts=parts)


def with_weights_on_the_card(path: Path, precision, share: float, kv_cache="16bit") -> Device:
    """Two devices, of which the card has room for that share of the weights."""
    planner = Planner(open_checkpoint(path), together(PLENTY), 128, kv_cache, None)
    estimate = planner.estimate(precision, 64)
    return together(estimate.cache + estimate.overhead + int(share * estimate.weights))


def load_split(path: Path, precision, share: float, **options):
    device = with_weights_on_the_card(path, precision, share, options.get("kv_cache", "16bit"))
    return load_model(path, precision, device, context=64, **options)


def addresses(module: nn.Module) -> dict[str, int]:
    return {name: one.data_ptr() for name, one in (*module.named_parameters(), *module.named_buffers())}


@pytest.mark.parametrize(
    ("family", "precision"),
    [("llama", "fp32"), ("llama", "int8"), ("llama", "llm-int8"), ("llama", "int4"), ("qwen2", "int8")],
)
def test_a_split_model_computes_what_a_whole_one_does(tiny, family: str, precision) -> None:
    path = tiny(family).path
    whole, parted = load_model(path, precision, "cpu", context=64), load_split(path, precision, 0.9)
    assert (parted.logits(IDS) == whole.logits(IDS)).all()
    assert list(parted.generate(IDS, GREEDY)) == list(whole.generate(IDS, GREEDY))


def test_what_lies_elsewhere_travels_once_a_token_and_stays_where_it_is(tiny) -> None:
    model = load_split(tiny("llama").path, "int8", 0.9)
    module = model._decoder.model
    before = addresses(module)
    brought: list[int] = []

    def look(block: nn.Module, _inputs: object) -> None:
        tensors = {one.data_ptr(): one.nbytes for one in (*block.parameters(), *block.buffers())}
        brought.extend(size for address, size in tensors.items() if address not in before.values())

    for name in split._block_bytes(module):
        module.get_submodule(name).register_forward_pre_hook(look)
    model.logits(IDS)
    assert 0 < sum(brought) == model.info.bytes_elsewhere
    assert model.info.bytes > 0
    assert addresses(module) == before


def test_the_map_and_its_cost_are_told(tiny) -> None:
    info = load_split(tiny("llama").path, "int8", 0.9, kv_cache="int8").info
    note = next(one for one in info.notes if one.startswith("split as chosen"))
    assert "MiB on cpu:1" in note
    assert "MiB on cpu;" in note
    assert "GB/s (measured)" in note
    assert (info.device, info.device_name, info.kv_cache) == ("cpu:1", "card + CPU", "int8")


def test_what_fits_the_card_alone_costs_nothing(tiny) -> None:
    info = load_split(tiny("llama").path, "int8", 2).info
    assert info.bytes_elsewhere == 0
    assert any(one.endswith("MiB on cpu:1") for one in info.notes)


def test_a_split_is_planned_and_refused_like_everything_else(tiny) -> None:
    path = tiny("llama").path
    planned = plan_memory(path, with_weights_on_the_card(path, "fp32", 0.9), 64)
    assert planned.device == "split"
    assert all(one.fits for one in planned.estimates)
    small = together(1000, 2000)
    assert not any(one.fits for one in plan_memory(path, small, 64).estimates)
    with pytest.raises(EngineError, match="out_of_memory"):
        load_model(path, "int8", small)


def test_without_a_card_there_is_nothing_to_split() -> None:
    with pytest.raises(EngineError) as caught:
        resolve_device("split", [Device("cpu", "CPU", PLENTY, PLENTY)])
    assert caught.value.code == "unsupported_device"
    assert caught.value.params["reason"] == "a model can be split only where a CUDA card works; this machine has cpu"


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_all_that_a_guest_needs_travels_with_it(tiny, family: str) -> None:
    model = load_model(tiny(family).path, "int8", "cpu")._decoder.model
    blocks = dict.fromkeys(split._block_bytes(model), "cpu")
    dispatch.dispatch(model, SplitMap(blocks, {}, 0, "meta"), torch.float32)
    assert model(input_ids=torch.tensor([IDS])).logits.is_meta
    assert not any(one.is_meta for one in (*model.parameters(), *model.buffers()))


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_what_a_block_is_given_follows_it_to_its_device(tiny, family: str) -> None:
    model = load_model(tiny(family).path, "fp32", "cpu")._decoder.model
    blocks = {name: "meta" if "layers.2" in name or "norm" in name else "cpu" for name in split._block_bytes(model)}
    blocks["lm_head"] = "meta"
    for name, place in blocks.items():
        model.get_submodule(name).to(place)
    dispatch.dispatch(model, SplitMap(blocks, {}, 0, "cpu"), torch.float32)
    assert model(input_ids=torch.tensor([IDS])).logits.is_meta


@pytest.mark.parametrize("make", [lambda: KvLayer(8), lambda: QuantizedKvLayer(8, Scratch())])
def test_a_prefix_follows_its_layer_to_the_device_where_that_computes(make) -> None:
    layer = make()
    layer.update(torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4))
    keys, _ = layer.update(torch.ones(1, 2, 1, 4, device="meta"), torch.ones(1, 2, 1, 4, device="meta"))
    assert keys.shape == (1, 2, 4, 4)
    assert all(tensor.is_meta for tensor in layer.tensors())


def test_tied_blocks_lie_together(tiny) -> None:
    skeleton = build_skeleton(open_checkpoint(tiny("qwen2").path), "int8", torch.device("cpu"))
    planned = plan_split(skeleton, {"cuda:0": skeleton.nbytes() * 3 // 4, "cpu": PLENTY})
    assert planned.modules["lm_head"] == planned.modules["model.embed_tokens"] == "cuda:0"
    assert planned.nbytes["cpu"] > 0
    assert sum(planned.nbytes.values()) == skeleton.nbytes()
