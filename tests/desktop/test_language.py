"""The language switches while the program runs, in every open window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import INPUT, Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually


def test_chinese_and_back_without_a_restart(
    scripted: App, reader: ScreenReader, picture: Callable[[str], Path]
) -> None:
    scripted.start()
    chat = Chat(scripted, reader)
    chat.button("Settings")
    reader.press(scripted.pid, "Appearance & language")
    reader.press(scripted.pid, "中文")
    eventually(lambda: not reader.look(scripted.pid, INPUT), "the chat window no longer speaks English")
    assert reader.look(scripted.pid, "发送"), "Send is Chinese"
    assert any("设置" in window.title for window in screen.visible_windows(scripted.pid))
    picture("settings-chinese")
    assert 'language = "zh_CN"' in (scripted.profile / "settings.toml").read_text()
    reader.press(scripted.pid, "English")
    reader.find(scripted.pid, INPUT)
