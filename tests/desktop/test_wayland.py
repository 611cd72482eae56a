"""Under Wayland (headless weston): the program starts, and its hotkey comes from the desktop portal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.desktop.parts import bus
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import INPUT, Chat
from tests.desktop.parts.quick_ask import FIELD
from tests.desktop.parts.reader import SYSTEM_PYTHON, ScreenReader
from tests.desktop.parts.waiting import eventually

HERE: Final = Path(__file__).parent
SOCKET: Final = "wl-nyanko"
WAYLAND: Final = {"QT_QPA_PLATFORM": "wayland", "WAYLAND_DISPLAY": SOCKET, "XDG_SESSION_TYPE": "wayland"}
BACKEND: Final = "org.freedesktop.impl.portal.desktop.nyanko_test"
PORTAL: Final = "org.freedesktop.portal.Desktop"
END_SECONDS: Final = 10.0


@contextmanager
def part(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A program of the desktop for the time of the block."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=END_SECONDS)


@pytest.fixture(scope="module", autouse=True)
def weston() -> Iterator[None]:
    with part("weston", "--backend=headless-backend.so", f"--socket={SOCKET}"):
        socket = Path(os.environ["XDG_RUNTIME_DIR"]) / SOCKET
        eventually(socket.is_socket, "weston accepts programs")
        yield


@pytest.fixture
def portal() -> Iterator[subprocess.Popen[str]]:
    """The real xdg-desktop-portal, whose desktop side grants every shortcut and writes down what it granted."""
    settings = {"XDG_DESKTOP_PORTAL_DIR": str(HERE / "portals"), "XDG_CURRENT_DESKTOP": "nyankotest"}
    with ExitStack() as running:
        backend = running.enter_context(part(SYSTEM_PYTHON, str(HERE / "parts/portal_backend.py")))
        eventually(lambda: bus.has_owner(BACKEND), "the portal's desktop side is there")
        running.enter_context(part("/usr/libexec/xdg-desktop-portal", "--replace", **settings))
        eventually(
            lambda: bus.offers(PORTAL, "/org/freedesktop/portal/desktop", "GlobalShortcuts"), "the portal is there"
        )
        yield backend


def test_the_window_shows_and_the_program_quits_cleanly(scripted: App, reader: ScreenReader) -> None:
    scripted.start(environment=WAYLAND)
    reader.find(scripted.pid, INPUT)
    chat = Chat(scripted, reader)
    chat.write_and_send("Hello?")
    assert chat.finished_reply().text == "I am a script."


def test_the_portal_grants_the_hotkey_and_its_press_opens_quick_ask(
    scripted: App, reader: ScreenReader, portal: subprocess.Popen[str]
) -> None:
    scripted.start(environment=WAYLAND)
    reader.find(scripted.pid, INPUT)
    eventually(lambda: "hotkey bound" in scripted.log, "the portal has granted the key")
    assert not reader.look(scripted.pid, FIELD, "text")
    bus.press_portal_shortcut(BACKEND, "quick-ask")
    reader.find(scripted.pid, FIELD, "text")
    portal.terminate()
    assert portal.stdout is not None
    assert "bind quick-ask CTRL+ALT+n" in portal.stdout.read()
