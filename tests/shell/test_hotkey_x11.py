"""The X11 grab on a server of its own: bound, taken, found again after the keyboard changed, one press for a held key."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

from nyanko_desktop.shell.hotkey.base import parse
from nyanko_desktop.shell.hotkey.x11 import REPEAT_MS, X11Hotkey

END_SECONDS = 10.0

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Name of a display that nobody else uses."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-noreset"]
    process = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as number:
        display = f":{number.readline().strip()}"
    yield display
    process.terminate()
    process.wait(END_SECONDS)


@pytest.fixture
def hotkey(qapp: QApplication, server: str) -> Iterator[X11Hotkey]:
    backend = X11Hotkey(server)
    yield backend
    backend.close()


@pytest.fixture
def fingers(server: str) -> Iterator[Fingers]:
    made = Fingers(server)
    yield made
    made.display.close()


class Fingers:
    """Presses keys as a keyboard does."""

    def __init__(self, server: str) -> None:
        self.display = Display(server)

    def rest(self) -> None:
        """Let the server's clock, which counts milliseconds, go on; no hand is quicker."""
        began = time.monotonic()
        while time.monotonic() - began < REPEAT_MS * 0.002:
            self.display.sync()

    def press(self, *names: str, repeats: int = 0) -> None:
        codes = [self.display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes:
            xtest.fake_input(self.display, X.KeyPress, code)
        for _ in range(repeats):
            xtest.fake_input(self.display, X.KeyRelease, codes[-1])
            xtest.fake_input(self.display, X.KeyPress, codes[-1])
        for code in reversed(codes):
            xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()


def test_a_press_arrives_also_with_num_lock_and_caps_lock(hotkey: X11Hotkey, fingers: Fingers, qtbot: QtBot) -> None:
    hotkey.bind(parse("Ctrl+Alt+N"))
    assert hotkey.state.kind == "bound"
    for locks in ([], ["Caps_Lock"], ["Num_Lock"]):
        fingers.press(*locks)
        fingers.rest()
        with qtbot.waitSignal(hotkey.pressed):
            fingers.press("Control_L", "Alt_L", "n")
        fingers.press(*locks)


def test_a_key_that_is_held_is_one_press(hotkey: X11Hotkey, fingers: Fingers, qtbot: QtBot) -> None:
    presses: list[int] = []
    hotkey.pressed.connect(presses.append)
    hotkey.bind(parse("Ctrl+Alt+N"))
    fingers.press("Control_L", "Alt_L", "n", repeats=5)
    qtbot.waitUntil(lambda: hotkey._released > 0 and bool(presses))
    fingers.rest()
    with qtbot.waitSignal(hotkey.pressed):
        fingers.press("Control_L", "Alt_L", "n")
    assert len(presses) == 2


def test_keys_that_another_program_holds_are_taken(hotkey: X11Hotkey, server: str) -> None:
    other = X11Hotkey(server)
    other.bind(parse("Ctrl+Alt+J"))
    hotkey.bind(parse("Ctrl+Alt+J"))
    assert (hotkey.state.kind, hotkey.state.keys) == ("taken", "Ctrl+Alt+J")
    assert hotkey.state.reason
    other.close()
    hotkey.bind(parse("Ctrl+Alt+J"))
    assert hotkey.state.kind == "bound"


def test_unbinding_gives_the_keys_back(hotkey: X11Hotkey, server: str) -> None:
    hotkey.bind(parse("Ctrl+Alt+G"))
    hotkey.bind(None)
    other = X11Hotkey(server)
    other.bind(parse("Ctrl+Alt+G"))
    assert (hotkey.state.kind, other.state.kind) == ("unbound", "bound")
    other.close()


def test_a_key_that_the_keyboard_does_not_have_is_said(hotkey: X11Hotkey) -> None:
    hotkey.bind(parse("Ctrl+ж"))
    assert hotkey.state.kind == "failed"
    assert "Ж" in hotkey.state.reason


def test_the_hotkey_moves_with_its_key_when_the_keyboard_changes(
    hotkey: X11Hotkey, fingers: Fingers, qtbot: QtBot
) -> None:
    hotkey.bind(parse("Ctrl+Alt+Y"))
    display = fingers.display
    y, z = (display.keysym_to_keycode(XK.string_to_keysym(name)) for name in "yz")
    before = display.get_keyboard_mapping(min(y, z), abs(y - z) + 1)
    swapped = [before[-1], *before[1:-1], before[0]]
    display.change_keyboard_mapping(min(y, z), swapped)
    display.sync()
    qtbot.waitUntil(lambda: hotkey._grabbed is not None and hotkey._grabbed[0] == z)
    display.change_keyboard_mapping(min(y, z), before)
    display.sync()
    qtbot.waitUntil(lambda: hotkey._grabbed is not None and hotkey._grabbed[0] == y)
