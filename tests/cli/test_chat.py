"""``nyanko chat`` in a real pseudo-terminal: streaming, history, and what Ctrl-C does."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nyanko_desktop.conversations.store import ConversationStore
from tests.cli.command_line import WAIT_SECONDS, CommandLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
WORDS = " ".join(f"w{i}" for i in range(2000))


class Terminal:
    """The other end of the terminal that a child runs in."""

    def __init__(self, handle: int, child: subprocess.Popen[str]) -> None:
        self._handle = handle
        self.child = child
        self.seen = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def read_until(self, pattern: str) -> str:
        """What came up to and including ``pattern``; later reads begin behind it."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (match := re.search(pattern, self.seen)):
            assert time.monotonic() < deadline, self.seen
            if select.select([self._handle], [], [], 0.1)[0]:
                self.seen += self._decode(os.read(self._handle, 65536))
        text, self.seen = self.seen[: match.end()], self.seen[match.end() :]
        return text

    def type(self, text: str) -> None:
        os.write(self._handle, text.encode())


@contextmanager
def chatting(line: CommandLine, term: str = "dumb") -> Iterator[Terminal]:
    ours, theirs = os.openpty()
    line.environment["TERM"] = term
    child = line.start("chat", stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        terminal = Terminal(ours, child)
        terminal.read_until("Ctrl-D leaves")
        terminal.read_until("› ")
        yield terminal
    finally:
        child.kill()
        child.wait()
        os.close(ours)


def leave(child: subprocess.Popen[str]) -> int:
    """Press Ctrl-C as a person does: once more if nothing happens.

    CPython looks for signals when its wait for a key ends, so one that comes just before that wait begins is not seen.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        child.send_signal(signal.SIGINT)
        try:
            return child.wait(3.0)
        except subprocess.TimeoutExpired:
            assert time.monotonic() < deadline


def test_a_chat_remembers_what_was_said_and_stores_it(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, replies={"hi": "Hello.", "6*7?": "/calculate 6*7\nIt is 42."})
    with chatting(line) as terminal:
        terminal.type("hi\n")
        terminal.read_until(r"Hello\.\s+› ")
        terminal.type("6*7?\n")
        assert "⚙ calculate 6*7 = 42" in terminal.read_until(r"It is 42\.\s+› ")
        terminal.type("\x04")
        assert terminal.child.wait(WAIT_SECONDS) == 0

    async def look() -> None:
        store = await ConversationStore.open(line.profile / "conversations.sqlite3")
        (conversation,) = await store.conversations()
        assert len(await store.messages(conversation.id)) == 4
        await store.close()

    asyncio.run(look())


def test_one_dim_line_says_when_the_memory_of_the_chat_moves(tmp_path: Path) -> None:
    said = []
    with chatting(CommandLine(tmp_path, default="Hello.", context=600), term="xterm") as terminal:
        for number in range(10):
            terminal.type(f"{number} {'x' * 100}\n")
            terminal.read_until(r"Hello\.")
            said.append(terminal.read_until("› "))
    dim = re.compile(r"\x1b\[2mNyanko no longer remembers the first (\d+) messages of this conversation\.\x1b\[0m\r\n")
    counts = [int(count) for words in said for count in dim.findall(words)]
    assert len(counts) >= 2
    assert counts == sorted(set(counts))


def test_a_program_is_told_where_the_memory_of_the_chat_begins(tmp_path: Path) -> None:
    questions = "".join(f"{number} {'x' * 100}\n" for number in range(10))
    code, objects = CommandLine(tmp_path, default="Hello.", context=600).objects("chat", "--json", given=questions)
    starts = [found["window_start"] for found in objects if found["type"] == "done"]
    assert (code, len(starts), starts[0]) == (0, 10, 0)
    assert starts == sorted(starts)
    assert len(set(starts)) >= 3


def test_ctrl_c_stops_a_reply_and_once_more_leaves(tmp_path: Path) -> None:
    with chatting(CommandLine(tmp_path, replies={"hi": "Hello."}, default=WORDS, rate=50)) as terminal:
        terminal.type("count\n")
        terminal.read_until("w3 ")
        terminal.child.send_signal(signal.SIGINT)
        assert "w1999" not in terminal.read_until("› ")
        terminal.type("hi\n")
        terminal.read_until(r"Hello\.\s+› ")
        assert leave(terminal.child) in (0, 130)


def test_a_closed_pipe_ends_chat_quietly_and_the_reply_is_kept(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="one two three four")
    with line.start("chat", "--json") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        _, err = child.communicate("hi\nhi\n", timeout=WAIT_SECONDS)
        assert (child.returncode, err) == (141, "")

    async def look() -> None:
        store = await ConversationStore.open(line.profile / "conversations.sqlite3")
        (conversation,) = await store.conversations()
        assert [message.status for message in await store.messages(conversation.id)] == ["complete", "complete"]
        await store.close()

    asyncio.run(look())


def test_a_conversation_file_that_is_put_aside_is_said(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="Hello.")
    line.profile.mkdir()
    (line.profile / "conversations.sqlite3").write_bytes(b"rubbish" * 1000)
    code, out, err = line.run("chat", given="hi\n")
    assert (code, out.strip()) == (0, "Hello.")
    assert "The conversation file could not be read" in err
    (kept,) = line.profile.glob("conversations.broken-*.sqlite3")
    assert kept.read_bytes() == b"rubbish" * 1000


def test_a_model_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("chat", "--model", "/models/missing", given="hi\n")
    assert code == 1
    assert "/models/missing" in err
    assert out == ""


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_for_a_program_one_turn_that_failed_makes_the_talk_a_failure(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, replies={"hi": "Hello."}, default=WORDS, rate=50)
    with line.start("chat", "--json") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("count\n")
        child.stdin.flush()
        assert "text" in child.stdout.readline()
        threads = Path(f"/proc/{child.pid}/task").glob("*/children")
        (worker,) = "".join(file.read_text() for file in threads).split()
        os.kill(int(worker), signal.SIGKILL)
        out, _ = child.communicate("hi\n", timeout=WAIT_SECONDS)
    assert child.returncode == 1
    assert [found for found in ("worker_lost", "Hello.", "done") if f'"{found}' in out] == [
        "worker_lost",
        "Hello.",
        "done",
    ]
