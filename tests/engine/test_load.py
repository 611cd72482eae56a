"""Loading: the plan is exact, progress and cancel work at each tensor, nothing is printed, nothing goes to the network."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from inference_worker.engine import EngineError, Sampling, load_model, plan_memory
from inference_worker.engine.devices import Device, capability_problem, list_devices, resolve_device
from inference_worker.engine.errors import LoadCancelled
from inference_worker.engine.memory import choose_context, raise_out_of_memory
from inference_worker.engine.skeleton import PRECISIONS


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_plan_is_what_the_loaded_model_holds(tiny, family: str, precision) -> None:
    plan = plan_memory(tiny(family).path, "cpu")
    model = load_model(tiny(family).path, precision, "cpu")
    planned = next(one for one in plan.estimates if one.precision == precision)
    assert model.info.bytes == planned.weights
    assert model.info.bytes_elsewhere == 0
    assert planned.fits
    assert plan.context == model.info.context == 1024


def test_int8_takes_about_a_quarter_of_fp32(checkpoint) -> None:
    path = checkpoint("glm", hidden_size=256, intermediate_size=512).path
    weights = {one.precision: one.weights for one in plan_memory(path, "cpu").estimates}
    assert weights["bf16"] == weights["fp16"]
    assert weights["int8"] < 0.27 * weights["fp32"]


def test_the_cache_estimate_is_what_a_full_cache_takes(tiny) -> None:
    path = tiny("llama").path
    model = load_model(path, "fp32", "cpu", context=256)
    list(model.generate([5] * 255, Sampling(temperature=0, max_tokens=1)))
    layers = model._decoder.cache.layers
    held = sum(layer.keys.nbytes + layer.values.nbytes for layer in layers)
    plan = plan_memory(path, "cpu", 256)
    assert next(one.cache for one in plan.estimates if one.precision == "fp32") == held


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_logits_are_those_of_transformers(tiny, precision) -> None:
    ids = list(range(3, 60))
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    reference = transformers.AutoModelForCausalLM.from_pretrained(tiny("glm").path, dtype=dtype)
    with torch.no_grad():
        expected = reference(torch.tensor([ids])).logits[0].float().numpy()
    logits = load_model(tiny("glm").path, precision, "cpu").logits(ids)
    assert logits.dtype == np.float32
    assert logits.shape == expected.shape
    assert np.allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_sharded_checkpoint_is_the_same_model(checkpoint, tiny, precision) -> None:
    sharded = checkpoint("qwen2", shard="100KB").path
    assert len(list(sharded.glob("*.safetensors"))) > 2
    ids = [5, 9, 20, 33]
    expected = load_model(tiny("qwen2").path, precision, "cpu").logits(ids)
    assert np.array_equal(load_model(sharded, precision, "cpu").logits(ids), expected)


def test_a_half_precision_checkpoint_loads_in_fp32(checkpoint, tmp_path: Path) -> None:
    made = checkpoint("glm")
    halved = {name: value.half() for name, value in made.reference.state_dict().items()}
    made.reference.save_pretrained(made.path, state_dict=dict(halved))
    made.reference.load_state_dict({name: value.float() for name, value in halved.items()})
    logits = load_model(made.path, "fp32", "cpu").logits([4, 5, 6])
    assert np.allclose(logits, made.reference(torch.tensor([[4, 5, 6]])).logits[0].detach(), atol=1e-5)


def test_the_checkpoint_may_go_away_once_it_is_loaded(checkpoint) -> None:
    path = checkpoint().path
    model = load_model(path, "fp32", "cpu")
    before = model.logits([3, 4, 5])
    file = path / "model.safetensors"
    with file.open("r+b") as stream:
        stream.seek(0)
        stream.write(bytes(file.stat().st_size))
    assert np.array_equal(model.logits([3, 4, 5]), before)


def test_progress_goes_from_nothing_to_everything(tiny) -> None:
    seen: list[tuple[int, int]] = []
    load_model(tiny("llama").path, "int8", "cpu", progress=lambda done, total: seen.append((done, total)))
    done = [one for one, _ in seen]
    assert done[0] == 0
    assert done == sorted(done)
    assert done[-1] == seen[0][1]
    assert len({total for _, total in seen}) == 1
    assert len(seen) > 20


def test_cancel_takes_effect_at_the_next_tensor(tiny) -> None:
    cancel, seen = threading.Event(), []

    def progress(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 3:
            cancel.set()

    with pytest.raises(LoadCancelled):
        load_model(tiny("llama").path, "int8", "cpu", progress=progress, cancel=cancel)
    assert len(seen) == 3


def test_loading_and_generating_print_nothing_and_warn_nothing(tiny) -> None:
    code = (
        "import sys; from inference_worker.engine import load_model, Sampling\n"
        "m = load_model(sys.argv[1], 'int8', 'cpu')\n"
        "list(m.generate(m.tokenizer.encode('hello'), Sampling(max_tokens=4)))"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tiny("glm").path)], capture_output=True, text=True, timeout=100
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_loading_needs_no_network(tiny) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from inference_worker.engine import load_model\n"
        "load_model(sys.argv[1], 'fp32', 'cpu')\n"
        "import huggingface_hub.constants as c; assert c.HF_HUB_OFFLINE"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tiny("glm").path)], capture_output=True, text=True, timeout=100
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_the_engine_imports_without_torch_until_it_is_needed_and_never_the_wire() -> None:
    code = (
        "import sys, inference_worker.engine, inference_worker.engine.errors, inference_worker.engine.inference_thread\n"
        "assert 'torch' not in sys.modules\n"
        "inference_worker.engine.load_model\n"
        "assert 'torch' in sys.modules\n"
        "assert not {'msgspec', 'PySide6', 'inference_worker.protocol', 'inference_worker.chat'} & set(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert (result.returncode, result.stderr) == (0, "")


def test_what_cannot_fit_is_refused_before_a_weight_is_read(tiny) -> None:
    full = Device("cpu", "CPU", total=2000, free=1000)
    reported: list[int] = []
    with pytest.raises(EngineError) as caught:
        load_model(tiny("llama").path, "fp32", full, progress=lambda done, _total: reported.append(done))
    assert caught.value.code == "out_of_memory"
    assert caught.value.params["free"] == "1000"
    assert not reported


def test_an_allocation_that_fails_says_how_much_was_asked() -> None:
    with pytest.raises(EngineError) as caught:
        raise_out_of_memory(
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes."),
            torch.device("cpu"),
        )
    assert caught.value.code == "out_of_memory"
    assert caught.value.params["needed"] == "64"
    assert int(caught.value.params["free"]) > 0


def test_a_real_failing_allocation_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(EngineError, match="out_of_memory"):
        raise_out_of_memory(caught.value, torch.device("cpu"))


def test_other_runtime_errors_stay_what_they_are() -> None:
    raise_out_of_memory(RuntimeError("something else"), torch.device("cpu"))


def test_the_context_is_what_is_wanted_within_what_is_offered_and_affordable() -> None:
    config = transformers.LlamaConfig(max_position_embeddings=8192)
    plenty = 2**40
    assert choose_context(config, plenty, 0) == 8192
    assert choose_context(config, plenty, 100) == 100
    assert choose_context(config, plenty, 10**6) == 8192
    assert choose_context(config, 2**34, 0) == 4096  # 2**20 bytes a token in fp32, and a quarter of the memory
    assert choose_context(config, 0, 0) == 2048


def test_the_cpu_is_always_there_with_real_figures() -> None:
    cpu = list_devices()[-1]
    assert cpu.device == "cpu"
    assert cpu.name
    assert 0 < cpu.free < cpu.total
    assert cpu.problem == ""
    assert resolve_device("auto").problem == ""


def test_a_device_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EngineError) as caught:
        resolve_device("cuda:7")
    assert caught.value.code == "unsupported_device"
    assert "cpu" in caught.value.params["reason"]


@pytest.mark.parametrize(
    ("capability", "built_for", "works"),
    [
        ((6, 1), ["sm_75", "sm_80", "sm_90"], False),  # P102-100 on a recent build
        ((6, 1), ["sm_50", "sm_60", "sm_70"], True),
        ((8, 6), ["sm_80"], True),
        ((8, 0), ["sm_86"], False),
        ((12, 0), ["sm_90", "compute_90"], True),
        ((9, 0), ["sm_90a"], True),
        ((7, 5), [], False),
    ],
)
def test_a_card_that_this_build_has_no_code_for_is_named(capability, built_for, works: bool) -> None:
    problem = capability_problem(capability, built_for)
    assert (problem == "") is works
    assert works or f"{capability[0]}.{capability[1]}" in problem


def test_closing_gives_the_weights_back(tiny) -> None:
    model = load_model(tiny("llama").path, "fp32", "cpu")
    generation = model.generate([3, 4, 5])
    next(generation)
    weight = weakref.ref(model._decoder.model.lm_head.weight)
    keys = weakref.ref(model._decoder.cache.layers[0].keys)
    model.close()
    assert weight() is None
    assert keys() is None


def test_an_unknown_precision_is_a_mistake_of_the_caller(tiny) -> None:
    with pytest.raises(ValueError, match="int3"):
        load_model(tiny("llama").path, "int3", "cpu")  # type: ignore[arg-type]
