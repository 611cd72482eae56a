"""What this machine offers, found without Qt and without torch: versions, display, tray. Changes nothing."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import sys
import threading
from collections.abc import Callable
from typing import Final

from nyanko_desktop.i18n import tr

PROBE_SECONDS: Final = 3.0
"""A display server or a bus that does not answer must not hold up the doctor."""
PACKAGES: Final = (
    "nyanko-desktop",
    "PySide6-Essentials",
    "qasync",
    "torch",
    "transformers",
    "safetensors",
    "msgspec",
    "keyring",
)
WATCHER: Final = "org.kde.StatusNotifierWatcher"


def versions() -> dict[str, str]:
    """Package -> version; empty for one that is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def display() -> str:
    """``wayland``, ``x11 :0``, the system's own, or empty without any."""
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    if name := os.environ.get("WAYLAND_DISPLAY"):
        return f"wayland {name}"
    if name := os.environ.get("DISPLAY"):
        return f"x11 {name}"
    return ""


def tray() -> str:
    """The tray host that answers: ``StatusNotifier``, ``XEmbed``, the system's own, or empty."""
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    if _within(PROBE_SECONDS, _has_watcher):
        return "StatusNotifier"
    return "XEmbed" if _within(PROBE_SECONDS, _has_xembed_host) else ""


def left_out(found_versions: dict[str, str], found_display: str, found_tray: str) -> list[str]:
    """What will not work here, one sentence each."""
    missing = []
    if not found_display:
        missing.append(tr("No display: window, tray and hotkey are left out; “nyanko chat” works in the terminal."))
    elif not found_tray:
        missing.append(tr("No tray host: the window stays reachable as an ordinary window."))
    if not found_versions["PySide6-Essentials"]:
        missing.append(tr("PySide6 is not installed: there is no window."))
    if not found_versions["torch"]:
        missing.append(tr("torch is not installed here: no model can be loaded unless the worker has its own Python."))
    if not found_versions["keyring"]:
        missing.append(tr("keyring is not installed: secrets last only until the program ends."))
    return missing


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _has_watcher() -> bool:
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    connection = open_dbus_connection()
    try:
        call = new_method_call(bus, "NameHasOwner", "s", (WATCHER,))
        return bool(connection.send_and_get_reply(call, timeout=PROBE_SECONDS).body[0])
    finally:
        connection.close()


def _has_xembed_host() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    from Xlib import X
    from Xlib.display import Display

    screen = Display()
    try:
        selection = screen.intern_atom(f"_NET_SYSTEM_TRAY_S{screen.get_default_screen()}")
        return bool(screen.get_selection_owner(selection) != X.NONE)
    finally:
        screen.close()


def _within(seconds: float, probe: Callable[[], bool]) -> bool:
    """The answer of ``probe``; false when it fails or takes too long, because then there is nothing to be used."""
    answers: list[bool] = []

    def run() -> None:
        with contextlib.suppress(Exception):
            answers.append(probe())

    thread = threading.Thread(target=run, name=probe.__name__, daemon=True)
    thread.start()
    thread.join(seconds)
    return any(answers)
