"""The native configuration that the metadata of a GGUF file stands for. Knows transformers' keys, reads no weights but
the few numbers of the rotary tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.gguf_names import ARCHITECTURES, Architecture, Heads
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError

LARGEST_NUMBER = 2**24
"""Of any size in a configuration; contexts of some models have a few million tokens."""
ROPE_TABLES = ("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight")
LARGEST_ROPE_TABLE = 4096
"""Values: half of the widest head there could be."""
GEMMA2_27B, GEMMA3_27B = 46, 62
"""Layers of the two whose attention is scaled by another width than that of a head."""


class Settings:
    """The metadata of one architecture, checked as it is asked for."""

    def __init__(self, file: Path, metadata: Mapping[str, Any]) -> None:
        """Raises ``EngineError``: broken_checkpoint without an architecture, unsupported_model for an unknown one."""
        self.file = file
        self.metadata = metadata
        name = metadata.get("general.architecture")
        if not isinstance(name, str):
            raise broken(file, "it names no architecture")
        self.name = name
        if name not in ARCHITECTURES:
            raise self.unsupported(f"GGUF files of {', '.join(ARCHITECTURES)} can be read")
        self.architecture: Architecture = ARCHITECTURES[name]

    def get(self, key: str, default: Any = None) -> Any:
        """Of this architecture; a list of equal values, one for each layer, counts as one value."""
        value = self.metadata.get(f"{self.name}.{key}", default)
        if isinstance(value, list) and value and all(one == value[0] for one in value):
            return value[0]
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        value = self.get(key, default)
        if isinstance(value, list):
            raise self.unsupported(f"{key} differs from layer to layer")
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_NUMBER:
            raise broken(self.file, f"{self.name}.{key} is missing or no sensible number")
        return value

    def real(self, key: str, default: float | None = None) -> float:
        value = self.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e12:
            raise broken(self.file, f"{self.name}.{key} is missing or no sensible number")
        return float(value)

    def token(self, name: str) -> int | None:
        """The id of ``bos``, ``eos``, ``eot``, …; ``None`` where the file names none."""
        value = self.metadata.get(f"tokenizer.ggml.{name}_token_id")
        return value if isinstance(value, int) and 0 <= value < LARGEST_NUMBER else None

    def unsupported(self, reason: str) -> EngineError:
        return EngineError("unsupported_model", path=self.file, architecture=self.name, reason=reason)


def heads_of(settings: Settings) -> Heads:
    queries = settings.whole("attention.head_count")
    keys = settings.whole("attention.head_count_kv", queries)
    width = settings.whole("attention.key_length", settings.whole("embedding_length") // queries)
    if settings.get("attention.value_length", width) != width:
        raise settings.unsupported("values are of another width than keys")
    return Heads(queries, keys, width)


def native_config(settings: Settings, tensors: Mapping[str, StoredTensor]) -> dict[str, Any]:
    """Keys of the native configuration. Raises ``EngineError``: broken_checkpoint or unsupported_model."""
    heads, layers = heads_of(settings), settings.whole("block_count")
    for name in ("token_embd.weight", f"blk.{layers - 1}.attn_norm.weight"):
        if name not in tensors:
            raise broken(settings.file, f"the tensor {name} is missing")
    if settings.get("expert_count", 0) and settings.name != "qwen3moe":
        raise settings.unsupported("a mixture of experts of this kind")
    config = {
        "model_type": settings.architecture.model_type,
        "vocab_size": tensors["token_embd.weight"].shape[0],
        "hidden_size": settings.whole("embedding_length"),
        "intermediate_size": settings.whole("feed_forward_length"),
        "num_hidden_layers": layers,
        "num_attention_heads": heads.queries,
        "num_key_value_heads": heads.keys,
        "head_dim": heads.width,
        "max_position_embeddings": settings.whole("context_length"),
        "rope_parameters": _rope(settings, tensors, heads),
        "attention_bias": _biased(tensors, "attn_q", "attn_qkv"),
        "mlp_bias": _biased(tensors, "ffn_up"),
        "tie_word_embeddings": "output.weight" not in tensors,
        "bos_token_id": settings.token("bos"),
        "eos_token_id": settings.token("eos"),
        "pad_token_id": None,
    }
    return config | _norm(settings) | _own(settings, heads)


def _biased(tensors: Mapping[str, StoredTensor], *names: str) -> bool:
    return any(f"blk.0.{name}.bias" in tensors for name in names)


def _norm(settings: Settings) -> dict[str, Any]:
    if settings.name == "starcoder2":
        return {"norm_epsilon": settings.real("attention.layer_norm_epsilon")}
    return {"rms_norm_eps": settings.real("attention.layer_norm_rms_epsilon")}


def _own(settings: Settings, heads: Heads) -> dict[str, Any]:
    """What only one architecture has."""
    match settings.name:
        case "phi3":
            window = settings.get("attention.sliding_window", 0)
            original = settings.whole("rope.scaling.original_context_length", settings.whole("context_length"))
            return {"sliding_window": window or None, "original_max_position_embeddings": original}
        case "gemma":
            return {"hidden_act": "gelu_pytorch_tanh"}
        case "gemma2":
            return _gemma_attention(settings, heads, GEMMA2_27B) | {
                "attn_logit_softcapping": settings.real("attn_logit_softcapping", 50.0),
                "final_logit_softcapping": settings.real("final_logit_softcapping", 30.0),
            }
        case "gemma3":
            return _gemma_attention(settings, heads, GEMMA3_27B)
        case "qwen3moe":
            return {
                "num_experts": settings.whole("expert_count"),
                "num_experts_per_tok": settings.whole("expert_used_count"),
                "moe_intermediate_size": settings.whole("expert_feed_forward_length"),
                "norm_topk_prob": True,
                "decoder_sparse_step": 1,
                "mlp_only_layers": [],
            }
        case _:
            return {}


def _gemma_attention(settings: Settings, heads: Heads, layers_of_27b: int) -> dict[str, Any]:
    large = settings.whole("block_count") == layers_of_27b
    return {
        "sliding_window": settings.whole("attention.sliding_window", 4096),
        "query_pre_attn_scalar": settings.whole("embedding_length") // heads.queries if large else heads.width,
    }


def _rope(settings: Settings, tensors: Mapping[str, StoredTensor], heads: Heads) -> dict[str, Any]:
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": settings.real("rope.freq_base", 10000.0)}
    rotated = settings.whole("rope.dimension_count", heads.width)
    if settings.architecture.partial_rotary:
        rope["partial_rotary_factor"] = rotated / heads.width
    elif rotated != heads.width:
        raise settings.unsupported(f"{rotated} of {heads.width} columns of a head are rotated")
    rope |= _tabled(settings, tensors, rotated // 2) or _scaled(settings)
    if settings.name != "gemma3":
        return rope
    local = settings.real("rope.freq_base_swa", 10000.0)
    return {"full_attention": rope, "sliding_attention": {"rope_type": "default", "rope_theta": local}}


def _tabled(settings: Settings, tensors: Mapping[str, StoredTensor], count: int) -> dict[str, Any]:
    """Tables that divide each frequency: Llama 3 has one, Phi 3 one for short and one for long texts."""
    both, long, short = (_table(settings, tensors, name, count) for name in ROPE_TABLES)
    if not both and not (long and short):
        return {}
    context = settings.whole("context_length")
    original = settings.whole("rope.scaling.original_context_length", context)
    return {
        "rope_type": "longrope",
        "long_factor": both or long,
        "short_factor": both or short,
        "factor": context / original,
        "original_max_position_embeddings": original,
        "attention_factor": settings.real("rope.scaling.attn_factor", 1.0),
    }


def _table(settings: Settings, tensors: Mapping[str, StoredTensor], name: str, count: int) -> list[float]:
    tensor = tensors.get(name)
    if tensor is None:
        return []
    if tensor.shape != (count,) or count > LARGEST_ROPE_TABLE:
        raise broken(settings.file, f"{name} has the shape {tensor.shape}, the model needs ({count},)")
    return [float(value) for value in tensor.read().tolist()]


def _scaled(settings: Settings) -> dict[str, Any]:
    kind = settings.get("rope.scaling.type", "none")
    if kind == "none" or (kind == "longrope" and settings.name == "phi3"):
        return {}
    factor = settings.real("rope.scaling.factor", 1.0)
    if kind == "linear":
        return {"rope_type": "linear", "factor": factor}
    if kind == "yarn":
        original = settings.whole("rope.scaling.original_context_length")
        return {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original}
    raise settings.unsupported(f"its rotary frequencies are scaled in the way {kind}")
