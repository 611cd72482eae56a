"""asyncio on Qt without the measured defects of qasync; structure is tested, no stop-watch."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from nyanko_desktop.shell.loop import NyankoLoop, qt_timer
from tests.shell.conftest import Run


def test_cancelled_timers_are_freed_at_once(run: Run) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        before = len(loop._timer._handles), len(loop._timer._timers)
        for handle in [loop.call_later(3600, print) for _ in range(1000)]:
            handle.cancel()
        assert (len(loop._timer._handles), len(loop._timer._timers)) == before

    run(work())


def test_short_waits_are_precise_and_rounded_up() -> None:
    assert qt_timer(0.0101) == (11, Qt.TimerType.PreciseTimer)
    assert qt_timer(60) == (60_000, Qt.TimerType.CoarseTimer)


def test_a_wait_never_ends_early(run: Run) -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(0.0105)
        return loop.time() - began

    assert run(work()) >= 0.0105


def test_callbacks_run_in_the_order_of_their_calls(run: Run) -> None:
    async def work() -> list[int]:
        loop, ran = asyncio.get_running_loop(), []
        for number in range(100):
            (loop.call_soon if number % 2 else loop.call_soon_threadsafe)(ran.append, number)
        last = asyncio.Event()
        loop.call_soon(last.set)
        await last.wait()
        return ran

    assert run(work()) == list(range(100))


def test_a_callback_that_calls_itself_leaves_qt_its_turn(run: Run) -> None:
    async def work() -> bool:
        loop, turns = asyncio.get_running_loop(), asyncio.Event()
        QTimer.singleShot(0, turns.set)

        def again() -> None:
            if not turns.is_set():
                loop.call_soon(again)

        again()
        return await turns.wait()

    assert run(work())


def test_a_call_from_a_thread_keeps_its_context(run: Run) -> None:
    name = contextvars.ContextVar("name", default="nobody")

    async def work() -> str:
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[str] = loop.create_future()

        def call() -> None:
            name.set("thread")
            loop.call_soon_threadsafe(lambda: heard.set_result(name.get()))

        threading.Thread(target=call).start()
        return await heard

    assert run(work()) == "thread"


def test_the_first_thread_job_starts_one_thread(run: Run) -> None:
    before = set(threading.enumerate())
    assert len(set(run(asyncio.to_thread(threading.enumerate))) - before) == 1


def test_a_quit_of_qt_lets_the_coroutine_end_its_work(qapp: QApplication) -> None:
    async def work() -> str:
        asked = asyncio.Event()
        qapp.aboutToQuit.connect(asked.set)
        asyncio.get_running_loop().call_soon(qapp.quit)
        await asked.wait()
        await asyncio.to_thread(str)  # a wait that other turns of the loop must end
        return "closed its files"

    with asyncio.Runner(loop_factory=lambda: NyankoLoop(qapp)) as runner:
        assert runner.run(work()) == "closed its files"


def test_sockets_children_and_time_limits_work(run: Run, tmp_path_factory) -> None:
    path = str(tmp_path_factory.mktemp("s") / "s")

    async def work() -> tuple[bytes, bytes]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_unix_server(echo, path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"nya\n")
        answer = await reader.read()
        writer.close()
        server.close()
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(6)", stdout=asyncio.subprocess.PIPE)
        out, _ = await child.communicate()
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return answer, out.strip()
        return b"", b""

    assert run(work()) == (b"nya\n", b"6")


def test_setting_a_text_a_thousand_times_leaves_the_count_of_none_alone(qapp: QApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 drops a reference of None with each call, and dies after some thousand."""
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    assert abs(sys.getrefcount(None) - before) < 100
