"""What lies on the disk: the embedded model, downloads, the person's own folders, quantized copies; and removing it.

Looks at names and sizes alone: whether a folder can be loaded, the worker says. Knows no job, no setting and no event
loop; every function may take as long as the disk does. Deletes only below our two folders.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Precision
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.errors import explain
from nyanko_desktop.models.view import CopyEntry, ModelEntry, Removal

COPY_FORMAT: Final = "nyanko-quantized"
LARGEST_MANIFEST: Final = 64 * 2**20
"""Bytes; a real one has some hundred for each tensor."""
MODEL_FILES: Final = (".safetensors", ".bin", ".gguf", ".pt", ".json", ".model", ".txt", ".jinja", ".tiktoken")
"""Files of a person's own folder that count as its model; whatever else they keep there is not ours to measure."""
PART: Final = ".part"
JOURNAL: Final = ".journal"
"""Ending of the file beside the part of a quantized copy."""
REMOVING: Final = ".removing"
"""Ending of a folder that is being deleted: whatever interrupts that, it is no model any more."""
_SHARD: Final = re.compile(r"-\d{5}-of-\d{5}$")
_COPY_NAME: Final = re.compile(r"(?P<model>.+)-[0-9a-f]{12}-(?P<kind>int[48][a-z0-9-]*)")
"""How the worker names a quantized copy; the model's name may be cut short."""


class _Source(msgspec.Struct, frozen=True):
    path: str


class _Manifest(msgspec.Struct, frozen=True):
    """The part of a copy's manifest that says what it is."""

    format: str
    precision: Precision
    group: int
    source: _Source


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A quantized copy, and the model it says that it was made from."""

    copy: CopyEntry
    source: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folders of one profile."""

    models: Path
    """Downloads, each in ``OWNER--NAME``."""
    cache: Path
    """Quantized copies."""
    folders: tuple[str, ...] = ()
    """The person's own, where they lie."""

    def entries(self, unfinished: Iterable[str] = ()) -> tuple[ModelEntry, ...]:
        """Everything there is; ``unfinished`` are folders whose download is not over though no part of it shows."""
        copies = list(self.copies())
        known = [_embedded(), *self._downloaded(frozenset(unfinished)), *map(_added, self.folders)]
        models = [replace(entry, copies=tuple(_taken(copies, entry.path))) for entry in known]
        orphans = [_orphan(found) for found in copies]
        return (*models, *orphans)

    def copies(self) -> Iterator[FoundCopy]:
        """Finished copies in the cache folder, by name; folders that hold none are passed over."""
        for folder in _folders(self.cache):
            manifest = _read_manifest(folder / "manifest.json")
            if manifest is not None:
                entry = CopyEntry(str(folder), manifest.precision, manifest.group, size_of(folder))
                yield FoundCopy(entry, manifest.source.path)

    def copies_of(self, path: str) -> tuple[CopyEntry, ...]:
        """The copies that were made from the model in ``path``, whether that is in the list or not."""
        return tuple(_taken(list(self.copies()), path))

    def target(self, repository: str) -> Path:
        """The folder for ``OWNER/NAME``."""
        return self.models / repository.replace("/", "--")

    def removal(self, entry: ModelEntry, leftovers: Iterable[Path] = ()) -> Removal:
        """What removing ``entry`` would delete, keep and free; ``leftovers`` are of jobs about it that did not end."""
        deletes = [*(copy.path for copy in entry.copies), *map(str, leftovers)]
        keeps = refusal = None
        match entry.kind:
            case "embedded":
                keeps = entry.path
                if not deletes:
                    reason = "it is part of the program"
                    refusal = explain(WireError(ErrorCode.BAD_REQUEST, {"reason": reason}))
            case "added":
                keeps = entry.path
            case "downloaded" | "copy":
                deletes.append(entry.path)
        return Removal(
            key=entry.key,
            name=entry.name,
            deletes=tuple(deletes),
            frees=sum(size_of(Path(path)) for path in deletes),
            keeps=keeps or "",
            resident=entry.resident,
            refusal=refusal,
        )

    def copy_removal(self, entry: ModelEntry, precision: Precision, leftovers: Iterable[Path] = ()) -> Removal:
        """The same of its quantized copies in one precision alone."""
        precision = copied_precision(precision)
        copies = tuple(copy for copy in entry.copies if copy.precision == precision)
        removal = self.removal(replace(entry, kind="embedded", copies=copies), leftovers)
        return replace(removal, key="", name=f"{entry.name} · {precision}")

    def remove(self, removal: Removal) -> int:
        """Delete what ``removal`` names; bytes that were freed. Raises RequestError, and then says which one stays."""
        freed = 0
        for path in map(Path, removal.deletes):
            size = size_of(path)
            self.delete(path)
            freed += size
        return freed

    def delete(self, path: Path) -> None:
        """Delete one folder or file of ours. Raises RequestError when it is not ours, or the disk says no."""
        if not self._is_ours(path):
            raise RequestError(ErrorCode.NOT_WRITABLE, path=path, reason="it does not lie in a folder of Nyanko's")
        try:
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
                return
            gone = path.with_name(path.name + REMOVING)
            shutil.rmtree(gone, ignore_errors=True)
            path.rename(gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise RequestError(ErrorCode.NOT_WRITABLE, path=path, reason=error.strerror or str(error)) from error

    def delete_parts(self, folder: Path) -> None:
        """Delete what is unfinished in a folder of ours. Raises RequestError."""
        for ending in (PART, ".part.json", ".json.tmp"):
            for file in list(_files(folder, ending)):
                self.delete(file)

    def unfinished_copies(self, model: str, precision: Precision, group: int) -> list[Path]:
        """What a quantization that did not end has left. ``model`` is the original's path."""
        name = re.sub(r"[^\w.-]+", "_", _stem(Path(os.path.realpath(model)))).strip("._")
        kind = f"int4-g{group}" if precision == "int4" else copied_precision(precision)
        found = []
        for folder in _folders(self.cache, parts=True):
            made = _COPY_NAME.fullmatch(folder.name.removesuffix(PART))
            if made and made["kind"] == kind and name.startswith(made["model"]):
                found += [folder, folder.with_suffix(JOURNAL)]
        return [path for path in found if path.exists()]

    def _is_ours(self, path: Path) -> bool:
        """Below one of our folders, wherever links on the way to it lead; the thing itself may be a link."""
        where = Path(os.path.realpath(path.absolute().parent))
        ours = [Path(os.path.realpath(folder)) for folder in (self.models, self.cache)]
        return path.name not in ("", "..") and any(folder == where or folder in where.parents for folder in ours)

    def _downloaded(self, unfinished: frozenset[str]) -> Iterator[ModelEntry]:
        for folder in _folders(self.models):
            name = folder.name.replace("--", "/", 1)
            is_unfinished = str(folder) in unfinished or any(_files(folder, PART))
            ggufs = [] if is_unfinished or (folder / "config.json").exists() else _gguf_models(folder)
            if len(ggufs) > 1:
                yield from (_gguf_entry(name, file) for file in ggufs)
            else:
                yield ModelEntry(
                    str(folder), name, "downloaded", str(folder), size_of(folder), unfinished=is_unfinished
                )


def copied_precision(precision: Precision) -> Precision:
    """What a copy for ``precision`` holds: llm-int8 stores exactly what int8 does, so that both share one."""
    return "int8" if precision == "llm-int8" else precision


def size_of(path: Path) -> int:
    """Bytes on the disk of a file, or of everything below a folder; links count nothing, what is gone neither."""
    try:
        if path.is_symlink():
            return 0
        if not path.is_dir():
            return path.stat().st_size
        return sum(_size(file) for file in _files(path))
    except OSError:
        return 0


def _embedded() -> ModelEntry:
    folder = embedded_model()
    return ModelEntry("", folder.name, "embedded", str(folder), size_of(folder))


def _added(path: str) -> ModelEntry:
    place = Path(path)
    problem = _problem_of(place)
    explained = explain(problem) if problem else None
    return ModelEntry(path, place.name or path, "added", path, _own_size(place), problem=explained)


def _problem_of(place: Path) -> WireError | None:
    """Why ``place`` can certainly not be loaded, as far as names tell. Of what architecture it is, the worker sees."""
    try:
        if not place.exists():
            return WireError(ErrorCode.MODEL_NOT_FOUND, {"path": str(place)})
        if place.suffix.lower() == ".gguf" or (place / "config.json").exists() or any(place.glob("*.gguf")):
            return None
    except OSError as error:  # a folder that this person may not enter
        return WireError(ErrorCode.NOT_A_MODEL, {"path": str(place), "reason": error.strerror or str(error)})
    return WireError(ErrorCode.NOT_A_MODEL, {"path": str(place), "reason": "there is no config.json in it"})


def _orphan(found: FoundCopy) -> ModelEntry:
    """A copy whose original is not here any more."""
    path = Path(found.copy.path)
    return ModelEntry(found.copy.path, path.name, "copy", found.copy.path, found.copy.bytes)


def _gguf_entry(repository: str, file: Path) -> ModelEntry:
    shards = list(file.parent.glob(f"{_SHARD.sub('', file.stem)}*.gguf")) if _SHARD.search(file.stem) else [file]
    return ModelEntry(str(file), f"{repository}/{file.name}", "downloaded", str(file), sum(map(_size, shards)))


def _gguf_models(folder: Path) -> list[Path]:
    """The file, or the first of its shards, of each GGUF model in ``folder``."""
    found: dict[str, Path] = {}
    for file in sorted(_files(folder, ".gguf")):
        found.setdefault(_SHARD.sub("", str(file.with_suffix(""))), file)
    return list(found.values())


def _taken(copies: list[FoundCopy], path: str) -> list[CopyEntry]:
    """Take the copies of the model in ``path`` out of the list."""
    mine = [found for found in copies if _same(found.source, path)]
    copies[:] = [found for found in copies if found not in mine]
    return [found.copy for found in mine]


def _same(one: str, other: str) -> bool:
    return one == other or (bool(one) and os.path.realpath(one) == os.path.realpath(other))


def _read_manifest(file: Path) -> _Manifest | None:
    try:
        if file.stat().st_size > LARGEST_MANIFEST:
            return None
        manifest = msgspec.json.decode(file.read_bytes(), type=_Manifest)
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if manifest.format == COPY_FORMAT else None


def _folders(parent: Path, *, parts: bool = False) -> list[Path]:
    """Folders right below ``parent``, by name; with ``parts`` those that are being written, else the others."""
    try:
        found = sorted(entry for entry in parent.iterdir() if entry.is_dir())
    except OSError:
        return []
    whole = [folder for folder in found if not folder.name.startswith(".") and not folder.name.endswith(REMOVING)]
    return [folder for folder in whole if folder.name.endswith(PART) is parts]


def _files(folder: Path, ending: str = "") -> Iterator[Path]:
    """All files below ``folder`` whose names end so; links to folders are not followed."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if name.endswith(ending))


def _own_size(place: Path) -> int:
    """Bytes of the model files right in a person's own folder, links counted as what they lead to."""
    try:
        files = place.iterdir() if place.is_dir() else [place]
        return sum(file.stat().st_size for file in files if file.suffix in MODEL_FILES and file.is_file())
    except OSError:
        return 0


def _size(file: Path) -> int:
    try:
        return 0 if file.is_symlink() else file.stat().st_size
    except OSError:
        return 0


def _stem(path: Path) -> str:
    return path.stem if path.suffix == ".gguf" else path.name
