"""Gives the model's memory back when nobody has asked for a while. Knows no process: the supervisor ends the worker.

Only a model in memory that no turn uses or waits for is idle. The clock begins when the last turn ends, or when the
model was loaded and nobody asked. The next question wakes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from nyanko_desktop.settings.schema import FreeAfter, Settings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.state import WorkerState

IDLE_SECONDS: Final[Mapping[FreeAfter, float]] = {"at_once": 0.0, "5_minutes": 300.0, "30_minutes": 1800.0}
"""What is not in it means never."""
LOADED_SECONDS: Final = 60.0
"""At least, for a model that was loaded without a question: whoever chose it wants to ask, even with "at once"."""

_log = logging.getLogger(__name__)


class Sleeper(Protocol):
    """Who holds the model; the supervisor is one."""

    @property
    def state(self) -> WorkerState: ...
    def subscribe(self, callback: Callable[[WorkerState], None], /) -> Callable[[], None]: ...
    def free_if_idle(self) -> bool: ...


class IdleWatch:
    """Watches from its making until :meth:`close`."""

    def __init__(
        self,
        worker: Sleeper,
        settings: SettingsStore,
        *,
        seconds: Mapping[FreeAfter, float] = IDLE_SECONDS,
        loaded_seconds: float = LOADED_SECONDS,
    ) -> None:
        self._worker = worker
        self._seconds = seconds
        self._loaded_seconds = loaded_seconds
        self._free_after = settings.current.model.free_after
        self._asked = False
        """Whether a turn has run since the model was loaded."""
        self._idle_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._leave = (settings.subscribe(self._choose), worker.subscribe(self._follow))
        self._follow(worker.state)

    def close(self) -> None:
        for leave in self._leave:
            leave()
        self._stop()

    def _choose(self, settings: Settings) -> None:
        if settings.model.free_after != self._free_after:
            self._free_after = settings.model.free_after
            self._wait()

    def _follow(self, state: WorkerState) -> None:
        is_idle = state.kind == "resident" and state.phase is None
        self._asked = state.kind == "resident" and (self._asked or state.phase is not None)
        if not is_idle:
            self._idle_since = None
            self._stop()
        elif self._idle_since is None:
            self._idle_since = asyncio.get_running_loop().time()
            self._wait()

    def _wait(self) -> None:
        """Set the clock to when the memory is to be given back, from the moment on at which it became idle."""
        self._stop()
        seconds = self._seconds.get(self._free_after)
        if seconds is None or self._idle_since is None:
            return
        if not self._asked:
            seconds = max(seconds, self._loaded_seconds)
        self._timer = asyncio.get_running_loop().call_at(self._idle_since + seconds, self._free)

    def _free(self) -> None:
        if self._worker.free_if_idle():
            _log.info("the model was idle and its memory is given back")

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
