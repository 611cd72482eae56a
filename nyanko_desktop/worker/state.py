"""The truthful states of the worker: what the tray, the pill in the header and `nyanko doctor` show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.messages import ModelInfo, Phase

WorkerKind = Literal["asleep", "starting", "empty", "loading", "resident", "failed"]
"""asleep: no process, memory given back. starting: process, no answer yet. empty: process without a model."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One state, immutable; a change is a new value."""

    kind: WorkerKind = "asleep"
    phase: Phase | None = None
    """What the turn in progress does; ``None`` when none runs."""
    progress: float = 0.0
    """0 to 1 while loading."""
    model: ModelInfo | None = None
    """Set only while resident."""
    error: WireError | None = None
    """Why it failed."""
    pid: int | None = None
