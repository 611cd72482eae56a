"""The command line as a child process, with a scripted model behind its worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from nyanko_desktop.worker.command import PYTHON_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
MAIN = "import sys; from nyanko_desktop.cli import main; sys.exit(main())"
OF_A_DESKTOP = {"COLUMNS", "LINES", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}
"""Of the terminal and the desktop in which tests are run; a test that wants them says so."""
WAIT_SECONDS = 60.0
"""For one command; it takes about a second here, much longer on a busy machine."""


class CommandLine:
    """``nyanko`` over one profile; ``script`` says what the model writes (see tests/support)."""

    def __init__(self, folder: Path, **script: Any) -> None:
        self.profile = folder / "profile"
        self._python = folder / "worker-python"
        self._python.write_text(
            f'#!/bin/sh\nshift 2\nexec {sys.executable} -m tests.bad_workers.scripted "$NYANKO_TEST_SCRIPT" "$@"\n'
        )
        self._python.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in OF_A_DESKTOP},
            "PYTHONPATH": str(ROOT),
            "LANGUAGE": "en",
            PYTHON_VARIABLE: str(self._python),
            "NYANKO_TEST_SCRIPT": json.dumps(script),
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-c", MAIN, "--profile", str(self.profile), *arguments]
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(command, env=self.environment, text=True, encoding="utf-8", cwd="/", **options)

    def run(self, *arguments: str, given: str = "") -> tuple[int, str, str]:
        """Exit code, output and errors of one command."""
        with self.start(*arguments) as child:
            try:
                out, err = child.communicate(given, timeout=WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                raise
        return child.returncode, out, err

    def objects(self, *arguments: str, given: str = "") -> tuple[int, list[dict[str, Any]]]:
        """Exit code and JSON objects of one command, which must say nothing else."""
        code, out, err = self.run(*arguments, given=given)
        assert err == ""
        return code, [json.loads(line) for line in out.splitlines()]
