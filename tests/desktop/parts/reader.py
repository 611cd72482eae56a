"""The program as a screen reader sees it; the other end of atspi_driver.py."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tests.desktop.parts.waiting import PATIENCE_SECONDS, eventually

SYSTEM_PYTHON: Final = "/usr/bin/python3"
END_SECONDS: Final = 5.0
"""For the driver to end when its input closes."""


@dataclass(frozen=True)
class Control:
    """One thing that shows on the screen."""

    role: str
    name: str
    text: str
    enabled: bool
    focused: bool
    box: tuple[int, int, int, int]
    """x, y, width, height in pixels of the screen."""
    depth: int = 0

    @property
    def middle(self) -> tuple[int, int]:
        x, y, width, height = self.box
        return x + width // 2, y + height // 2


class ScreenReader:
    """One driver process, asked again and again."""

    def __init__(self) -> None:
        driver = Path(__file__).with_name("atspi_driver.py")
        # Which of two names for the same question is the deprecated one depends on the version of the library.
        command = [SYSTEM_PYTHON, "-W", "ignore::DeprecationWarning", str(driver)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> ScreenReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=END_SECONDS)

    def tree(self, pid: int) -> list[Control]:
        """Everything of process ``pid`` that shows."""
        return _controls(self._ask(do="tree", pid=pid))

    def look(self, pid: int, name: str, role: str | None = None) -> list[Control]:
        """The controls called ``name`` (regular expression) that show now."""
        return _controls(self._ask(do="look", pid=pid, name=name, role=role))

    def find(self, pid: int, name: str, role: str | None = None, seconds: float = PATIENCE_SECONDS) -> Control:
        """The first such control, waiting until there is one."""
        return eventually(lambda: self.look(pid, name, role), f"a control {name!r} ({role}) shows", seconds)[0]

    def press(self, pid: int, name: str, role: str | None = None) -> None:
        """Press the control, waiting until there is one."""
        eventually(lambda: self._ask(do="press", pid=pid, name=name, role=role), f"{name!r} ({role}) can be pressed")

    def write(self, pid: int, name: str, text: str, role: str | None = None) -> None:
        """Replace the text of the control, waiting until there is one."""
        eventually(lambda: self._ask(do="write", pid=pid, name=name, role=role, text=text), f"{name!r} can be written")

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()  # the driver bounds each of its own calls
        assert line, "the accessibility driver ended; its error is above"
        return json.loads(line).get("answer")


def _controls(found: list[dict[str, Any]] | None) -> list[Control]:
    return [Control(**{**one, "box": tuple(one["box"])}) for one in found or ()]
