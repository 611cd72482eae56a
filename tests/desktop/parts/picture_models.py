"""Models for pictures: a large one with random weights, and one too wide for this machine, of which only the shapes are real.

Written as raw safetensors, because a library would hold the whole of it in memory.
"""

from __future__ import annotations

import json
import random
import shutil
import struct
from pathlib import Path
from typing import Final

from nyanko_desktop.assets import embedded_model

NUMBER: Final = 2
"""Bytes of an fp16."""
TILE: Final = 2**20
"""Numbers that are drawn once and then repeated."""
HEAD_DIM: Final = 128
VOCABULARY: Final = 32_000
Shapes = dict[str, tuple[int, ...]]


def write_random_model(folder: Path, layers: int, hidden: int = 2048) -> Path:
    """A Qwen2 in fp16 with random weights: small normal numbers, the same block of them again and again."""
    return _write(folder, layers, hidden, _random_tile())


def write_hollow_model(folder: Path, total: int, hidden: int = 5120) -> Path:
    """A Qwen2 in fp16 of about ``total`` bytes whose weights are a hole in the file: it takes no room on the disk."""
    layer = sum(_numbers(shape) for shape in _layer(hidden).values())
    layers = max(1, (total // NUMBER - VOCABULARY * hidden) // layer)
    return _write(folder, layers, hidden, b"")


def _write(folder: Path, layers: int, hidden: int, tile: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(_config(layers, hidden)))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(embedded_model() / name, folder / name)
    shapes: Shapes = {"model.embed_tokens.weight": (VOCABULARY, hidden), "model.norm.weight": (hidden,)}
    for number in range(layers):
        shapes |= {f"model.layers.{number}.{name}": shape for name, shape in _layer(hidden).items()}
    _write_tensors(folder / "model.safetensors", shapes, tile)
    return folder


def _write_tensors(path: Path, shapes: Shapes, tile: bytes) -> None:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + NUMBER * _numbers(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for left in range(end, 0, -len(tile)) if tile else ():
            file.write(tile[:left])
        file.truncate(8 + len(text) + end)


def _random_tile() -> bytes:
    draw = random.Random(0)
    return struct.pack(f"<{TILE}e", *(draw.gauss(0, 0.02) for _ in range(TILE)))


def _numbers(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def _layer(hidden: int) -> Shapes:
    inner, keys = _inner(hidden), hidden // 4
    projections: Shapes = {"q_proj": (hidden, hidden), "k_proj": (keys, hidden), "v_proj": (keys, hidden)}
    attention = {f"self_attn.{name}.weight": shape for name, shape in projections.items()}
    biases: Shapes = {f"self_attn.{name}.bias": shape[:1] for name, shape in projections.items()}
    return {
        **attention,
        **biases,
        "self_attn.o_proj.weight": (hidden, hidden),
        "mlp.gate_proj.weight": (inner, hidden),
        "mlp.up_proj.weight": (inner, hidden),
        "mlp.down_proj.weight": (hidden, inner),
        "input_layernorm.weight": (hidden,),
        "post_attention_layernorm.weight": (hidden,),
    }


def _inner(hidden: int) -> int:
    return hidden * 11 // 4


def _config(layers: int, hidden: int) -> dict[str, object]:
    heads = hidden // HEAD_DIM
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "vocab_size": VOCABULARY,
        "hidden_size": hidden,
        "intermediate_size": _inner(hidden),
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads // 4,
        "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "dtype": "float16",
    }
