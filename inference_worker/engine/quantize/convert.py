"""Checkpoint -> quantized copy, from disk to disk in blocks of rows: the model is never in memory as a whole.

What it takes above the blocks is at most one tensor: one that is stored transposed, joined from several, or quantized
by others already. A run that was ended goes on where it stopped and ends with the bytes of an undisturbed one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import torch

from inference_worker.engine.checkpoints.checkpoint import CONFIG, GENERATION_CONFIG, Checkpoint
from inference_worker.engine.checkpoints.copy_folder import ORIGINAL_CONFIG, PREFIX, part_name
from inference_worker.engine.checkpoints.gguf_file import METADATA, copy_metadata
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.copies import (
    MANIFEST,
    VERSION,
    WEIGHTS,
    Copy,
    Digest,
    Manifest,
    Source,
    copy_name,
    describe,
    fingerprint,
    hash_file,
    read_manifest,
    stored_precision,
    verify,
    verify_bytes,
)
from inference_worker.engine.quantize.layout import WHOLE, Target, plan_layout
from inference_worker.engine.quantize.part_folder import PartFolder, disk_errors
from inference_worker.engine.quantize.schemes import Parts, Precision, scheme_for
from inference_worker.engine.quiet import transformers
from inference_worker.engine.skeleton import build_skeleton
from inference_worker.engine.weight_routes import Route, plan_routes

BLOCK_ELEMENTS = 4 * 2**20
"""Values of a weight that are in floating point at once: 16 MiB in fp32."""
LARGEST_SMALL_FILE = 64 * 2**20
"""Bytes; no tokenizer is larger."""
LEFT_OUT = frozenset(
    {
        *(".safetensors", ".bin", ".gguf", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".ot", ".npz", ".npy"),
        *(".py", ".pyc", ".part", ".bad", ".journal"),
    }
)
"""Endings of weights, of program code, and of what is half finished."""
OWN_FILES = frozenset({CONFIG, ORIGINAL_CONFIG, MANIFEST})

Stage = Literal["checking", "quantizing"]
Progress = Callable[[Stage, int, int, str], None]
"""``progress(stage, done, total, tensor)`` in bytes of the copy."""


class ConversionCancelled(Exception):  # noqa: N818 - an outcome the caller asked for, not an error
    """It was cancelled; what is done lies ready for the next try."""


@dataclass(frozen=True, slots=True)
class Converted:
    copy: Copy
    resumed: bool
    """An earlier run had begun it, or finished it."""


def write_copy(
    path: str | Path,
    precision: Precision,
    cache: Path,
    *,
    group: int = 128,
    progress: Progress = lambda _stage, _done, _total, _tensor: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Converted:
    """Write the quantized copy of the checkpoint ``path`` into ``cache``, or find that it is there and intact.

    ``precision`` is one with a scheme. ``cancelled`` is asked before each block. Raises ConversionCancelled, and
    EngineError: what ``load_model`` raises for the checkpoint, disk_full, not_writable.
    """
    if scheme_for(precision, group) is None:
        raise ValueError(f"{precision} is not quantized")
    checkpoint = open_checkpoint(path)
    try:
        return _Conversion(checkpoint, stored_precision(precision), group, progress, cancelled).run(cache)
    finally:
        checkpoint.close()


class _Conversion:
    """One run."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: Precision,
        group: int,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self.checkpoint = checkpoint
        self.precision = precision
        self.group = group if precision == "int4" else 0
        self.progress, self.cancelled = progress, cancelled
        self.skeleton = build_skeleton(checkpoint, precision, torch.device("cpu"), group=group)
        self.routes = plan_routes(self.skeleton, checkpoint)
        self.layout = plan_layout(self.skeleton, checkpoint, self.routes)
        if checkpoint.prefix is not None:
            self.routes = [*self.routes, Route(PREFIX, [checkpoint.prefix])]
        self.fingerprint = fingerprint(checkpoint)
        self.digests: dict[str, Digest] = {}
        self.done = 0

    def run(self, cache: Path) -> Converted:
        final = cache / copy_name(self.checkpoint, self.precision, self.group, self.fingerprint)
        with PartFolder(final) as part:
            if final.exists():
                if self._is_intact(final):
                    return Converted(describe(final, read_manifest(final)), True)
                part.discard_final()
            resumed = part.prepare(
                self.layout.size, sum(file.stat().st_size for file in self._files()), self._identity()
            )
            rest = self._resume(part) if resumed else self.routes
            part.write(0, memoryview(self.layout.header))
            for start, nbytes in self.layout.padding.values():
                part.write(start, memoryview(bytes(nbytes)))
            for route in rest:
                self._write(part, route)
            manifest = self._write_files(part)
            part.finish()
        return Converted(describe(final, manifest), resumed)

    def _is_intact(self, final: Path) -> bool:
        """Whether the copy that is there already is what it says, byte for byte."""
        try:
            manifest = read_manifest(final)
            self._begin_check()
            verify(final, lambda count: self._checked(count, verify_bytes(manifest)))
        except EngineError:
            return False
        return manifest.source.fingerprint == self.fingerprint

    def _begin_check(self) -> None:
        self.done = 0

    def _checked(self, count: int, total: int) -> None:
        self._stop_if_cancelled()
        self.done += count
        self.progress("checking", self.done, total, "")

    def _resume(self, part: PartFolder) -> list[Route]:
        """Take up what is certain; the routes that are left."""
        places = {
            part_name(target.name, name): (place.start, place.nbytes)
            for target in self.layout.targets.values()
            for name, place in target.places.items()
        }
        self._begin_check()
        steps = [route.target for route in self.routes]
        claims = part.resume(steps, lambda count: self._checked(count, self.layout.size), places)
        for _, tensors in claims:
            self.digests.update(tensors)
        self.done = sum(one.bytes for one in self.digests.values())
        return self.routes[len(claims) :]

    def _write(self, part: PartFolder, route: Route) -> None:
        """Every weight that ``route`` makes."""
        self._stop_if_cancelled()
        written: dict[str, Digest] = {}
        if route.converter is None:
            written |= self._write_weight(part, self.layout.targets[route.target], route.sources[0], None)
        else:
            for name, value in route.convert(self.skeleton.model).items():
                target = self.layout.targets.get(self.layout.aliases.get(name, ""))
                if target is not None:
                    written |= self._write_weight(part, target, route.sources[0], value)
        self.digests |= written
        part.claim(route.target, written)

    def _write_weight(
        self, part: PartFolder, target: Target, entry: StoredTensor, joined: torch.Tensor | None
    ) -> dict[str, Digest]:
        hashes = {name: hashlib.sha256() for name in target.places}
        offsets = {name: place.start for name, place in target.places.items()}
        for block in _blocks(target, entry, joined):
            self._stop_if_cancelled()
            for name, values in block.items():
                data = memoryview(values.contiguous().reshape(-1).view(torch.uint8).numpy())
                part.write(offsets[name], data)
                hashes[name].update(data)
                offsets[name] += len(data)
                self.done += len(data)
            self.progress("quantizing", self.done, self.layout.size, target.name)
            part.flush_if_due()
        if any(offsets[name] != place.start + place.nbytes for name, place in target.places.items()):
            raise broken(entry.file, f"{entry.name} does not have the shape that the model needs")
        return {
            part_name(target.name, name): Digest(hashes[name].hexdigest(), place.nbytes)
            for name, place in target.places.items()
        }

    def _write_files(self, part: PartFolder) -> Manifest:
        """All but the weights, the manifest last."""
        for name, target in self.layout.targets.items():
            if part_name(name, WHOLE) not in self.digests:
                raise broken(self.checkpoint.weights_file, f"the tensor {target.name} is missing")
        with disk_errors(part.final, 0):
            for file in self._files():
                shutil.copyfile(file, part.path / file.name)
            if self.checkpoint.format == "gguf":
                copy_metadata(self.checkpoint.weights_file, part.path / METADATA)
            self._write_configs(part.path)
            manifest = self._manifest(part.path)
            (part.path / MANIFEST).write_text(manifest.dumps(), encoding="utf-8")
        return manifest

    def _write_configs(self, folder: Path) -> None:
        checkpoint = self.checkpoint
        native = checkpoint.path / CONFIG
        earlier = checkpoint.path / ORIGINAL_CONFIG
        original = earlier if checkpoint.format == "nyanko" and earlier.is_file() else native
        if original.is_file():
            shutil.copyfile(original, folder / ORIGINAL_CONFIG)
        if native.is_file() and not (checkpoint.original_config and checkpoint.format != "nyanko"):
            shutil.copyfile(native, folder / CONFIG)
        else:
            (folder / CONFIG).write_text(_json(checkpoint.config), encoding="utf-8")
        if checkpoint.generation_config and not (folder / GENERATION_CONFIG).exists():
            (folder / GENERATION_CONFIG).write_text(_json(checkpoint.generation_config), encoding="utf-8")

    def _files(self) -> list[Path]:
        """Files of the checkpoint that are neither weights nor program code: the tokenizer's, the licence, …"""
        if not self.checkpoint.path.is_dir():
            return []
        return [file for file in sorted(self.checkpoint.path.iterdir()) if _is_small(file)]

    def _manifest(self, folder: Path) -> Manifest:
        checkpoint, layout = self.checkpoint, self.layout
        padding = {name: Digest(hashlib.sha256(bytes(n)).hexdigest(), n) for name, (_, n) in layout.padding.items()}
        others = sorted(file for file in folder.iterdir() if file.name not in (MANIFEST, WEIGHTS))
        return Manifest(
            family=checkpoint.family,
            precision=self.precision,
            group=self.group,
            source=Source(str(checkpoint.path.resolve()), checkpoint.architecture, checkpoint.format, self.fingerprint),
            versions=_versions(),
            quantized={name: one.about() for name, one in layout.targets.items() if one.scheme is not None},
            tensors=dict(sorted((self.digests | padding).items())),
            files={file.name: hash_file(file) for file in others},
            floating=layout.floating,
            notes=checkpoint.notes,
        )

    def _identity(self) -> str:
        """Two runs with the same one write the same bytes."""
        said = json.dumps([VERSION, self.fingerprint, self.precision, self.group, _versions()])
        return hashlib.sha256(said.encode() + self.layout.header).hexdigest()

    def _stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise ConversionCancelled


def _blocks(target: Target, entry: StoredTensor, joined: torch.Tensor | None) -> Iterator[Parts]:
    """The parts of a few rows at a time, in order. Raises ``EngineError("broken_checkpoint")`` for NaN and infinity."""
    scheme = target.scheme
    stored = entry.parts(scheme) if scheme is not None and joined is None else None
    rows = target.places[WHOLE].shape[0] if target.shape else 1
    step = max(1, BLOCK_ELEMENTS * rows // max(1, torch.Size(target.shape).numel()))
    read = _reader(target, entry, joined)
    for start in range(0, rows, step):
        if stored is not None:
            parts: Parts = {name: value[start : start + step] for name, value in stored.items()}
        elif scheme is not None:
            parts = scheme.quantize(read(start, start + step).to(torch.float32))
        else:
            parts = {WHOLE: read(start, start + step).to(target.places[WHOLE].dtype)}
        if not (scheme.finite(parts) if scheme is not None else _finite(parts[WHOLE])):
            raise broken(entry.file, f"{entry.name} holds values that are no finite numbers")
        yield parts


def _reader(target: Target, entry: StoredTensor, joined: torch.Tensor | None) -> Callable[[int, int], torch.Tensor]:
    """Rows of the weight, as a scheme sees them."""
    if joined is None and not (target.transposed and target.scheme is not None) and entry.shape:
        return entry.rows
    whole: list[torch.Tensor] = []

    def read(start: int, stop: int) -> torch.Tensor:
        if not whole:
            value = entry.read() if joined is None else joined
            turned = value.t() if target.transposed and target.scheme is not None else value
            whole.append(turned.reshape(1) if turned.dim() == 0 else turned)
        return whole[0][start:stop]

    return read


def _finite(values: torch.Tensor) -> bool:
    return not values.numel() or bool(torch.stack(values.aminmax()).isfinite().all())


def _is_small(file: Path) -> bool:
    name = file.name
    left_out = name in OWN_FILES or name.startswith(".") or file.suffix in LEFT_OUT or name.endswith(".index.json")
    return not left_out and file.is_file() and file.stat().st_size <= LARGEST_SMALL_FILE


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(dict(content), indent=2, ensure_ascii=False)


def _versions() -> dict[str, str]:
    try:
        ours = metadata.version("nyanko-desktop")
    except metadata.PackageNotFoundError:
        ours = "unknown"
    return {"nyanko-desktop": ours, "torch": torch.__version__, "transformers": transformers.__version__}
