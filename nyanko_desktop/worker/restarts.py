"""How often a lost worker is started again before a person has to look. Starts nothing itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """At most ``limit`` restarts within ``window`` seconds, each after the next of ``delays`` (seconds)."""

    limit: int = 3
    window: float = 60.0
    delays: tuple[float, ...] = (0.2, 1.0, 3.0)


class Restarts:
    """Counts restarts against a policy."""

    def __init__(self, policy: RestartPolicy) -> None:
        self._policy = policy
        self._times: deque[float] = deque()

    def next_delay(self, now: float) -> float | None:
        """Seconds to wait before the restart that is due ``now``; ``None`` when there were too many."""
        while self._times and now - self._times[0] > self._policy.window:
            self._times.popleft()
        if len(self._times) >= self._policy.limit:
            return None
        delay = self._policy.delays[min(len(self._times), len(self._policy.delays) - 1)]
        self._times.append(now)
        return delay

    def forget(self) -> None:
        """A person has acted: count from zero."""
        self._times.clear()
