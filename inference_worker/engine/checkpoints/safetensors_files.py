"""safetensors files: headers are checked without reading a weight, tensors read by row. Knows nothing of models.

Format: 8 bytes little-endian header length, a JSON header ``{name: {dtype, shape, data_offsets}}``, then the data.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from inference_worker.engine.checkpoints.stored import StoredTensor, broken

LARGEST_HEADER = 100 * 2**20
"""Bytes; the limit that the format's own library sets, so that a broken length does not fill the memory."""

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "I8": 8, "U8": 8, "BOOL": 8,
}  # fmt: skip


class SafetensorsFile:
    """One file, mapped on first use; :meth:`close` lets go of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: Any = None

    def handle(self) -> Any:
        if self._open is None:
            try:
                self._open = safe_open(self.path, framework="pt", device="cpu")
            except (SafetensorError, OSError) as error:
                raise broken(self.path, str(error)) from error
        return self._open

    def close(self) -> None:
        self._open = None


class SafetensorsTensor(StoredTensor):
    """One tensor of a safetensors file."""

    def __init__(self, source: SafetensorsFile, name: str, dtype: str, shape: tuple[int, ...], start: int, nbytes: int):
        super().__init__(name, source.path, dtype, shape, start, nbytes)
        self._source = source

    def read(self) -> torch.Tensor:
        return self._source.handle().get_tensor(self.name)

    def rows(self, start: int, stop: int) -> torch.Tensor:
        return self._source.handle().get_slice(self.name)[start:stop]


def read_safetensors(source: SafetensorsFile) -> list[SafetensorsTensor]:
    """Tensors of a file in the order of their data. Raises ``EngineError("broken_checkpoint")`` naming the file."""
    file = source.path
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if size < 8 or length > min(LARGEST_HEADER, size - 8):
                raise broken(file, "the file is cut short: its header is not complete")
            header = json.loads(stream.read(length))
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # JSON, which may be nested too deeply, and UTF-8 errors
        raise broken(file, "the header is not valid JSON") from error
    if not isinstance(header, dict):
        raise broken(file, "the header is not a table of tensors")
    entries = [_entry(source, name, fields) for name, fields in header.items() if name != "__metadata__"]
    end = 8 + length + max((entry.start + entry.nbytes for entry in entries), default=0)
    if size < end:
        raise broken(file, f"the file is cut short: {size} bytes of {end}")
    return sorted(entries, key=lambda entry: entry.start)


def _entry(source: SafetensorsFile, name: str, untrusted_fields: Any) -> SafetensorsTensor:
    file = source.path
    try:
        dtype = str(untrusted_fields["dtype"])
        shape = tuple(int(size) for size in untrusted_fields["shape"])
        start, end = (int(offset) for offset in untrusted_fields["data_offsets"])
    except (TypeError, KeyError, ValueError) as error:
        raise broken(file, f"the header entry of {name} is not readable") from error
    if dtype not in BITS:
        raise broken(file, f"{name} has the unknown type {dtype}")
    if min((0, start, *shape)) < 0 or end - start != prod(shape) * BITS[dtype] // 8:
        raise broken(file, f"the header entry of {name} contradicts itself")
    return SafetensorsTensor(source, name, dtype, shape, start, end - start)
