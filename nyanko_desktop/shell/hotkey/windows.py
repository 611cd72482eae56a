"""A hotkey on Windows: RegisterHotKey through ctypes; Qt hands us WM_HOTKEY. Unproven: written from documentation.

Reference: Microsoft Learn, RegisterHotKey and WM_HOTKEY; Qt, QAbstractNativeEventFilter.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend, is_function_key

WM_HOTKEY: Final = 0x0312
MOD_NOREPEAT: Final = 0x4000
MODIFIERS: Final = {"Alt": 0x0001, "Ctrl": 0x0002, "Shift": 0x0004, "Meta": 0x0008}
VK_F1: Final = 0x70
VIRTUAL_KEYS: Final = {
    "Backspace": 0x08, "Tab": 0x09, "Return": 0x0D, "Pause": 0x13, "Esc": 0x1B, "Space": 0x20, "PgUp": 0x21,
    "PgDown": 0x22, "End": 0x23, "Home": 0x24, "Left": 0x25, "Up": 0x26, "Right": 0x27, "Down": 0x28, "Ins": 0x2D,
    "Del": 0x2E,
}  # fmt: skip
ALREADY_REGISTERED: Final = 1409
"""ERROR_HOTKEY_ALREADY_REGISTERED."""
HOTKEY_ID: Final = 1


class _Message(ctypes.Structure):
    """The beginning of Windows' MSG."""

    _fields_ = (
        ("hwnd", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("wParam", ctypes.c_size_t),
        ("lParam", ctypes.c_ssize_t),
        ("time", ctypes.c_uint),
    )


class WindowsHotkey(HotkeyBackend):
    """The hotkey of the UI's thread."""

    def __init__(self) -> None:
        super().__init__()
        self._registered = False
        self._filter = _Filter(self.pressed.emit)
        application = QCoreApplication.instance()
        assert application is not None
        application.installNativeEventFilter(self._filter)

    def bind(self, chord: Chord | None) -> None:
        self.close()
        if chord is None:
            self._tell(HotkeyState("unbound"))
            return
        key = virtual_key(chord.key)
        if not key:
            self._tell(HotkeyState("failed", str(chord), tr("This keyboard has no key “{key}”.", key=chord.key)))
            return
        error = _register(sum(MODIFIERS[name] for name in chord.modifiers) | MOD_NOREPEAT, key)
        self._registered = error == 0
        if error == 0:
            self._tell(HotkeyState("bound", str(chord)))
        elif error == ALREADY_REGISTERED:
            self._tell(HotkeyState("taken", str(chord), tr("Another program holds these keys.")))
        else:
            self._tell(HotkeyState("failed", str(chord), f"Windows error {error}"))

    def close(self) -> None:
        if self._registered:
            self._registered = False
            _unregister()


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, press: Any) -> None:
        super().__init__()
        self._press = press

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        if kind in (b"windows_generic_MSG", b"windows_dispatcher_MSG"):
            said = _Message.from_address(int(message))
            if said.message == WM_HOTKEY and said.wParam == HOTKEY_ID:
                self._press(said.time)
                return True, 0
        return False, 0


def virtual_key(key: str) -> int:
    """Windows' code of a key that Qt names; 0 for one that it does not know."""
    if is_function_key(key):
        return VK_F1 + int(key[1:]) - 1 if int(key[1:]) <= 24 else 0
    if len(key) == 1 and key.isascii() and key.isalnum():
        return ord(key.upper())
    return VIRTUAL_KEYS.get(key, 0)


if sys.platform == "win32":

    def _register(modifiers: int, key: int) -> int:
        """Windows' error, 0 for none."""
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        return 0 if user32.RegisterHotKey(None, HOTKEY_ID, modifiers, key) else ctypes.get_last_error()

    def _unregister() -> None:
        ctypes.WinDLL("user32").UnregisterHotKey(None, HOTKEY_ID)

else:

    def _register(modifiers: int, key: int) -> int:
        raise NotImplementedError("Windows alone has this")

    def _unregister() -> None:
        raise NotImplementedError("Windows alone has this")
