"""Commands that start the workers of this folder, for a :class:`nyanko_desktop.worker.supervisor.Supervisor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nyanko_desktop.worker.command import WorkerCommand

ROOT = Path(__file__).resolve().parents[2]


def scripted(**script: Any) -> WorkerCommand:
    """The worker that behaves; keywords are the fields of :class:`tests.support.scripted_model.Script`."""
    return _python("-m", "tests.bad_workers.scripted", msgspec.json.encode(script).decode())


def bad(name: str, *arguments: str) -> WorkerCommand:
    """One of the misbehaving workers beside this file."""
    return _python("-m", f"tests.bad_workers.{name}", *arguments)


def _python(*arguments: str) -> WorkerCommand:
    return WorkerCommand((sys.executable, *arguments), {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"})
