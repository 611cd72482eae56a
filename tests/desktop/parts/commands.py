"""Runs the small programs of the desktop (xdotool, gdbus, import ...), each with a bound."""

from __future__ import annotations

import subprocess
from typing import Final

COMMAND_SECONDS: Final = 30.0
"""xdotool, gdbus and the like answer at once or not at all."""


def run(*command: str, check: bool = True) -> str:
    """What ``command`` prints, without white space around it; with ``check``, a failure fails the test."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit status {result.returncode}: {result.stderr.strip()}")
    return result.stdout.strip()
