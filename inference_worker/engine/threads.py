"""How many CPU threads torch may use."""

from __future__ import annotations

import psutil  # type: ignore[import-untyped]
import torch

SMALL = 64 * 2**20
"""Bytes of weights below which waking a second thread for each operation costs more than it gains."""


def use_threads_for(weights: int) -> None:
    """Set torch's thread count for a model of ``weights`` bytes: one for a small model, else one for each core."""
    torch.set_num_threads(1 if weights < SMALL else cores())


def cores() -> int:
    """Physical cores this process may run on."""
    physical = psutil.cpu_count(logical=False) or 1
    allowed = getattr(psutil.Process(), "cpu_affinity", None)  # macOS has none
    return max(1, min(physical, len(allowed()))) if allowed else physical
