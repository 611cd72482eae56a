"""Configurations and random weights of tiny models, with the keys, names and shapes of the original files.

Knows no files. The numbers of official configurations that are not sizes are copied as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor

ChatGLMName = Literal["chatglm3-6b", "chatglm3-6b-32k", "chatglm2-6b", "chatglm2-6b-32k"]
State = dict[str, Tensor]

ROPE_RATIOS: Final[dict[ChatGLMName, int]] = {"chatglm3-6b-32k": 50, "chatglm2-6b-32k": 16}
"""That of ChatGLM2-6B-32K is not known; any number shows whether positions are divided by it."""


@dataclass(frozen=True)
class Sizes:
    """Of a tiny model. ``hidden`` need not be ``heads * channels`` for ChatGLM2/3; it is for the others."""

    hidden: int = 64
    inner: int = 96
    layers: int = 2
    heads: int = 4
    groups: int = 2
    channels: int = 16
    vocabulary: int = 300


class Weights:
    """Random tensors of magnitudes that keep activations near 1, so that every mistake shows in the logits."""

    def __init__(self, seed: int) -> None:
        self._random = torch.Generator().manual_seed(seed)

    def linear(self, out: int, inputs: int, times: float = 1.5) -> Tensor:
        return torch.randn(out, inputs, generator=self._random) * times / inputs**0.5

    def bias(self, size: int) -> Tensor:
        return torch.randn(size, generator=self._random) * 0.2

    def gain(self, size: int) -> Tensor:
        return 1 + torch.randn(size, generator=self._random) * 0.2

    def rows(self, count: int, width: int, times: float = 1.0) -> Tensor:
        return torch.randn(count, width, generator=self._random) * times


# --- ChatGLM2 and ChatGLM3


def chatglm_config(name: ChatGLMName, sizes: Sizes) -> dict[str, Any]:
    """``config.json`` of ``THUDM/NAME`` with ``sizes``."""
    is_3 = name.startswith("chatglm3")
    classes = ("AutoModel", "AutoModelForCausalLM", "AutoModelForSeq2SeqLM")
    model = dict.fromkeys(classes, "modeling_chatglm.ChatGLMForConditionalGeneration")
    ratio = {"rope_ratio": ROPE_RATIOS[name]} if name in ROPE_RATIOS else {}
    return {
        "_name_or_path": f"THUDM/{name}",
        "model_type": "chatglm",
        "architectures": ["ChatGLMModel"],
        "auto_map": {"AutoConfig": "configuration_chatglm.ChatGLMConfig", **model},
        "add_bias_linear": False,
        "add_qkv_bias": True,
        "apply_query_key_layer_scaling": True,
        "apply_residual_connection_post_layernorm": False,
        "attention_dropout": 0.0,
        "attention_softmax_in_fp32": True,
        "bias_dropout_fusion": True,
        "ffn_hidden_size": sizes.inner,
        "fp32_residual_connection": False,
        "hidden_dropout": 0.0,
        "hidden_size": sizes.hidden,
        "kv_channels": sizes.channels,
        "layernorm_epsilon": 1e-05,
        "multi_query_attention": True,
        "multi_query_group_num": sizes.groups,
        "num_attention_heads": sizes.heads,
        "num_layers": sizes.layers,
        "original_rope": True,
        "padded_vocab_size": sizes.vocabulary,
        "post_layer_norm": True,
        "rmsnorm": True,
        **ratio,
        "seq_length": 8192 if name == "chatglm3-6b" else 32768,
        "use_cache": True,
        "torch_dtype": "float16",
        "transformers_version": "4.30.2" if is_3 else "4.27.1",
        "tie_word_embeddings": False,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }


def chatglm_state(sizes: Sizes, seed: int) -> State:
    """All tensors of ChatGLM2/3 in fp32, the rotary buffer among them."""
    w = Weights(seed)
    query, keys = sizes.heads * sizes.channels, sizes.groups * sizes.channels
    state = {
        "transformer.embedding.word_embeddings.weight": w.rows(sizes.vocabulary, sizes.hidden),
        "transformer.rotary_pos_emb.inv_freq": _frequencies(sizes.channels // 2),
    }
    for layer in range(sizes.layers):
        name = f"transformer.encoder.layers.{layer}."
        state |= {
            f"{name}input_layernorm.weight": w.gain(sizes.hidden),
            f"{name}self_attention.query_key_value.weight": w.linear(query + 2 * keys, sizes.hidden),
            f"{name}self_attention.query_key_value.bias": w.bias(query + 2 * keys),
            f"{name}self_attention.dense.weight": w.linear(sizes.hidden, query),
            f"{name}post_attention_layernorm.weight": w.gain(sizes.hidden),
            f"{name}mlp.dense_h_to_4h.weight": w.linear(2 * sizes.inner, sizes.hidden),
            f"{name}mlp.dense_4h_to_h.weight": w.linear(sizes.hidden, sizes.inner),
        }
    state["transformer.encoder.final_layernorm.weight"] = w.gain(sizes.hidden)
    state["transformer.output_layer.weight"] = w.linear(sizes.vocabulary, sizes.hidden)
    return state


# --- ChatGLM-6B v1


def chatglm1_config(sizes: Sizes, image_tokens: int) -> dict[str, Any]:
    """``config.json`` of ``THUDM/chatglm-6b``. Special ids keep their distance from the official start of specials,
    130000; a smaller vocabulary has them 10 below its end. ``image_tokens`` rows come in front, as in the first release."""
    special = image_tokens + (130000 if sizes.vocabulary >= 130528 else sizes.vocabulary - 10)
    model = dict.fromkeys(("AutoModel", "AutoModelForSeq2SeqLM"), "modeling_chatglm.ChatGLMForConditionalGeneration")
    return {
        "_name_or_path": "THUDM/chatglm-6b",
        "architectures": ["ChatGLMModel"],
        "auto_map": {"AutoConfig": "configuration_chatglm.ChatGLMConfig", **model},
        "bos_token_id": special + 4,
        "eos_token_id": special + 5,
        "mask_token_id": special,
        "gmask_token_id": special + 1,
        "pad_token_id": image_tokens + 3,
        "hidden_size": sizes.hidden,
        "inner_hidden_size": sizes.inner,
        "layernorm_epsilon": 1e-05,
        "max_sequence_length": 2048,
        "model_type": "chatglm",
        "num_attention_heads": sizes.heads,
        "num_layers": sizes.layers,
        "position_encoding_2d": True,
        "torch_dtype": "float16",
        "transformers_version": "4.23.1",
        "use_cache": True,
        "vocab_size": image_tokens + sizes.vocabulary,
    }


def chatglm1_state(config: dict[str, Any], seed: int) -> State:
    """All tensors of v1 in fp32, with a copy of the embedding as head and the rotary buffers.

    What is added to the residual is large, since the residual is multiplied by alpha: else the model, whose head is its
    embedding, would repeat its last token for ever.
    """
    w = Weights(seed)
    hidden, inner = config["hidden_size"], config["inner_hidden_size"]
    state = {"transformer.word_embeddings.weight": w.rows(config["vocab_size"], hidden, times=0.2)}
    for layer in range(config["num_layers"]):
        name = f"transformer.layers.{layer}."
        state |= {
            **_norm(w, f"{name}input_layernorm", hidden),
            f"{name}attention.rotary_emb.inv_freq": _frequencies(hidden // config["num_attention_heads"] // 2),
            **_linear(w, f"{name}attention.query_key_value", 3 * hidden, hidden, times=4),
            **_linear(w, f"{name}attention.dense", hidden, hidden, times=15),
            **_norm(w, f"{name}post_attention_layernorm", hidden),
            **_linear(w, f"{name}mlp.dense_h_to_4h", inner, hidden),
            **_linear(w, f"{name}mlp.dense_4h_to_h", hidden, inner, times=15),
        }
    state |= _norm(w, "transformer.final_layernorm", hidden)
    state["lm_head.weight"] = state["transformer.word_embeddings.weight"].clone()
    return state


# --- MOSS


def moss_config(sizes: Sizes) -> dict[str, Any]:
    """``config.json`` modelled on the keys of MossConfig (no official file was at hand)."""
    return {
        "_name_or_path": "fnlp/moss-moon-003-sft",
        "activation_function": "gelu_new",
        "architectures": ["MossForCausalLM"],
        "attn_pdrop": 0.0,
        "auto_map": {
            "AutoConfig": "configuration_moss.MossConfig",
            "AutoModel": "modeling_moss.MossModel",
            "AutoModelForCausalLM": "modeling_moss.MossForCausalLM",
        },
        "bos_token_id": sizes.vocabulary - 7,
        "embd_pdrop": 0.0,
        "eos_token_id": sizes.vocabulary - 5,
        "gradient_checkpointing": False,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "moss",
        "n_ctx": 256,
        "n_embd": sizes.hidden,
        "n_head": sizes.heads,
        "n_inner": None,
        "n_layer": sizes.layers,
        "n_positions": 256,
        "resid_pdrop": 0.0,
        "rotary_dim": sizes.hidden // sizes.heads // 2,
        "scale_attn_weights": True,
        "summary_type": "cls_index",
        "tie_word_embeddings": False,
        "torch_dtype": "float16",
        "transformers_version": "4.25.1",
        "use_cache": True,
        "vocab_size": sizes.vocabulary,
    }


def moss_state(config: dict[str, Any], seed: int) -> State:
    """All tensors of MOSS in fp32, the bool buffers of the causal mask among them."""
    w = Weights(seed)
    hidden, longest = config["n_embd"], config["n_positions"]
    state = {"transformer.wte.weight": w.rows(config["vocab_size"], hidden)}
    for layer in range(config["n_layer"]):
        name = f"transformer.h.{layer}."
        state |= {
            **_norm(w, f"{name}ln_1", hidden),
            f"{name}attn.causal_mask": torch.ones(1, 1, longest, longest, dtype=torch.bool).tril(),
            f"{name}attn.qkv_proj.weight": w.linear(3 * hidden, hidden),
            f"{name}attn.out_proj.weight": w.linear(hidden, hidden),
            **_linear(w, f"{name}mlp.fc_in", 4 * hidden, hidden),
            **_linear(w, f"{name}mlp.fc_out", hidden, 4 * hidden),
        }
    return state | _norm(w, "transformer.ln_f", hidden) | _linear(w, "lm_head", config["vocab_size"], hidden)


def moss_linears(config: dict[str, Any]) -> list[str]:
    """The names of every Linear but the head."""
    parts = ("attn.qkv_proj", "attn.out_proj", "mlp.fc_in", "mlp.fc_out")
    return [f"transformer.h.{layer}.{part}" for layer in range(config["n_layer"]) for part in parts]


def _linear(w: Weights, name: str, out: int, inputs: int, times: float = 1.5) -> State:
    return {f"{name}.weight": w.linear(out, inputs, times), f"{name}.bias": w.bias(out)}


def _norm(w: Weights, name: str, size: int) -> State:
    return {f"{name}.weight": w.gain(size), f"{name}.bias": w.bias(size)}


def _frequencies(channels: int) -> Tensor:
    return 1 / 10000 ** (torch.arange(0, channels, 2).float() / channels)
