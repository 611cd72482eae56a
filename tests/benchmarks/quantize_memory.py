"""What quantizing a 2 GB model and loading its copy takes: peak memory above that after imports, seconds, bytes.

``nice .venv/bin/python -m tests.benchmarks.quantize_memory [--folder DIR]``. Each measurement is a process of its own.
docs/quantizing.md explains the columns. Linux, because it reads anonymous and file pages from /proc.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks import report
from tests.benchmarks.large_model import CONFIG, Form, make_large_model, weight_bytes

INTERVAL: Final = 0.002
MB: Final = 10**6
HEADER: Final = ("measured", "seconds", "anonymous MB", "all MB", "of source", "of copy")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one process: seconds, and bytes above those after imports."""

    seconds: float
    anonymous: int
    total: int
    """Anonymous and file pages together."""
    bytes: int
    """Of the copy."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where 5 GB may lie for a while; a temporary folder else")
    parser.add_argument("--only", nargs="*", default=("safetensors", "bin"))
    parser.add_argument("--child", nargs=4, metavar=("WHAT", "PATH", "PRECISION", "CACHE"))
    options = parser.parse_args()
    if options.child:
        what, path, precision, cache = options.child
        print(json.dumps(asdict(_child(what, Path(path), precision, Path(cache)))))
        return
    rows: list[tuple[str, int, Figures]] = []
    for form in options.only:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows += measure(form, Path(folder))
    vocabulary, hidden = int(str(CONFIG["vocab_size"])), int(str(CONFIG["hidden_size"]))
    print(f"\nallowed while quantizing: largest tensor in fp32 + 200 MB = {vocabulary * hidden * 4 / MB + 200:.0f} MB")
    report.table("quantizing and loading", HEADER, [_cells(*row) for row in rows])
    report.save("quantize_memory", {name: {"source": size, **asdict(one)} for name, size, one in rows})


def measure(form: Form, folder: Path) -> Iterator[tuple[str, int, Figures]]:
    model, cache = make_large_model(folder / "large", form), folder / "cache"
    size = weight_bytes(model)
    for precision in ("int8", "int4") if form == "safetensors" else ("int8",):
        yield f"quantize {form} to {precision}", size, _in_child("quantize", model, precision, cache)
        if form == "safetensors":
            yield f"load the {precision} copy", size, _in_child("load", model, precision, cache)
            yield f"load and compute {precision}", size, _in_child("compute", model, precision, cache)


def _child(what: str, path: Path, precision: str, cache: Path) -> Figures:
    return quantize(path, precision, cache) if what == "quantize" else load(path, precision, cache, what == "compute")


def quantize(path: Path, precision: str, cache: Path) -> Figures:
    from inference_worker.engine.quantize.convert import write_copy

    with _peak() as figures:
        written = write_copy(path, precision, cache)
    return figures(written.copy.bytes)


def load(path: Path, precision: str, cache: Path, compute: bool) -> Figures:
    from inference_worker.engine.load import load_model

    with _peak() as figures:
        model = load_model(path, precision, "cpu", context=256, cache=cache)  # type: ignore[arg-type]
        if compute:
            model.logits([1, 2, 3])
    return figures(model.info.bytes)


@contextmanager
def _peak() -> Iterator[Callable[[int], Figures]]:
    """Sample this process's memory meanwhile."""
    stop, peaks, before = threading.Event(), [0, 0], _memory()

    def sample() -> None:
        while True:
            anonymous, files = _memory()
            peaks[0] = max(peaks[0], anonymous - before[0])
            peaks[1] = max(peaks[1], anonymous + files - sum(before))
            if stop.wait(INTERVAL):
                return

    thread = threading.Thread(target=sample)
    thread.start()
    began = time.perf_counter()
    took = 0.0
    try:
        yield lambda size: Figures(took, peaks[0], peaks[1], size)
    finally:
        took = time.perf_counter() - began
        stop.set()
        thread.join()


def _memory() -> tuple[int, int]:
    """Bytes of anonymous and of file pages."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if "Rss" in line)
    return tuple(int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile"))  # type: ignore[return-value]


def _in_child(what: str, *arguments: Any) -> Figures:
    command = [sys.executable, "-m", "tests.benchmarks.quantize_memory", "--child", what, *map(str, arguments)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figures(**json.loads(said))


def _cells(name: str, source: int, one: Figures) -> tuple[object, ...]:
    shown = (f"{one.anonymous / MB:.0f}", f"{one.total / MB:.0f}")
    return (
        name,
        one.seconds,
        *shown,
        one.bytes / source,
        f"{one.anonymous / one.bytes:.3f} / {one.total / one.bytes:.3f}",
    )


if __name__ == "__main__":
    main()
