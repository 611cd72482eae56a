"""How a generation ends: stop ids, stop strings, limits, cancel, a full context, and numbers that are none."""

from __future__ import annotations

import threading

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference_worker.engine import EngineError, Sampling, load_model
from inference_worker.engine.decode import PREFILL_CHUNK

PROMPT = [5, 9, 300, 41, 7]


@pytest.fixture
def model(tiny):
    return load_model(tiny("llama").path, "fp32", "cpu")


def greedy_ids(model, count: int) -> list[int]:
    return list(model.generate(PROMPT, Sampling(temperature=0, max_tokens=count)))


def test_max_tokens_ends_with_length(model) -> None:
    generation = model.generate(PROMPT, Sampling(temperature=0, max_tokens=3))
    assert generation.finish_reason is None
    assert len(list(generation)) == 3
    assert (generation.finish_reason, generation.completion_tokens) == ("length", 3)
    assert generation.prefill_seconds > 0
    assert generation.decode_seconds > 0


@pytest.mark.parametrize("file", ["generation_config.json", "config.json"])
@pytest.mark.parametrize("several", [True, False])
def test_a_stop_id_of_any_source_ends_with_stop_and_is_the_last_id(checkpoint, edit_json, file, several) -> None:
    made = checkpoint()
    expected = made.greedy(PROMPT, 12)
    stop = expected[5]
    edit_json(made.path / file, eos_token_id=[305, stop] if several else stop)
    generation = load_model(made.path, "fp32", "cpu").generate(PROMPT, Sampling(temperature=0))
    assert list(generation) == expected[: expected.index(stop) + 1]
    assert generation.finish_reason == "stop"


def test_the_reason_is_known_when_the_last_id_is_handed_out(model) -> None:
    generation = model.generate(PROMPT, Sampling(temperature=0, max_tokens=2))
    reasons = [generation.finish_reason for _ in generation]
    assert reasons == [None, "length"]


def test_a_stop_string_ends_the_reply_and_is_not_part_of_the_text(model) -> None:
    whole = "".join(text for _, text in model.generate_text(PROMPT, Sampling(temperature=0, max_tokens=40)))
    assert len(whole) > 20
    stop = whole[9:12]
    generation = model.generate_text(PROMPT, Sampling(temperature=0, stop=(stop, "never to be seen")))
    assert "".join(text for _, text in generation) == whole[: whole.index(stop)]
    assert generation.ids.finish_reason == "stop"


def test_text_that_only_looks_like_the_beginning_of_a_stop_string_is_not_lost(model) -> None:
    sampling = Sampling(temperature=0, max_tokens=12)
    whole = "".join(text for _, text in model.generate_text(PROMPT, sampling))
    held = Sampling(temperature=0, max_tokens=12, stop=(whole[-2:] + "\0",))
    assert "".join(text for _, text in model.generate_text(PROMPT, held)) == whole


def test_a_prompt_that_leaves_no_room_is_refused_at_once(tiny) -> None:
    model = load_model(tiny("llama").path, "fp32", "cpu", context=16)
    assert model.info.context == 16
    with pytest.raises(EngineError) as caught:
        model.generate([5] * 16)
    assert (caught.value.code, caught.value.params) == ("context_full", {"tokens": "16", "context": "16"})
    with pytest.raises(EngineError, match="context_full"):
        model.logits([5] * 17)


def test_a_full_context_ends_with_length(tiny) -> None:
    model = load_model(tiny("llama").path, "fp32", "cpu", context=16)
    generation = model.generate([5] * 10, Sampling(temperature=0))
    assert len(list(generation)) == 6
    assert generation.finish_reason == "length"


def test_the_last_position_of_the_context_is_right(checkpoint) -> None:
    made = checkpoint(max_position_embeddings=32)
    model = load_model(made.path, "fp32", "cpu")
    assert list(model.generate(PROMPT, Sampling(temperature=0))) == made.greedy(PROMPT, 27)


def test_cancel_takes_effect_within_a_token(model) -> None:
    cancel = threading.Event()
    generation = model.generate(PROMPT, Sampling(temperature=0), cancel)
    got = [next(generation), next(generation)]
    cancel.set()
    assert list(generation) == []
    assert (generation.finish_reason, generation.completion_tokens) == ("cancelled", 2)
    assert greedy_ids(model, 2) == got


class _CountedEvent(threading.Event):
    """Sets itself when it has been looked at a number of times."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_cancel_takes_effect_within_a_prefill_chunk_and_what_was_done_is_kept(model) -> None:
    prompt = [5] * (3 * PREFILL_CHUNK)
    generation = model.generate(prompt, Sampling(temperature=0), _CountedEvent(looks=2))
    assert list(generation) == []
    assert (generation.finish_reason, generation.completion_tokens) == ("cancelled", 0)
    again = model.generate(prompt, Sampling(temperature=0, max_tokens=1))
    list(again)
    assert again.reused_tokens == 2 * PREFILL_CHUNK


def test_a_later_generation_takes_over(model) -> None:
    first = model.generate(PROMPT, Sampling(temperature=0))
    next(first)
    assert len(greedy_ids(model, 3)) == 3
    with pytest.raises(RuntimeError, match="another generation"):
        next(first)


def test_a_seed_repeats_a_reply(model) -> None:
    sampling = Sampling(temperature=1.5, top_p=1.0, seed=11, max_tokens=20)
    first = list(model.generate(PROMPT, sampling))
    assert list(model.generate(PROMPT, sampling)) == first
    assert list(model.generate(PROMPT, Sampling(temperature=1.5, top_p=1.0, seed=12, max_tokens=20))) != first


def test_the_checkpoints_own_sampling_is_the_default(checkpoint, edit_json) -> None:
    made = checkpoint()
    edit_json(made.path / "generation_config.json", do_sample=False)
    model = load_model(made.path, "fp32", "cpu")
    assert list(model.generate(PROMPT, Sampling(max_tokens=10))) == made.greedy(PROMPT, 10)


@pytest.mark.parametrize("ids", [[], [-1], [10**6]])
def test_ids_out_of_range_are_refused(model, ids: list[int]) -> None:
    with pytest.raises(ValueError, match="below"):
        model.generate(ids)
    with pytest.raises(ValueError, match="below"):
        model.logits(ids)


def test_a_model_that_computes_no_numbers_says_so(checkpoint) -> None:
    made = checkpoint()
    file = made.path / "model.safetensors"
    tensors = load_file(file)
    tensors["model.norm.weight"] = torch.full_like(tensors["model.norm.weight"], 3e38)
    save_file(tensors, file, metadata={"format": "pt"})
    model = load_model(made.path, "fp32", "cpu")
    for attempt in (lambda: list(model.generate(PROMPT)), lambda: model.logits(PROMPT)):
        with pytest.raises(EngineError) as caught:
            attempt()
        assert caught.value.code == "broken_checkpoint"
        assert caught.value.params["path"] == str(made.path.resolve())
        assert "no finite numbers" in caught.value.params["reason"]


def test_an_error_in_the_model_leaves_no_half_written_cache(model) -> None:
    expected = greedy_ids(model, 5)

    def fail(*_: object) -> None:
        raise MemoryError

    hook = model._decoder.model.model.layers[1].register_forward_pre_hook(fail)
    with pytest.raises(MemoryError):
        list(model.generate([*PROMPT, 8]))
    hook.remove()
    assert greedy_ids(model, 5) == expected
