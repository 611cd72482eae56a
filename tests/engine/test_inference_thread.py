"""One thread owns the model: jobs in order, streams that end within an item, a clean end. No model is needed for that."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inference_worker.engine.inference_thread import InferenceThread, ThreadStream

SECONDS = 20.0
"""Bound of every wait here; what is waited for takes milliseconds."""


@pytest.fixture
def thread() -> Iterator[InferenceThread]:
    made = InferenceThread()
    yield made
    assert made.close(SECONDS)


def within(job: Callable[[], Any]) -> Any:
    async def main() -> Any:
        return await asyncio.wait_for(job(), SECONDS)

    return asyncio.run(main())


class Counter:
    """Counts up for ever, one step each time it is let; knows when it has ended."""

    def __init__(self, free_running: bool = False) -> None:
        self.made = 0
        self.let = threading.Semaphore(0)
        self.free_running = free_running
        self.started = threading.Event()
        self.many = threading.Event()
        self.ended = threading.Event()

    def __call__(self, cancel: threading.Event) -> Iterator[int]:
        self.started.set()
        try:
            while not cancel.is_set():
                if not self.free_running:
                    assert self.let.acquire(timeout=SECONDS)
                self.made += 1
                if self.made == 1000:
                    self.many.set()
                yield self.made
        finally:
            self.ended.set()


def test_a_job_runs_on_the_thread_and_its_result_comes_back(thread: InferenceThread) -> None:
    assert within(lambda: thread.run(lambda: threading.current_thread().name)) == "inference"


def test_an_exception_of_a_job_comes_back_and_the_thread_goes_on(thread: InferenceThread) -> None:
    def fail() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        within(lambda: thread.run(fail))
    assert within(lambda: thread.run(lambda: 3)) == 3


def test_jobs_run_in_the_order_they_came(thread: InferenceThread) -> None:
    order: list[int] = []
    futures = [thread.submit(lambda n=n: order.append(n)) for n in range(50)]
    for future in futures:
        future.result(SECONDS)
    assert order == list(range(50))


def test_a_stream_hands_over_every_item(thread: InferenceThread) -> None:
    async def main() -> list[int]:
        return [item async for item in thread.stream(lambda _: iter(range(100)))]

    assert within(main) == list(range(100))


def test_an_exception_of_a_stream_comes_after_its_items(thread: InferenceThread) -> None:
    def failing(_: threading.Event) -> Iterator[int]:
        yield 1
        raise LookupError("lost")

    async def main() -> None:
        stream = thread.stream(failing)
        assert await anext(stream) == 1
        with pytest.raises(LookupError):
            await anext(stream)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    within(main)


def test_the_event_loop_is_free_while_the_thread_is_busy(thread: InferenceThread) -> None:
    async def main() -> int:
        counter = Counter()
        stream = thread.stream(counter)
        waiting = asyncio.ensure_future(anext(stream))
        turns = 0
        assert await asyncio.to_thread(counter.started.wait, SECONDS)
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
        assert not waiting.done()
        counter.let.release()
        assert await waiting == 1
        counter.let.release()
        await stream.aclose()
        return turns

    assert within(main) == 100


def test_a_slow_reader_does_not_slow_the_thread(thread: InferenceThread) -> None:
    async def main() -> None:
        counter = Counter(free_running=True)
        stream = thread.stream(counter)
        assert await asyncio.to_thread(counter.many.wait, SECONDS)
        await stream.aclose()
        assert counter.ended.is_set()

    within(main)


def test_closing_a_stream_early_frees_the_thread_within_one_item(thread: InferenceThread) -> None:
    async def main() -> None:
        counter = Counter()
        stream = thread.stream(counter)
        counter.let.release()
        assert await anext(stream) == 1
        closing = asyncio.ensure_future(stream.aclose())
        await asyncio.sleep(0)
        counter.let.release()
        await closing
        assert counter.made <= 2
        assert await thread.run(lambda: "free") == "free"
        await stream.aclose()
        assert [item async for item in stream] == []

    within(main)


def test_a_stream_closed_while_it_waits_never_starts(thread: InferenceThread) -> None:
    async def main() -> None:
        first, second = Counter(), Counter(free_running=True)
        running = thread.stream(first)
        queued = thread.stream(second)
        closing = asyncio.ensure_future(queued.aclose())
        await asyncio.sleep(0)
        first.let.release()
        first.let.release()
        await running.aclose()
        await closing
        assert not second.started.is_set()

    within(main)


def test_the_wait_in_the_queue_is_measured(thread: InferenceThread) -> None:
    async def main() -> None:
        first = Counter()
        running = thread.stream(first)
        queued = thread.stream(lambda _: iter([1]))
        assert queued.queued_seconds == 0
        first.let.release()
        await anext(running)
        first.let.release()
        await running.aclose()
        assert [item async for item in queued] == [1]
        assert queued.queued_seconds > 0

    within(main)


def test_a_stream_that_is_dropped_ends_by_itself(thread: InferenceThread) -> None:
    async def main() -> None:
        counter = Counter(free_running=True)
        stream: ThreadStream[int] | None = thread.stream(counter)
        assert stream is not None
        await anext(stream)
        del stream
        gc.collect()
        assert await asyncio.to_thread(counter.ended.wait, SECONDS)

    within(main)


def test_closing_the_thread_ends_what_runs_and_what_waits() -> None:
    async def main() -> None:
        thread = InferenceThread()
        running, waiting = Counter(free_running=True), Counter(free_running=True)
        streams = [thread.stream(running), thread.stream(waiting)]
        await anext(streams[0])
        assert await asyncio.to_thread(thread.close, SECONDS)
        assert running.ended.is_set()
        assert not waiting.started.is_set()
        for stream in streams:
            await stream.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await thread.run(lambda: None)

    within(main)


def test_closing_is_bounded_when_the_thread_hangs() -> None:
    thread, release = InferenceThread(), threading.Event()
    thread.submit(lambda: release.wait(SECONDS))
    assert thread.close(0.05) is False
    release.set()
    assert thread.close(SECONDS)


def test_a_stream_whose_event_loop_is_gone_ends(thread: InferenceThread) -> None:
    counter = Counter(free_running=True)
    kept = []

    async def main() -> None:
        stream = thread.stream(counter)
        kept.append(stream)
        await anext(stream)

    asyncio.run(main())
    assert counter.ended.wait(SECONDS)
