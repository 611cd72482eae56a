"""A hotkey on macOS: Carbon's RegisterEventHotKey, which swallows the key and needs no permission.

Unproven: written from Apple's headers (Carbon, CarbonEvents.h and Events.h). Knows no window.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend

CARBON: Final = "/System/Library/Frameworks/Carbon.framework/Carbon"
MODIFIERS: Final = {"Ctrl": 0x0100, "Shift": 0x0200, "Alt": 0x0800, "Meta": 0x1000}
"""Qt's Ctrl is the Command key on a Mac, its Meta the Control key."""
KEY_CODES: Final = {
    "A": 0, "S": 1, "D": 2, "F": 3, "H": 4, "G": 5, "Z": 6, "X": 7, "C": 8, "V": 9, "B": 11, "Q": 12, "W": 13,
    "E": 14, "R": 15, "Y": 16, "T": 17, "1": 18, "2": 19, "3": 20, "4": 21, "6": 22, "5": 23, "9": 25, "7": 26,
    "8": 28, "0": 29, "O": 31, "U": 32, "I": 34, "P": 35, "Return": 36, "L": 37, "J": 38, "K": 40, "N": 45,
    "M": 46, "Tab": 48, "Space": 49, "Esc": 53, "F5": 96, "F6": 97, "F7": 98, "F3": 99, "F8": 100, "F9": 101,
    "F11": 103, "F10": 109, "F12": 111, "Home": 115, "PgUp": 116, "Del": 117, "F4": 118, "End": 119, "F2": 120,
    "PgDown": 121, "F1": 122, "Left": 123, "Right": 124, "Down": 125, "Up": 126,
}  # fmt: skip
NO_ERROR: Final = 0
ALREADY_REGISTERED: Final = -9878
"""eventHotKeyExistsErr."""


def _four_letters(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")


class _EventType(ctypes.Structure):
    _fields_ = (("event_class", ctypes.c_uint32), ("event_kind", ctypes.c_uint32))


class _HotKeyId(ctypes.Structure):
    _fields_ = (("signature", ctypes.c_uint32), ("id", ctypes.c_uint32))


KEY_PRESSED: Final = _EventType(_four_letters("keyb"), 5)
"""kEventClassKeyboard, kEventHotKeyPressed."""
OURS: Final = _HotKeyId(_four_letters("nynk"), 1)
_Handler = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class MacHotkey(HotkeyBackend):
    """The hotkey of the application's event target. Raises OSError where Carbon cannot be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._carbon: Any = ctypes.CDLL(CARBON)
        self._carbon.GetApplicationEventTarget.restype = ctypes.c_void_p
        self._target = ctypes.c_void_p(self._carbon.GetApplicationEventTarget())
        self._reference = ctypes.c_void_p()
        self._handler = _Handler(self._pressed)  # kept: Carbon holds only the address
        handler_reference = ctypes.c_void_p()
        self._carbon.InstallEventHandler(
            self._target, self._handler, 1, ctypes.byref(KEY_PRESSED), None, ctypes.byref(handler_reference)
        )

    def bind(self, chord: Chord | None) -> None:
        self.close()
        if chord is None:
            self._tell(HotkeyState("unbound"))
        elif (code := KEY_CODES.get(chord.key)) is None:
            self._tell(HotkeyState("failed", str(chord), tr("This keyboard has no key “{key}”.", key=chord.key)))
        else:
            self._tell(self._register(chord, code))

    def close(self) -> None:
        if self._reference:
            self._carbon.UnregisterEventHotKey(self._reference)
            self._reference = ctypes.c_void_p()

    def _register(self, chord: Chord, code: int) -> HotkeyState:
        modifiers = sum(MODIFIERS[name] for name in chord.modifiers)
        reference = ctypes.c_void_p()
        error = self._carbon.RegisterEventHotKey(code, modifiers, OURS, self._target, 0, ctypes.byref(reference))
        if error == ALREADY_REGISTERED:
            return HotkeyState("taken", str(chord), tr("Another program holds these keys."))
        if error != NO_ERROR:
            return HotkeyState("failed", str(chord), f"macOS error {error}")
        self._reference = reference
        return HotkeyState("bound", str(chord))

    def _pressed(self, _call: int, _event: int, _data: int) -> int:
        self.pressed.emit(0)
        return NO_ERROR
