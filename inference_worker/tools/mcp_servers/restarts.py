"""When a server that ended may be started again. Knows no process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

DELAYS: Final = (0.0, 2.0, 10.0, 60.0)
"""Seconds before the next start, by failures in a row; the last one repeats. Nothing starts unless somebody asks."""
COSTLY: Final = 10.0
"""A start that failed is not tried again before ten times what it took: every turn would wait for it anew."""
SLOW_SECONDS: Final = 5.0
"""A failing start that took less is no nuisance."""
HEALTHY_SECONDS: Final = 60.0
"""A server that lived so long had no failure in a row with what comes."""


@dataclass(slots=True)
class Restarts:
    """The failures of one server."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    _not_before: float = 0.0

    def wait(self) -> float:
        """Seconds until it may start; 0: now."""
        return max(0.0, self._not_before - self.clock())

    def failed(self, lived: float, start: float = 0.0) -> None:
        """It ended by itself after ``lived`` seconds of service, or never came up, which took ``start`` seconds."""
        self.failures = 1 if lived >= HEALTHY_SECONDS else self.failures + 1
        delay = DELAYS[min(self.failures, len(DELAYS)) - 1]
        if not lived and start >= SLOW_SECONDS:
            delay = max(delay, COSTLY * start)
        self._not_before = self.clock() + delay
