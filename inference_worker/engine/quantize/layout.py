"""Where everything in a copy's weights file will lie, known before a weight is read. Writes nothing.

Small floating tensors, which loading converts to the type it computes in, come first. The others follow in the order
in which the model uses them, so that it can compute with what is there while the rest still comes from the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.copy_folder import PADDING, PREFIX, Place, part_name
from inference_worker.engine.checkpoints.stored import NAMES, TYPES
from inference_worker.engine.quantize.copies import QuantizedTensor, stored_precision
from inference_worker.engine.quantize.linear import QuantizedWeight
from inference_worker.engine.quantize.schemes import Scheme, int4_group
from inference_worker.engine.skeleton import Skeleton
from inference_worker.engine.weight_routes import Route

SMALL = 2**20
"""Bytes of a norm or a bias, at most."""
ALIGNMENT = 64
"""Bytes: a cache line, and more than any type or vector needs."""
WHOLE = "weight"
"""The one part of a tensor that stays floating, and the first of a quantized one."""


@dataclass(frozen=True, slots=True)
class Target:
    """One weight of the copy."""

    name: str
    shape: tuple[int, ...]
    """As the model has it."""
    scheme: Scheme | None
    """``None``: it stays floating."""
    transposed: bool
    places: Mapping[str, Place]
    """Part -> where it lies in the file."""

    def about(self) -> QuantizedTensor:
        """For the manifest; only of a quantized one."""
        assert self.scheme is not None
        rows, columns = self.shape
        return QuantizedTensor(stored_precision(self.scheme.precision), self._group(), (rows, columns), self.transposed)

    def _group(self) -> int:
        """What was asked for, or what weights that others quantized have instead."""
        assert self.scheme is not None
        rows, columns = reversed(self.shape) if self.transposed else self.shape
        expected = self.scheme.empty(rows, columns)
        if all(tuple(value.shape) == self.places[part].shape for part, value in expected.items()):
            return self.scheme.group
        return int4_group({part: torch.empty(self.places[part].shape, device="meta") for part in ("weight", "scale")})


@dataclass(frozen=True)
class Layout:
    """The whole file."""

    header: bytes
    targets: Mapping[str, Target]
    """By the name of the weight."""
    aliases: Mapping[str, str]
    """Every name of a weight -> the one it is stored under."""
    padding: Mapping[str, tuple[int, int]]
    """Name -> where it lies in the file, and its bytes."""
    size: int
    floating: tuple[str, ...] = ()
    """Matrices that stay floating although the precision is not, with the reason."""


@dataclass
class _Writer:
    """Counts places while tensors are added; the file's header comes before them, once its size is known."""

    entries: dict[str, tuple[torch.dtype, tuple[int, ...], int, int]] = field(default_factory=dict)
    end: int = 0

    def add(self, name: str, dtype: torch.dtype, shape: Sequence[int]) -> None:
        if gap := -self.end % ALIGNMENT:
            self._put(f"{PADDING}.{len(self.entries)}", torch.uint8, (gap,))
        self._put(name, dtype, tuple(shape))

    def _put(self, name: str, dtype: torch.dtype, shape: tuple[int, ...]) -> None:
        nbytes = prod(shape) * dtype.itemsize
        self.entries[name] = (dtype, shape, self.end, nbytes)
        self.end += nbytes

    def header(self) -> bytes:
        fields = {
            name: {"dtype": NAMES[dtype], "shape": shape, "data_offsets": [start, start + nbytes]}
            for name, (dtype, shape, start, nbytes) in self.entries.items()
        }
        text = json.dumps({"__metadata__": {"format": "pt"}, **fields}, separators=(",", ":")).encode()
        text += b" " * (-(len(text) + 8) % ALIGNMENT)
        return len(text).to_bytes(8, "little") + text


def plan_layout(skeleton: Skeleton, checkpoint: Checkpoint, routes: Sequence[Route]) -> Layout:
    """The file for ``skeleton``, a quantized one, filled from ``routes``."""
    aliases = _aliases(skeleton, routes)
    wanted = set(aliases.values())
    by_target = {route.target: route for route in routes if route.converter is None}
    types = _joined_type(routes)
    drafts = []
    for name in (name for name in skeleton.shapes if name in wanted):
        scheme = _scheme(skeleton, [alias for alias, stored in aliases.items() if stored == name])
        route = by_target.get(name)
        drafts.append((name, scheme, dict(_parts(skeleton, name, scheme, route, types))))
    if checkpoint.prefix is not None:
        stored = TYPES[_kept(checkpoint.prefix.dtype)]
        drafts.append((PREFIX, None, {WHOLE: (stored, checkpoint.prefix.shape)}))
    drafts.sort(key=lambda draft: not _is_small(draft[1], draft[2]))
    return _lay_out(skeleton, drafts, aliases)


def _lay_out(
    skeleton: Skeleton,
    drafts: Sequence[tuple[str, Scheme | None, Mapping[str, tuple[torch.dtype, tuple[int, ...]]]]],
    aliases: Mapping[str, str],
) -> Layout:
    writer = _Writer()
    for name, _, parts in drafts:
        for part, (dtype, shape) in parts.items():
            writer.add(part_name(name, part), dtype, shape)
    header = writer.header()
    targets = {}
    for name, scheme, parts in drafts:
        places = {}
        for part in parts:
            dtype, shape, start, nbytes = writer.entries[part_name(name, part)]
            places[part] = Place(len(header) + start, nbytes, dtype, shape)
        shape = tuple(skeleton.shapes.get(name, places[WHOLE].shape))
        targets[name] = Target(name, shape, scheme, name in skeleton.transposed, places)
    padding = {
        name: (len(header) + start, nbytes)
        for name, (_, _, start, nbytes) in writer.entries.items()
        if name.startswith(PADDING)
    }
    floating = (*skeleton.notes, *_mixed_ties(skeleton, targets))
    return Layout(header, targets, {**aliases, PREFIX: PREFIX}, padding, len(header) + writer.end, floating)


def _is_small(scheme: Scheme | None, parts: Mapping[str, tuple[torch.dtype, tuple[int, ...]]]) -> bool:
    dtype, shape = parts[WHOLE]
    return scheme is None and prod(shape) * dtype.itemsize <= SMALL


def _aliases(skeleton: Skeleton, routes: Sequence[Route]) -> dict[str, str]:
    """Every name of each parameter -> the one it has in the checkpoint; where that is not known, its first."""
    targets = {route.target for route in routes if route.converter is None}
    aliases = {name: name for name in targets if name in skeleton.shapes}
    for names in skeleton.ties.values():
        stored = next((name for name in names if name in targets), names[0])
        aliases.update(dict.fromkeys(names, stored))
    return aliases


def _scheme(skeleton: Skeleton, names: Sequence[str]) -> Scheme | None:
    """The scheme of a weight with ``names``; ``None`` where even one of its users needs it floating."""
    schemes = [_scheme_of(skeleton, name) for name in names]
    return None if None in schemes else schemes[0]


def _scheme_of(skeleton: Skeleton, name: str) -> Scheme | None:
    path, _, attribute = name.rpartition(".")
    module = skeleton.model.get_submodule(path)
    return module.scheme if isinstance(module, QuantizedWeight) and attribute == WHOLE else None


def _mixed_ties(skeleton: Skeleton, targets: Mapping[str, Target]) -> Iterator[str]:
    for names in skeleton.ties.values():
        stored = next((name for name in names if name in targets), None)
        quantized = [name for name in names if _scheme_of(skeleton, name) is not None]
        if stored is not None and targets[stored].scheme is None and quantized:
            yield f"{stored}: shared with {quantized[0]}, which is quantized when it is loaded"


def _parts(
    skeleton: Skeleton, name: str, scheme: Scheme | None, route: Route | None, joined: torch.dtype
) -> Iterator[tuple[str, tuple[torch.dtype, tuple[int, ...]]]]:
    """Part -> type and shape."""
    shape = tuple(skeleton.shapes[name])
    if scheme is None:
        yield WHOLE, (TYPES[_kept(route.sources[0].dtype)] if route is not None else joined, shape)
        return
    rows, columns = reversed(shape) if name in skeleton.transposed else shape
    # Weights that others quantized are asked for their parts once here, because their groups may be other ones.
    parts = (route.sources[0].parts(scheme) if route is not None else None) or scheme.empty(rows, columns)
    for part, value in parts.items():
        yield part, (value.dtype, tuple(value.shape))


def _joined_type(routes: Sequence[Route]) -> torch.dtype:
    """The type of weights that are joined from several tensors: of which kind each one's are is known only then."""
    types = [TYPES[_kept(route.sources[0].dtype)] for route in routes if route.converter is not None]
    return max(types, key=lambda dtype: dtype.itemsize, default=torch.float32)


def _kept(dtype: str) -> str:
    """fp64 is more than any model computes in."""
    return "F32" if dtype == "F64" else dtype
