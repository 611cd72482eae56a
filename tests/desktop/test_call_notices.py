"""A call that waits while no window of ours is on the screen: the desktop tells of it, and a click opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.desktop.parts import bus, screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually, stays

READ: Final = 'I look.\n/read_file {"path": "list.md"}\nThat is it.'
WAITS: Final = "Nyanko waits for your answer"
ALLOW: Final = ("Allow once", "push button")
DEAF_SECONDS: Final = 1.0
"""Longer than a card that has just appeared takes no answer."""


@pytest.fixture
def chat(scripted: App, tmp_path: Path, reader: ScreenReader) -> Chat:
    """A running program whose model thinks for some seconds, and then wants to read a file."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "list.md").write_text("tea")
    scripted.profile.mkdir(parents=True, exist_ok=True)
    settings = f'version = 1\n[tools]\nfolders = ["{tmp_path / "notes"}"]\nbeyond_training = true\n'
    (scripted.profile / "settings.toml").write_text(settings + '[desktop]\ndesktop_entry = "no"\n')
    scripted.use_script(replies={"list": READ}, prefill=3.0)
    scripted.start()
    return Chat(scripted, reader)


def test_a_call_behind_closed_windows_becomes_a_notification_and_a_click_opens_it(chat: Chat) -> None:
    chat.write_and_send("list")
    assert not bus.notifications(WAITS)
    chat.window().close()
    eventually(lambda: bus.notifications(WAITS), "the notification server shows it")
    assert not screen.visible_windows(chat.app.pid)
    bus.click_notifications()
    chat.window()
    stays(lambda: chat.reader.look(chat.app.pid, *ALLOW), "the question stays", DEAF_SECONDS)
    chat.reader.press(chat.app.pid, *ALLOW)
    assert [call["name"] for call in chat.finished_reply().calls] == ["read_file"]
