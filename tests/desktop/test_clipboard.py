"""The clipboard of another program goes along with a question when the person says so, and is not read before."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually, stays

LETTER: Final = "Dear all,\nthe cat has moved."
WATCHED_SECONDS: Final = 1.0


@pytest.fixture
def other_program() -> Iterator[subprocess.Popen[bytes]]:
    """Owns the clipboard, and ends as soon as somebody reads it."""
    owner = subprocess.Popen(["xclip", "-quiet", "-loops", "1", "-selection", "clipboard"], stdin=subprocess.PIPE)
    assert owner.stdin is not None
    owner.stdin.write(LETTER.encode())
    owner.stdin.close()
    yield owner
    owner.kill()
    owner.wait()


def test_it_is_read_when_its_button_is_pressed_and_not_before(
    scripted: App, reader: ScreenReader, other_program: subprocess.Popen[bytes]
) -> None:
    scripted.use_script(default="It is about a cat.")
    scripted.start()
    chat = Chat(scripted, reader)
    chat.type_and_send("hello")
    chat.finished_reply()
    stays(lambda: other_program.poll() is None, "nobody has read the clipboard", WATCHED_SECONDS)
    chat.button("Attach the clipboard")
    reader.find(scripted.pid, "Clipboard: Dear all, the cat has moved.")
    eventually(lambda: other_program.poll() is not None, "it was read")
    chat.write_and_send("what is this about?")
    chat.finished_reply(2)
    assert [m.text for m in chat.messages() if m.role == "user"] == ["hello", f"what is this about?{LETTER}"]
    eventually(lambda: chat.written() == "", "the words have left the field")
    eventually(lambda: "Do not send it along" not in chat.shown_names(), "the chip has gone")
