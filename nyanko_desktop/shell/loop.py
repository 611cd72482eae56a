"""asyncio on Qt's event loop: qasync without the defects that were measured in its version 0.28.0.

Cured here: cancelled timers stay alive for their whole time; timers are 5 % off; each ``call_soon`` costs a timer and
keeps no order; ``call_soon_threadsafe`` loses its context; the first ``to_thread`` starts ten QThreads; a quit that
comes from Qt leaves the coroutine unfinished (and hangs on Python 3.14). It touches qasync's ``_timer``, so the version
is pinned. Knows nothing of the program.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimerEvent
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop  # type: ignore[import-untyped,unused-ignore]

IO_THREADS: Final = 4
"""For files and name look-ups; more would only wait for the same disk."""
PRECISE_BELOW_SECONDS: Final = 10.0
"""Longer waits may be 5 % late, which lets the machine sleep."""
CLOSING_SECONDS: Final = 15.0
"""For the coroutine to end after Qt was told to quit: longer than everything that closing waits for together."""
AGAIN_SECONDS: Final = 0.002
"""Between two turns of an event loop that ends at once, because its screen is gone."""
_WAKE: Final = QEvent.Type(QEvent.registerEventType())

T = TypeVar("T")


def qt_timer(delay: float) -> tuple[int, Qt.TimerType]:
    """Milliseconds and kind of the Qt timer for a wait of ``delay`` seconds."""
    precise = delay < PRECISE_BELOW_SECONDS
    return math.ceil(delay * 1000), Qt.TimerType.PreciseTimer if precise else Qt.TimerType.CoarseTimer


class _Clock(QObject):
    """Runs handles: those that are ready in their order, others when their time has come."""

    def __init__(self) -> None:
        super().__init__()
        self._ready: deque[asyncio.Handle] = deque()
        self._ready_timer = 0
        self._handles: dict[int, asyncio.Handle] = {}
        self._timers: dict[int, int] = {}
        """``id`` of a handle -> its timer."""

    def add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Run ``handle`` in ``delay`` seconds; the name is what qasync calls."""
        if delay <= 0:
            self._ready.append(handle)
            self._wake()
        else:
            timer = self.startTimer(*qt_timer(delay))
            self._handles[timer] = handle
            self._timers[id(handle)] = timer
        return handle

    def add_from_any_thread(self, handle: asyncio.Handle) -> None:
        self._ready.append(handle)
        QCoreApplication.postEvent(self, QEvent(_WAKE))

    def forget(self, handle: asyncio.Handle) -> None:
        """A cancelled handle needs no timer."""
        timer = self._timers.pop(id(handle), None)
        if timer is not None:
            self.killTimer(timer)
            del self._handles[timer]

    def stop(self) -> None:
        for timer in self._handles:
            self.killTimer(timer)
        self._handles.clear()
        self._timers.clear()
        self._ready.clear()

    def set_debug(self, enabled: bool) -> None:
        """qasync calls this; there is nothing to switch."""

    def timerEvent(self, event: QTimerEvent) -> None:
        timer = event.timerId()
        self.killTimer(timer)
        if timer == self._ready_timer:
            self._ready_timer = 0
            self._run_ready()
        elif (handle := self._handles.pop(timer, None)) is not None:
            self._timers.pop(id(handle), None)
            _run(handle)

    def customEvent(self, _event: QEvent) -> None:
        self._wake()

    def _wake(self) -> None:
        if not self._ready_timer:
            self._ready_timer = self.startTimer(0)

    def _run_ready(self) -> None:
        """Run what is ready now; what that adds waits for the next round, so that Qt has its turn in between."""
        count = len(self._ready)
        while count and self._ready:  # a nested Qt loop may have run some of them
            count -= 1
            _run(self._ready.popleft())
        if self._ready:
            self._wake()


def _run(handle: asyncio.Handle) -> None:
    if not handle.cancelled():
        handle._run()


class NyankoLoop(QEventLoop):  # type: ignore[misc,unused-ignore]
    """The loop of the app. Never call ``exec()`` of a dialog in a coroutine: ``open()`` it and wait for its signal."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timer = _Clock()
        self.set_default_executor(ThreadPoolExecutor(IO_THREADS, "nyanko-io"))

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        return self._timer.add_callback(asyncio.Handle(callback, args, self, context))

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        self._check_closed()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._timer.add_callback(handle, when - self.time())
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._timer.forget(handle)

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._timer.add_from_any_thread(handle)
        return handle

    def run_until_complete(self, future: Any) -> Any:
        """Run until ``future`` is done; one that Qt's own quit overtakes has CLOSING_SECONDS left to end.

        Qt quits again with each turn after the X server has gone.
        """
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(self._stop_for)
        try:
            self.run_forever()
            until = self.time() + CLOSING_SECONDS
            while not task.done() and (left := until - self.time()) > 0:
                limit = self.call_later(left, self.stop)
                self.run_forever()
                limit.cancel()
                time.sleep(AGAIN_SECONDS)
        finally:
            task.remove_done_callback(self._stop_for)
        if not task.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return task.result()

    def _stop_for(self, _: object) -> None:
        self.stop()
