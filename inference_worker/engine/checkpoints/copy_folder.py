"""A quantized copy, as ``quantize.convert`` writes it, as a Checkpoint whose weights stay where they are mapped.

Everything that headers can tell is compared with the manifest before a weight is used. On a CPU the mapped pages serve
as the weights themselves, so that loading costs no copy; a thread of its own brings them from the disk in the order
in which the model will ask for them.
"""

from __future__ import annotations

import mmap
import os
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch

from inference_worker.engine.checkpoints.checkpoint import CONFIG, GENERATION_CONFIG, Checkpoint
from inference_worker.engine.checkpoints.folder import read_json
from inference_worker.engine.checkpoints.safetensors_files import SafetensorsFile, read_safetensors
from inference_worker.engine.checkpoints.stored import FLOATING, TYPES, StoredTensor
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.copies import (
    WEIGHTS,
    Manifest,
    QuantizedTensor,
    damaged,
    read_manifest,
    stored_precision,
    tensor_places,
)
from inference_worker.engine.quantize.schemes import Parts, Scheme, scheme_for

ORIGINAL_CONFIG = "original_config.json"
PADDING = ".padding"
"""How names of tensors begin that are only there so that the next one lies at a multiple of 64 bytes."""
PREFIX = ".prefix"
"""Name of the learned prefix, where the model has one."""
READ_AHEAD = 8 * 2**20
"""Bytes asked for at once."""


class MappedWeights:
    """The weights file, mapped on first use. Tensors keep the mapping alive, :meth:`close` gives up this hold on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mapping: mmap.mmap | None = None

    def tensor(self, place: Place) -> torch.Tensor:
        """A view of the file. Nobody writes to it; private pages would keep the file as it is even then."""
        if not place.nbytes:
            return torch.empty(place.shape, dtype=place.dtype)
        flat = torch.frombuffer(self._mapped(), dtype=place.dtype, count=prod(place.shape), offset=place.start)
        return flat.view(place.shape)

    def close(self) -> None:
        self._mapping = None

    def read_ahead(self) -> None:
        """Bring the whole file from the disk on a thread, for as long as anybody uses the mapping."""
        alive = weakref.ref(self._mapped())
        threading.Thread(target=_read_ahead, args=(self.path, alive), name="read-ahead", daemon=True).start()

    def _mapped(self) -> mmap.mmap:
        if self._mapping is None:
            with self.path.open("rb") as file:
                self._mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        return self._mapping


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor lies in the file."""

    start: int
    nbytes: int
    dtype: torch.dtype
    shape: tuple[int, ...]


class CopiedTensor(StoredTensor):
    """A tensor that stayed floating."""

    stays = True

    def __init__(self, name: str, dtype: str, weights: MappedWeights, place: Place) -> None:
        super().__init__(name, weights.path, dtype, place.shape, place.start, place.nbytes)
        self._weights, self._place = weights, place

    def read(self) -> torch.Tensor:
        return self._weights.tensor(self._place)


class CopiedWeight(StoredTensor):
    """A quantized weight: its parts as they lie there, or, for another precision, what they stand for in fp32."""

    stays = True

    def __init__(
        self, name: str, about: QuantizedTensor, scheme: Scheme, weights: MappedWeights, places: Mapping[str, Place]
    ) -> None:
        nbytes = sum(place.nbytes for place in places.values())
        super().__init__(name, weights.path, "F32", about.shape, places["weight"].start, nbytes)
        self.about = about
        self._scheme, self._weights, self._places = scheme, weights, places

    def read(self) -> torch.Tensor:
        whole = self._dequantized(0, None)
        return whole.t() if self.about.transposed else whole

    def rows(self, start: int, stop: int) -> torch.Tensor:
        return self.read()[start:stop] if self.about.transposed else self._dequantized(start, stop)

    def parts(self, scheme: Scheme) -> Parts | None:
        """In the precision that the weight is held in; int4 in whatever groups it has."""
        same = stored_precision(scheme.precision) == self.about.precision
        return {part: self._weights.tensor(place) for part, place in self._places.items()} if same else None

    def _dequantized(self, start: int, stop: int | None) -> torch.Tensor:
        parts = {part: self._weights.tensor(place)[start:stop] for part, place in self._places.items()}
        return self._scheme.dequantize(parts, _rows_and_columns(self.about)[1])


def open_copy(folder: Path) -> Checkpoint:
    """Raises ``EngineError("broken_checkpoint")`` naming the file that does not fit the manifest."""
    manifest = read_manifest(folder)
    weights = MappedWeights(folder / WEIGHTS)
    tensors = _read_tensors(folder, manifest, weights)
    prefix = tensors.pop(PREFIX, None)
    config = read_json(folder / CONFIG)
    original = read_json(folder / ORIGINAL_CONFIG) if (folder / ORIGINAL_CONFIG).is_file() else {}
    generation = folder / GENERATION_CONFIG
    return Checkpoint(
        path=folder,
        config=config,
        generation_config=read_json(generation) if generation.is_file() else {},
        tensors=tensors,
        weights_file=weights.path,
        family=manifest.family,
        format="nyanko",
        original_config={} if original == config else original,
        floating=frozenset(tensors) - manifest.quantized.keys(),
        native_names=True,
        prefix=prefix,
        notes=manifest.notes,
        read_ahead=weights.read_ahead,
        close=weights.close,
    )


def part_name(weight: str, part: str) -> str:
    """The name in the file of one part of ``weight``, which itself names the first."""
    return weight if part == "weight" else f"{weight}.{part}"


def _read_tensors(folder: Path, manifest: Manifest, weights: MappedWeights) -> dict[str, StoredTensor]:
    places = _places(folder, manifest)
    found: dict[str, StoredTensor] = {}
    for name, about in manifest.quantized.items():
        scheme = scheme_for(about.precision, about.group)
        assert scheme is not None  # the manifest is read with no other precision
        stored = {part: places.pop(part_name(name, part), None) for part in scheme.empty(1, 1)}
        parts = {part: one[1] for part, one in stored.items() if one is not None}
        if not _fits(scheme, about, parts):
            raise damaged(folder, folder / WEIGHTS, f"{name} does not have the shape that the manifest tells")
        found[name] = CopiedWeight(name, about, scheme, weights, parts)
    for name, (dtype, place) in places.items():
        if dtype in FLOATING:
            found[name] = CopiedTensor(name, dtype, weights, place)
        elif not name.startswith(PADDING):
            raise damaged(folder, folder / WEIGHTS, f"{name} has the type {dtype}, but the manifest does not know it")
    return found


def _places(folder: Path, manifest: Manifest) -> dict[str, tuple[str, Place]]:
    """Name -> type and place of every tensor in the file, which are those of the manifest."""
    file = folder / WEIGHTS
    try:
        stored = {one.name: one for one in read_safetensors(SafetensorsFile(file))}
        starts = tensor_places(file)
    except EngineError as error:
        raise damaged(folder, file, error.params["reason"]) from error
    except OSError as error:
        raise damaged(folder, file, error.strerror or str(error)) from error
    if {name: one.nbytes for name, one in stored.items()} != {n: one.bytes for n, one in manifest.tensors.items()}:
        raise damaged(folder, file, "its tensors are not those that the manifest tells")
    return {
        name: (one.dtype, Place(starts[name][0], one.nbytes, TYPES[one.dtype], one.shape))
        for name, one in stored.items()
    }


def _fits(scheme: Scheme, about: QuantizedTensor, parts: Mapping[str, Place]) -> bool:
    expected = scheme.empty(*_rows_and_columns(about))
    found = {part: (place.shape, place.dtype) for part, place in parts.items()}
    return found == {part: (tuple(value.shape), value.dtype) for part, value in expected.items()}


def _rows_and_columns(about: QuantizedTensor) -> tuple[int, int]:
    first, second = about.shape
    return (second, first) if about.transposed else (first, second)


def _read_ahead(path: Path, alive: weakref.ref[mmap.mmap]) -> None:
    """Ask for block after block. Errors are left to whoever reads: this only makes it earlier."""
    with suppress(OSError), path.open("rb", buffering=0) as file:
        for start in range(0, file.seek(0, os.SEEK_END), READ_AHEAD):
            if alive() is None:
                return
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), start, READ_AHEAD, os.POSIX_FADV_WILLNEED)
            else:
                file.seek(start)
                file.read(READ_AHEAD)
