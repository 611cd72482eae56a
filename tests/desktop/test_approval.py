"""A model asks to write a file: the person goes on typing, answers on purpose, and takes the file back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.commands import run
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually, stays

WRITE: Final = 'I add it.\n/write_file {"path": "list.md", "content": "# Books\\n- Solaris\\n"}\nThat is it.'
BUTTON: Final = "push button"
WATCHED_SECONDS: Final = 1.5
"""For nothing to happen: three times as long as a card hears nothing anyway."""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The folder that is open to tools."""
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def chat(scripted: App, notes: Path, reader: ScreenReader) -> Chat:
    """A running program whose model wants to write a file when it hears of a book."""
    scripted.profile.mkdir(parents=True, exist_ok=True)
    settings = f'version = 1\n[tools]\nfolders = ["{notes}"]\nbeyond_training = true\n'
    (scripted.profile / "settings.toml").write_text(settings + '[desktop]\ndesktop_entry = "no"\n')
    scripted.use_script(replies={"book": WRITE})
    scripted.start()
    return Chat(scripted, reader)


def test_enter_in_the_composer_approves_nothing_and_a_click_does(chat: Chat, notes: Path) -> None:
    chat.type_and_send("book")
    screen.type_text("and then")
    allow = chat.reader.find(chat.app.pid, "Allow once", BUTTON)
    screen.press("Return")
    screen.press("space")
    stays(lambda: not (notes / "list.md").exists(), "nothing was approved", WATCHED_SECONDS)
    assert chat.written().startswith("and then")
    screen.click(*allow.middle)
    eventually(lambda: (notes / "list.md").exists(), "the file is written")
    assert (notes / "list.md").read_text() == "# Books\n- Solaris\n"
    chat.reader.press(chat.app.pid, "Undo", BUTTON)
    eventually(lambda: not (notes / "list.md").exists(), "the file is taken back")


def test_a_screen_reader_hears_the_whole_call_and_can_refuse_it(chat: Chat, notes: Path) -> None:
    chat.write_and_send("book")
    chat.reader.find(chat.app.pid, "Nyanko wants to write a file\\. changes or starts something")
    names = chat.shown_names()
    assert {"Allow once", "Allow in this chat", "Allow for this folder", "Always", "Don't allow"} <= set(names)
    stays(lambda: chat.reader.look(chat.app.pid, "Don't allow", BUTTON), "the question stays", WATCHED_SECONDS)
    chat.reader.press(chat.app.pid, "Don't allow", BUTTON)
    reply = chat.finished_reply()
    assert [call["name"] for call in reply.calls] == ["write_file"]
    assert not (notes / "list.md").exists()


def test_a_path_on_the_card_is_copied_with_a_right_click(chat: Chat, notes: Path) -> None:
    chat.write_and_send("book")
    chat.reader.find(chat.app.pid, "Allow once", BUTTON)
    path = chat.reader.find(chat.app.pid, re.escape(str(notes / "list.md")))
    screen.click(*path.middle, button=3)
    eventually(screen.open_menu, "the menu shows")
    screen.press("Down")
    screen.press("Return")
    read = ("xclip", "-o", "-selection", "clipboard")
    eventually(lambda: run(*read, check=False) == str(notes / "list.md"), "the path is in the clipboard")
    stays(lambda: chat.reader.look(chat.app.pid, "Don't allow", BUTTON), "the question stays", WATCHED_SECONDS)
    chat.reader.press(chat.app.pid, "Don't allow", BUTTON)
    chat.finished_reply()
    assert not (notes / "list.md").exists()
