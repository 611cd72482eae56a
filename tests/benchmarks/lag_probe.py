"""Starts the program with a 10 ms timer in its event loop, and writes at its end how late each tick was.

``python -m tests.benchmarks.lag_probe FILE bare`` measures an idle bare PySide6 loop instead of the program.
"""

from __future__ import annotations

import atexit
import json
import sys
import threading
import time
from pathlib import Path
from typing import Final

TICK_SECONDS: Final = 0.010
LOOK_SECONDS: Final = 0.01
"""Between two looks whether the program has its event loop yet."""

ticks: list[float] = []
"""``time.monotonic()`` of each tick; one clock for all processes of the machine."""


def tick_when_there_is_a_loop() -> None:
    """Wait for the QApplication and put a precise timer into its thread."""
    from PySide6.QtCore import QCoreApplication, QMetaObject, Qt, QTimer

    while (app := QCoreApplication.instance()) is None:
        time.sleep(LOOK_SECONDS)
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(round(TICK_SECONDS * 1000))
    timer.timeout.connect(lambda: ticks.append(time.monotonic()), Qt.ConnectionType.DirectConnection)
    timer.moveToThread(app.thread())
    QMetaObject.invokeMethod(timer, "start", Qt.ConnectionType.QueuedConnection)
    keep.append(timer)


keep: list[object] = []


def run_bare() -> None:
    """An event loop without anything; ends with SIGTERM."""
    from PySide6.QtWidgets import QApplication

    QApplication(sys.argv[:1]).exec()


def main() -> None:
    path, *arguments = sys.argv[1:]
    atexit.register(lambda: Path(path).write_text(json.dumps(ticks)))
    threading.Thread(target=tick_when_there_is_a_loop, daemon=True).start()
    if arguments == ["bare"]:
        import signal

        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        run_bare()
    else:
        from nyanko_desktop.__main__ import main as run_program

        sys.argv[1:] = arguments
        run_program()


if __name__ == "__main__":
    main()
