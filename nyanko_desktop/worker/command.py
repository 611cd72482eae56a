"""The command that starts a worker: one place, because installers put torch into an environment of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import inference_worker

PYTHON_VARIABLE: Final = "NYANKO_WORKER_PYTHON"
"""Path of the interpreter whose environment has the worker and torch; set by installers."""


@dataclass(frozen=True, slots=True)
class WorkerCommand:
    """Arguments of a child process, and what its environment has beside the app's own. Holds no secret."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def worker_command(*, log_level: str = "INFO", trace_wire: bool = False) -> WorkerCommand:
    """How to start the worker on this machine."""
    options = ("--log-level", log_level, *(("--trace-wire",) if trace_wire else ()))
    python = os.environ.get(PYTHON_VARIABLE, "")
    if python:
        return WorkerCommand((python, "-m", "inference_worker", *options))
    # -P: the folder the person happens to be in must not be searched for modules; ours is named instead.
    return WorkerCommand((sys.executable, "-P", "-m", "inference_worker", *options), {"PYTHONPATH": _python_path()})


def _python_path() -> str:
    ours = str(Path(inference_worker.__path__[0]).resolve().parent)
    inherited = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join((ours, inherited)) if inherited else ours
