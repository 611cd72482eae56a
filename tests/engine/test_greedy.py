"""Greedy output equals transformers' ``generate`` token for token, also on a cache that was cut back and used again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import transformers

from inference_worker.engine import EngineError, Sampling, load_model, plan_memory
from inference_worker.engine.decode import PREFILL_CHUNK

COUNT = 40
SHORT = [5, 9, 300, 41, 7]
LONG = [(i * 37) % 300 + 2 for i in range(2 * PREFILL_CHUNK + 50)]


@pytest.fixture(params=["llama", "qwen2", "glm"])
def pair(request, tiny):
    """The engine's model and the transformers checkpoint."""
    made = tiny(request.param)
    return load_model(made.path, "fp32", "cpu"), made


def greedy(model, ids: list[int], count: int = COUNT):
    generation = model.generate(ids, Sampling(temperature=0, max_tokens=count))
    return list(generation), generation


def test_greedy_equals_transformers(pair) -> None:
    model, reference = pair
    assert greedy(model, SHORT)[0] == reference.greedy(SHORT, COUNT)


def test_greedy_equals_transformers_with_a_prompt_of_several_chunks(pair) -> None:
    model, reference = pair
    assert greedy(model, LONG)[0] == reference.greedy(LONG, COUNT)


def test_the_next_turn_uses_the_cache_of_the_last_one_again(pair) -> None:
    model, reference = pair
    reply, first = greedy(model, SHORT)
    assert (first.reused_tokens, first.prompt_tokens, first.completion_tokens) == (0, len(SHORT), len(reply))
    longer = SHORT + reply + [8, 9, 10]
    second_reply, second = greedy(model, longer)
    assert second_reply == reference.greedy(longer, COUNT)
    # The last token of a reply has not been through the model yet.
    assert second.reused_tokens == len(SHORT) + len(reply) - 1


def test_a_different_ending_cuts_the_cache_back(pair) -> None:
    model, reference = pair
    greedy(model, LONG)
    changed = [*LONG[:300], 11, 12, 13]
    reply, generation = greedy(model, changed)
    assert reply == reference.greedy(changed, COUNT)
    assert generation.reused_tokens == 300


def test_the_same_prompt_again_processes_one_token(pair) -> None:
    model, reference = pair
    first, _ = greedy(model, LONG)
    again, generation = greedy(model, LONG)
    assert again == first == reference.greedy(LONG, COUNT)
    assert generation.reused_tokens == len(LONG) - 1


def test_a_generation_left_early_leaves_a_cache_that_can_be_used(pair) -> None:
    model, reference = pair
    generation = model.generate(SHORT, Sampling(temperature=0))
    start = [next(generation) for _ in range(5)]
    generation.close()
    assert list(generation) == []
    longer = SHORT + start[:3]
    reply, second = greedy(model, longer)
    assert reply == reference.greedy(longer, COUNT)
    assert second.reused_tokens == len(longer) - 1


def test_logits_leave_the_cache_alone(pair) -> None:
    model, _ = pair
    greedy(model, SHORT)
    model.logits([3, 3, 3])
    assert greedy(model, SHORT)[1].reused_tokens == len(SHORT) - 1


SIZES = {"bos_token_id": None, "eos_token_id": 0, "pad_token_id": None}
TEXT = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "initializer_range": 0.3,
    **SIZES,
}
OTHERS = {
    "sliding window": lambda v: transformers.MistralConfig(vocab_size=v, sliding_window=16, **TEXT),
    "mixed windows": lambda v: transformers.Gemma3TextConfig(
        vocab_size=v, sliding_window=16, layer_types=["sliding_attention", "full_attention"] * 2, **TEXT
    ),
    "a linear of its own": lambda v: transformers.FalconConfig(
        vocab_size=v, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, initializer_range=0.3, **SIZES
    ),
    "absolute positions": lambda v: transformers.GPT2Config(
        vocab_size=v, n_embd=64, n_layer=3, n_head=4, initializer_range=0.3, **SIZES
    ),
    "experts": lambda v: transformers.MixtralConfig(
        vocab_size=v, num_local_experts=4, **{**TEXT, "hidden_size": 64}, sliding_window=None
    ),
    "recurrent layers": lambda v: transformers.Lfm2Config(
        vocab_size=v, layer_types=["conv", "full_attention"] * 2, block_auto_adjust_ff_dim=False, **TEXT
    ),
}


@pytest.fixture(params=sorted(OTHERS))
def other(request, checkpoint):
    """A checkpoint whose weights or layers are stored or cached in another way."""
    made = checkpoint("llama")
    vocabulary = made.reference.config.vocab_size
    (made.path / "model.safetensors").unlink()
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(OTHERS[request.param](vocabulary), dtype=torch.float32)
    model.eval().save_pretrained(made.path)
    return request.param, type(made)(Path(made.path), model)


def test_other_kinds_of_models_are_greedy_in_the_same_way(other) -> None:
    _, reference = other
    model = load_model(reference.path, "fp32", "cpu")
    reply, _ = greedy(model, SHORT)
    assert reply == reference.greedy(SHORT, COUNT)
    longer = SHORT + reply + [8, 9]
    assert greedy(model, longer)[0] == reference.greedy(longer, COUNT)
    assert greedy(model, longer[:20])[0] == reference.greedy(longer[:20], COUNT)


def test_other_kinds_of_models_are_close_in_int8(other) -> None:
    kind, reference = other
    planned = {one.precision: one.weights for one in plan_memory(reference.path, "cpu").estimates}
    model = load_model(reference.path, "int8", "cpu")
    assert model.info.bytes == planned["int8"]
    assert not [m for m in model._decoder.model.modules() if type(m) is torch.nn.Linear]
    assert bool(model.info.notes) == (kind in ("experts", "a linear of its own")), "what stays floating is said"
    with torch.no_grad():
        expected = reference.reference(torch.tensor([SHORT])).logits[0]
    difference = torch.from_numpy(model.logits(SHORT)) - expected
    assert difference.pow(2).mean().sqrt() < 0.35 * expected.pow(2).mean().sqrt()


def test_a_model_whose_memory_the_decoder_does_not_know_is_refused(checkpoint) -> None:
    made = checkpoint("llama")
    config = transformers.MambaConfig(vocab_size=300, hidden_size=64, num_hidden_layers=2, state_size=8)
    (made.path / "model.safetensors").unlink()
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(made.path)
    with pytest.raises(EngineError, match="unsupported_model"):
        load_model(made.path, "fp32", "cpu")


def test_recurrent_layers_are_never_cut_back(other) -> None:
    kind, reference = other
    model = load_model(reference.path, "fp32", "cpu")
    greedy(model, SHORT)
    reply, second = greedy(model, [*SHORT[:3], 12])
    assert reply == reference.greedy([*SHORT[:3], 12], COUNT)
    assert second.reused_tokens == (0 if kind == "recurrent layers" else 3)
