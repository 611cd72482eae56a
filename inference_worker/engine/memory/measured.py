"""Peaks of earlier loads, in a small file beside the quantized copies. Knows no formula: it keeps what was seen.

One record for each checkpoint, precision, group, kind of cache and device. Whatever is wrong with the file, it is as if
nothing had been measured; writing it is atomic, and failing to write it is no failure of the load.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.decode import PREFILL_CHUNK
from inference_worker.engine.memory.watch import PeakWatch

log = logging.getLogger(__name__)

FILE = "measured.json"
LARGEST_FILE = 2**20
MOST_RECORDS = 500
LARGEST_PEAK = 2**50


@dataclass(frozen=True, slots=True)
class Record:
    """Bytes above what the process took before the load: ``peak`` of computing, with ``tokens`` in a cache for
    ``context``, and ``loading``, the peak before that. Only the first grows with the context."""

    peak: int
    tokens: int
    context: int
    loading: int = 0

    def valid(self) -> bool:
        values = (self.peak, self.tokens, self.context, self.loading)
        return all(type(value) is int for value in values) and (
            0 <= self.loading < LARGEST_PEAK
            and 0 < self.peak < LARGEST_PEAK
            and PREFILL_CHUNK <= self.tokens <= self.context < LARGEST_PEAK
        )


class Measurement:
    """The peak of one load and of its first long prefill, on its way into the file."""

    def __init__(self, cache: Path, key: str, device: torch.device) -> None:
        """Made before anything is read: what the process takes by then does not count."""
        self._cache = cache
        self._key = key
        self._watch = PeakWatch(device)
        self._loading = 0

    @contextmanager
    def loading(self) -> Iterator[None]:
        with self._watch.loading():
            yield
        self._loading, self._watch.peak = self._watch.peak, 0

    @contextmanager
    def computing(self) -> Iterator[None]:
        with self._watch.computing():
            yield

    def finish(self, tokens: int, context: int) -> bool:
        """Keep the peak, seen with ``tokens`` in a cache for ``context``. False for fewer than a chunk: measure on."""
        record = Record(self._watch.peak, tokens, context, self._loading)
        if tokens < PREFILL_CHUNK:
            return False
        if record.valid():
            keep(self._cache, self._key, record)
        return True


def key_of(checkpoint: Checkpoint, precision: str, group: int, kv_cache: str, device_name: str) -> str:
    """What a record stands for: the shape of the model and all that decides how much memory it takes."""
    shapes = sorted((name, list(tensor.shape)) for name, tensor in checkpoint.tensors.items())
    described = json.dumps([dict(checkpoint.config), shapes], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(described.encode()).hexdigest()[:16]
    grouped = group if precision == "int4" else 0
    return f"{fingerprint} {precision} {grouped} {kv_cache} {device_name} torch-{torch.__version__}"


def find(cache: Path | None, key: str) -> Record | None:
    """What was measured for ``key``, if anything."""
    return None if cache is None else _read(cache / FILE).get(key)


def keep(cache: Path, key: str, record: Record) -> None:
    """Remember ``record``, unless one with more tokens, which says more, is there."""
    records = _read(cache / FILE)
    known = records.pop(key, None)
    records[key] = known if known is not None and known.tokens > record.tokens else record
    newest = dict(list(records.items())[-MOST_RECORDS:])
    content = {"version": 1, "records": {name: asdict(one) for name, one in newest.items()}}
    partial = cache / f"{FILE}.{os.getpid()}.part"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
        partial.replace(cache / FILE)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        log.info("the measured peak was not kept: %s", error)


def _read(file: Path) -> dict[str, Record]:
    try:
        if file.stat().st_size > LARGEST_FILE:
            return {}
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        records = {name: Record(**values) for name, values in content["records"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {name: record for name, record in records.items() if record.valid()}
