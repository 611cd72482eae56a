"""Start to tray visible: the program beside a bare PySide6 tray script, in turn, in one run. Inside desk.sh, TRAY=xembed.

The clock starts with the process and stops when its icon's window is on the screen inside the tray host.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from Xlib import X
from Xlib.display import Display
from Xlib.error import BadWindow

from tests.benchmarks.report import save, table

ROUNDS: Final = 5
START_SECONDS: Final = 60.0
"""For one start; a cold disk needs some seconds."""
END_SECONDS: Final = 20.0
TARGET: Final = 1.6
BARE: Final = (sys.executable, str(Path(__file__).with_name("bare_tray.py")))
OURS: Final = (sys.executable, "-m", "nyanko_desktop", "--profile")


def tray_panel(display: Display) -> Any:
    """The window of the XEmbed tray host, in which icons appear."""
    host = display.get_selection_owner(display.get_atom(f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}"))
    assert host != X.NONE, "no tray host; run inside desk.sh with TRAY=xembed"
    return next(w for w in below(display.screen().root) if w.get_wm_class() == ("panel", "trayer"))


def icons(panel: Any) -> set[int]:
    """Ids of the windows that the tray host shows."""
    try:
        return {w.id for w in below(panel) if w.get_attributes().map_state == X.IsViewable}
    except BadWindow:  # one went away between two questions
        return set()


def below(window: Any) -> Iterator[Any]:
    """The windows inside ``window``, at any depth."""
    for child in window.query_tree().children:
        yield child
        yield from below(child)


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process after the block, and wait for it."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(END_SECONDS)


def seconds_to_tray(panel: Any, *command: str) -> float:
    """Start ``command``, wait for its icon, end it; the seconds until the icon was there."""
    before = icons(panel)
    started = time.perf_counter()
    with ended(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)):
        while not icons(panel) - before:
            assert time.perf_counter() - started < START_SECONDS, f"no icon of {command}"
            time.sleep(0.002)
        took = time.perf_counter() - started
    while icons(panel) - before:
        assert time.perf_counter() - started < START_SECONDS, f"the icon of {command} stays"
        time.sleep(0.01)
    return took


def main() -> None:
    panel = tray_panel(Display(os.environ["DISPLAY"]))
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS + 1):
            pair = (seconds_to_tray(panel, *BARE), seconds_to_tray(panel, *OURS, f"{folder}/{turn}"))
            if turn:  # the first round fills caches of the disk and of Python
                bare.append(pair[0])
                ours.append(pair[1])
    # Of each pair, because the two starts of a round share what else the machine does at that moment.
    ratios = [b / a for a, b in zip(bare, ours, strict=True)]
    ratio = statistics.median(ratios)
    rows = [
        (name, statistics.median(runs), *runs) for name, runs in (("bare tray script, s", bare), ("nyanko, s", ours))
    ]
    header = ("start to tray", "median", *(f"run {n + 1}" for n in range(ROUNDS)))
    title = f"Start to tray: {ratio:.2f} times a bare PySide6 script (target: at most {TARGET})"
    table(title, header, [*rows, ("ratio of the pair", ratio, *ratios)])
    save("start_to_tray", {"ratio": ratio, "target": TARGET, "bare_seconds": bare, "nyanko_seconds": ours})


if __name__ == "__main__":
    main()
