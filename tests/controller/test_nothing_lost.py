"""SIGKILL at a random moment mid-reply, of the app or of the worker: at most one second of text is lost, and nothing else."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.scene import Chat, play, text_of

WORDS, RATE = 2000, 200.0
START_SECONDS = 30.0
"""For two interpreters and a store; 1 s here, many times that on a busy machine."""
GONE_SECONDS = 5.0
"""After the app's death no process of ours lives longer."""
LOST_SECONDS = 1.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def log_lines(log: Path) -> list[list[str]]:
    """Whole lines only: the writer may have been killed in the middle of one."""
    text = log.read_text() if log.exists() else ""
    return [line.split() for line in text.split("\n")[:-1]]


def received(log: Path) -> Iterator[tuple[float, int]]:
    for line in log_lines(log):
        if line[0] != "worker":
            yield float(line[0]), int(line[1])


def wait_for(condition: object, seconds: float, what: str) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_mid_reply(folder: Path, chance: random.Random) -> tuple[float, int]:
    """Run the chat and kill it; returns when, and the worker's process id."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    arguments = [str(folder / "store.sqlite3"), str(log), str(WORDS), str(RATE)]
    chat = subprocess.Popen([sys.executable, "-m", "tests.controller.chat_process", *arguments])
    try:
        wait_for(lambda: any(True for _ in received(log)), START_SECONDS, "the reply never began")
        until = time.monotonic() + chance.uniform(0.0, 2.5)
        wait_for(lambda: time.monotonic() > until, START_SECONDS, "time stands still")
    finally:
        at = time.monotonic()
        chat.kill()
        chat.wait()
    return at, next(int(line[1]) for line in log_lines(log) if line[0] == "worker")


def one_round(folder: Path, chance: random.Random) -> float:
    """Kill once and look at what is left; returns the seconds of text that were lost."""
    killed_at, worker = kill_mid_reply(folder, chance)
    wait_for(lambda: not alive(worker), GONE_SECONDS, "the worker outlived the app")
    whole = " ".join(f"w{i}" for i in range(WORDS))
    lost: list[float] = []

    async def scene(chat: Chat) -> None:
        conversation = chat.controller.state.conversations[0]
        assert await chat.controller.open(conversation.id)
        state = chat.controller.state
        assert [text_of(state, 0), state.messages[1].status] == ["a question", "interrupted"]
        kept = text_of(state)
        assert whole.startswith(kept)
        lost.append(max((killed_at - at for at, count in received(folder / "log") if count > len(kept)), default=0.0))
        assert await chat.controller.resume()
        assert text_of(await chat.until(lambda s: not s.busy)) == whole
        assert len(await chat.store.messages(conversation.id)) == 2

    play(folder / "store.sqlite3", scene, default=whole)
    return lost[0]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_five_kills_of_the_app_lose_at_most_a_second_of_text(folder: Path) -> None:
    lost = [one_round(folder, random.Random(seed)) for seed in range(5)]
    assert max(lost) <= LOST_SECONDS, lost


@pytest.mark.acceptance
@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_fifty_kills_of_the_app_lose_at_most_a_second_of_text(folder: Path) -> None:
    lost = [one_round(folder, random.Random(seed)) for seed in range(100, 150)]
    print(f"seconds of text lost in 50 kills of the app: worst {max(lost):.2f}, mean {sum(lost) / 50:.2f}")
    assert max(lost) <= LOST_SECONDS, lost


def kill_the_worker(folder: Path, rounds: range) -> None:
    whole = " ".join(f"w{i}" for i in range(WORDS))

    async def scene(chat: Chat) -> None:
        for seed in rounds:
            chat.controller.new_conversation()
            assert await chat.controller.send(f"question {seed}")
            least = random.Random(seed).randrange(1, WORDS // 4)
            state = await chat.until(lambda s, least=least: f"w{least} " in text_of(s))  # type: ignore[misc]
            shown = text_of(state)
            killed = chat.worker.state.pid or 0
            os.kill(killed, signal.SIGKILL)
            state = await chat.until(lambda s: not s.busy)
            assert state.messages[-1].status == "interrupted"
            assert text_of(state).startswith(shown)
            stored = await chat.store.messages(state.current or 0)
            assert (stored[0].text, stored[1].text) == (f"question {seed}", text_of(state))
            await chat.until(lambda s, gone=killed: s.worker.kind == "failed" or s.worker.pid not in (None, gone))  # type: ignore[misc]
            assert await chat.controller.resume()
            assert text_of(await chat.until(lambda s: not s.busy)) == whole

    play(folder / "store.sqlite3", scene, default=whole, rate=RATE * 10)


@pytest.mark.allows_log("worker", "connection")
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_two_kills_of_the_worker_lose_nothing_that_was_seen(folder: Path) -> None:
    kill_the_worker(folder, range(2))


@pytest.mark.acceptance
@pytest.mark.timeout(1200)
@pytest.mark.allows_log("worker", "connection")
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_fifty_kills_of_the_worker_lose_nothing_that_was_seen(folder: Path) -> None:
    kill_the_worker(folder, range(100, 150))
