"""A hotkey on X11: the server gives us the key and nobody else (XGrabKey). No thread: Qt watches the connection.

Knows Xlib and nothing of our windows but their number.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from PySide6.QtCore import QSocketNotifier
from Xlib import XK, X, display, error
from Xlib.protocol import event as xevent

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend

log = logging.getLogger(__name__)

MASKS: Final = {"Ctrl": X.ControlMask, "Alt": X.Mod1Mask, "Shift": X.ShiftMask, "Meta": X.Mod4Mask}
KEYSYMS: Final = {
    "Backspace": "BackSpace",
    "Del": "Delete",
    "Enter": "KP_Enter",
    "Esc": "Escape",
    "Ins": "Insert",
    "PgDown": "Next",
    "PgUp": "Prior",
    "Print": "Print",
    "Space": "space",
}
"""Qt's name of a key -> X's, where the two differ."""
REPEAT_MS: Final = 1
"""A key that is held repeats as release and press in the same instant; no finger is as quick."""
FROM_A_PERSON: Final = 2
"""Source of a wish for the focus, as pagers state it (EWMH, _NET_ACTIVE_WINDOW): window managers obey it."""


class X11Hotkey(HotkeyBackend):
    """The grab of one chord on the root window. Raises OSError or Xlib's DisplayError when there is no X server."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self._display = display.Display(name)
        self._root = self._display.screen().root
        self._chord: Chord | None = None
        self._grabbed: tuple[int, tuple[int, ...]] | None = None
        """Keycode and modifier masks."""
        self._released = 0
        """The server's time of the last release."""
        self._notifier = QSocketNotifier(self._display.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)

    def bind(self, chord: Chord | None) -> None:
        self._release()
        self._chord = chord
        if chord is None:
            self._tell(HotkeyState("unbound"))
            return
        keycode = self._keycode(chord)
        if not keycode:
            reason = tr("This keyboard has no key “{key}”.", key=chord.key)
            self._tell(HotkeyState("failed", str(chord), reason))
        elif self._grab(keycode, sum(MASKS[name] for name in chord.modifiers)):
            self._tell(HotkeyState("bound", str(chord)))
        else:
            self._tell(HotkeyState("taken", str(chord), tr("Another program holds these keys.")))

    def close(self) -> None:
        self._notifier.setEnabled(False)
        try:
            self._release()
            self._display.close()
        except (error.ConnectionClosedError, OSError) as gone:
            log.debug("the X server was gone before: %s", gone)

    def focus(self, window: int, when: int) -> None:
        """Ask the window manager to give ``window`` the keyboard, because of a key pressed at ``when``.

        Qt cannot ask this well: the press did not reach it, so it would name an older time and be refused.
        """
        wish = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        message = xevent.ClientMessage(
            window=self._display.create_resource_object("window", window),
            client_type=wish,
            data=(32, [FROM_A_PERSON, when, 0, 0, 0]),
        )
        self._root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self._display.flush()

    # ------------------------------------------------------------ grabbing

    def _grab(self, keycode: int, mask: int) -> bool:
        masks = tuple(mask | locks for locks in self._lock_variants())
        taken = error.CatchError(error.BadAccess)
        for variant in masks:
            self._root.grab_key(keycode, variant, False, X.GrabModeAsync, X.GrabModeAsync, onerror=taken)
        self._display.sync()
        self._grabbed = (keycode, masks)
        if taken.get_error() is not None:
            self._release()
            return False
        return True

    def _release(self) -> None:
        if self._grabbed is not None:
            keycode, masks = self._grabbed
            self._grabbed = None
            for mask in masks:
                self._root.ungrab_key(keycode, mask, onerror=error.CatchError(error.BadAccess))
            self._display.sync()

    def _lock_variants(self) -> set[int]:
        """Caps Lock and Num Lock are modifiers too: without these the hotkey would die when one is on."""
        num = self._num_lock_mask()
        return {0, X.LockMask, num, X.LockMask | num}

    def _num_lock_mask(self) -> int:
        keycode = self._display.keysym_to_keycode(XK.XK_Num_Lock)
        for index, keycodes in enumerate(self._display.get_modifier_mapping()):
            if keycode and keycode in keycodes:
                return int(1 << index)
        return 0

    def _keycode(self, chord: Chord) -> int:
        keysym = XK.string_to_keysym(KEYSYMS.get(chord.key, chord.key))
        if not keysym and len(chord.key) == 1:
            code = ord(chord.key)
            keysym = code if code < 0x100 else 0x0100_0000 | code  # X11 protocol, appendix A: Latin-1 and Unicode
        if len(chord.key) == 1 and chord.key.isascii():
            keysym = ord(chord.key.lower())
        return int(self._display.keysym_to_keycode(keysym)) if keysym else 0

    # ------------------------------------------------------------ what the server says

    def _read(self) -> None:
        try:
            while self._display.pending_events():
                self._take(self._display.next_event())
        except (error.ConnectionClosedError, OSError) as gone:
            log.warning("the X server is gone: %s", gone)
            self._notifier.setEnabled(False)

    def _take(self, event: Any) -> None:
        key = event.detail if event.type in (X.KeyPress, X.KeyRelease) else None
        ours = self._grabbed is not None and key == self._grabbed[0]
        if ours and event.type == X.KeyRelease:
            self._released = event.time
        elif ours and event.time - self._released > REPEAT_MS:
            self.pressed.emit(event.time)
        elif event.type == X.MappingNotify and event.request != X.MappingPointer:
            self._display.refresh_keyboard_mapping(event)
            self.bind(self._chord)
