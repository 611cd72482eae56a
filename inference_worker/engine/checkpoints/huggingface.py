"""A checkpoint folder in the Hugging Face layout: config.json and safetensors, single or sharded. Reads no weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.tensor_files import TensorEntry, broken, read_header
from inference_worker.engine.errors import EngineError

CONFIG = "config.json"
GENERATION_CONFIG = "generation_config.json"
SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a folder holds: its configuration files as they are, and every tensor by name."""

    path: Path
    config: Mapping[str, Any]
    generation_config: Mapping[str, Any]
    """Empty where the folder has none."""
    tensors: Mapping[str, TensorEntry]
    weights_file: Path
    """The file to name when something is missing: the single file or the index."""

    @property
    def architecture(self) -> str:
        """As the configuration names it, for people: ``Qwen2ForCausalLM``."""
        names = self.config.get("architectures")
        named = names[0] if isinstance(names, list) and names else self.config.get("model_type")
        return str(named or "unknown")


def open_checkpoint(path: str | Path) -> Checkpoint:
    """Read configuration and tensor headers of the folder ``path``.

    Raises ``EngineError``: model_not_found, not_a_model (no config, no weights, or only .bin) or broken_checkpoint.
    """
    folder = Path(path).expanduser()
    if not folder.exists():
        raise EngineError("model_not_found", path=folder)
    if not (folder / CONFIG).is_file():
        raise EngineError("not_a_model", path=folder, reason=f"there is no {CONFIG} in it")
    config = read_json(folder / CONFIG)
    generation_file = folder / GENERATION_CONFIG
    generation_config = read_json(generation_file) if generation_file.is_file() else {}
    weights_file, files = _weight_files(folder)
    tensors = {entry.name: entry for file in files for entry in read_header(file)}
    if weights_file.name == INDEX:
        _check_index(weights_file, tensors)
    return Checkpoint(folder, config, generation_config, tensors, weights_file)


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object in ``file``; ``EngineError("broken_checkpoint")`` where it is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    except ValueError as error:
        raise broken(file, f"not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise broken(file, "not a JSON object")
    return content


def _weight_files(folder: Path) -> tuple[Path, list[Path]]:
    """The file that stands for the weights, and all files that hold them."""
    if (folder / INDEX).is_file():
        index = folder / INDEX
        return index, [_shard(index, name) for name in dict.fromkeys(_weight_map(index).values())]
    if (folder / SINGLE).is_file():
        return folder / SINGLE, [folder / SINGLE]
    others = sorted(folder.glob("*.safetensors"))
    if len(others) == 1:
        return others[0], others
    if others:
        raise broken(folder / INDEX, "the weights are in several files, but their index is missing")
    raise EngineError("not_a_model", path=folder, reason=_why_no_weights(folder))


def _why_no_weights(folder: Path) -> str:
    pickled = next((file.name for suffix in ("bin", "pt", "pth") for file in sorted(folder.glob(f"*.{suffix}"))), None)
    if pickled:
        return f"its weights are in {pickled}, an older format that cannot be opened yet; safetensors files can"
    return f"there are no weights ({SINGLE}) in it"


def _weight_map(index: Path) -> dict[str, str]:
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not all(isinstance(name, str) for name in weight_map.values()):
        raise broken(index, "it names no files")
    return weight_map


def _shard(index: Path, untrusted_name: str) -> Path:
    if Path(untrusted_name).name != untrusted_name:
        raise broken(index, f"it names a file outside of its folder: {untrusted_name}")
    file = index.parent / untrusted_name
    if not file.is_file():
        raise broken(file, f"the file is missing, although {index.name} names it")
    return file


def _check_index(index: Path, tensors: Mapping[str, TensorEntry]) -> None:
    for name, file in _weight_map(index).items():
        if name not in tensors:
            raise broken(index.parent / file, f"{name} is not in it, although {index.name} says so")
