"""The memory plan: exact where it can be, an upper bound elsewhere, and corrected by what was measured."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import torch
import transformers

from inference_worker.engine import EngineError, Sampling, load_model, plan_memory
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.decode import Decoder
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.kv_cache import KvPrecision, cache_tensors
from inference_worker.engine.memory import Planner, dry_run, fitting_context, measured, plan
from inference_worker.engine.memory.limits import cache_bytes_per_token
from inference_worker.engine.memory.measured import FILE, MOST_RECORDS, Record, find, keep, key_of
from inference_worker.engine.memory.watch import PeakWatch
from inference_worker.engine.model import NO_INT8_CACHE
from inference_worker.engine.skeleton import PRECISIONS, build_skeleton
from tests.engine.conftest import make_tokenizer
from tests.reference import writers
from tests.reference.writers_sentencepiece import write_sentencepiece

CPU = torch.device("cpu")
BLOCK = 32 * 2**20


def estimate(path: Path, precision: str = "fp32", **options):
    planned = plan_memory(path, "cpu", **options)
    return next(one for one in planned.estimates if one.precision == precision)


@pytest.mark.parametrize("kv_cache", ["16bit", "int8"])
@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_the_planned_cache_is_what_a_used_one_holds(tiny, family: str, kv_cache) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny(family).path)
    decoder = Decoder(model, 300, CPU, "path", kv_cache)
    decoder.process([5, 6, 7])
    held = sum(tensor.nbytes for tensor in cache_tensors(decoder.cache))
    assert estimate(tiny(family).path, context=300, kv_cache=kv_cache).cache == held
    assert 300 * cache_bytes_per_token(model.config, torch.float32, kv_cache) == held


def test_every_precision_is_planned(tiny) -> None:
    estimates = plan_memory(tiny("llama").path, "cpu", 512).estimates
    assert tuple(one.precision for one in estimates) == PRECISIONS
    assert all(one.fits and one.largest_context == 1024 and not one.measured for one in estimates)


def test_smaller_groups_of_int4_take_more(tiny) -> None:
    path = tiny("llama").path
    assert estimate(path, "int4", group=32).weights > estimate(path, "int4", group=64).weights


def planner(path: Path, free: int = 10**12, kv_cache: KvPrecision = "16bit", cache: Path | None = None) -> Planner:
    return Planner(open_checkpoint(path), Device("cpu", "CPU", free, free), 128, kv_cache, cache)


def usage(path: Path, tokens: int, device_type: str = "cpu"):
    model = build_skeleton(open_checkpoint(path), "fp32", CPU).model
    return dry_run.dry_run(model, device_type, tokens, "16bit")


def test_activations_grow_with_the_context_and_most_where_torch_has_no_fused_attention(tiny) -> None:
    path = tiny("llama").path
    assert usage(path, 512).activations < usage(path, 1024).activations
    assert usage(path, 1024, "cpu").activations < usage(path, 1024, "cuda").activations
    scores = 4 * 256 * 1024 * 4
    assert usage(path, 1024, "mps").activations > usage(path, 1024, "cuda").activations + scores


def test_a_line_between_two_dry_runs_is_never_too_low(tiny) -> None:
    runs = planner(tiny("llama").path)._runs
    line = runs.between(torch.float32, plan.SMALLEST_CONTEXT, 1024)
    for tokens in (512, 600, 1000):
        exact = runs.usage(torch.float32, tokens)
        assert line(tokens).cache == exact.cache
        assert exact.activations <= line(tokens).activations < 1.5 * exact.activations


def test_what_cannot_run_without_values_is_left_to_the_formula(tiny) -> None:
    model = build_skeleton(open_checkpoint(tiny("llama").path), "fp32", CPU).model
    model.model.layers[0].mlp.register_forward_hook(lambda _module, _inputs, output: output.sum().item())
    used = dry_run.dry_run(model, "cpu", 512, "16bit")
    assert used.cache == 512 * cache_bytes_per_token(model.config, torch.float32)
    assert used.activations > 0


def test_the_largest_context_is_the_most_that_fits(tiny) -> None:
    made = planner(tiny("llama").path)
    formula = plan._Formula(10**6, torch.float32, "fp32", "cpu", made._runs, made.config, None)
    plenty = formula.estimate(1024, 1024, 10**12)
    assert plenty.fits
    tight = formula.estimate(1024, 1024, plenty.total - 1)
    assert not tight.fits
    assert 900 < tight.largest_context < 1024
    again = formula.estimate(tight.largest_context, 1024, plenty.total - 1)
    assert again.fits
    assert formula.estimate(1024, 1024, 10**6).largest_context == 0


def test_a_measured_peak_corrects_the_plan(tiny, tmp_path: Path) -> None:
    path = tiny("llama").path
    before = estimate(path, context=512, cache=tmp_path)
    key = key_of(open_checkpoint(path), "fp32", 128, "16bit", resolve_device("cpu").name)
    keep(tmp_path, key, Record(before.total + 1000, 512, 512))
    after = estimate(path, context=512, cache=tmp_path)
    assert after.measured
    assert after.total == before.total + 1000
    assert estimate(path, context=600, cache=tmp_path).total > after.total
    assert not estimate(path, context=512, cache=tmp_path, kv_cache="int8").measured
    assert not estimate(path, "bf16", context=512, cache=tmp_path).measured


def test_a_load_that_took_more_than_computing_counts(tiny, tmp_path: Path) -> None:
    path = tiny("llama").path
    key = key_of(open_checkpoint(path), "int8", 128, "16bit", resolve_device("cpu").name)
    keep(tmp_path, key, Record(10**7, 512, 512, loading=3 * 10**7))
    assert estimate(path, "int8", context=512, cache=tmp_path).total == 3 * 10**7
    assert estimate(path, "int8", context=1024, cache=tmp_path).total == 3 * 10**7


def test_a_load_and_its_first_long_prefill_are_measured(tiny, tmp_path: Path) -> None:
    path = tiny("llama").path
    held = []
    model = load_model(
        path,
        "int8",
        "cpu",
        context=512,
        kv_cache="int8",
        cache=tmp_path,
        progress=lambda *_: held or held.append(torch.ones(BLOCK, dtype=torch.uint8)),
    )
    one = Sampling(temperature=0, max_tokens=1)
    key = planner(path, kv_cache="int8").key("int8").replace("CPU", resolve_device("cpu").name)
    list(model.generate([5] * 100, one))
    assert find(tmp_path, key) is None
    list(model.generate([5] * 400, one))
    record = find(tmp_path, key)
    assert record is not None
    assert (record.tokens, record.context) == (400, 512)
    assert min(record.peak, record.loading) > held[0].nbytes / 2  # memory that earlier tests freed is used again
    after = estimate(path, "int8", context=512, kv_cache="int8", cache=tmp_path)
    assert after.measured
    assert after.total >= record.peak
    assert not estimate(path, "int8", context=512, cache=tmp_path).measured


def test_what_does_not_fit_is_refused_with_all_that_it_needs_and_what_would_fit(tiny) -> None:
    path = tiny("llama").path
    needed = {one: planner(path).estimate(one, 1024).total for one in PRECISIONS}
    between = (needed["fp32"] + needed["bf16"]) // 2
    with pytest.raises(EngineError) as caught:
        fitting_context(planner(path, between), "fp32", 1024, shorter=False)
    assert caught.value.code == "out_of_memory"
    said = caught.value.params
    assert (said["needed"], said["free"], said["precision"]) == (str(needed["fp32"]), str(between), "bf16")
    assert planner(path, between).estimate("fp32", int(said["context"])).fits


def test_where_nothing_fits_nothing_is_named(tiny) -> None:
    with pytest.raises(EngineError) as caught:
        fitting_context(planner(tiny("llama").path, 10**6), "int8", 512, shorter=True)
    assert set(caught.value.params) == {"device", "needed", "free"}


def test_a_context_that_nobody_chose_is_shortened_until_it_fits(tiny) -> None:
    path = tiny("llama").path
    tight = planner(path, planner(path).estimate("fp32", 1024).total - 1)
    found = fitting_context(tight, "fp32", 1024, shorter=True)
    assert 900 < found < 1024
    assert fitting_context(tight, "fp32", found, shorter=False) == found


def test_where_there_is_plenty_no_dry_run_holds_the_load_up(tiny) -> None:
    roomy = planner(tiny("llama").path)
    assert fitting_context(roomy, "int8", 1024, shorter=False) == 1024
    assert not roomy._runs.done


@pytest.mark.parametrize("kv_cache", ["16bit", "int8"])
def test_the_cache_of_a_loaded_model_is_of_the_kind_that_was_asked_for(tiny, kv_cache) -> None:
    model = load_model(tiny("llama").path, "fp32", "cpu", context=300, kv_cache=kv_cache)
    list(model.generate([5, 6, 7], Sampling(temperature=0, max_tokens=3)))
    assert model.info.kv_cache == kv_cache
    stored = {tensor.dtype for tensor in cache_tensors(model._decoder.cache)}
    assert (torch.int8 in stored) is (kv_cache == "int8")


def test_recurrent_layers_keep_their_type_and_say_so(tmp_path: Path) -> None:
    small = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = transformers.Lfm2Config(
        vocab_size=400, layer_types=["conv", "full_attention"], num_hidden_layers=2, **small
    )
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    make_tokenizer(tmp_path)
    info = load_model(tmp_path, "fp32", "cpu", kv_cache="int8").info
    assert info.kv_cache == "16bit"
    assert NO_INT8_CACHE in info.notes


def test_a_learned_prefix_counts_in_cache_and_weights_but_not_in_the_context(tmp_path: Path) -> None:
    words = tmp_path / "tokenizer.model"
    write_sentencepiece(words)
    plain = writers.write_chatglm(tmp_path / "plain", tokenizer=words)
    tuned = writers.write_prefix(tmp_path / "tuned", plain)
    length = tuned.config["pre_seq_len"]
    without, found = (estimate(one.folder, context=64) for one in (plain, tuned))
    model = load_model(tuned.folder, "fp32", "cpu", context=64)
    list(model.generate([5, 6, 7], Sampling(temperature=0, max_tokens=1)))
    assert model.info.context == 64
    assert found.weights == model.info.bytes > without.weights
    assert found.cache == sum(tensor.nbytes for tensor in cache_tensors(model._decoder.cache))
    assert found.cache * 64 == without.cache * (64 + length)


def test_a_peak_that_is_gone_is_still_seen() -> None:
    watch = PeakWatch(CPU)
    with watch.computing():
        block = torch.ones(BLOCK, dtype=torch.uint8)
        seen = threading.Event()
        while watch.peak < BLOCK:  # ends with the watch's next look
            seen.wait(0.001)
        del block
    assert BLOCK <= watch.peak < 2 * BLOCK


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"records": 3}',
        '{"records": {"key": {"peak": "much", "tokens": 300, "context": 400}}}',
        '{"records": {"key": {"peak": -5, "tokens": 300, "context": 400}}}',
        '{"records": {"key": {"peak": 5, "tokens": 500, "context": 400}}}',
        '{"records": {"key": {"other": 5}}}',
        "[" * 100_000,
        " " * (measured.LARGEST_FILE + 1),
    ],
)
def test_a_damaged_file_is_no_file(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert find(tmp_path, "key") is None
    keep(tmp_path, "key", Record(10, 300, 400))
    assert find(tmp_path, "key") == Record(10, 300, 400)
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_no_cache_folder_means_nothing_is_known() -> None:
    assert find(None, "key") is None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file", "key", Record(10, 300, 400))


def test_a_longer_prefill_is_not_replaced_by_a_shorter_one(tmp_path: Path) -> None:
    keep(tmp_path, "key", Record(10, 300, 4000))
    keep(tmp_path, "key", Record(20, 400, 4000))
    keep(tmp_path, "key", Record(30, 350, 4000))
    assert find(tmp_path, "key") == Record(20, 400, 4000)


def test_the_file_stays_small(tmp_path: Path) -> None:
    records = {f"key{i}": {"peak": 10, "tokens": 300, "context": 400} for i in range(MOST_RECORDS)}
    (tmp_path / FILE).write_text(json.dumps({"version": 1, "records": records}))
    keep(tmp_path, "new", Record(10, 300, 400))
    assert find(tmp_path, "key0") is None
    assert find(tmp_path, "new") is not None
