"""The files of a model folder: configuration as JSON and all tensors as they are stored. Knows no family."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.checkpoint import CONFIG, GENERATION_CONFIG
from inference_worker.engine.checkpoints.pickled_files import PickledFile, read_pickled
from inference_worker.engine.checkpoints.safetensors_files import SafetensorsFile, read_safetensors
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError

SAFETENSORS, BIN = "model.safetensors", "pytorch_model.bin"
"""An index of shards has the same name with ``.index.json`` behind."""
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""How the note begins that a clone without git-lfs leaves in a file's place."""


@dataclass(frozen=True)
class Folder:
    """A model folder as it is."""

    path: Path
    config: Mapping[str, Any]
    generation_config: Mapping[str, Any]
    tensors: Mapping[str, StoredTensor]
    weights_file: Path
    format: str
    """``safetensors`` or ``bin``."""
    close: Callable[[], None]


def open_folder(path: Path) -> Folder:
    """Raises ``EngineError``: model_not_found, not_a_model (no config, no weights) or broken_checkpoint."""
    if not path.exists():
        raise EngineError("model_not_found", path=path)
    if not (path / CONFIG).is_file():
        raise EngineError("not_a_model", path=path, reason=f"there is no {CONFIG} in it")
    config = read_json(path / CONFIG)
    generation_config = read_json(path / GENERATION_CONFIG) if (path / GENERATION_CONFIG).is_file() else {}
    weights_file, files = find_weights(path)
    tensors, close = read_files(files)
    if weights_file.name.endswith(".index.json"):
        _check_index(weights_file, tensors)
    return Folder(path, config, generation_config, tensors, weights_file, _format_of(files), close)


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object in ``file``; ``EngineError("broken_checkpoint")`` where it is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise broken(file, f"not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise broken(file, "not a JSON object")
    return content


def read_files(files: Iterable[Path]) -> tuple[dict[str, StoredTensor], Callable[[], None]]:
    """The tensors of all ``files`` by name, and what lets go of the files."""
    tensors: dict[str, StoredTensor] = {}
    sources: list[SafetensorsFile | PickledFile] = []
    for file in files:
        _check_kind(file)
        source = SafetensorsFile(file) if file.suffix == ".safetensors" else PickledFile(file)
        sources.append(source)
        found = read_safetensors(source) if isinstance(source, SafetensorsFile) else read_pickled(source)
        tensors.update((tensor.name, tensor) for tensor in found)

    def close() -> None:
        for source in sources:
            source.close()

    return tensors, close


def _check_kind(file: Path) -> None:
    """What is no file at all would be waited for; what only stands for one would be called damaged."""
    if file.exists() and not file.is_file():
        raise broken(file, "it is no file")
    try:
        with file.open("rb") as stream:
            start = stream.read(len(LFS_POINTER))
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    if start == LFS_POINTER:
        raise broken(file, "it is only a note of git's large-file storage; run 'git lfs pull' where it came from")


def find_weights(folder: Path) -> tuple[Path, list[Path]]:
    """The file that stands for the weights, and all files that hold them; safetensors before .bin."""
    for single in (SAFETENSORS, BIN):
        index = folder / f"{single}.index.json"
        if index.is_file():
            return index, [_shard(index, name) for name in dict.fromkeys(_weight_map(index).values())]
        if (folder / single).is_file():
            return folder / single, [folder / single]
    for pattern in ("*.safetensors", "*.bin"):
        others = sorted(folder.glob(pattern))
        if len(others) == 1:
            return others[0], others
        if others and pattern == "*.safetensors":
            index = folder / f"{SAFETENSORS}.index.json"
            raise broken(index, "the weights are in several files, but their index is missing")
    raise EngineError("not_a_model", path=folder, reason=f"there are no weights ({SAFETENSORS} or {BIN}) in it")


def _format_of(files: list[Path]) -> str:
    return "safetensors" if files[0].suffix == ".safetensors" else "bin"


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


def _check_index(index: Path, tensors: Mapping[str, StoredTensor]) -> None:
    for name, file in _weight_map(index).items():
        if name not in tensors:
            raise broken(index.parent / file, f"{name} is not in it, although {index.name} says so")
