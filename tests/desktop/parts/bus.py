"""The D-Bus session of the desk: who is on it, what the tray host knows, which notifications were shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.desktop.parts.commands import run

WATCHER = "org.kde.StatusNotifierWatcher"
CONTROL = "nyanko.test.Portal"


def has_owner(name: str) -> bool:
    """Whether somebody has taken the bus name."""
    answer = call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", name)
    return "true" in answer


def call(name: str, path: str, method: str, *arguments: str) -> str:
    """The answer to a method call, as gdbus prints it."""
    return run("gdbus", "call", "--session", "--dest", name, "--object-path", path, "--method", method, *arguments)


def tray_items() -> list[tuple[str, str]]:
    """Bus name and path of every StatusNotifier item that the tray host shows."""
    get = "org.freedesktop.DBus.Properties.Get"
    answer = call(WATCHER, "/StatusNotifierWatcher", get, WATCHER, "RegisteredStatusNotifierItems")
    return re.findall(r"'(:[\d.]+|[\w.-]+)(/[\w/]+)'", answer)


def tray_item_property(item: tuple[str, str], name: str) -> str:
    """One property of a StatusNotifier item."""
    return call(*item, "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierItem", name)


def notifications(text: str) -> list[str]:
    """The calls of Notify that the mock server has seen and that contain ``text``."""
    lines = Path(os.environ["DESK_NOTIFICATIONS"]).read_text().splitlines()
    return [line for line in lines if " Notify " in line and text in line]


def open_notifications() -> list[int]:
    """Numbers of those that nobody took away again; the mock server counts from 1."""
    lines = Path(os.environ["DESK_NOTIFICATIONS"]).read_text().splitlines()
    closed = {int(line.split(" CloseNotification ")[1]) for line in lines if " CloseNotification " in line}
    return [number for number in range(1, len(notifications("")) + 1) if number not in closed]


def click_notifications() -> None:
    """Click every notification that was ever shown; who waits for none of them hears nothing."""
    for number in range(1, len(notifications("")) + 1):
        name, values = "org.freedesktop.Notifications", f"[<uint32 {number}>, <'default'>]"
        emit = "org.freedesktop.DBus.Mock.EmitSignal"
        call(name, "/org/freedesktop/Notifications", emit, name, "ActionInvoked", "us", values)


def press_portal_shortcut(backend: str, shortcut: str) -> None:
    """Press a key that the portal has granted."""
    call(backend, "/org/freedesktop/portal/desktop", f"{CONTROL}.Press", shortcut)


def offers(name: str, path: str, interface: str) -> bool:
    """Whether the object has an interface whose name contains ``interface``."""
    command = ("gdbus", "introspect", "--session", "--dest", name, "--object-path", path)
    return has_owner(name) and interface in run(*command, check=False)
