"""GGUF files of the other architectures: transformers' own model, written as llama.cpp's converters write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import gguf
import pytest
import torch
import transformers

from inference_worker.engine import Sampling, load_model
from tests.reference.native import Native

PROMPT = [7, 42, 99, 13, 5, 77, 120, 3, 88, 61, 250, 9]
SIZES = {
    "vocab_size": 300, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "pad_token_id": None, "bos_token_id": None,
    "eos_token_id": 299,
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """One architecture: its native model, and the metadata that only it has."""

    model_type: str
    config: dict[str, Any]
    metadata: dict[str, Any]
    norms_plus_one: bool = False


GEMMA = {"head_dim": 16, "tie_word_embeddings": True}
FAMILIES = {
    "qwen3": Family("qwen3", {"head_dim": 32, "tie_word_embeddings": True}, {"attention.key_length": 32}),
    "qwen3moe": Family(
        "qwen3_moe",
        {"head_dim": 32, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48, "norm_topk_prob": True},
        {"attention.key_length": 32, "expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 48},
    ),
    "phi3": Family("phi3", {"sliding_window": 6}, {"attention.sliding_window": 6, "rope.dimension_count": 16}),
    "gemma": Family("gemma", GEMMA, {"attention.key_length": 16}, norms_plus_one=True),
    "gemma2": Family(
        "gemma2",
        GEMMA | {"sliding_window": 5, "query_pre_attn_scalar": 16, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 4.0},
        {"attention.key_length": 16, "attention.sliding_window": 5, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 4.0},
        norms_plus_one=True,
    ),
    "gemma3": Family(
        "gemma3_text",
        GEMMA
        | {
            "num_hidden_layers": 7,
            "sliding_window": 5,
            "query_pre_attn_scalar": 16,
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            },
        },
        {
            "attention.key_length": 16,
            "attention.sliding_window": 5,
            "rope.freq_base": 1e6,
            "rope.scaling.type": "linear",
            "rope.scaling.factor": 8.0,
        },
        norms_plus_one=True,
    ),
    "chatglm": Family(
        "glm",
        {
            "head_dim": 16,
            "attention_bias": True,
            "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0, "partial_rotary_factor": 0.5},
        },
        {"rope.freq_base": 500000.0, "rope.dimension_count": 8},
    ),
    "glm4": Family("glm4", {"head_dim": 16, "attention_bias": True}, {"rope.dimension_count": 8}),
    "starcoder2": Family(
        "starcoder2", {"use_bias": True, "tie_word_embeddings": True}, {"attention.layer_norm_epsilon": 1e-5}
    ),
}  # fmt: skip
LONG_METADATA = {"rope.scaling.original_context_length": 32, "rope.scaling.attn_factor": 1.25}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], tuple[Path, Native]]:
    """``write("gemma")``: the file, and the model that it was made from."""

    def make(
        architecture: str, tables: Mapping[str, torch.Tensor] = MappingProxyType({}), **config: Any
    ) -> tuple[Path, Native]:
        family = FAMILIES[architecture]
        model = random_model(replace(family, config=family.config | config))
        file = tmp_path / f"{architecture}.gguf"
        writer = gguf.GGUFWriter(file, architecture)
        _add_metadata(writer, architecture, model.config, family.metadata | (LONG_METADATA if tables else {}))
        names = gguf.get_tensor_name_map(_enum(architecture), model.config.num_hidden_layers)
        for name, tensor in _converted(model, architecture, family.norms_plus_one):
            stem, suffix = (name.rpartition(".")[0], name.rpartition(".")[2]) if "." in name else (name, "")
            named = names.get_name(name, try_suffixes=(".weight", ".bias")) or names.get_name(stem)
            assert named is not None, (name, suffix)
            writer.add_tensor(named, tensor.numpy())
        for name, table in tables.items():
            writer.add_tensor(name, table.numpy())
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return file, Native(model)

    return make


def random_model(family: Family) -> Any:
    config = transformers.AutoConfig.for_model(family.model_type, **(SIZES | family.config))
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    noise = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            values = torch.randn(weight.shape, generator=noise)
            one = 0.0 if family.norms_plus_one else 1.0
            flat = 0.2 * values + (one if "norm" in name and name.endswith("weight") else 0)
            weight.copy_(flat if weight.ndim == 1 else values if "embed" in name else values / weight.shape[-1] ** 0.5)
    return model


def _enum(architecture: str) -> gguf.MODEL_ARCH:
    return next(arch for arch, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)


def _converted(model: Any, architecture: str, norms_plus_one: bool) -> list[tuple[str, torch.Tensor]]:
    """Native names and tensors, with what the converter of this architecture changes about them."""
    found: list[tuple[str, torch.Tensor]] = []
    state = dict(model.named_parameters())  # a shared parameter comes once
    for name, weight in state.items():
        tensor = weight.detach()
        if norms_plus_one and name.endswith("norm.weight"):
            tensor = tensor + 1
        if name.endswith("experts.gate_up_proj"):
            gate, up = tensor.chunk(2, dim=1)
            stem = name.removesuffix("gate_up_proj")
            found += [(f"{stem}gate_proj.weight", gate.contiguous()), (f"{stem}up_proj.weight", up.contiguous())]
        elif name.endswith("experts.down_proj"):
            found.append((f"{name}.weight", tensor))
        elif architecture == "chatglm" and ".q_proj." in name:
            parts = [state[name.replace("q_proj", part)].detach() for part in ("q_proj", "k_proj", "v_proj")]
            found.append((name.replace("q_proj", "qkv_proj"), torch.cat(parts)))
        elif not (architecture == "chatglm" and (".k_proj." in name or ".v_proj." in name)):
            found.append((name, tensor))
    return found


def _add_metadata(writer: gguf.GGUFWriter, architecture: str, config: Any, more: dict[str, Any]) -> None:
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if architecture != "starcoder2":
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    for key, value in more.items():
        add = {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}[type(value)]
        add(f"{architecture}.{key}", value)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([chr(0x4E00 + place) for place in range(300)])
    writer.add_eos_token_id(299)


@pytest.mark.parametrize("architecture", FAMILIES)
def test_it_computes_what_the_model_computes_that_the_file_was_made_from(write, architecture) -> None:
    file, reference = write(architecture)
    model = load_model(file, "fp32", "cpu")
    expected = reference.logits(PROMPT).numpy()
    assert abs(model.logits(PROMPT) - expected).max() < 1e-5 * max(1.0, abs(expected).max())
    greedy = list(model.generate(PROMPT, Sampling(temperature=0, repetition_penalty=1, max_tokens=8)))
    assert greedy == reference.greedy(PROMPT, 8)[: len(greedy)]


@pytest.mark.parametrize("architecture", FAMILIES)
def test_it_loads_in_int8_and_int4_too(write, architecture) -> None:
    file, reference = write(architecture)
    expected = reference.logits(PROMPT).numpy()
    for precision, error in (("int8", 0.1), ("int4", 0.8)):
        model = load_model(file, precision, "cpu", group=32)
        assert abs(model.logits(PROMPT) - expected).max() < error * abs(expected).max()


@pytest.mark.parametrize("length", [20, 60])
def test_the_two_rotary_tables_of_phi_3_are_for_short_and_for_long_texts(write, length) -> None:
    short, long = (torch.linspace(1, end, 8) for end in (2, 9))
    rope = {
        "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": short.tolist(), "long_factor": long.tolist(),
        "original_max_position_embeddings": 32, "factor": 16.0, "attention_factor": 1.25,
    }  # fmt: skip
    tables = {"rope_factors_long.weight": long, "rope_factors_short.weight": short}
    file, reference = write("phi3", tables, rope_parameters=rope, original_max_position_embeddings=32)
    ids = [place * 7 % 290 for place in range(length)]
    expected = reference.logits(ids).numpy()
    assert abs(load_model(file, "fp32", "cpu").logits(ids) - expected).max() < 1e-5 * abs(expected).max()
