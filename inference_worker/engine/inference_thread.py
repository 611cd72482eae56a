"""The one thread that owns a model: jobs run in the order they came, the event loop only ferries. Knows no model."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from time import perf_counter
from typing import Any, Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

CLOSE_SECONDS = 5.0
"""A step ends within a token or a prefill chunk, on a slow machine in seconds; what takes longer hangs."""


class InferenceThread:
    """FIFO of jobs on one daemon thread: it never keeps the process alive."""

    def __init__(self, name: str = "inference") -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._cancels: set[threading.Event] = set()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Run ``job`` on the thread; its result or exception arrives in the future. A cancelled future is skipped."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 - the future carries it to whoever waits
                future.set_exception(error)

        with self._lock:
            if self._closed:
                raise RuntimeError("the inference thread is closed")
            self._jobs.put(run)
        return future

    async def run(self, job: Callable[[], T]) -> T:
        """Run ``job`` on the thread without blocking the event loop."""
        return await asyncio.wrap_future(self.submit(job))

    def stream(self, start: Callable[[threading.Event], Iterator[T]]) -> ThreadStream[T]:
        """Run the iterator that ``start(cancel)`` makes on the thread, and hand its items to the running event loop."""
        return ThreadStream(self, start, asyncio.get_running_loop())

    def close(self, seconds: float = CLOSE_SECONDS) -> bool:
        """End running and queued streams, let queued jobs finish, end the thread. Whether it ended in time."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
            for cancel in self._cancels:
                cancel.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def watch(self, cancel: threading.Event) -> None:
        """Set ``cancel`` when the thread is closed."""
        with self._lock:
            self._cancels.add(cancel)

    def unwatch(self, cancel: threading.Event) -> None:
        with self._lock:
            self._cancels.discard(cancel)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # or the last job's model would live until the next one comes


class _End:
    """After the last item."""


class _Pump(Generic[T]):
    """The thread's half of a stream. It does not refer to the reader's half, so that a dropped reader is noticed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.items: asyncio.Queue[Any] = asyncio.Queue()
        self.cancel = threading.Event()
        self.queued_seconds = 0.0
        self._loop = loop
        self._asked = perf_counter()

    def run(self, start: Callable[[threading.Event], Iterator[T]]) -> None:
        self.queued_seconds = perf_counter() - self._asked
        try:
            if not self.cancel.is_set():
                for item in start(self.cancel):
                    self._hand_over(item)
                    if self.cancel.is_set():
                        break
        finally:
            self._hand_over(_End)

    def _hand_over(self, item: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(self.items.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody reads any more
            self.cancel.set()


class ThreadStream(AsyncIterator[T], Generic[T]):
    """Items of an iterator that runs on an inference thread; they wait here, a slow reader does not slow it."""

    def __init__(
        self,
        thread: InferenceThread,
        start: Callable[[threading.Event], Iterator[T]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._pump: _Pump[T] = _Pump(loop)
        self._ended = False
        thread.watch(self._pump.cancel)
        pump = self._pump
        self._job = thread.submit(lambda: pump.run(start))
        self._job.add_done_callback(lambda _job: thread.unwatch(pump.cancel))

    @property
    def queued_seconds(self) -> float:
        """From the request until the thread took it up."""
        return self._pump.queued_seconds

    def __aiter__(self) -> ThreadStream[T]:
        return self

    async def __anext__(self) -> T:
        if self._ended:
            raise StopAsyncIteration
        item = await self._pump.items.get()
        if item is _End:
            self._ended = True
            await asyncio.wrap_future(self._job)  # raises what ended the iterator
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Stop within one item and wait until the thread is free for the next job. Safe to call twice."""
        self._pump.cancel.set()
        self._ended = True
        job = asyncio.wrap_future(self._job)
        await asyncio.wait([job])
        job.exception()  # seen, though nobody wants it any more

    def __del__(self) -> None:
        if pump := getattr(self, "_pump", None):
            pump.cancel.set()  # dropped without aclose: nobody will read another item
