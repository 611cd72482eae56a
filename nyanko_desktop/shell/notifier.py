"""Tells the person something outside our windows: by the desktop's notification service, else by the tray icon.

Fills the port of host_tools/reminders.py. Qt's own tray message is only the fallback: on StatusNotifier trays it swaps
our icon for a light bulb.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from PySide6.QtWidgets import QSystemTrayIcon

from nyanko_desktop.shell.bootstrap import APP_ID

log = logging.getLogger(__name__)

URGENCY_NORMAL: Final = 1
DESKTOP_DECIDES: Final = -1
"""How long it stays."""
TRAY_MESSAGE_MS: Final = 10_000
"""For the fallback, which must say a time: long enough to read two lines."""


class Notifier:
    """One for the whole app; ``tray`` may be ``None`` where there is no tray."""

    def __init__(self) -> None:
        self.tray: QSystemTrayIcon | None = None
        self._shown: dict[str, int] = {}
        """Key -> id of the notification, so that a later one with the same key takes its place."""

    async def show(self, title: str, text: str, key: str) -> None:
        """Show a notification; one with the same ``key`` replaces the earlier one. Raises OSError when it cannot."""
        if sys.platform not in ("win32", "darwin"):
            try:
                await self._ask_service(title, text, key)
            except OSError as error:
                log.info("no notification service: %s", error)
            else:
                return
        self._ask_tray(title, text)

    async def _ask_service(self, title: str, text: str, key: str) -> None:
        from jeepney import DBusAddress

        from nyanko_desktop.shell.dbus import session_bus

        service = DBusAddress(
            "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "org.freedesktop.Notifications"
        )
        hints = {"urgency": ("y", URGENCY_NORMAL), "desktop-entry": ("s", APP_ID)}
        async with session_bus() as bus:
            (abilities,) = await bus.call(service, "GetCapabilities")
            words = _escaped(text) if "body-markup" in abilities else text
            body: tuple[object, ...] = (
                "Nyanko",
                self._shown.get(key, 0),
                APP_ID,
                title,
                words,
                [],
                hints,
                DESKTOP_DECIDES,
            )
            (number,) = await bus.call(service, "Notify", "susssasa{sv}i", *body)
        self._shown[key] = int(number)

    def _ask_tray(self, title: str, text: str) -> None:
        if self.tray is None or not self.tray.isVisible():
            raise OSError("neither a notification service nor a tray")
        self.tray.showMessage(title, text, self.tray.icon(), TRAY_MESSAGE_MS)


def _escaped(text: str) -> str:
    """For services that read the body as simple markup; a reminder is plain text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
