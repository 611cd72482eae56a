"""How much memory this process took at most while something ran, on one device. Knows no models.

CUDA: what torch's allocator reserved at most, and what the driver gave beside it. CPU: anonymous memory, read from
/proc every few milliseconds by a thread of its own, because Linux keeps a peak only of anonymous and file pages
together, and file pages of a checkpoint that is being read can be dropped at any time. While a model computes, file
pages count too: they are weights that it uses as they lie on the disk. CUDA and MPS unproven.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

STATM = Path("/proc/self/statm")
PAGE = os.sysconf("SC_PAGE_SIZE") if STATM.exists() else 0
INTERVAL = 0.003
"""Seconds between two looks: the largest buffers of a prefill live longer, and come again in each layer."""


class PeakWatch:
    """``peak`` bytes above what there was when the watch was made, over all times it was running."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.peak = 0
        self._before = _Readings(device)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Run while a checkpoint is read: its mapped files do not count."""
        with self._sampled(files=False):
            yield

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Run while the model computes: mapped weights count."""
        with self._sampled(files=True):
            yield

    @contextmanager
    def _sampled(self, *, files: bool) -> Iterator[None]:
        if self.device.type != "cpu":
            if self.device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(self.device)  # an earlier model, or the load, had its own
            yield
            self.peak = max(self.peak, _Readings(self.device).above(self._before))
            return
        stop = threading.Event()
        thread = threading.Thread(target=self._sample, args=(stop, files), name="peak-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _sample(self, stop: threading.Event, files: bool) -> None:
        before = self._before.anonymous + self._before.file * files
        stopped = False
        while not stopped:  # one more look after the end, so that what is still there is seen for certain
            stopped = stop.wait(INTERVAL)
            anonymous, file = process_memory()
            self.peak = max(self.peak, anonymous + file * files - before)


class _Readings:
    """Counters of a device now."""

    def __init__(self, device: torch.device) -> None:
        self.anonymous, self.file = process_memory()
        self.reserved = self.most_reserved = self.free = 0
        if device.type == "cuda":
            self.reserved = torch.cuda.memory_reserved(device)
            self.most_reserved = torch.cuda.max_memory_reserved(device)
            self.free = torch.cuda.mem_get_info(device)[0]
        elif device.type == "mps":
            self.reserved = self.most_reserved = torch.mps.driver_allocated_memory()

    def above(self, before: _Readings) -> int:
        beside = max(0, before.free - self.free - (self.reserved - before.reserved))
        return self.most_reserved - before.reserved + beside


def process_memory() -> tuple[int, int]:
    """Bytes of anonymous and of file-backed memory of this process; where /proc is missing, all counts as anonymous."""
    try:
        _, resident, shared, *_ = STATM.read_text().split()
    except OSError:
        return int(psutil.Process().memory_info().rss), 0
    return (int(resident) - int(shared)) * PAGE, int(shared) * PAGE
