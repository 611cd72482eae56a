"""ChatGLM2 and ChatGLM3, as published: their names and configuration become those of transformers' GLM. Runs no code of
the folder; reads no weights.

Both have the same layout. They differ in their chat format and in what ``rope_ratio`` means: ChatGLM3 multiplies the
base of the rotary frequencies, ChatGLM2-6B-32K divides the position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from inference_worker.engine.checkpoints.chatglm_quantized import ScaledRows, dequantizable
from inference_worker.engine.checkpoints.checkpoint import CONFIG, Checkpoint
from inference_worker.engine.checkpoints.folder import Folder, read_json
from inference_worker.engine.checkpoints.prefix import find_prefix, with_base
from inference_worker.engine.checkpoints.stored import Renamed, StoredTensor, broken
from inference_worker.engine.errors import EngineError

ROPE_BASE = 10000
GLM4_VOCABULARY = 151552
MUST_HOLD = {
    "rmsnorm": True,
    "post_layer_norm": True,
    "add_bias_linear": False,
    "apply_residual_connection_post_layernorm": False,
    "multi_query_attention": True,
    "fp32_residual_connection": False,
}
"""transformers' GLM has no switch for the other way; no published model has it."""
OUTER = {
    "transformer.embedding.word_embeddings.weight": "model.embed_tokens.weight",
    "transformer.encoder.final_layernorm.weight": "model.norm.weight",
    "transformer.output_layer.weight": "lm_head.weight",
}
INNER = {
    "input_layernorm.weight": "input_layernorm.weight",
    "self_attention.dense.weight": "self_attn.o_proj.weight",
    "self_attention.dense.bias": "self_attn.o_proj.bias",
    "post_attention_layernorm.weight": "post_attention_layernorm.weight",
    "mlp.dense_h_to_4h.weight": "mlp.gate_up_proj.weight",
    "mlp.dense_4h_to_h.weight": "mlp.down_proj.weight",
}
LAYER = re.compile(r"transformer\.encoder\.layers\.(\d+)\.(.+)")
FUSED = re.compile(r"self_attention\.query_key_value\.(weight|bias)")

Version = Literal["chatglm2", "chatglm3"]


def read_chatglm(folder: Folder) -> Checkpoint:
    """Raises ``EngineError``: unsupported_model for what GLM cannot compute, broken_checkpoint for missing keys."""
    folder = with_base(folder)
    config = folder.config
    _refuse_others(folder)
    version = chatglm_version(folder)
    stored, bits = dequantizable(folder.tensors, _inputs(folder))
    tensors = dict(_renamed(stored, _attention_rows(folder)))
    quantized = {name for name, tensor in tensors.items() if isinstance(_source(tensor), ScaledRows)}
    return Checkpoint(
        path=folder.path,
        config=_native_config(folder, version),
        generation_config=folder.generation_config,
        tensors=tensors,
        weights_file=folder.weights_file,
        family=version,
        format=f"chatglm-int{bits}" if bits else folder.format,
        original_config=config,
        floating=frozenset(tensors.keys() - quantized) if bits else frozenset(),
        native_names=True,
        prefix=find_prefix(folder, layers=_number(folder, "num_layers")),
        close=folder.close,
    )


def chatglm_version(folder: Folder) -> Version:
    """By the first clue: names, then the tokenizer's code as text, then sizes. ChatGLM3 where nothing tells."""
    for name in _names(folder):
        for version, fragments in (("chatglm3", ("chatglm3",)), ("chatglm2", ("chatglm2", "codegeex2"))):
            if any(fragment in name.lower().replace("-", "").replace("_", "") for fragment in fragments):
                return version  # type: ignore[return-value]
    code = folder.path / "tokenization_chatglm.py"
    if code.is_file() and (text := code.read_text("utf-8", "replace")) and "get_command" in text:
        return "chatglm3" if "<|observation|>" in text else "chatglm2"
    seen = (folder.config.get("seq_length"), folder.config.get("transformers_version"))
    return "chatglm2" if seen[0] == 32768 and seen[1] == "4.27.1" else "chatglm3"


def _names(folder: Folder) -> Iterator[str]:
    yield str(folder.config.get("_name_or_path") or "")
    file = folder.path / "tokenizer_config.json"
    if file.is_file():
        yield str(read_json(file).get("name_or_path") or "")
    yield folder.path.resolve().name


def _refuse_others(folder: Folder) -> None:
    if folder.config.get("padded_vocab_size") == GLM4_VOCABULARY:
        raise _unsupported(folder, "GLM-4 in its first form; the same model is published as glm-4-9b-chat-hf")
    for key, value in MUST_HOLD.items():
        if bool(folder.config.get(key, value)) is not value:
            raise _unsupported(folder, f"{key} is {folder.config.get(key)}, which no published ChatGLM has")


def _native_config(folder: Folder, version: Version) -> dict[str, Any]:
    """GlmConfig's keys. All are set, because its defaults are those of GLM-4."""
    config = folder.config
    heads = _number(folder, "num_attention_heads")
    ratio = float(config.get("rope_ratio") or 1)
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": ROPE_BASE * ratio, "partial_rotary_factor": 0.5}
    if version == "chatglm2" and ratio != 1:
        rope |= {"rope_type": "linear", "factor": ratio, "rope_theta": ROPE_BASE}
    return {
        "model_type": "glm",
        "vocab_size": _number(folder, "padded_vocab_size"),
        "hidden_size": _number(folder, "hidden_size"),
        "intermediate_size": _number(folder, "ffn_hidden_size"),
        "num_hidden_layers": _number(folder, "num_layers"),
        "num_attention_heads": heads,
        "num_key_value_heads": _number(folder, "multi_query_group_num"),
        "head_dim": int(config.get("kv_channels") or _number(folder, "hidden_size") // heads),
        "rms_norm_eps": float(config.get("layernorm_epsilon", 1e-5)),
        "max_position_embeddings": int(config.get("seq_length") or 8192),
        "attention_bias": bool(config.get("add_qkv_bias") or config.get("add_bias_linear")),
        "attention_dropout": 0.0,
        "rope_parameters": rope,
        "hidden_act": "silu",
        "tie_word_embeddings": bool(config.get("tie_word_embeddings", False)),
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "dtype": "float16",
    }


def _attention_rows(folder: Folder) -> dict[str, tuple[int, int]]:
    """Which rows of the fused projection belong to whom."""
    config = _native_config(folder, "chatglm3")
    queries = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    return {"q_proj": (0, queries), "k_proj": (queries, queries + keys), "v_proj": (queries + keys, queries + 2 * keys)}


def _renamed(
    stored: Mapping[str, StoredTensor], rows: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, StoredTensor]]:
    """Every weight under its native name; buffers, which are computed again, are left out."""
    for name, tensor in stored.items():
        layer = LAYER.fullmatch(name)
        if name in OUTER:
            yield OUTER[name], Renamed(OUTER[name], tensor)
        elif layer is not None and layer[2] in INNER:
            native = f"model.layers.{layer[1]}.{INNER[layer[2]]}"
            yield native, Renamed(native, tensor)
        elif layer is not None and (fused := FUSED.fullmatch(layer[2])):
            yield from _split(f"model.layers.{layer[1]}.self_attn", fused[1], tensor, rows)


def _split(
    module: str, kind: str, tensor: StoredTensor, rows: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, StoredTensor]]:
    end = max(stop for _, stop in rows.values())
    if tensor.shape[0] != end:
        raise broken(tensor.file, f"{tensor.name} has {tensor.shape[0]} rows, the model needs {end}")
    for part, (start, stop) in rows.items():
        yield f"{module}.{part}.{kind}", Renamed(f"{module}.{part}.{kind}", tensor, start, stop)


def _inputs(folder: Folder) -> dict[str, int]:
    """Columns of each quantizable weight, by the end of its name."""
    config = _native_config(folder, "chatglm3")
    return {
        "self_attention.query_key_value.weight": config["hidden_size"],
        "self_attention.dense.weight": config["num_attention_heads"] * config["head_dim"],
        "mlp.dense_h_to_4h.weight": config["hidden_size"],
        "mlp.dense_4h_to_h.weight": config["intermediate_size"],
    }


def _source(tensor: StoredTensor) -> StoredTensor:
    return tensor.source if isinstance(tensor, Renamed) else tensor


def _number(folder: Folder, key: str) -> int:
    value = folder.config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise broken(folder.path / CONFIG, f"{key} is missing or no number")
    return value


def _unsupported(folder: Folder, reason: str) -> EngineError:
    return EngineError("unsupported_model", path=folder.path, architecture="ChatGLMModel", reason=reason)
