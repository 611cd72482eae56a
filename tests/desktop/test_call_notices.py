"""A call that waits while no window of ours is on the screen: the desktop tells of it, and a click opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.desktop.parts import bus, screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.tray import Tray
from tests.desktop.parts.waiting import eventually, stays

READ: Final = 'I look.\n/read_file {"path": "list.md"}\nThat is it.'
WAITS: Final = "Nyanko waits for your answer"
ALLOW: Final = ("Allow once", "push button")
PREFILL_SECONDS: Final = 3.0
"""Enough to close a window before the call comes."""
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
    scripted.use_script(replies={"list": READ}, prefill=PREFILL_SECONDS)
    scripted.start()
    return Chat(scripted, reader)


def told() -> int:
    """How often this desk was told of a call that waits."""
    return len(bus.notifications(WAITS))


def test_a_call_behind_closed_windows_becomes_a_notification_and_a_click_opens_it(chat: Chat) -> None:
    earlier = told()
    chat.write_and_send("list")
    assert told() == earlier
    chat.window().close()
    eventually(lambda: told() > earlier, "the notification server shows it")
    assert not screen.visible_windows(chat.app.pid)
    bus.click_notifications()
    chat.window()
    stays(lambda: chat.reader.look(chat.app.pid, *ALLOW), "the question stays", DEAF_SECONDS)
    chat.reader.press(chat.app.pid, *ALLOW)
    assert [call["name"] for call in chat.finished_reply().calls] == ["read_file"]
    eventually(lambda: not bus.open_notifications(), "no notification of the answered question stays")


def test_a_question_whose_window_is_closed_is_told_of_and_the_tray_opens_it(chat: Chat) -> None:
    earlier = told()
    chat.write_and_send("list")
    chat.reader.find(chat.app.pid, *ALLOW)
    assert told() == earlier
    chat.window().close()
    eventually(lambda: told() > earlier, "the notification server shows it")
    Tray().click_until(lambda: screen.visible_windows(chat.app.pid), "the tray opens the window")
    assert chat.reader.find(chat.app.pid, "Don't allow", "push button")
    stays(lambda: chat.reader.look(chat.app.pid, *ALLOW), "the question stays", DEAF_SECONDS)
    chat.reader.press(chat.app.pid, "Don't allow", "push button")
    chat.finished_reply()
    eventually(lambda: not bus.open_notifications(), "no notification of the answered question stays")


def test_an_app_that_quits_leaves_no_notification_behind(chat: Chat) -> None:
    earlier = told()
    chat.write_and_send("list")
    chat.window().close()
    eventually(lambda: told() > earlier, "the notification server shows it")
    chat.app.quit()
    assert bus.open_notifications() == []


def test_a_question_of_a_conversation_that_is_not_open_is_told_of(chat: Chat) -> None:
    earlier = told()
    chat.write_and_send("list")
    chat.reader.find(chat.app.pid, *ALLOW)
    chat.window().activate()
    screen.press("ctrl+n")
    eventually(lambda: told() > earlier, "the notification server shows it")
    bus.click_notifications()
    stays(lambda: True, "a card hears nothing at first", DEAF_SECONDS)
    chat.reader.press(chat.app.pid, *ALLOW)
    assert [call["name"] for call in chat.finished_reply().calls] == ["read_file"]
    eventually(lambda: not bus.open_notifications(), "no notification of the answered question stays")
