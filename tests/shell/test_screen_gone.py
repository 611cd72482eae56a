"""The X server goes, as it does when a person logs out: the program ends its work, and without a word of Python."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from nyanko_desktop.shell.loop import NyankoLoop

END_SECONDS = 60.0
"""For what takes a second on an idle machine."""
PROGRAM = """
import asyncio, logging, os, sys
from nyanko_desktop.shell import bootstrap
from nyanko_desktop.shell.loop import NyankoLoop
logging.basicConfig(stream=sys.stdout, format="%(message)s")
bootstrap.route_qt_messages()
application = bootstrap.make_application(os.environ, "test")

async def live():
    ends = asyncio.Event()
    application.aboutToQuit.connect(ends.set)
    print("here", flush=True)
    await ends.wait()
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await child.wait()
    print("its work is done", flush=True)

with asyncio.Runner(loop_factory=lambda: NyankoLoop(application)) as runner:
    runner.run(live())
"""


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An X server of our own, and the name of its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-noreset", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as number:
        display = f":{number.readline().strip()}"
    yield process, display
    process.kill()
    process.wait(END_SECONDS)


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_when_the_x_server_goes_the_work_is_ended_and_qt_says_so_once(
    server: tuple[subprocess.Popen[bytes], str],
) -> None:
    screen, display = server
    environ = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=environ, stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "here\n"
        screen.kill()
        said, wrong = program.communicate(timeout=END_SECONDS)
    assert wrong == ""
    assert program.returncode == 0
    assert said.splitlines().count("its work is done") == 1
    assert sum("X11 connection broke" in line for line in said.splitlines()) == 1


def test_a_loop_that_qt_ends_with_each_turn_lets_the_coroutine_end(qapp: QApplication) -> None:
    async def work() -> str:
        again.start()
        await asyncio.sleep(0.05)
        await asyncio.to_thread(str)
        return "closed its files"

    again = QTimer(interval=0)
    again.timeout.connect(lambda: qapp.exit(1))
    with asyncio.Runner(loop_factory=lambda: NyankoLoop(qapp)) as runner:
        assert runner.run(work()) == "closed its files"
    again.stop()
