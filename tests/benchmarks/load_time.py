"""From loading a quantized copy to its first logits, against a cold sequential read of the same bytes.

``nice .venv/bin/python -m tests.benchmarks.load_time [--folder DIR] [--rounds N] [--threads N]``. Reads and loads
alternate, each in a process of its own that has imported everything and then drops the file from the page cache.
On a busy machine most of the time may be spent waiting for a processor, so that it is also told without that. Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks import report
from tests.benchmarks.large_model import make_large_model

READ_SIZE: Final = 8 * 2**20
PRECISIONS: Final = ("int8", "int4")
HEADER: Final = ("copy", "MB", "read, s", "load to first logits, s", "ratio of medians", "ratios of pairs")
Seconds = tuple[float, float]
"""As a clock shows them, and without waiting for a processor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where 4 GB may lie for a while; a temporary folder else")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0: what loading chooses")
    parser.add_argument("--child", nargs=3, metavar=("WHAT", "COPY", "PRECISION"))
    options = parser.parse_args()
    if options.child:
        what, copy, precision = options.child
        print(*(read(Path(copy)) if what == "read" else load(Path(copy), precision, options.threads)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        model = make_large_model(Path(folder) / "large")
        cache = Path(folder) / "cache"
        rows = [
            row for precision in PRECISIONS for row in measure(model, cache, precision, options.rounds, options.threads)
        ]
    report.table("loading a quantized copy, cold", HEADER, rows)
    report.save("load_time", {"rows": rows})


def measure(model: Path, cache: Path, precision: str, rounds: int, threads: int) -> Iterator[tuple[object, ...]]:
    """Two lines of the table."""
    from inference_worker.engine.quantize.convert import write_copy

    copy = write_copy(model, precision, cache).copy  # type: ignore[arg-type]
    os.sync()  # dirty pages cannot be dropped
    reads, loads = [], []
    for _ in range(rounds):
        reads.append(_in_child("read", copy.path, precision, threads))
        loads.append(_in_child("load", copy.path, precision, threads))
    for column, words in enumerate(("", ", processor at once")):
        read, load = ([one[column] for one in seconds] for seconds in (reads, loads))
        pairs = " ".join(f"{mine / theirs:.2f}" for theirs, mine in zip(read, load, strict=True))
        yield precision + words, copy.bytes // 10**6, median(read), median(load), median(load) / median(read), pairs


def read(copy: Path) -> Seconds:
    """To read the weights from front to end."""
    buffer = bytearray(READ_SIZE)
    _drop(copy)
    watch = _Watch()
    with (copy / "model.safetensors").open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    return watch.seconds()


def load(copy: Path, precision: str, threads: int) -> Seconds:
    """From a path to the first logits; the modules of this family are imported before."""
    import transformers.models.qwen2.modeling_qwen2
    import transformers.models.qwen2.tokenization_qwen2  # noqa: F401

    from inference_worker.engine import load as loading

    if threads:
        loading.use_threads_for = lambda _bytes: loading.torch.set_num_threads(threads)
    _drop(copy)
    watch = _Watch()
    model = loading.load_model(copy, precision, "cpu", context=256)  # type: ignore[arg-type]
    model.logits([1])
    return watch.seconds()


class _Watch:
    """Of this thread."""

    def __init__(self) -> None:
        self._began, self._waited = time.perf_counter(), _waited()

    def seconds(self) -> Seconds:
        took, waited = time.perf_counter() - self._began, _waited() - self._waited
        return took, took - waited


def _waited() -> float:
    """Seconds that this thread was ready to run, but had no processor."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def _drop(copy: Path) -> None:
    """Out of the page cache, so that the next read is cold."""
    with (copy / "model.safetensors").open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _in_child(what: str, copy: Path, precision: str, threads: int) -> Seconds:
    command = [sys.executable, "-m", "tests.benchmarks.load_time", "--threads", str(threads)]
    command += ["--child", what, str(copy), precision]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout.split()
    return float(said[0]), float(said[1])


if __name__ == "__main__":
    main()
