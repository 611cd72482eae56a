"""Where no program may bind keys: says so, and why. Knows no desktop."""

from __future__ import annotations

from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend


class NoHotkey(HotkeyBackend):
    """Binds nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def bind(self, chord: Chord | None) -> None:
        self._tell(HotkeyState("unbound") if chord is None else HotkeyState("unsupported", str(chord), self._reason))

    def close(self) -> None:
        """Nothing was taken."""
