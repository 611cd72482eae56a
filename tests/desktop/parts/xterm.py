"""Another program: an xterm that writes down every key it gets."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.desktop.parts import screen
from tests.desktop.parts.waiting import eventually

END_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Terminal:
    """One xterm with the focus wherever the test puts it."""

    window: screen.Window
    _typed: Path

    @property
    def typed(self) -> str:
        """The keys it got, control keys as ``cat -v`` writes them."""
        return self._typed.read_text()


@contextmanager
def terminal() -> Iterator[Terminal]:
    """An xterm for the time of the block, ready for keys."""
    with tempfile.TemporaryDirectory() as folder:
        typed, ready = Path(folder) / "typed", Path(folder) / "ready"
        script = f"stty raw -echo; touch {ready}; exec cat -v >{typed}"
        process = subprocess.Popen(["xterm", "-title", "another program", "-e", "sh", "-c", script])
        try:
            eventually(lambda: ready.exists() and typed.exists(), "the terminal reads keys")
            found = eventually(lambda: screen.visible_windows_titled("another program"), "the terminal shows")
            yield Terminal(found[0], typed)
        finally:
            process.terminate()
            process.wait(END_SECONDS)
