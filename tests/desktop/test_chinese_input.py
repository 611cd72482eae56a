"""Chinese through a real input method (fcitx5 with pinyin), as a person types it. Needs a desk with IME=1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.commands import run
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually


def compose(pinyin: str) -> None:
    """Switch to pinyin and type until the candidates show; nothing is committed yet."""
    run("fcitx5-remote", "-s", "pinyin")
    eventually(lambda: run("fcitx5-remote", "-n") == "pinyin", "pinyin is switched on")
    screen.type_text(pinyin)
    eventually(candidates_show, f"fcitx shows candidates for {pinyin}")


def candidates_show() -> bool:
    return bool(run("xdotool", "search", "--onlyvisible", "--class", "^fcitx$", check=False))


def test_pinyin_lands_in_the_field_and_enter_sends_it(
    embedded: App, reader: ScreenReader, picture: Callable[[str], Path]
) -> None:
    embedded.start()
    chat = Chat(embedded, reader)
    chat.focus_input()
    compose("nihao")
    picture("chinese-candidates")
    screen.press("space")
    eventually(lambda: chat.written() == "你好", "你好 is in the field")
    screen.press("Return")
    reply = chat.finished_reply()
    assert [m.text for m in chat.messages() if m.role == "user"] == ["你好"]
    assert any("\u4e00" <= character <= "\u9fff" for character in reply.text), "it answers in Chinese"
    picture("chat-chinese")


def test_enter_while_the_input_method_composes_belongs_to_the_input_method(scripted: App, reader: ScreenReader) -> None:
    scripted.start()
    chat = Chat(scripted, reader)
    chat.focus_input()
    compose("nihao")
    screen.press("Return")
    eventually(lambda: chat.written() == "nihao", "fcitx commits the letters themselves")
    assert chat.messages() == []
    screen.press("Return")
    chat.finished_reply()
    assert [m.text for m in chat.messages() if m.role == "user"] == ["nihao"]
