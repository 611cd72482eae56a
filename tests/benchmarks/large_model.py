"""A large model with random weights, written tensor by tensor: a Qwen2 in fp16, in shards, with nyanko-mini's tokenizer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import torch
from safetensors.torch import save_file

MINI: Final = Path(__file__).resolve().parents[2] / "resources" / "models" / "nyanko-mini"
CONFIG: Final = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "vocab_size": 64000,
    "hidden_size": 2048,
    "intermediate_size": 5504,
    "num_hidden_layers": 20,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
    "max_position_embeddings": 4096,
    "tie_word_embeddings": True,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "dtype": "float16",
}
LAYERS_A_SHARD: Final = 5
Form = Literal["safetensors", "bin"]


def make_large_model(folder: Path, form: Form = "safetensors") -> Path:
    """About one billion weights, two gigabytes, in ``folder``."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(MINI / name, folder / name)
    stem = "model" if form == "safetensors" else "pytorch_model"
    index: dict[str, str] = {}
    for number, tensors in enumerate(_shards()):
        file = f"{stem}-{number + 1:05}.{form}"
        if form == "safetensors":
            save_file(tensors, folder / file, metadata={"format": "pt"})
        else:
            torch.save(tensors, folder / file)
        index |= dict.fromkeys(tensors, file)
    (folder / f"{stem}.{form}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    return folder


def weight_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.suffix in (".safetensors", ".bin"))


def _shards() -> Iterator[dict[str, torch.Tensor]]:
    random = torch.Generator().manual_seed(0)
    hidden, layers = int(CONFIG["hidden_size"]), int(CONFIG["num_hidden_layers"])  # type: ignore[call-overload]
    outer = {"model.embed_tokens.weight": (CONFIG["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    yield {name: _values(shape, random) for name, shape in outer.items()}
    for first in range(0, layers, LAYERS_A_SHARD):
        yield {
            f"model.layers.{layer}.{name}": _values(shape, random)
            for layer in range(first, first + LAYERS_A_SHARD)
            for name, shape in _layer_shapes().items()
        }


def _layer_shapes() -> dict[str, tuple[int, ...]]:
    hidden, inner, keys = 2048, 5504, 512
    return {
        "input_layernorm.weight": (hidden,),
        "self_attn.q_proj.weight": (hidden, hidden),
        "self_attn.q_proj.bias": (hidden,),
        "self_attn.k_proj.weight": (keys, hidden),
        "self_attn.k_proj.bias": (keys,),
        "self_attn.v_proj.weight": (keys, hidden),
        "self_attn.v_proj.bias": (keys,),
        "self_attn.o_proj.weight": (hidden, hidden),
        "post_attention_layernorm.weight": (hidden,),
        "mlp.gate_proj.weight": (inner, hidden),
        "mlp.up_proj.weight": (inner, hidden),
        "mlp.down_proj.weight": (hidden, inner),
    }


def _values(shape: tuple[int, ...], random: torch.Generator) -> torch.Tensor:
    if len(shape) == 1:
        return torch.ones(shape, dtype=torch.float16)
    return (torch.randn(shape, generator=random) * 0.02).half()
