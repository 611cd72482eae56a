"""The port: what a hotkey is, what may become of it, and how each backend is used. Knows no desktop."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from nyanko_desktop.settings.view import HotkeyState

log = logging.getLogger(__name__)

MODIFIERS: Final = ("Ctrl", "Alt", "Shift", "Meta")
_KEYS: Final = {"pgup": "PgUp", "pgdown": "PgDown", "scrolllock": "ScrollLock"}
"""Keys whose names have a capital inside."""


@dataclass(frozen=True, slots=True)
class Chord:
    """One key with its modifiers, for example ``Ctrl+Alt+N``."""

    modifiers: frozenset[str]
    key: str
    """As Qt writes it: ``N``, ``F5``, ``Space``, ``PgUp``, ``,``."""

    def __str__(self) -> str:
        return "+".join([name for name in MODIFIERS if name in self.modifiers] + [self.key])


def parse(text: str) -> Chord:
    """``Ctrl+Alt+N`` as a chord, in any case and order. Raises ValueError when it is none, or has no modifier.

    A function key may stand alone: no program types with it.
    """
    *names, key = (name.strip() for name in text.split("+"))
    known = {name.lower(): name for name in MODIFIERS}
    modifiers = frozenset(known.get(name.lower(), "") for name in names)
    key = _KEYS.get(key.lower(), key[:1].upper() + key[1:])
    if not key or "" in modifiers or key.lower() in known:
        raise ValueError(f"no hotkey: {text!r}")
    if not modifiers - {"Shift"} and not is_function_key(key):
        raise ValueError(f"a hotkey needs Ctrl, Alt or Meta: {text!r}")
    return Chord(modifiers, key)


def is_function_key(key: str) -> bool:
    """``F1`` to ``F35``."""
    return key[:1] == "F" and key[1:].isdigit() and 1 <= int(key[1:]) <= 35


class HotkeyBackend(QObject):
    """One hotkey, bound through one way; a backend overrides :meth:`bind` and :meth:`close`."""

    pressed = Signal(int)
    """The time of the key press as the window system counts it; 0 where it does not say."""
    state_changed = Signal(object)
    """The new HotkeyState."""

    def __init__(self) -> None:
        super().__init__()
        self.state = HotkeyState("unbound")

    def bind(self, chord: Chord | None) -> None:
        """Bind ``chord`` instead of what was bound, ``None`` nothing; the outcome comes as a state."""
        raise NotImplementedError

    def close(self) -> None:
        """Give everything back."""
        raise NotImplementedError

    def focus(self, window: int, when: int) -> None:
        """Get the keyboard for ``window`` because of a press at ``when``, where Qt cannot do so by itself."""

    def _tell(self, state: HotkeyState) -> None:
        if state != self.state:
            self.state = state
            log.info("hotkey %s: %s %s", state.kind, state.keys, state.reason)
            self.state_changed.emit(state)
