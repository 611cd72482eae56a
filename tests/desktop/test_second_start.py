"""One program for each person and profile."""

from __future__ import annotations

from collections.abc import Callable

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually
from tests.desktop.parts.xterm import terminal


def test_a_second_start_raises_the_window_of_the_first(scripted: App, reader: ScreenReader) -> None:
    scripted.start()
    window = Chat(scripted, reader).window()
    with terminal() as other:
        other.window.activate()
        scripted.run()
        eventually(lambda: window.focused, "the window of the first start has the focus")
    assert len(screen.visible_windows(scripted.pid)) == 1


def test_another_profile_is_another_program(scripted: App, reader: ScreenReader, new_app: Callable[[], App]) -> None:
    scripted.start()
    Chat(scripted, reader).window()
    second = new_app()
    second.use_script()
    second.start()
    Chat(second, reader).window()
    assert scripted.running
