"""How late the program's event loop is while a reply streams in, beside a bare PySide6 loop in the same run.

Three cases, each :data:`ROUNDS` times in turn, inside desk.sh: a bare loop that does nothing; the program while a
scripted worker process streams 100 tokens a second over the real socket, with a tool that takes 5 s in the middle; and
the program while nyanko-mini decodes on the same cores. The last is reported, not judged.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.benchmarks.lag_probe import TICK_SECONDS
from tests.benchmarks.report import save, table
from tests.desktop.parts import screen
from tests.desktop.parts.app import ROOT, App
from tests.desktop.parts.stored import stored_messages
from tests.desktop.parts.waiting import eventually

ROUNDS: Final = 3
RATE: Final = 100.0
"""Tokens a second of the scripted worker."""
WORDS: Final = " ".join(f"word{n}" + (",\n\n" if n % 40 == 0 else "") for n in range(500))
SCRIPT: Final = {"rate": RATE, "default": f"{WORDS}\n/calculate 5\n{WORDS}"}
BARE_SECONDS: Final = 15.0
"""About as long as the scripted reply takes."""
REPLY_SECONDS: Final = 120.0
"""For the whole scripted reply, 15 s, on a loaded machine."""
END_SECONDS: Final = 20.0
TARGETS: Final = {"p99": 16.0, "worst": 50.0}
"""Milliseconds above the bare loop, best of the rounds."""
MINI_QUESTIONS: Final = (
    "Tell me about yourself.",
    "What can you do?",
    "Tell me a joke.",
    "How are you?",
    "Thank you!",
) * 2
NO_READER: Final = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0", "QT_ACCESSIBILITY": "0"}


def lags(path: Path, begin: float, end: float) -> dict[str, float]:
    """How late the ticks between two times were, in milliseconds: p50, p99 and worst."""
    ticks = [tick for tick in json.loads(path.read_text()) if begin <= tick <= end]
    assert len(ticks) > 10, "the probe did not tick"
    late = sorted(max(0.0, (b - a - TICK_SECONDS) * 1000) for a, b in pairwise(ticks))
    return {"p50": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "worst": late[-1]}


def bare_loop(folder: Path) -> dict[str, float]:
    """The lag of an idle loop without anything."""
    path = folder / "ticks.json"
    probe = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.lag_probe", str(path), "bare"], cwd=ROOT)
    begin = time.monotonic() + 1.0  # the first second is Qt's start
    time.sleep(BARE_SECONDS + 1.0)
    probe.send_signal(signal.SIGTERM)
    probe.wait(END_SECONDS)
    return lags(path, begin, begin + BARE_SECONDS)


def program(folder: Path, questions: Sequence[str], prepare: Callable[[App], None]) -> dict[str, float]:
    """The lag of the program from the first question to the end of the last reply."""
    ticks = folder / "ticks.json"
    app = App(folder / "profile", folder / "logs", ("-m", "tests.benchmarks.lag_probe", str(ticks)))
    app.environment |= NO_READER
    prepare(app)
    app.start()
    try:
        window = eventually(lambda: screen.visible_windows(app.pid), "a window")[0]
        window.activate()
        begin = time.monotonic()
        for number, question in enumerate(questions, start=1):
            screen.type_text(question)
            screen.press("Return")
            eventually(lambda n=number: answered(app) == n, f"reply {number} is complete", REPLY_SECONDS)
        end = time.monotonic()
        app.quit()
    finally:
        app.clear_away()
    return lags(ticks, begin, end)


def answered(app: App) -> int:
    return sum(m.role == "assistant" and m.status == "complete" for m in stored_messages(app.profile))


def scripted(app: App) -> None:
    app.use_script(**SCRIPT)
    app.environment["NYANKO_TEST_WORKER"] = "tests.benchmarks.napping_worker"


def embedded(app: App) -> None:
    """The shipped worker with the shipped model."""


def main() -> None:
    cases: dict[str, Callable[[Path], dict[str, float]]] = {
        "bare loop, idle": bare_loop,
        f"scripted worker, {RATE:.0f} tokens/s": lambda folder: program(folder, ["Go on."], scripted),
        "nyanko-mini decodes": lambda folder: program(folder, MINI_QUESTIONS, embedded),
    }
    results: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, measure in cases.items():
            with tempfile.TemporaryDirectory(prefix="lag-") as folder:
                results[name].append(measure(Path(folder)))
    report(results)


def report(results: dict[str, list[dict[str, float]]]) -> None:
    bare, *others = results
    rows = [(name, n + 1, *run.values()) for name, runs in results.items() for n, run in enumerate(runs)]
    table("Lateness of a 10 ms timer in the event loop, ms", ("case", "run", "p50", "p99", "worst"), rows)
    above = {name: {what: min(above_bare(results[bare], results[name], what)) for what in TARGETS} for name in others}
    target = ", ".join(f"{what} {most:.0f}" for what, most in TARGETS.items())
    best = [(name, *values.values()) for name, values in above.items()]
    table(f"Above the bare loop of the same round, best of {ROUNDS} (target: {target})", ("case", *TARGETS), best)
    save("event_loop_lag", {"runs": results, "above_bare_best": above, "targets": TARGETS, "cores": os.cpu_count()})


def above_bare(bare: Sequence[dict[str, float]], runs: Sequence[dict[str, float]], what: str) -> list[float]:
    return [run[what] - idle[what] for idle, run in zip(bare, runs, strict=True)]


if __name__ == "__main__":
    main()
