"""How a job says how far it is. Knows no wire."""

from __future__ import annotations

from collections.abc import Callable

from inference_worker.protocol.messages import JobStage

Report = Callable[[JobStage, int, int, str], None]
"""``report(stage, done, total, detail)``: bytes, and the file or tensor at hand. May be called from any thread."""
Cancelled = Callable[[], bool]
"""Whether to stop. May be called from any thread; asked at least once for each tensor and each network chunk."""


class JobCancelled(Exception):  # noqa: N818 - an outcome the caller asked for, not an error
    """The job stopped because it was cancelled; what it had done so far lies ready for the next try."""
