"""Quantized copies of checkpoints: their names in the cache folder, their manifest, how one is found and checked.

A copy is known by the fingerprint of the checkpoint it was made from, so that it is found wherever that one lies.
Knows neither how a copy is written (convert) nor how its weights become tensors (checkpoints.copy_folder).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.stored import TYPES, StoredTensor, broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.schemes import Precision

FORMAT = "nyanko-quantized"
VERSION = 1
MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
STORED: tuple[Precision, ...] = ("int8", "int8-zero-point", "int4")
"""What a weight of a copy may be held in."""
LARGEST_MANIFEST = 64 * 2**20
"""Bytes; a real one has some hundred for each tensor."""
SAMPLE = 4096
"""Bytes of a tensor's beginning, middle and end that go into a fingerprint."""
SHORT = 12
"""Digits of a fingerprint in a folder's name."""
LONGEST_NAME = 60
HASH_BLOCK = 4 * 2**20
AGAIN = "remove the folder {folder} and quantize again"

Advance = Callable[[int], None]
"""Told how many more bytes were read; may raise to stop."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a copy was made from."""

    path: str
    architecture: str
    format: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class QuantizedTensor:
    """A weight held as the parts of a scheme: NAME, NAME.scale, …"""

    precision: Precision
    group: int
    """Columns that share a scale; 0: the whole row."""
    shape: tuple[int, int]
    """As the model has it: [in, out] where ``transposed``, while parts always lie row by row, [out, in]."""
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What ``manifest.json`` says."""

    family: str
    """Decides the tokenizer and the chat format, as in ``Checkpoint``."""
    precision: Precision
    group: int
    source: Source
    versions: Mapping[str, str]
    quantized: Mapping[str, QuantizedTensor]
    tensors: Mapping[str, Digest]
    """Every tensor of the weights file."""
    files: Mapping[str, Digest]
    """Every other file."""
    floating: tuple[str, ...] = ()
    """Matrices that stay floating although the precision is not, with the reason."""
    notes: tuple[str, ...] = ()
    """What a person should know of how the source was read."""
    adapter: None = None
    """Room for a low-rank adapter beside the quantized base."""

    def dumps(self) -> str:
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that lies in a cache folder."""

    path: Path
    precision: Precision
    group: int
    bytes: int
    """Of its weights."""


def fingerprint(checkpoint: Checkpoint) -> str:
    """sha256, in hexadecimal, over the configuration and each tensor's name, type, shape and some of its bytes.

    Another model of the same shape has another one; the same model in other shards, or as .bin, has the same.
    """
    config = json.dumps(dict(checkpoint.config), sort_keys=True, default=str)
    lines = [f"{name} {_digest(tensor)}" for name, tensor in checkpoint.tensors.items()]
    if checkpoint.prefix is not None:
        lines.append(f" prefix {_digest(checkpoint.prefix)}")
    return hashlib.sha256("\n".join([config, *sorted(lines)]).encode()).hexdigest()


def stored_precision(precision: Precision) -> Precision:
    """llm-int8 stores exactly what int8 does, so that both share one copy."""
    return "int8" if precision == "llm-int8" else precision


def copy_name(checkpoint: Checkpoint, precision: Precision, group: int, print_: str) -> str:
    """``Qwen2-0.5B-3f1c09ab12de-int4-g128``. ``print_`` is the checkpoint's fingerprint."""
    path = checkpoint.path.resolve()
    name = re.sub(r"[^\w.-]+", "_", path.stem if path.is_file() else path.name).strip("._")[:LONGEST_NAME]
    return f"{name or 'model'}-{print_[:SHORT]}-{_suffix(precision, group)}"


def find_copy(cache: Path | None, checkpoint: Checkpoint, precision: Precision, group: int = 128) -> Path | None:
    """The folder of the copy that holds ``checkpoint`` in ``precision``; ``None`` where there is none.

    Reads of the weights only the few bytes that a fingerprint takes, and nothing at all in a cache without candidates.
    """
    if cache is None or checkpoint.format == "nyanko":
        return None
    found = _of_source(checkpoint, list(_candidates(cache, _suffix(precision, group))))
    return found[0].path if found else None


def list_copies(cache: Path | None, checkpoint: Checkpoint) -> tuple[Copy, ...]:
    """All copies of ``checkpoint``, by name."""
    if cache is None or checkpoint.format == "nyanko":
        return ()
    return tuple(_of_source(checkpoint, list(_candidates(cache, ""))))


def describe(folder: Path, manifest: Manifest) -> Copy:
    return Copy(folder, manifest.precision, manifest.group, sum(one.bytes for one in manifest.tensors.values()))


def is_copy(folder: Path) -> bool:
    """Whether ``folder`` holds a manifest of ours, be it damaged."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            return FORMAT.encode() in file.read(SAMPLE)
    except OSError:
        return False


def read_manifest(folder: Path) -> Manifest:
    """Raises ``EngineError("broken_checkpoint")`` naming the file and what to do."""
    file = folder / MANIFEST
    try:
        if file.stat().st_size > LARGEST_MANIFEST:
            raise ValueError("it is too large")
        return _parse(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(folder, file, "the manifest is not readable") from error


def damaged(folder: Path, file: Path, reason: str) -> EngineError:
    """The error for a copy in ``folder`` whose ``file`` is not as it was written."""
    return broken(file, f"{reason}; {AGAIN.format(folder=folder)}")


def verify(folder: Path, advance: Advance = lambda _count: None) -> None:
    """Compare every byte of the copy in ``folder`` with its manifest. Raises ``EngineError("broken_checkpoint")``."""
    from inference_worker.engine.checkpoints.copy_folder import open_copy  # which reads manifests with this module

    manifest = read_manifest(folder)
    open_copy(folder).close()
    for name, expected in manifest.files.items():
        _compare(folder, name, expected, hash_file(folder / name, advance))
    weights = folder / WEIGHTS
    for name, (start, _) in tensor_places(weights).items():
        expected = manifest.tensors[name]
        found = hash_range(weights, start, expected.bytes, advance)
        if found != expected.sha256:
            raise damaged(folder, weights, f"{name} is not as it was written")


def verify_bytes(manifest: Manifest) -> int:
    """What :func:`verify` reads."""
    return sum(one.bytes for one in (*manifest.tensors.values(), *manifest.files.values()))


def tensor_places(weights: Path) -> dict[str, tuple[int, int]]:
    """Name -> offset in the file and bytes, of the tensors of a safetensors file."""
    from inference_worker.engine.checkpoints.safetensors_files import SafetensorsFile, read_safetensors

    with weights.open("rb") as file:
        begin = 8 + int.from_bytes(file.read(8), "little")
    return {one.name: (begin + one.start, one.nbytes) for one in read_safetensors(SafetensorsFile(weights))}


def hash_range(file: Path, start: int, count: int, advance: Advance = lambda _count: None) -> str:
    """sha256 of ``count`` bytes from ``start``; of fewer where the file ends before."""
    digest = hashlib.sha256()
    with file.open("rb", buffering=0) as stream:
        stream.seek(start)
        while count and (block := stream.read(min(count, HASH_BLOCK))):
            digest.update(block)
            count -= len(block)
            advance(len(block))
    return digest.hexdigest()


def hash_file(file: Path, advance: Advance = lambda _count: None) -> Digest:
    """Of a file that is missing: no digest at all."""
    if not file.is_file():
        return Digest("", 0)
    size = file.stat().st_size
    return Digest(hash_range(file, 0, size, advance), size)


def _compare(folder: Path, name: str, expected: Digest, found: Digest) -> None:
    if found != expected:
        raise damaged(folder, folder / name, "it is not as it was written" if found.sha256 else "it is missing")


def _suffix(precision: Precision, group: int) -> str:
    stored = stored_precision(precision)
    return f"{stored}-g{group}" if stored == "int4" else stored


def _candidates(cache: Path, suffix: str) -> Iterator[tuple[Path, Manifest]]:
    """Readable copies whose names end with ``suffix``; a folder ``.part`` is still being written."""
    try:
        folders = sorted(cache.glob(f"*-{suffix}" if suffix else "*"))
    except OSError:
        return
    for folder in folders:
        if folder.suffix == ".part" or not is_copy(folder):
            continue
        try:
            manifest = read_manifest(folder)
        except EngineError:
            continue  # it will be replaced when somebody quantizes again
        if not suffix or _suffix(manifest.precision, manifest.group) == suffix:
            yield folder, manifest


def _of_source(checkpoint: Checkpoint, candidates: list[tuple[Path, Manifest]]) -> list[Copy]:
    if not candidates:
        return []
    mine = fingerprint(checkpoint)
    return [describe(folder, manifest) for folder, manifest in candidates if manifest.source.fingerprint == mine]


def _digest(tensor: StoredTensor) -> str:
    digest = hashlib.sha256(f"{tensor.dtype} {tensor.shape}".encode())
    for sample in _samples(tensor):
        digest.update(sample)
    return digest.hexdigest()


def _samples(tensor: StoredTensor) -> Iterator[bytes]:
    """The first, middle and last bytes; rows around them are read as wholes."""
    if not tensor.shape or 0 in tensor.shape:
        yield _bytes(tensor.read().reshape(-1))
        return
    width = prod(tensor.shape[1:])
    total = tensor.shape[0] * width
    count = min(total, SAMPLE // TYPES[tensor.dtype].itemsize)
    for begin in dict.fromkeys((0, (total - count) // 2, total - count)):
        first = begin // width
        flat = tensor.rows(first, -(-(begin + count) // width)).reshape(-1)
        yield _bytes(flat[begin - first * width :][:count])


def _bytes(flat: torch.Tensor) -> bytes:
    return flat.contiguous().view(torch.uint8).numpy().tobytes()


def _parse(untrusted: Any) -> Manifest:
    if untrusted["format"] != FORMAT or untrusted["version"] != VERSION:
        raise ValueError("another format or version")
    quantized = {str(name): _quantized(fields) for name, fields in untrusted["quantized"].items()}
    return Manifest(
        family=_text(untrusted["family"]),
        precision=_precision(untrusted["precision"]),
        group=_count(untrusted["group"]),
        source=Source(**{name: _text(untrusted["source"][name]) for name in Source.__slots__}),
        versions={str(name): _text(value) for name, value in untrusted["versions"].items()},
        quantized=quantized,
        tensors={str(name): _digest_of(fields) for name, fields in untrusted["tensors"].items()},
        files={_file_name(name): _digest_of(fields) for name, fields in untrusted["files"].items()},
        floating=tuple(_text(note) for note in untrusted["floating"]),
        notes=tuple(_text(note) for note in untrusted["notes"]),
    )


def _quantized(untrusted: Any) -> QuantizedTensor:
    rows, columns = (_count(size) for size in untrusted["shape"])
    return QuantizedTensor(
        _precision(untrusted["precision"]), _count(untrusted["group"]), (rows, columns), untrusted["transposed"] is True
    )


def _digest_of(untrusted: Any) -> Digest:
    return Digest(_text(untrusted["sha256"]), _count(untrusted["bytes"]))


def _file_name(untrusted: str) -> str:
    if Path(untrusted).name != untrusted:
        raise ValueError("a file outside of the folder")
    return untrusted


def _precision(untrusted: Any) -> Precision:
    if untrusted not in STORED:
        raise ValueError("an unknown precision")
    return untrusted


def _text(untrusted: Any) -> str:
    if not isinstance(untrusted, str):
        raise TypeError("not a text")
    return untrusted


def _count(untrusted: Any) -> int:
    if type(untrusted) is not int or untrusted < 0:
        raise TypeError("not a count")
    return untrusted
