"""Weights that torch.save wrote (``pytorch_model*.bin``): only tensors are unpickled, never code. Knows no model.

The zip format is mapped, so that a tensor costs memory only while it is read. The older format cannot be: one such
file is held in memory at a time.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar
from zipfile import is_zipfile

import torch

from inference_worker.engine.checkpoints.stored import NAMES, StoredTensor, broken


class PickledFile:
    """One file, read on first use; :meth:`close` lets go of it."""

    _in_memory: ClassVar[PickledFile | None] = None
    """The one file in the older format whose tensors are in memory now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tensors: dict[str, torch.Tensor] | None = None

    def tensors(self) -> dict[str, torch.Tensor]:
        """Name -> tensor. Raises ``EngineError("broken_checkpoint")``."""
        if self._tensors is None:
            self._tensors = self._load()
        return self._tensors

    def close(self) -> None:
        self._tensors = None
        if PickledFile._in_memory is self:
            PickledFile._in_memory = None

    def _load(self) -> dict[str, torch.Tensor]:
        mapped = is_zipfile(self.path)
        if not mapped:
            if PickledFile._in_memory is not None:
                PickledFile._in_memory.close()
            PickledFile._in_memory = self
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # torch doubts pickle protocols that it reads all the same
                content = torch.load(self.path, map_location="cpu", mmap=mapped, weights_only=True)
        except Exception as error:
            raise broken(self.path, _why(error)) from error
        return _named_tensors(content, self.path)


class PickledTensor(StoredTensor):
    """One tensor of such a file."""

    def __init__(self, source: PickledFile, name: str, tensor: torch.Tensor, start: int) -> None:
        super().__init__(name, source.path, NAMES[tensor.dtype], tuple(tensor.shape), start, tensor.nbytes)
        self._source = source

    def read(self) -> torch.Tensor:
        return self._source.tensors()[self.name]


def read_pickled(source: PickledFile) -> list[PickledTensor]:
    """Tensors of a file, in its order. Raises ``EngineError("broken_checkpoint")``."""
    found = []
    for start, (name, tensor) in enumerate(source.tensors().items()):
        if tensor.dtype not in NAMES:
            raise broken(source.path, f"{name} has the type {tensor.dtype}, which cannot be used")
        found.append(PickledTensor(source, name, tensor, start))
    if PickledFile._in_memory is source:
        source.close()
    return found


def _why(error: Exception) -> str:
    """torch refuses everything but tensors with an error of this name; a damaged file ends in any other."""
    if type(error).__name__ == "UnpicklingError" and "weights_only" in str(error).lower():
        return "it holds more than weights (program code or other objects), which is never run; get safetensors"
    return "the file is damaged or cut short"


def _named_tensors(content: Any, file: Path) -> dict[str, torch.Tensor]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        raise broken(file, "it is not a table of tensors")
    return {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
