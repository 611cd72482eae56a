"""Ways to spoil a checkpoint that ``writers`` wrote. Each changes the folder and returns the file a message should name."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import torch

from tests.reference.on_disk import is_legacy, read_file, weight_files, write_file


def remove_shard(folder: Path) -> Path:
    """The index still names it."""
    path = weight_files(folder)[-1]
    path.unlink()
    return path


def change_shape(folder: Path, tensor: str) -> Path:
    """The last row of ``tensor`` is missing."""
    path, state = _file_with(folder, tensor)
    state[tensor] = state[tensor][:-1]
    write_file(path, state, legacy=is_legacy(path))
    return path


def drop_tensor(folder: Path, tensor: str) -> Path:
    """The file lacks ``tensor``; an index still names it."""
    path, state = _file_with(folder, tensor)
    del state[tensor]
    write_file(path, state, legacy=is_legacy(path))
    return path


def put_nan(folder: Path, tensor: str) -> Path:
    """One value in the middle of ``tensor`` is NaN."""
    path, state = _file_with(folder, tensor)
    flat = state[tensor].flatten()
    flat[flat.numel() // 2] = torch.nan
    state[tensor] = flat.reshape(state[tensor].shape)
    write_file(path, state, legacy=is_legacy(path))
    return path


def truncate(folder: Path, *, keep: float = 0.6) -> Path:
    """Only the first ``keep`` of the last weight file is there, as after a broken download."""
    path = weight_files(folder)[-1]
    os.truncate(path, int(path.stat().st_size * keep))
    return path


def flip_byte(folder: Path) -> Path:
    """One bit in the middle of the last weight file differs; its size does not."""
    path = weight_files(folder)[-1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def break_config(folder: Path) -> Path:
    """config.json is cut in the middle."""
    path = folder / "config.json"
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    return path


def break_index(folder: Path, place: str = "../outside.bin") -> Path:
    """The index says that a tensor lies in ``place``, by default outside the folder."""
    (path,) = folder.glob("*.index.json")
    index = json.loads(path.read_text("utf-8"))
    index["weight_map"][next(iter(index["weight_map"]))] = place
    path.write_text(json.dumps(index), "utf-8")
    return path


def plant_code(folder: Path, marker: Path, *, bare: bool = False) -> Path:
    """The first ``.bin`` calls os.mkdir on ``marker`` when it is unpickled: a folder that must never appear.

    With ``bare`` the file is a plain pickle, which torch.load reads as its legacy form; else it keeps its own form.
    """
    path = weight_files(folder)[0]
    assert path.suffix == ".bin"
    content = {**read_file(path), "extra": _Code(marker)}
    if bare:
        path.write_bytes(pickle.dumps({"extra": _Code(marker)}, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=not is_legacy(path))
    return path


class _Code:
    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._marker),)


def _file_with(folder: Path, tensor: str) -> tuple[Path, dict[str, torch.Tensor]]:
    for path in weight_files(folder):
        state = read_file(path)
        if tensor in state:
            return path, state
    raise KeyError(tensor)
