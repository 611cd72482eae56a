"""Weights on the disk as the originals have them: ``.bin`` in shards, the older form without a zip, safetensors.

Knows no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor


@dataclass(frozen=True)
class Form:
    """``legacy`` is torch.save from before 1.6, a bare pickle with the storages behind it. One shard has no index."""

    kind: Literal["bin", "legacy", "safetensors"] = "bin"
    shards: int = 2

    def files(self) -> list[str]:
        stem, ending = ("model", "safetensors") if self.kind == "safetensors" else ("pytorch_model", "bin")
        numbers = [f"-{i:05d}-of-{self.shards:05d}" for i in range(1, self.shards + 1)] if self.shards > 1 else [""]
        return [f"{stem}{number}.{ending}" for number in numbers]


def write_weights(folder: Path, state: Mapping[str, Tensor], form: Form) -> None:
    """Write ``state`` in the order of its names, about as many tensors to each shard; an index beside several."""
    names, files = list(state), form.files()
    shares = {
        file: names[i * len(names) // len(files) : (i + 1) * len(names) // len(files)] for i, file in enumerate(files)
    }
    for file, share in shares.items():
        write_file(folder / file, {name: state[name] for name in share}, legacy=form.kind == "legacy")
    if len(files) > 1:
        size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
        places = {name: file for file, share in shares.items() for name in share}
        index = "model.safetensors.index.json" if form.kind == "safetensors" else "pytorch_model.bin.index.json"
        write_json(folder / index, {"metadata": {"total_size": size}, "weight_map": dict(sorted(places.items()))})


def write_file(path: Path, state: Mapping[str, Tensor], *, legacy: bool = False) -> None:
    """One file, its form told by its ending. Tensors are copied: torch.save would write the whole storage of a view."""
    copies = {name: tensor.contiguous().clone() for name, tensor in state.items()}
    if path.suffix == ".safetensors":
        save_file(copies, path, metadata={"format": "pt"})
    else:
        torch.save(copies, path, _use_new_zipfile_serialization=not legacy)


def read_file(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        return load_file(path)
    state: dict[str, Tensor] = torch.load(path, weights_only=True)
    return state


def is_legacy(path: Path) -> bool:
    """Whether ``path`` is a ``.bin`` without the zip around it."""
    return path.suffix == ".bin" and path.read_bytes()[:2] != b"PK"


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the model's weights, in order."""
    patterns = ("*model*.bin", "*model*.safetensors", "*.gguf")
    found = [path for pattern in patterns for path in folder.glob(pattern)]
    shards = sorted(path for path in found if "-of-" in path.name)
    return shards or sorted(found)


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Every tensor of the model in ``folder``."""
    state: dict[str, Tensor] = {}
    for path in weight_files(folder):
        state |= read_file(path)
    return state


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")
