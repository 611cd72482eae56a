"""The referees against transformers' own classes, against worked numbers, and against themselves made wrong on purpose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import Tensor

from tests.reference.chatglm1 import ChatGLM1, positions, visible
from tests.reference.chatglm2 import ChatGLM2
from tests.reference.moss import Moss
from tests.reference.prefix import past_of_layer
from tests.reference.quantized import (
    Gptq,
    chatglm_pack,
    chatglm_unpack,
    gptq_pack,
    gptq_unpack,
)
from tests.reference.random_states import ChatGLMName, Sizes, chatglm_config, chatglm_state, moss_config, moss_state
from tests.reference.writers import Checkpoint, write_chatglm, write_chatglm1, write_prefix

CHATGLM: list[ChatGLMName] = ["chatglm3-6b", "chatglm3-6b-32k", "chatglm2-6b", "chatglm2-6b-32k"]
LONG = [(7 * i * i + 3 * i) % 280 for i in range(120)]
CLOSE = 1e-4


def difference(ours: Tensor, theirs: Tensor) -> float:
    return (ours - theirs).abs().max().item()


def native(model: Any, weights: dict[str, Tensor]) -> Any:
    """``model`` with exactly ``weights``, none missing and none over."""
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, strict=True)
    return model.float().eval()


@torch.no_grad()
def native_logits(model: Any, ids: list[int], past: Any = None) -> Tensor:
    return model(torch.tensor([ids]), past_key_values=past, use_cache=past is not None).logits[0]


def glm(config: dict[str, Any], state: dict[str, Tensor], rope: dict[str, Any]) -> Any:
    """GlmForCausalLM with the weights of ``state``, mapped by hand."""
    heads, groups, channels = (config[k] for k in ("num_attention_heads", "multi_query_group_num", "kv_channels"))
    settings = transformers.GlmConfig(
        vocab_size=config["padded_vocab_size"],
        hidden_size=config["hidden_size"],
        intermediate_size=config["ffn_hidden_size"],
        num_hidden_layers=config["num_layers"],
        num_attention_heads=heads,
        num_key_value_heads=groups,
        head_dim=channels,
        rms_norm_eps=config["layernorm_epsilon"],
        attention_bias=True,
        rope_parameters={"partial_rotary_factor": 0.5, **rope},
        tie_word_embeddings=False,
        eos_token_id=2,
        pad_token_id=0,
    )
    weights = {
        "model.embed_tokens.weight": state["transformer.embedding.word_embeddings.weight"],
        "model.norm.weight": state["transformer.encoder.final_layernorm.weight"],
        "lm_head.weight": state["transformer.output_layer.weight"],
    }
    for layer in range(config["num_layers"]):
        old, new = f"transformer.encoder.layers.{layer}.", f"model.layers.{layer}."
        for kind in ("weight", "bias"):
            fused = state[f"{old}self_attention.query_key_value.{kind}"]
            parts = fused.split([heads * channels, groups * channels, groups * channels])
            weights |= {f"{new}self_attn.{n}_proj.{kind}": part for n, part in zip("qkv", parts, strict=True)}
        for theirs, ours in {
            "input_layernorm": "input_layernorm",
            "self_attention.dense": "self_attn.o_proj",
            "post_attention_layernorm": "post_attention_layernorm",
            "mlp.dense_h_to_4h": "mlp.gate_up_proj",
            "mlp.dense_4h_to_h": "mlp.down_proj",
        }.items():
            weights[f"{new}{ours}.weight"] = state[f"{old}{theirs}.weight"]
    return native(transformers.GlmForCausalLM(settings), weights)


@pytest.mark.parametrize("name", CHATGLM)
@pytest.mark.parametrize("sizes", [Sizes(), Sizes(layers=3, groups=1, channels=24)], ids=["plain", "wide heads"])
def test_chatglm_2_and_3_equal_the_native_class(name: ChatGLMName, sizes: Sizes) -> None:
    config, state = chatglm_config(name, sizes), chatglm_state(sizes, seed=3)
    ratio = config.get("rope_ratio", 1)
    divides = name == "chatglm2-6b-32k"
    rope = {"rope_type": "default", "rope_theta": 10000.0 * ratio}
    if divides:
        rope = {"rope_type": "linear", "factor": float(ratio), "rope_theta": 10000.0}
    reference = ChatGLM2(config, state, "position" if divides else "base")
    model = glm(config, state, rope)
    assert difference(reference.logits(LONG), native_logits(model, LONG)) < CLOSE
    prompt = torch.tensor([LONG[:9]])
    said = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=12, do_sample=False, eos_token_id=None
    )
    assert reference.greedy(LONG[:9], 12) == said[0, 9:].tolist()


def test_the_referees_share_no_code_with_the_product() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        imports = [line for line in path.read_text("utf-8").splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in imports if line.split()[1].startswith(("inference_worker", "nyanko", "ui"))], path


def test_the_two_meanings_of_rope_ratio_differ() -> None:
    config, state = chatglm_config("chatglm3-6b-32k", Sizes()), chatglm_state(Sizes(), seed=3)
    right = ChatGLM2(config, state).logits(LONG)
    assert difference(right, ChatGLM2(config, state, "position").logits(LONG)) > 0.1
    assert difference(right, ChatGLM2({**config, "rope_ratio": 1}, state).logits(LONG)) > 0.1


@pytest.mark.parametrize("heads", [4, 8])
def test_moss_equals_codegen(heads: int) -> None:
    config = moss_config(Sizes(heads=heads, layers=3))
    state = moss_state(config, seed=4)
    settings = transformers.CodeGenConfig(
        **{key: config[key] for key in config if key.startswith("n_") and key != "n_ctx"},
        vocab_size=config["vocab_size"],
        rotary_dim=config["rotary_dim"],
        layer_norm_epsilon=config["layer_norm_epsilon"],
        tie_word_embeddings=False,
    )
    weights = {name: tensor for name, tensor in state.items() if tensor.dtype != torch.bool}
    model = native(transformers.CodeGenForCausalLM(settings), weights)
    assert difference(Moss(config, state).logits(LONG), native_logits(model, LONG)) < CLOSE


# --- ChatGLM-6B v1


@pytest.fixture
def first(tmp_path: Path) -> Checkpoint:
    return write_chatglm1(tmp_path / "v1", sizes=Sizes(inner=128, layers=3), other_head=True)


def prompt_for(config: Any, mask: str = "gmask_token_id", answer: tuple[int, ...] = (3, 9)) -> list[int]:
    return [5, 6, 7, 8, 9, config[mask], config["bos_token_id"], *answer]


def test_the_first_chatglm_counts_positions_in_two_rows(first: Checkpoint) -> None:
    ids = prompt_for(first.config, answer=())
    assert positions(ids, first.config).tolist() == [[0, 1, 2, 3, 4, 5, 5], [0, 0, 0, 0, 0, 0, 1]]
    longer = positions([*ids, 3, 9], first.config).tolist()
    assert longer == [[0, 1, 2, 3, 4, 5, 5, 5, 5], [0, 0, 0, 0, 0, 0, 1, 2, 3]]


def test_a_blank_in_the_middle_is_answered_at_its_own_position(first: Checkpoint) -> None:
    ids = [5, first.config["mask_token_id"], 7, first.config["bos_token_id"], 11]
    assert positions(ids, first.config).tolist() == [[0, 1, 2, 1, 1], [0, 0, 0, 1, 2]]


def test_the_prompt_sees_itself_in_both_directions_and_the_answer_only_what_came_before(first: Checkpoint) -> None:
    seen = visible(prompt_for(first.config), first.config)
    assert seen[0].tolist() == [True] * 6 + [False] * 3
    assert seen[7].tolist() == [True] * 8 + [False]


def test_the_first_chatglm_agrees_with_itself_whatever_comes_later(first: Checkpoint) -> None:
    whole = first.reference.logits(prompt_for(first.config))
    for end in (7, 8):
        part = first.reference.logits(prompt_for(first.config)[:end])
        assert difference(part, whole[:end]) < CLOSE


@pytest.mark.parametrize("mask", ["gmask_token_id", "mask_token_id"])
@pytest.mark.parametrize(
    ("wrong", "least"), [({"causal": True}, 1.0), ({"alpha_layers": 3}, 1.0), ({"exact_frequencies": True}, 1e-4)]
)
def test_each_known_mistake_shows_in_the_first_chatglm(
    first: Checkpoint, mask: str, wrong: dict[str, Any], least: float
) -> None:
    assert isinstance(first.reference, ChatGLM1)
    ids = prompt_for(first.config, mask, answer=tuple(LONG[:60]))
    assert difference(first.reference.logits(ids), replace(first.reference, **wrong).logits(ids)) > least


def test_the_head_of_the_first_chatglm_is_its_embedding(first: Checkpoint) -> None:
    assert isinstance(first.reference, ChatGLM1)
    assert not torch.equal(first.state["lm_head.weight"], first.state["transformer.word_embeddings.weight"])
    without = {name: tensor for name, tensor in first.reference.weights.items() if name != "lm_head.weight"}
    ids = prompt_for(first.config)
    assert torch.equal(first.reference.logits(ids), replace(first.reference, weights=without).logits(ids))


# --- P-Tuning


def test_a_prefix_equals_a_native_cache_that_holds_it_with_positions_from_zero(tmp_path: Path) -> None:
    base = write_chatglm(tmp_path / "base", dtype=torch.float32)
    tuned = write_prefix(tmp_path / "tuned", base, pre_seq_len=5)
    model = glm(dict(base.config), dict(base.state), {"rope_type": "default", "rope_theta": 10000.0})
    cache = transformers.DynamicCache(config=model.config)
    for layer in range(2):
        past = past_of_layer(tuned.state, layer, heads=2, channels=16)
        assert past is not None
        cache.update(*(part.transpose(0, 1)[None] for part in past), layer)
    ids = torch.tensor([LONG[:20]])
    with torch.no_grad():
        theirs = model(ids, past_key_values=cache, position_ids=torch.arange(20)[None]).logits[0]
    assert difference(tuned.reference.logits(LONG[:20]), theirs) < CLOSE
    assert difference(base.reference.logits(LONG[:20]), theirs) > 0.1


@pytest.mark.parametrize("layout", ["alone", "beside", "inside"])
def test_a_prefix_changes_the_first_chatglm(tmp_path: Path, first: Checkpoint, layout: Any) -> None:
    tuned = write_prefix(tmp_path / "tuned", first, layout=layout)
    ids = prompt_for(first.config)
    assert difference(first.reference.logits(ids), tuned.reference.logits(ids)) > 0.1
    assert tuned.state["transformer.prefix_encoder.embedding.weight"].shape == (6, 3 * 2 * 64)


# --- packed weights


def test_the_worked_numbers_of_absmax() -> None:
    packed, scale = chatglm_pack(torch.tensor([[2.1, 3.1, 2.5, 3.7, 3.3]]), 8)
    assert packed.tolist() == [[72, 106, 86, 127, 113]]
    back = chatglm_unpack(packed, scale, 8)
    assert torch.allclose(back, torch.tensor([[2.0976, 3.0882, 2.5055, 3.7000, 3.2921]]), atol=2e-3)


def test_an_int4_byte_has_the_even_column_in_its_high_nibble() -> None:
    packed, scale = chatglm_pack(torch.tensor([[7.0, -7.0, -1.0, 3.0]]), 4)
    assert packed.view(torch.uint8).tolist() == [[0x79, 0xF3]]
    assert chatglm_unpack(packed, scale, 4).tolist() == [[7, -7, -1, 3]]


@pytest.mark.parametrize("bits", [4, 8])
def test_unpacked_weights_are_at_most_half_a_step_from_the_originals(bits: int) -> None:
    weight = torch.randn(40, 96, generator=torch.Generator().manual_seed(1))
    packed, scale = chatglm_pack(weight, bits)
    # the scale in fp16 is off by at most 2^-11, and q reaches 2^(bits-1)
    slack = 0.5 + 2 ** (bits - 1) * 2**-11
    assert ((chatglm_unpack(packed, scale, bits) - weight).abs() <= slack * scale.float()[:, None]).all()


@pytest.mark.parametrize("bits", [4, 8])
def test_swapped_nibbles_and_ignored_scales_show_in_the_logits(tmp_path: Path, bits: Any) -> None:
    made = write_chatglm(tmp_path / "quantised", bits=bits)
    assert isinstance(made.reference, ChatGLM2)
    name = "transformer.encoder.layers.1.mlp.dense_4h_to_h.weight"
    packed, scale = made.state[name], made.state[f"{name}_scale"]
    assert (packed.dtype, scale.dtype, scale.shape) == (torch.int8, torch.float16, (64,))
    assert packed.shape == (64, 96 * bits // 8)
    turned = packed.view(torch.uint8).int()
    swapped = ((turned & 15) << 4 | turned >> 4).to(torch.uint8).view(torch.int8)
    wrong = {**made.reference.weights, name: chatglm_unpack(swapped, scale, bits)}
    assert difference(made.reference.logits(LONG), replace(made.reference, weights=wrong).logits(LONG)) > 0.5


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("order", [False, True], ids=["in order", "desc_act"])
@pytest.mark.parametrize("symmetric", [False, True], ids=["asymmetric", "symmetric"])
@pytest.mark.parametrize("zero_offset", [0, 1])
def test_gptq_words_give_back_the_weight_within_a_step(
    bits: int, order: bool, symmetric: bool, zero_offset: int
) -> None:
    how = Gptq(bits, 32, order, symmetric, zero_offset)
    weight = torch.randn(64, 96, generator=torch.Generator().manual_seed(1))
    packed = gptq_pack(weight, how, torch.Generator().manual_seed(2))
    assert packed["qweight"].shape == (96 * bits // 32, 64)
    assert packed["qzeros"].shape == (3, 64 * bits // 32)
    assert packed["scales"].shape == (3, 64)
    assert torch.equal(packed["g_idx"], torch.arange(96, dtype=torch.int32) // 32) is not order
    steps = packed["scales"].float()[packed["g_idx"].long()].T
    assert ((gptq_unpack(packed, how) - weight).abs() <= 1.1 * steps).all()


def test_gptq_packs_along_the_input_with_the_lowest_bits_first() -> None:
    weight = torch.tensor([[-7.5, -7, -6, -5, -4, -3, -2, -1]] * 8)  # one group, scale 15 / 15, zero point 8
    packed = gptq_pack(weight, Gptq(4, 8), torch.Generator())
    assert packed["scales"].tolist() == [[1.0] * 8]
    assert packed["qweight"].tolist() == [[0x76543210] * 8]
    assert packed["qzeros"].tolist() == [[0x77777777]]
