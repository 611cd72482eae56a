"""What a person calls a model, and which one that is. Reads no file beyond asking whether a path is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from inference_worker.protocol.errors import ErrorCode, RequestError
from nyanko_desktop.models.catalogue import Catalogue, CatalogueEntry
from nyanko_desktop.models.view import ModelEntry


def resolve(name: str, entries: Sequence[ModelEntry], catalogue: Catalogue) -> ModelEntry:
    """The model called ``name``: embedded, ``OWNER/NAME``, the name alone, a folder's name, a path, a catalogue id.

    Quantized copies can be named, too, and paths that are in no list. Raises RequestError (``model_not_found``; and
    ``bad_request`` with the candidates where a short name means several).
    """
    entries = [*entries, *(copy for entry in entries for copy in _copies(entry))]
    if (entry := _only(name, [entry for entry in entries if name in (entry.name, entry.path)])) is not None:
        return entry
    if (entry := _only(name, [entry for entry in entries if name in _short_names(entry)])) is not None:
        return entry
    if (listed := catalogue_entry(name, catalogue)) is not None:
        here = [entry for entry in entries if entry.name in (listed.huggingface, listed.modelscope)]
        if (entry := _only(name, here)) is not None:
            return entry
    path = absolute(name)
    known = next((entry for entry in entries if entry.path == path), None)
    if known is not None:
        return known
    if Path(path).exists():
        return ModelEntry(path, Path(path).name, "added", path)
    raise RequestError(ErrorCode.MODEL_NOT_FOUND, name=name)


def absolute(path: str) -> str:
    """``path`` as typed, from the root on; links in it stay."""
    return str(Path(path).expanduser().absolute())


def catalogue_entry(name: str, catalogue: Catalogue) -> CatalogueEntry | None:
    """The catalogue's entry with this id, or with this repository."""
    return next((e for e in catalogue.entries if name in (e.id, e.huggingface, e.modelscope)), None)


def _short_names(entry: ModelEntry) -> tuple[str, ...]:
    return entry.name.rpartition("/")[2], Path(entry.path).name


def _copies(entry: ModelEntry) -> list[ModelEntry]:
    """Each as a model of its own."""
    return [
        ModelEntry(copy.path, Path(copy.path).name, "copy", copy.path, copy.bytes, resident=entry.resident)
        for copy in entry.copies
    ]


def _only(name: str, found: Iterable[ModelEntry]) -> ModelEntry | None:
    one, *more = [*found, None]
    if one is not None and len(more) > 1:
        names = ", ".join(entry.path for entry in (one, *more) if entry is not None)
        raise RequestError(ErrorCode.BAD_REQUEST, reason=f"{name} may be any of: {names}")
    return one
