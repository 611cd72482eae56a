"""One tensor as it lies on the disk, whatever the file format: its name, type and shape, and how to read it or some
of its rows. Knows no file format and no model.
"""

from __future__ import annotations

from pathlib import Path

import torch

from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.schemes import Parts, Scheme

FLOATING = frozenset({"F64", "F32", "F16", "BF16"})
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "U16": torch.uint16, "U32": torch.uint32,
    "U64": torch.uint64,
}  # fmt: skip
"""Names as safetensors writes them."""
NAMES = {dtype: name for name, dtype in TYPES.items()}


class StoredTensor:
    """Base of all; a subclass says how to read. Reading may raise ``EngineError("broken_checkpoint")``."""

    stays = False
    """The file is ours and is never written again, so that its mapped pages may serve as the tensor itself."""

    def __init__(self, name: str, file: Path, dtype: str, shape: tuple[int, ...], start: int, nbytes: int) -> None:
        self.name = name
        self.file = file
        """To be named in errors."""
        self.dtype = dtype
        """As safetensors writes it: ``F32``, ``BF16``, ``F16``, …; of what :meth:`read` gives."""
        self.shape = shape
        self.start = start
        """Tensors of a file are read in this order."""
        self.nbytes = nbytes
        """On the disk."""

    def read(self) -> torch.Tensor:
        """The tensor on the CPU; it may be a view of the mapped file."""
        raise NotImplementedError

    def rows(self, start: int, stop: int) -> torch.Tensor:
        """``read()[start:stop]``, without the rest where the format allows that."""
        return self.read()[start:stop]

    def parts(self, scheme: Scheme) -> Parts | None:  # noqa: ARG002 - most tensors are stored in no scheme
        """The tensor in ``scheme``, if the file holds just that."""
        return None


class Renamed(StoredTensor):
    """Another tensor, or some of its rows, under the name that the native model uses."""

    def __init__(self, name: str, source: StoredTensor, first: int = 0, last: int | None = None) -> None:
        """Rows ``first`` to ``last`` (exclusive; ``None``: to the end) of ``source``."""
        stop = source.shape[0] if last is None and source.shape else last or 0
        shape = (stop - first, *source.shape[1:]) if source.shape else ()
        share = shape[0] / source.shape[0] if source.shape and source.shape[0] else 1.0
        super().__init__(name, source.file, source.dtype, shape, source.start, int(source.nbytes * share))
        self.source = source
        self.first, self.stop = first, stop
        self.stays = source.stays

    def read(self) -> torch.Tensor:
        return self.source.rows(self.first, self.stop) if self.source.shape else self.source.read()

    def rows(self, start: int, stop: int) -> torch.Tensor:
        return self.source.rows(self.first + start, min(self.first + stop, self.stop))

    def parts(self, scheme: Scheme) -> Parts | None:
        whole = self.source.parts(scheme)
        return None if whole is None else {name: part[self.first : self.stop] for name, part in whole.items()}


def broken(file: Path, reason: str) -> EngineError:
    return EngineError("broken_checkpoint", path=file, reason=reason)
