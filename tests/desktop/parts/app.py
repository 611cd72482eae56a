"""The program under test as a real process: started, looked at, quit or killed. Knows no window of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.desktop.parts.processes import Process, processes_with
from tests.desktop.parts.waiting import eventually

ROOT: Final = Path(__file__).resolve().parents[3]
QUIT_SECONDS: Final = 15.0
"""To quit politely: the worker gets 2 s of it, the rest is for a loaded machine."""
GONE_SECONDS: Final = 5.0
"""After a kill, no process of ours may live longer."""
FOREIGN: Final = ("torch", "transformers")
KNOWN: Final = (
    # Qt 6.11 leaves out a part of AT-SPI 2.46 that registry daemons ask for; nothing depends on it.
    r"AtSpiAdaptor::applicationInterface does not implement",
)
"""Log lines at WARNING or above that are not ours to mend."""
LEVELS: Final = re.compile(r"^\S+Z (WARNING|ERROR|CRITICAL) ", re.MULTILINE)


class App:
    """One profile and the processes that use it, one after the other."""

    def __init__(self, profile: Path, logs: Path, program: Sequence[str] = ("-m", "nyanko_desktop")) -> None:
        self._program = program
        self.profile = profile
        self.logs = logs
        self.environment: dict[str, str] = {}
        self.expected = list(KNOWN)
        """Regular expressions of log lines at WARNING or above that this test announces."""
        self._mark = f"NYANKO_TEST_APP={uuid.uuid4().hex}"
        self._process: subprocess.Popen[bytes] | None = None
        self._runs = 0
        self.logs.mkdir(parents=True, exist_ok=True)

    # ------------------------------------------------------------ begin and end

    def use_script(self, **script: Any) -> None:
        """Answer with the worker of tests/bad_workers/scripted.py; keywords are fields of its Script."""
        self.environment |= {
            "NYANKO_WORKER_PYTHON": str(Path(__file__).with_name("scripted_worker.sh")),
            "NYANKO_TEST_PYTHON": sys.executable,
            "NYANKO_TEST_SCRIPT": json.dumps(script),
        }

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start the program; it takes over the display of the desk."""
        assert self._process is None or self._process.poll() is not None, "it runs already"
        self._runs += 1
        with (self.logs / f"run-{self._runs}.log").open("wb") as log:
            self._process = self.call(*arguments, output=log, environment=environment)

    def call(
        self, *arguments: str, output: Any = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """``nyanko --profile PROFILE ARGUMENTS`` as one more process, for example a second start."""
        mark, _, value = self._mark.partition("=")
        python_path = f"{Path(__file__).with_name('injected')}:{ROOT}"
        ours = {
            mark: value,
            "NYANKO_TEST_MODULES": str(self.logs),
            "PYTHONPATH": python_path,
            "PYTHONFAULTHANDLER": "1",
        }
        command = [sys.executable, *self._program, "--profile", str(self.profile), *arguments]
        full = {**os.environ, **ours, **self.environment, **(environment or {})}
        return subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT if output else None, env=full
        )

    def run(self, *arguments: str) -> str:
        """What ``nyanko ARGUMENTS`` prints, for commands that end by themselves."""
        process = self.call(*arguments, output=subprocess.PIPE)
        printed, _ = process.communicate(timeout=QUIT_SECONDS * 4)
        assert process.returncode == 0, printed.decode()
        return printed.decode()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def quit(self) -> None:
        """Ask the program to end as the session manager does, and see that it does so cleanly."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self.ended()

    def ended(self) -> None:
        """The program has ended by itself, cleanly, and left no process behind."""
        assert self._process is not None
        assert self._process.wait(QUIT_SECONDS) == 0, self.output
        told = (self.logs / f"{self.pid}.modules").read_text().split()
        assert "PySide6.QtWidgets" in told, "else the silence about torch would prove nothing"
        self.nothing_left()

    def kill_9(self) -> None:
        """End the program as a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(GONE_SECONDS)

    def nothing_left(self) -> None:
        """No process of this program lives any more, within the bound that is promised."""
        eventually(lambda: not self.processes, f"no process of {self._mark} is left", GONE_SECONDS)

    def clear_away(self) -> None:
        """After a failed test: end whatever is left."""
        for process in self.processes:
            os.kill(process.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(GONE_SECONDS)

    # ------------------------------------------------------------ look

    @property
    def processes(self) -> list[Process]:
        return processes_with(self._mark)

    @property
    def workers(self) -> list[Process]:
        """The worker processes; one that is just being started does not count yet."""
        return [p for p in self.processes if p.pid != self.pid and p.is_worker]

    @property
    def output(self) -> str:
        """What the program printed in all its runs."""
        return "".join(log.read_text(errors="replace") for log in sorted(self.logs.glob("run-*.log")))

    @property
    def log(self) -> str:
        """The program's own log file."""
        path = self.profile / "logs" / "nyanko.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def unexpected_log_lines(self) -> list[str]:
        """Log lines at WARNING or above that nobody announced."""
        lines = [line for line in self.log.splitlines() if LEVELS.match(line)]
        return [line for line in lines if not any(re.search(pattern, line) for pattern in self.expected)]

    def foreign_modules(self) -> set[str]:
        """What may never be in the program's process, as its ended runs told and as its memory map shows now."""
        told = "\n".join(path.read_text() for path in self.logs.glob("*.modules")).splitlines()
        found = {name for name in told if name.partition(".")[0] in FOREIGN}
        if self.running and "libtorch" in Path(f"/proc/{self.pid}/maps").read_text():
            found.add("libtorch in memory")
        return found
