"""Tells the person something outside our windows: by the desktop's notification service, else by the tray icon.

Fills the port of host_tools/reminders.py. Qt's own tray message is only the fallback: on StatusNotifier trays it swaps
our icon for a light bulb.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QSystemTrayIcon

from inference_worker.protocol.tasks import spawn
from nyanko_desktop.i18n import tr
from nyanko_desktop.shell.bootstrap import APP_ID

if TYPE_CHECKING:
    from nyanko_desktop.shell.dbus import Bus

log = logging.getLogger(__name__)

PATH: Final = "/org/freedesktop/Notifications"
NAME: Final = "org.freedesktop.Notifications"
CLICK: Final = "default"
"""The action that is done when the notification itself is clicked."""
URGENCY_NORMAL: Final = 1
DESKTOP_DECIDES: Final = -1
"""How long it stays."""
TRAY_MESSAGE_MS: Final = 10_000
"""For the fallback, which must say a time: long enough to read two lines."""

OnClick = Callable[[], object]


class Notifier:
    """One for the whole app; ``tray`` may be ``None`` where there is no tray."""

    def __init__(self) -> None:
        self.tray: QSystemTrayIcon | None = None
        self._shown: dict[str, int] = {}
        """Key -> id of the notification, so that a later one with the same key takes its place."""
        self._heeded: dict[str, asyncio.Task[None]] = {}
        """Key -> who waits for the click."""
        self._forget_tray_click: Callable[[], object] = lambda: None

    async def show(self, title: str, text: str, key: str, on_click: OnClick | None = None) -> None:
        """Show a notification; one with the same ``key`` replaces the earlier one. Raises OSError when it cannot.

        ``on_click`` is called at most once, where the desktop tells of clicks.
        """
        if sys.platform not in ("win32", "darwin"):
            try:
                await self._ask_service(title, text, key, on_click)
            except OSError as error:
                log.info("no notification service: %s", error)
            else:
                return
        self._ask_tray(title, text, on_click)

    async def withdraw(self, key: str) -> None:
        """Take away what was shown with ``key``, where the desktop can do that; it is no news any more."""
        if (task := self._heeded.pop(key, None)) is not None:
            task.cancel()
        number = self._shown.pop(key, None)
        if number is None:
            return
        from nyanko_desktop.shell.dbus import session_bus

        try:
            async with session_bus() as bus:
                await bus.call(_service(), "CloseNotification", "u", number)
        except OSError as error:
            log.info("a notification stays: %s", error)

    def close(self) -> None:
        """Heed no click any more."""
        for task in self._heeded.values():
            task.cancel()
        self._forget_tray_click()

    # ------------------------------------------------------------ the service

    async def _ask_service(self, title: str, text: str, key: str, on_click: OnClick | None) -> None:
        from nyanko_desktop.shell.dbus import session_bus

        if on_click is None:
            async with session_bus() as bus:
                self._shown[key] = await self._notify(bus, title, text, key, clickable=False)
            return
        if (before := self._heeded.pop(key, None)) is not None:
            before.cancel()
        shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heeded[key] = spawn(self._show_and_heed(title, text, key, on_click, shown), "heed a notification")
        await shown

    async def _show_and_heed(
        self, title: str, text: str, key: str, on_click: OnClick, shown: asyncio.Future[None]
    ) -> None:
        """Stay on the bus until the notification is clicked or gone: services tell only a sender that is there."""
        from jeepney import MatchRule

        from nyanko_desktop.shell.dbus import session_bus

        try:
            async with session_bus() as bus:
                rule = MatchRule(type="signal", interface=NAME, path=PATH)
                with bus.signals(rule) as signals:
                    await bus.listen(rule)
                    number = await self._notify(bus, title, text, key, clickable=True)
                    self._shown[key] = number
                    if not shown.done():
                        shown.set_result(None)
                    if await _clicked(signals, number):
                        on_click()
        except OSError as error:
            if not shown.done():
                shown.set_exception(error)
        finally:
            shown.cancel()

    async def _notify(self, bus: Bus, title: str, text: str, key: str, *, clickable: bool) -> int:
        hints = {"urgency": ("y", URGENCY_NORMAL), "desktop-entry": ("s", APP_ID)}
        (abilities,) = await bus.call(_service(), "GetCapabilities")
        words = _escaped(text) if "body-markup" in abilities else text
        actions = [CLICK, tr("Open")] if clickable and "actions" in abilities else []
        before = self._shown.get(key, 0)
        body: tuple[object, ...] = ("Nyanko", before, APP_ID, title, words, actions, hints, DESKTOP_DECIDES)
        (number,) = await bus.call(_service(), "Notify", "susssasa{sv}i", *body)
        return int(number)

    # ------------------------------------------------------------ the tray

    def _ask_tray(self, title: str, text: str, on_click: OnClick | None) -> None:
        tray = self.tray
        if tray is None or not tray.isVisible():
            raise OSError("neither a notification service nor a tray")
        self._forget_tray_click()
        self._forget_tray_click = lambda: None
        if on_click is not None:
            tray.messageClicked.connect(on_click)
            self._forget_tray_click = lambda: tray.messageClicked.disconnect(on_click)
        tray.showMessage(title, text, tray.icon(), TRAY_MESSAGE_MS)


async def _clicked(signals: asyncio.Queue[Any], number: int) -> bool:
    """Wait until notification ``number`` was clicked, or is gone."""
    from jeepney import HeaderFields

    while True:
        signal = await signals.get()
        if signal.body and signal.body[0] == number:
            member = signal.header.fields.get(HeaderFields.member)
            if member == "ActionInvoked":
                return True
            if member == "NotificationClosed":
                return False


def _service() -> Any:
    from jeepney import DBusAddress

    return DBusAddress(PATH, NAME, NAME)


def _escaped(text: str) -> str:
    """For services that read the body as simple markup; a reminder is plain text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
