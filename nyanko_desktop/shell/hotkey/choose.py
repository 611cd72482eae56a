"""Which way to bind a hotkey fits this desktop. Imports only the backend that is taken."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

from nyanko_desktop.i18n import tr
from nyanko_desktop.shell.hotkey.base import HotkeyBackend
from nyanko_desktop.shell.hotkey.none import NoHotkey

log = logging.getLogger(__name__)


def choose_backend(qt_platform: str, environ: Mapping[str, str], app_id: str) -> HotkeyBackend:
    """The backend for Qt's platform (``xcb``, ``wayland``, …) in a session with ``environ``.

    Under Wayland a grab on its X server would hear only X programs, so the portal is taken there in any case.
    """
    try:
        return _backend(qt_platform, environ, app_id)
    except Exception as error:  # a boundary: X servers and system libraries each fail in their own way
        log.warning("no hotkey: %s", error, exc_info=True)
        return NoHotkey(str(error))


def _backend(qt_platform: str, environ: Mapping[str, str], app_id: str) -> HotkeyBackend:
    if sys.platform == "win32":
        from nyanko_desktop.shell.hotkey.windows import WindowsHotkey

        return WindowsHotkey()
    if sys.platform == "darwin":
        from nyanko_desktop.shell.hotkey.macos import MacHotkey

        return MacHotkey()
    if qt_platform.startswith("wayland") or environ.get("XDG_SESSION_TYPE") == "wayland":
        from nyanko_desktop.shell.hotkey.portal import PortalHotkey

        return PortalHotkey(app_id)
    if qt_platform == "xcb":
        from nyanko_desktop.shell.hotkey.x11 import X11Hotkey

        return X11Hotkey()
    return NoHotkey(tr("This desktop lets no program choose keys by itself."))
