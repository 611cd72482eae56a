"""The quick-ask window as a person uses it. English words."""

from __future__ import annotations

from typing import Final

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.screen import Window
from tests.desktop.parts.waiting import eventually

HOTKEY: Final = "ctrl+alt+n"
"""The default of the settings, as xdotool writes it."""
FIELD: Final = "Quick-ask"


class QuickAsk:
    """Quick-ask of a running program."""

    def __init__(self, app: App, reader: ScreenReader) -> None:
        self.app = app
        self._reader = reader

    def wait_until_hotkey_is_bound(self) -> None:
        """The program says in its log when the desktop has given it the key."""
        eventually(lambda: "hotkey bound" in self.app.log, "the hotkey is bound")

    def open(self) -> None:
        """Press the hotkey and wait for the focus."""
        screen.press(HOTKEY)
        window = self.window()
        eventually(lambda: window.focused, "quick-ask has the focus")

    def window(self) -> Window:
        """The window, waiting until it shows."""
        return eventually(self._window, "quick-ask shows")

    def shows(self) -> bool:
        return self._window() is not None

    def written(self) -> str:
        """What stands in its field."""
        return self._reader.find(self.app.pid, FIELD, "text").text

    def _window(self) -> Window | None:
        titled = [w for w in screen.visible_windows(self.app.pid) if w.title.startswith(FIELD)]
        return titled[0] if titled else None
