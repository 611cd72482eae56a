"""What the settings can change on this desktop, and how it stands now. Fills the port of settings/controller.py."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Final

from nyanko_desktop.settings.view import DesktopView
from nyanko_desktop.shell import autostart, desktop_entry
from nyanko_desktop.shell.launch import command
from nyanko_desktop.shell.tray import Tray

log = logging.getLogger(__name__)

HIDDEN: Final = "--hidden"
"""The option that starts to the tray alone."""


class ThisDesktop:
    """``profile`` is what the program was started with, ``None`` for the person's own."""

    def __init__(self, tray: Tray, profile: Path | None) -> None:
        self._tray = tray
        self._profile = profile

    def view(self) -> DesktopView:
        return DesktopView(
            has_tray=self._tray.has_host,
            starts_at_login=autostart.is_enabled(),
            entry_installed=desktop_entry.is_installed(),
            entry_supported=desktop_entry.SUPPORTED,
        )

    def set_start_at_login(self, wanted: bool) -> None:
        """Raises OSError when the system refuses."""
        if wanted:
            autostart.enable(command(self._profile, HIDDEN))
        else:
            autostart.disable()

    def set_desktop_entry(self, wanted: bool) -> None:
        """Raises OSError when the system refuses."""
        if wanted:
            desktop_entry.install(command(self._profile))
        else:
            desktop_entry.remove()


def is_composited(qt_platform: str) -> bool:
    """Whether half transparent windows are shown as such: everywhere but on X11 without a compositor."""
    if qt_platform != "xcb" or sys.platform != "linux":
        return True
    from Xlib import X
    from Xlib.display import Display
    from Xlib.error import DisplayError

    try:
        display = Display()
    except (DisplayError, OSError) as error:
        log.info("no look at the compositor: %s", error)
        return False
    try:
        selection = display.intern_atom(f"_NET_WM_CM_S{display.get_default_screen()}")
        return bool(display.get_selection_owner(selection) != X.NONE)
    finally:
        display.close()
