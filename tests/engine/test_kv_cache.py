"""The KV cache: all room at once, cut back and filled again, in the model's own type or in int8."""

from __future__ import annotations

import pytest
import torch
import transformers
from torch import nn

from inference_worker.engine.attention import GROUPED, use_attention_for
from inference_worker.engine.decode import PREFILL_CHUNK, Decoder
from inference_worker.engine.kv_cache import KvLayer, QuantizedKvLayer, Scratch, cache_tensors, new_cache

CPU = torch.device("cpu")
PROMPT = [(i * 37) % 300 + 2 for i in range(PREFILL_CHUNK + 60)]


def states(tokens: int, heads: int = 2, head_dim: int = 16, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(tokens)
    return torch.randn(1, heads, tokens, head_dim, generator=generator).to(dtype)


def decoder(made, kv_cache="16bit") -> Decoder:
    model = transformers.AutoModelForCausalLM.from_pretrained(made.path)
    return Decoder(model, 512, CPU, "path", kv_cache)


def last_logits(model: Decoder, ids: list[int]) -> torch.Tensor:
    """After the last of ``ids``, processed in chunks as a generation does, from what the cache shares with them."""
    done = model.reuse(ids)
    while done < len(ids):
        size = model.chunk_size(ids, done)
        logits = model.process(ids[done : done + size])
        done += size
    return logits.float()


def relative_error(one: torch.Tensor, exact: torch.Tensor) -> float:
    return float((one - exact).norm() / exact.norm())


@pytest.mark.parametrize("make", [KvLayer, QuantizedKvLayer])
def test_a_layer_takes_the_room_for_the_whole_context_at_once_and_never_moves(make) -> None:
    layer = make(600)
    places = set()
    for tokens in (1, 256, 343):
        keys, values = layer.update(states(tokens), states(tokens))
        places.add(tuple(tensor.data_ptr() for tensor in layer.tensors()))
    assert keys.shape == values.shape == (1, 2, 600, 16)
    assert len(places) == 1


@pytest.mark.parametrize("make", [KvLayer, QuantizedKvLayer])
def test_a_cropped_layer_overwrites_what_was_cut(make) -> None:
    layer = make(8)
    layer.update(torch.zeros(1, 1, 5, 2), torch.zeros(1, 1, 5, 2))
    layer.crop(-3)
    keys, _ = layer.update(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
    assert torch.allclose(keys[0, 0, :, 0], torch.tensor([0.0, 0, 1, 1]), atol=1e-3)
    layer.reset()
    assert layer.get_seq_length() == 0
    assert layer.get_mask_sizes(3) == (3, 0)


@pytest.mark.parametrize("make", [KvLayer, QuantizedKvLayer])
def test_more_tokens_than_the_context_are_a_mistake(make) -> None:
    layer = make(4)
    with pytest.raises(ValueError, match="5 tokens do not fit a cache for 4"):
        layer.update(states(5), states(5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_int8_states_come_back_within_half_a_step(dtype: torch.dtype) -> None:
    given = states(40, dtype=dtype) * torch.logspace(-3, 3, 40).view(1, 1, 40, 1).to(dtype)
    keys, values = QuantizedKvLayer(64).update(given, -given)
    assert keys.dtype == dtype
    step = given.abs().amax(dim=3, keepdim=True).float() / 127
    rounding = given.abs().float() * torch.finfo(dtype).eps
    assert bool(((keys.float() - given.float()).abs() <= 0.51 * step + 2 * rounding).all())
    assert torch.equal(values, -keys)


def test_int8_does_not_depend_on_how_states_are_cut_into_chunks() -> None:
    given = states(50)
    whole, _ = QuantizedKvLayer(64).update(given, given)
    layer = QuantizedKvLayer(64)
    layer.update(given[:, :, :20], given[:, :, :20])
    pieces, _ = layer.update(given[:, :, 20:], given[:, :, 20:])
    assert torch.equal(whole, pieces)


def test_zero_states_stay_zero_in_int8_and_broken_ones_stay_broken() -> None:
    keys, values = QuantizedKvLayer(4).update(torch.zeros(1, 1, 2, 4), torch.full((1, 1, 2, 4), torch.nan))
    assert not keys.any()
    assert not values.isfinite().any()
    infinite, _ = QuantizedKvLayer(4).update(torch.full((1, 1, 2, 4), torch.inf), torch.zeros(1, 1, 2, 4))
    assert not infinite.isfinite().any()


def test_int8_takes_a_byte_a_value_and_two_a_head() -> None:
    layer = QuantizedKvLayer(100)
    layer.update(states(1), states(1))
    assert sum(tensor.nbytes for tensor in layer.tensors()) == 2 * 2 * 100 * (16 + 2)


def test_all_layers_share_one_scratch(tiny) -> None:
    model = decoder(tiny("llama"), "int8")
    last_logits(model, [3, 4, 5])
    stored = [tensor for layer in model.cache.layers for tensor in layer.tensors()]
    floating = [tensor for tensor in cache_tensors(model.cache) if all(tensor is not one for one in stored)]
    assert len(model.cache.layers) == 3
    assert [tensor.dtype for tensor in floating] == [torch.float32] * 2


def test_layers_whose_states_are_read_again_later_get_no_common_scratch() -> None:
    config = transformers.LlamaConfig(num_hidden_layers=2)
    assert new_cache(config, 16, "int8").layers[0].scratch is not None
    config.num_kv_shared_layers = 1
    assert all(layer.scratch is None for layer in new_cache(config, 16, "int8").layers)


def test_a_scratch_is_handed_out_again() -> None:
    scratch = Scratch()
    assert scratch.room("keys", states(1), 8) is scratch.room("keys", states(3), 8)
    assert scratch.room("keys", states(1), 8) is not scratch.room("values", states(1), 8)


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_logits_over_an_int8_cache_are_close_to_exact_ones(checkpoint, family: str) -> None:
    made = checkpoint(family, initializer_range=0.1)
    exact = last_logits(decoder(made), PROMPT)
    assert relative_error(last_logits(decoder(made, "int8"), PROMPT), exact) < 0.01


def test_an_int8_prefix_is_used_again_as_if_it_had_been_computed_anew(tiny) -> None:
    other = [*PROMPT[:200], *range(5, 90)]
    fresh = last_logits(decoder(tiny("llama"), "int8"), other)
    used = decoder(tiny("llama"), "int8")
    last_logits(used, PROMPT)
    assert used.reuse(other) == 200
    assert torch.allclose(last_logits(used, other), fresh, atol=1e-4)


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_grouped_attention_is_that_of_transformers(tiny, family: str) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny(family).path)
    with torch.inference_mode():
        expected = model(torch.tensor([PROMPT])).logits[0, -1]
    use_attention_for(model, "cpu")
    assert model.config._attn_implementation == GROUPED
    assert torch.allclose(last_logits(Decoder(model, 512, CPU, "path"), PROMPT), expected, atol=1e-5)


@pytest.mark.parametrize("device_type", ["cuda", "mps"])
def test_other_devices_and_other_attention_stay_as_they_are(tiny, device_type: str) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny("llama").path)
    use_attention_for(model, device_type)
    assert model.config._attn_implementation == "sdpa"
    model.config._attn_implementation = "eager"
    use_attention_for(model, "cpu")
    assert model.config._attn_implementation == "eager"


def test_grouped_attention_copies_no_keys(tiny) -> None:
    """Seen from what torch's own product receives."""
    received: list[tuple[int, int]] = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            if function is nn.functional.scaled_dot_product_attention:
                received.append((args[0].shape[1], args[1].shape[1]))
            return function(*args, **(kwargs or {}))

    model = decoder(tiny("llama"))
    with Watch():
        last_logits(model, PROMPT)
    assert set(received) == {(4, 2)}
