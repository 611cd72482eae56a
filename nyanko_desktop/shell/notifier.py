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

EXPIRED: Final = 1
"""Why a notification was closed, as the specification numbers it."""

OnClick = Callable[[], object]


class Notifier:
    """One for the whole app; ``tray`` may be ``None`` where there is no tray."""

    def __init__(self) -> None:
        self.tray: QSystemTrayIcon | None = None
        self._shown: dict[str, int] = {}
        """Key -> id of the notification, so that a later one with the same key takes its place."""
        self._heeded: dict[str, _Heeded] = {}
        """Key -> who waits for the click."""
        self._forget_tray_click: Callable[[], object] = lambda: None

    async def show(self, title: str, text: str, key: str, on_click: OnClick | None = None) -> None:
        """Show a notification; one with the same ``key`` replaces the earlier one. Raises OSError when it cannot.

        ``on_click`` is called at most once, where the desktop tells of clicks. With it, :meth:`withdraw` works, also
        while it is only about to be shown.
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
        """Take away what was shown with ``key`` and a click, where the desktop can do that; it is no news any more."""
        if (heeded := self._heeded.pop(key, None)) is not None:
            heeded.withdrawn.set()
            await asyncio.wait((heeded.task,))

    def close(self) -> None:
        """Heed no click any more."""
        for heeded in self._heeded.values():
            heeded.task.cancel()
        self._forget_tray_click()

    # ------------------------------------------------------------ the service

    async def _ask_service(self, title: str, text: str, key: str, on_click: OnClick | None) -> None:
        from nyanko_desktop.shell.dbus import session_bus

        if on_click is None:
            async with session_bus() as bus:
                self._shown[key] = await self._notify(bus, title, text, key, clickable=False)
            return
        before, heeded = self._heeded.get(key), _Heeded(on_click)
        self._heeded[key] = heeded
        heeded.task = spawn(self._show_and_heed(title, text, key, heeded, before), "heed a notification")
        heeded.task.add_done_callback(lambda _: heeded.shown.cancel())
        await heeded.shown

    async def _show_and_heed(self, title: str, text: str, key: str, heeded: _Heeded, before: _Heeded | None) -> None:
        """Stay on the bus until the notification is gone or withdrawn; a click leaves it where it is on some desktops.

        Services tell only a sender that is there, and some let nobody else replace or close what it has shown.
        """
        from jeepney import MatchRule

        from nyanko_desktop.shell.dbus import session_bus

        try:
            if before is not None:
                before.task.cancel()
                await asyncio.wait((before.task,))
            async with session_bus() as bus:
                rule = MatchRule(type="signal", interface=NAME, path=PATH)
                with bus.signals(rule) as signals:
                    await bus.listen(rule)
                    number = self._shown[key] = await self._notify(bus, title, text, key, clickable=True)
                    heeded.tell_shown()
                    if not await _gone(signals, number, heeded):
                        await bus.call(_service(), "CloseNotification", "u", number)
                    self._shown.pop(key, None)
        except OSError as error:
            heeded.tell_shown(error)
        finally:
            if self._heeded.get(key) is heeded:
                del self._heeded[key]

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


class _Heeded:
    """A notification whose click is waited for."""

    task: asyncio.Task[None]

    def __init__(self, on_click: OnClick) -> None:
        self.shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.withdrawn = asyncio.Event()
        self._on_click: OnClick | None = on_click

    def tell_shown(self, error: OSError | None = None) -> None:
        """It shows, or cannot; of what goes wrong later there is only a line in the log."""
        if self.shown.done():
            log.info("of a notification nothing more is heard: %s", error)
        elif error is None:
            self.shown.set_result(None)
        else:
            self.shown.set_exception(error)

    def click(self) -> None:
        """The first click counts."""
        on_click, self._on_click = self._on_click, None
        if on_click is not None:
            on_click()


async def _gone(signals: asyncio.Queue[Any], number: int, heeded: _Heeded) -> bool:
    """Wait until notification ``number`` is gone; false when it is to be withdrawn instead."""
    gone = asyncio.ensure_future(_heed(signals, number, heeded))
    take_back = asyncio.ensure_future(heeded.withdrawn.wait())
    try:
        await asyncio.wait((gone, take_back), return_when=asyncio.FIRST_COMPLETED)
        return gone.done()
    finally:
        gone.cancel()
        take_back.cancel()


async def _heed(signals: asyncio.Queue[Any], number: int, heeded: _Heeded) -> None:
    """Pass on a click until the notification is gone; one that has expired may still be in the desktop's list."""
    from jeepney import HeaderFields

    while True:
        signal = await signals.get()
        if signal.body and signal.body[0] == number:
            member = signal.header.fields.get(HeaderFields.member)
            if member == "ActionInvoked":
                heeded.click()
            elif member == "NotificationClosed" and signal.body[1:] != (EXPIRED,):
                return


def _service() -> Any:
    from jeepney import DBusAddress

    return DBusAddress(PATH, NAME, NAME)


def _escaped(text: str) -> str:
    """For services that read the body as simple markup; a reminder is plain text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
