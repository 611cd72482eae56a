"""A GGUF file: its metadata and table of tensors, read without a weight; then its tensors, by row. Knows no model.

Format (little-endian): ``GGUF``, u32 version, u64 tensors, u64 pairs; pairs of a string, a u32 type and a value; for
each tensor a string, u32 dimensions, their u64 sizes (the columns first), a u32 type and a u64 offset; then, aligned,
the data. Every number in it is untrusted: nothing is allocated that the file is not large enough for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch

from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.schemes import Parts, Scheme, pack_nibbles, unpack_nibbles

MAGIC = b"GGUF"
METADATA = "gguf.metadata"
"""In a quantized copy: the metadata of the file that it was made from, which is where its tokenizer is."""
VERSIONS = (2, 3)
TENSOR_COUNT_AT = 8
"""Where in the file."""
DEFAULT_ALIGNMENT, LARGEST_ALIGNMENT = 32, 2**20
LARGEST_NAME = 2**16
"""Bytes of a key or of a tensor's name; the format allows that much for a key."""
LARGEST_COUNT = 2**16
"""Tensors, and pairs; the largest published files have a few thousand."""
LARGEST_ARRAY = 2**22
"""Elements; the largest published vocabularies have 262,144 tokens."""
LARGEST_DIMENSIONS = 4
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Types of metadata, as ``struct`` writes them."""
PLAIN = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}
BLOCK_ELEMENTS = 2**20
"""Values that are unpacked at once: unpacking takes several times its result."""
Q4_GROUP = 32
"""Columns of a block of Q4_0 and of Q4_1."""
KEPT = ("Q4_0", "Q4_1")
"""What int4 can hold without a change of value, in groups of so many columns."""


_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Header:
    """What a file says before its data."""

    metadata: dict[str, Any]
    """Arrays of strings only where they were asked for, else their length."""
    tensors: dict[str, GgufTensor]


class GgufFile:
    """One file, mapped on first use; :meth:`close` lets go of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes: np.ndarray | None = None

    def bytes(self) -> np.ndarray:
        """uint8 [size]. Writing to it would change a private copy, never the file."""
        if self._bytes is None:
            try:
                self._bytes = np.memmap(self.path, np.uint8, mode="c")
            except (OSError, ValueError) as error:  # ValueError: an empty file
                raise broken(self.path, getattr(error, "strerror", None) or "the file is empty") from error
        return self._bytes

    def close(self) -> None:
        self._bytes = None


class GgufTensor(StoredTensor):
    """One tensor of such a file; packed ones as the fp32 that they stand for."""

    def __init__(self, source: GgufFile, name: str, kind: str, shape: tuple[int, ...], start: int, nbytes: int) -> None:
        super().__init__(name, source.path, kind if kind in PLAIN else "F32", shape, start, nbytes)
        self.kind = kind
        """As ggml names it: ``Q4_K``, ``F16``, …"""
        self._source = source

    def read(self) -> torch.Tensor:
        return self.rows(0, self.shape[0])

    def rows(self, start: int, stop: int) -> torch.Tensor:
        stop = min(stop, self.shape[0])
        if self.kind in PLAIN:
            stored = torch.from_numpy(self._rows_of_bytes(start, stop)).view(PLAIN[self.kind])
            return stored.view(stop - start, *self.shape[1:])
        result = torch.empty(stop - start, *self.shape[1:])
        step = max(1, BLOCK_ELEMENTS // max(1, prod(self.shape[1:])))
        for first in range(start, stop, step):
            last = min(first + step, stop)
            blocks = self._rows_of_bytes(first, last)
            with np.errstate(all="ignore"):  # what is not finite is refused by the loader
                values = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[self.kind])
            result[first - start : last - start] = torch.from_numpy(values).view(last - first, *self.shape[1:])
        return result

    def parts(self, scheme: Scheme) -> Parts | None:
        """Q4_0 in int4 with groups of 32 columns; Q4_1 there, where all its minima are whole steps."""
        if scheme.precision != "int4" or self.kind not in KEPT or len(self.shape) != 2:
            return None
        parts = scheme.empty(*self.shape, device="cpu")
        if parts["scale"].shape[1] * Q4_GROUP != self.shape[1]:
            return None
        step = max(1, BLOCK_ELEMENTS // self.shape[1])
        for first in range(0, self.shape[0], step):
            found = self._as_int4(first, min(first + step, self.shape[0]))
            if found is None:
                return None
            for part, values in found.items():
                parts[part][first : first + step] = values
        return parts

    def _as_int4(self, start: int, stop: int) -> Parts | None:
        """A block is the scale (Q4_1: and the minimum) in fp16, then 16 bytes: columns 0 to 15 low, 16 to 31 high."""
        blocks = torch.from_numpy(self._rows_of_bytes(start, stop)).view(stop - start, self.shape[1] // Q4_GROUP, -1)
        scale = blocks[..., :2].contiguous().view(torch.float16).squeeze(2)
        zero = torch.full(scale.shape, 8, dtype=torch.uint8)
        if self.kind == "Q4_1":
            exact = -blocks[..., 2:4].contiguous().view(torch.float16).squeeze(2).double() / scale.double()
            zero = exact.nan_to_num(-1).clamp(-1, 17).to(torch.uint8)
            if not (torch.equal(zero.double(), exact) and bool((zero <= 16).all())):
                return None
        numbers = unpack_nibbles(blocks[..., -16:].flatten(0, 1)).view(-1, 16, 2).transpose(1, 2)
        return {"weight": pack_nibbles(numbers.reshape(stop - start, -1)), "scale": scale, "zero": zero}

    def _rows_of_bytes(self, start: int, stop: int) -> np.ndarray:
        """uint8 [rows, bytes of a row]; of a tensor with more dimensions, [rows, …, bytes of its last]."""
        stored = self._source.bytes()[self.start : self.start + self.nbytes]
        shape = self.shape[:-1] if len(self.shape) > 1 else self.shape
        if len(stored) < self.nbytes:
            raise broken(self.file, f"the file was cut short while {self.name} was read")
        return np.asarray(stored).reshape(*shape, -1)[start:stop]


def read_header(source: GgufFile, *, strings: bool = False) -> Header:
    """Of a whole file or of one of its splits; arrays of strings (the vocabulary) only with ``strings``.

    Raises ``EngineError``: broken_checkpoint naming the file, or unsupported_model for types that cannot be unpacked.
    """
    cursor = _Cursor(source, strings)
    metadata, tensors = _read_metadata(cursor, source.path)
    entries = [cursor.entry() for _ in range(tensors)]
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or not 0 < alignment <= LARGEST_ALIGNMENT or alignment & (alignment - 1):
        raise broken(source.path, f"its alignment {alignment} is no power of two")
    data = -(-cursor.place // alignment) * alignment
    return Header(metadata, _tensors(source, entries, data))


def copy_metadata(source: Path, target: Path) -> None:
    """Write to ``target`` what ``source`` says before its table of tensors, vocabulary and chat template included."""
    file = GgufFile(source)
    cursor = _Cursor(file, False)
    _read_metadata(cursor, source)
    head = bytearray(file.bytes()[: cursor.place])
    struct.pack_into("<Q", head, TENSOR_COUNT_AT, 0)
    target.write_bytes(head)


def _read_metadata(cursor: _Cursor, file: Path) -> tuple[dict[str, Any], int]:
    """All pairs, and how many tensors follow."""
    if cursor.take(4) != MAGIC:
        raise broken(file, "it is no GGUF file")
    version = cursor.number("I")
    if version not in VERSIONS:
        reason = f"it is GGUF version {version}; versions 2 and 3 in little-endian order can be read"
        raise EngineError("unsupported_model", path=file, architecture="GGUF", reason=reason)
    tensors, pairs = cursor.count("Q"), cursor.count("Q")
    metadata: dict[str, Any] = {}
    for _ in range(pairs):
        key = cursor.string(LARGEST_NAME)
        if key in metadata:
            raise broken(file, f"{key} is in it twice")
        metadata[key] = cursor.value(cursor.number("I"))
    return metadata, tensors


def _tensors(source: GgufFile, entries: list[_Entry], data: int) -> dict[str, GgufTensor]:
    found: dict[str, GgufTensor] = {}
    size = len(source.bytes())
    for entry in entries:
        if entry.name in found:
            raise broken(source.path, f"{entry.name} is in it twice")
        nbytes = _bytes_of(source, entry)
        start = data + entry.offset
        if start + nbytes > size:
            raise broken(source.path, f"the file is cut short: {size} bytes of {start + nbytes} for {entry.name}")
        found[entry.name] = GgufTensor(source, entry.name, entry.kind, entry.shape, start, nbytes)
    return found


def _bytes_of(source: GgufFile, entry: _Entry) -> int:
    columns, bytes_of_block = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[entry.kind]]
    if entry.shape[-1] % columns:
        raise broken(source.path, f"{entry.name} has {entry.shape[-1]} columns, which are no blocks of {columns}")
    return prod(entry.shape) // columns * bytes_of_block


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: str
    shape: tuple[int, ...]
    offset: int


class _Cursor:
    """Reads on through a header; ``EngineError("broken_checkpoint")`` where the file is too short for what it says."""

    def __init__(self, source: GgufFile, strings: bool) -> None:
        self.place = 0
        self._file, self._strings = source.path, strings
        self._bytes = source.bytes().data

    def take(self, count: int) -> bytes:
        self._need(count)
        self.place += count
        return bytes(self._bytes[self.place - count : self.place])

    def number(self, kind: str) -> Any:
        (found,) = struct.unpack("<" + kind, self.take(struct.calcsize("<" + kind)))
        return found

    def count(self, kind: str, largest: int = LARGEST_COUNT) -> int:
        found = int(self.number(kind))
        if found > largest:
            raise broken(self._file, f"its header is damaged: it speaks of {found} entries")
        return found

    def string(self, largest: int | None = None) -> str:
        (length,) = _LENGTH.unpack(self.take(8))
        if largest is not None and length > largest:
            raise broken(self._file, f"its header is damaged: a name has {length} bytes")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise broken(self._file, "its header is damaged: a text is no UTF-8") from error

    def value(self, kind: int) -> Any:
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self._array(self.number("I"))
        if kind in SCALARS:
            return self.number(SCALARS[kind])
        raise broken(self._file, f"its header is damaged: there is no type {kind}")

    def entry(self) -> _Entry:
        name = self.string(LARGEST_NAME)
        sizes = [int(self.number("Q")) for _ in range(self.count("I", LARGEST_DIMENSIONS))]
        kind, offset = self.number("I"), int(self.number("Q"))
        if not sizes or min(sizes) < 1:
            raise broken(self._file, f"the header entry of {name} has no size")
        return _Entry(name, _kind(self._file, name, kind), tuple(reversed(sizes)), offset)

    def _array(self, kind: int) -> Any:
        length = self.count("Q", LARGEST_ARRAY)
        if kind in SCALARS:
            code = f"<{length}{SCALARS[kind]}"
            return list(struct.unpack(code, self.take(struct.calcsize(code))))
        if kind != STRING:
            raise broken(self._file, f"its header is damaged: an array cannot hold the type {kind}")
        if self._strings:
            return [self.string() for _ in range(length)]
        for _ in range(length):
            self._need(8)
            skipped = 8 + int(_LENGTH.unpack_from(self._bytes, self.place)[0])
            self._need(skipped)
            self.place += skipped
        return length

    def _need(self, count: int) -> None:
        if count > len(self._bytes) - self.place:
            raise broken(self._file, "the file is cut short: its header is not complete")


def _kind(file: Path, name: str, untrusted_kind: int) -> str:
    """The name of a type that can be unpacked."""
    try:
        kind = gguf.GGMLQuantizationType(untrusted_kind)
    except ValueError as error:
        raise _unpackable(file, name, f"number {untrusted_kind}") from error
    if kind.name not in PLAIN and kind not in gguf.quants._type_traits:
        raise _unpackable(file, name, kind.name)
    return kind.name


def _unpackable(file: Path, name: str, kind: str) -> EngineError:
    reason = f"{name} has the type {kind}, which cannot be unpacked; get the file in Q8_0, Q4_K or F16"
    return EngineError("unsupported_model", path=file, architecture="GGUF", reason=reason)
