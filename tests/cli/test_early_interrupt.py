"""Ctrl-C while the program is still being imported."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED_BY = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv = ["nyanko", "tool", "calculate", "1"]
from nyanko_desktop.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["nyanko_desktop.cli", "nyanko_desktop.locks", "nyanko_desktop.terminal.commands"])
def test_it_ends_the_program_without_a_traceback(module: str) -> None:
    code = INTERRUPTED_BY.format(module=module)
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode in (-signal.SIGINT, 130)
    assert (ended.stdout, ended.stderr) == ("", "")
