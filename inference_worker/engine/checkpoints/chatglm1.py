"""ChatGLM-6B, the first one, as published: its names and configuration become those of our module. Reads no weights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from inference_worker.engine.checkpoints.chatglm_quantized import ScaledRows, dequantizable
from inference_worker.engine.checkpoints.checkpoint import CONFIG, Checkpoint
from inference_worker.engine.checkpoints.folder import Folder
from inference_worker.engine.checkpoints.prefix import find_prefix, with_base
from inference_worker.engine.checkpoints.stored import Renamed, StoredTensor, broken

NUMBERS = ("vocab_size", "hidden_size", "inner_hidden_size", "num_layers", "num_attention_heads")
TOKENS = ("bos_token_id", "gmask_token_id", "mask_token_id")
DEFAULT_CONTEXT = 2048
LAYER = re.compile(r"transformer\.layers\.(\d+)\.(.+)")
OUTER = {
    "transformer.word_embeddings.weight": "embed_tokens.weight",
    "transformer.final_layernorm.weight": "norm.weight",
    "transformer.final_layernorm.bias": "norm.bias",
}
"""``lm_head.weight`` is left out: the original ties it to the embedding, whatever the file says."""


def read_chatglm1(folder: Folder) -> Checkpoint:
    """Raises ``EngineError("broken_checkpoint")`` for missing keys."""
    folder = with_base(folder)
    config = _native_config(folder)
    stored, bits = dequantizable(folder.tensors, _inputs(config))
    tensors = dict(_renamed(stored))
    quantized = {name for name, tensor in tensors.items() if isinstance(tensor.source, ScaledRows)}
    return Checkpoint(
        path=folder.path,
        config=config,
        generation_config=folder.generation_config,
        tensors=tensors,
        weights_file=folder.weights_file,
        family="chatglm1",
        format=f"chatglm-int{bits}" if bits else folder.format,
        original_config=folder.config,
        floating=frozenset(tensors.keys() - quantized) if bits else frozenset(),
        native_names=True,
        prefix=find_prefix(folder, layers=config["num_hidden_layers"]),
        close=folder.close,
    )


def _native_config(folder: Folder) -> dict[str, Any]:
    config = folder.config
    for key in (*NUMBERS, *TOKENS):
        value = config.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise broken(folder.path / CONFIG, f"{key} is missing or no number")
    return {
        "model_type": "chatglm1",
        "vocab_size": config["vocab_size"],
        "hidden_size": config["hidden_size"],
        "intermediate_size": config["inner_hidden_size"],
        "num_hidden_layers": config["num_layers"],
        "num_attention_heads": config["num_attention_heads"],
        "layer_norm_eps": float(config.get("layernorm_epsilon", 1e-5)),
        "max_position_embeddings": int(config.get("max_sequence_length") or DEFAULT_CONTEXT),
        "bos_token_id": config["bos_token_id"],
        "eos_token_id": config.get("eos_token_id"),
        "pad_token_id": config.get("pad_token_id"),
        "gmask_token_id": config["gmask_token_id"],
        "mask_token_id": config["mask_token_id"],
        "tie_word_embeddings": True,
        "dtype": "float16",
    }


def _renamed(stored: Mapping[str, StoredTensor]) -> Iterator[tuple[str, Renamed]]:
    for name, tensor in stored.items():
        layer = LAYER.fullmatch(name)
        if name in OUTER:
            yield OUTER[name], Renamed(OUTER[name], tensor)
        elif layer is not None and not name.endswith("inv_freq"):
            native = f"layers.{layer[1]}.{layer[2]}"
            yield native, Renamed(native, tensor)


def _inputs(config: Mapping[str, Any]) -> dict[str, int]:
    """Columns of each quantizable weight, by the end of its name."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return {
        "attention.query_key_value.weight": hidden,
        "attention.dense.weight": hidden,
        "mlp.dense_h_to_4h.weight": hidden,
        "mlp.dense_4h_to_h.weight": inner,
        "word_embeddings.weight": hidden,
        "lm_head.weight": hidden,
    }
