"""How far a call is: one dim line at a terminal, and nothing anywhere else."""

from __future__ import annotations

import io
import os
import re
import select
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from inference_worker.protocol.messages import Event, TextDelta, ToolCalled, ToolFinished, ToolProgress
from nyanko_desktop.terminal.output import JsonOutput, TextOutput

CALL: tuple[Event, ...] = (
    TextDelta("t", "Let me look."),
    ToolCalled("t", "c", "find_files", {"name": "tea"}, False),
    ToolProgress("t", "c", "1000 files looked at"),
    ToolProgress("t", "c", "2000 files\x1b[31m looked\nat"),
    ToolFinished("t", "c", "find_files", "tea.txt", False, 0.1),
    TextDelta("t", "There it is."),
)
END = "\x05"
PATIENCE_SECONDS = 10.0
"""Far more than a terminal takes to pass on a line, on any machine."""


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals")
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        yield ours, file
    os.close(ours)


def written(handle: int, file: TextIO) -> str:
    """All that was written to the terminal: what it passes on comes in pieces, and a moment later."""
    file.write(END)
    file.flush()
    raw = b""
    while not raw.endswith(END.encode()):
        assert select.select([handle], [], [], PATIENCE_SECONDS)[0], raw
        raw += os.read(handle, 65536)
    return raw.decode().removesuffix(END)


def screen(raw: str) -> list[str]:
    """The lines that stand there in the end, of what was written to a terminal."""
    lines = raw.replace("\r\n", "\n").split("\n")
    return [re.sub(r"\x1b\[\d*m", "", line.rpartition("\r\x1b[K")[2]) for line in lines]


def test_at_a_terminal_it_is_a_dim_line_that_is_gone_afterwards(
    terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    handle, file = terminal
    output = TextOutput(file, file)
    for event in CALL[:4]:
        output.take(event)
    raw = written(handle, file)
    assert "\x1b[2m⚙ find_files tea: 1000 files looked at\x1b[0m" in raw
    assert screen(raw) == ["Let me look.", "⚙ find_files tea: 2000 files[31m looked at"]
    for event in CALL[4:]:
        output.take(event)
    raw += written(handle, file)
    assert screen(raw) == ["Let me look.", "⚙ find_files tea = tea.txt", "There it is."]


def test_a_terminal_that_cannot_clear_a_line_is_told_nothing(
    terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    handle, file = terminal
    output = TextOutput(file, file)
    for event in CALL:
        output.take(event)
    assert "looked at" not in written(handle, file)


def test_files_and_programs_get_none_of_it() -> None:
    out, err = io.StringIO(), io.StringIO()
    for output in (TextOutput(out, err), JsonOutput(out)):
        for event in CALL:
            output.take(event)
    assert "looked at" not in out.getvalue() + err.getvalue()
