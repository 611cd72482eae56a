"""From what a job says of itself to speed and time that is left. Knows no job and no clock of its own."""

from __future__ import annotations

from collections import deque
from typing import Final

from inference_worker.protocol.messages import JobProgress, JobStage

WINDOW_SECONDS: Final = 8.0
"""Looked back for the speed: long enough to be calm, short enough to follow a line that breaks down."""
SHORTEST_SECONDS: Final = 0.5
"""Below this a speed is a guess, and is not told."""


class Progress:
    """One run of a job; times in seconds of any one clock."""

    def __init__(self, done: int = 0, total: int = 0) -> None:
        self.stage: JobStage | None = None
        self.done = done
        self.total = total
        self.detail = ""
        self._seen: deque[tuple[float, int]] = deque()

    def take(self, news: JobProgress, now: float) -> None:
        """What the job says now. Another stage counts other bytes, so its speed begins anew."""
        if news.stage != self.stage or news.done < self.done:
            self._seen.clear()
        self.stage, self.done, self.total, self.detail = news.stage, news.done, news.total, news.detail
        self._seen.append((now, news.done))
        while now - self._seen[0][0] > WINDOW_SECONDS and len(self._seen) > 2:
            self._seen.popleft()

    @property
    def speed(self) -> float:
        """Bytes a second; 0 while it cannot be told."""
        if not self._seen:
            return 0.0
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began >= SHORTEST_SECONDS else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds; ``None`` while they cannot be told."""
        return (self.total - self.done) / self.speed if self.speed and self.total else None
