"""Headers of safetensors files, read and checked without reading a weight. Knows the file format, nothing of models.

Format: 8 bytes little-endian header length, a JSON header ``{name: {dtype, shape, data_offsets}}``, then the data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from inference_worker.engine.errors import EngineError

LARGEST_HEADER = 100 * 2**20
"""Bytes; the limit that the format's own library sets, so that a broken length does not fill the memory."""

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "I8": 8, "U8": 8, "BOOL": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """Where one tensor lies on disk."""

    name: str
    file: Path
    dtype: str
    """As safetensors writes it: ``F32``, ``BF16``, ``F16``, …"""
    shape: tuple[int, ...]
    start: int
    nbytes: int


def read_header(file: Path) -> list[TensorEntry]:
    """Entries of ``file`` in the order of their data. Raises ``EngineError("broken_checkpoint")`` naming the file."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if size < 8 or length > min(LARGEST_HEADER, size - 8):
                raise broken(file, "the file is cut short: its header is not complete")
            header = json.loads(stream.read(length))
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    except ValueError as error:  # JSON and UTF-8 errors
        raise broken(file, "the header is not valid JSON") from error
    if not isinstance(header, dict):
        raise broken(file, "the header is not a table of tensors")
    entries = [_entry(file, name, fields) for name, fields in header.items() if name != "__metadata__"]
    end = 8 + length + max((entry.start + entry.nbytes for entry in entries), default=0)
    if size < end:
        raise broken(file, f"the file is cut short: {size} bytes of {end}")
    return sorted(entries, key=lambda entry: entry.start)


def broken(file: Path, reason: str) -> EngineError:
    return EngineError("broken_checkpoint", path=file, reason=reason)


def _entry(file: Path, name: str, untrusted_fields: Any) -> TensorEntry:
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
    return TensorEntry(name, file, dtype, shape, start, end - start)
