"""The cat in the tray: its picture, tooltip and menu tell the truth about the worker. Knows no window.

Qt itself speaks XEmbed and StatusNotifier and comes back when a host restarts; an icon made before any StatusNotifier
host existed would never reach one, so the icon is made when a host is there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from nyanko_desktop.i18n import tr

if TYPE_CHECKING:  # the icon is on the screen before anything of the app is imported
    from nyanko_desktop.worker.state import WorkerState

LOOK_SECONDS: Final = 2.0
"""Between two looks for a tray host while there is none; one look takes a millisecond."""
CHECK_SECONDS: Final = 10.0
"""Between two looks whether the host is still there."""


class Tray(QObject):
    """The tray icon, as soon and as long as there is a host for it. Emits what the person chose."""

    open_requested = Signal()
    quick_ask_requested = Signal()
    new_conversation_requested = Signal()
    free_memory_requested = Signal()
    settings_requested = Signal()
    quit_requested = Signal()
    host_changed = Signal(bool)
    """Whether there is a tray now."""

    def __init__(self, picture: QIcon) -> None:
        """``picture`` is shown until :meth:`show_states` says how states look."""
        super().__init__()
        self._picture = picture
        self._words = ""
        self._icon_of: Callable[[WorkerState, bool], QIcon] | None = None
        self._words_of: Callable[[WorkerState], str] | None = None
        self._state: WorkerState | None = None
        self._waits = False
        self._offline = False
        self._menu = QMenu()
        self.icon: QSystemTrayIcon | None = None
        self._open = self._entry(self.open_requested)
        self._quick_ask = self._entry(self.quick_ask_requested)
        self._new = self._entry(self.new_conversation_requested)
        self._menu.addSeparator()
        self._model_line = self._line()
        self._state_line = self._line()
        self._free = self._entry(self.free_memory_requested)
        self._menu.addSeparator()
        self._settings = self._entry(self.settings_requested)
        self._quit = self._entry(self.quit_requested)
        self._listening = False
        self._wish: SignalInstance | None = None
        """What the person chose while the app was still being put together."""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look_for_host)
        self.retranslate()
        self.look_for_host()

    @property
    def has_host(self) -> bool:
        """Whether the icon can be seen, asked now."""
        return self.icon is not None and QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def host(self) -> str:
        """Who shows the icon: ``XEmbed``, ``StatusNotifier``, the system's own name, or empty."""
        if self.icon is None or not self.has_host:
            return ""
        if sys.platform in ("win32", "darwin"):
            return sys.platform
        return "XEmbed" if self.icon.geometry().isValid() else "StatusNotifier"

    def show_states(
        self, icon_of: Callable[[WorkerState, bool], QIcon], words_of: Callable[[WorkerState], str]
    ) -> None:
        """From now on states are shown with these pictures and words; the picture may say that the person is asked."""
        self._icon_of, self._words_of = icon_of, words_of

    def render(self, state: WorkerState) -> None:
        """Show ``state``; :meth:`show_states` comes first."""
        assert self._icon_of is not None
        assert self._words_of is not None
        self._state = state
        self._picture = self._icon_of(state, self._waits)
        words = tr("waits for your answer") if self._waits else self._words_of(state)
        self._words = f"{words} · {tr('Offline')}" if self._offline else words
        self._model_line.setText(state.model.name if state.model else "")
        self._model_line.setVisible(state.model is not None)
        self._state_line.setText(self._words)
        self._state_line.setVisible(True)
        self._free.setEnabled(state.kind not in ("asleep", "failed"))
        if self.icon is not None:
            self.icon.setIcon(self._picture)
            self.icon.setToolTip(self._tooltip())

    def render_waiting(self, waits: bool) -> None:
        """Show whether a call waits for the person: nothing goes on until they answer."""
        self._waits = waits
        if self._state is not None:
            self.render(self._state)

    def render_offline(self, offline: bool) -> None:
        """Show whether nothing may reach any network."""
        self._offline = offline
        if self._state is not None:
            self.render(self._state)

    def listen(self) -> None:
        """Emit from now on, and first what was chosen before."""
        self._listening = True
        if self._wish is not None:
            self._wish.emit()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._open.setText(tr("Open Nyanko"))
        self._quick_ask.setText(tr("Quick-ask"))
        self._new.setText(tr("New conversation"))
        self._free.setText(tr("Free the memory now"))
        self._settings.setText(tr("Settings…"))
        self._quit.setText(tr("Quit"))
        if self._state is not None:
            self.render(self._state)

    def look_for_host(self) -> None:
        """Make the icon when a host has come; forget it when the host is gone."""
        available = QSystemTrayIcon.isSystemTrayAvailable()
        self._timer.start(int(1000 * (CHECK_SECONDS if available else LOOK_SECONDS)))
        if available == (self.icon is not None):
            return
        if available:
            self._show()
        else:
            self.close()
        self.host_changed.emit(available)

    def close(self) -> None:
        """Take the icon away."""
        if self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None

    def _show(self) -> None:
        self.icon = QSystemTrayIcon(self._picture, self)
        self.icon.setToolTip(self._tooltip())
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self.icon.show()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self._want(self.open_requested)
        elif reason == QSystemTrayIcon.ActivationReason.MiddleClick:
            self._want(self.quick_ask_requested)

    def _want(self, wish: SignalInstance) -> None:
        if self._listening:
            wish.emit()
        else:
            self._wish = wish

    def _entry(self, chosen: SignalInstance) -> QAction:
        action = self._menu.addAction("")
        action.triggered.connect(lambda: self._want(chosen))
        return action

    def _line(self) -> QAction:
        """Words that cannot be chosen."""
        action = self._menu.addAction("")
        action.setEnabled(False)
        action.setVisible(False)
        return action

    def _tooltip(self) -> str:
        return f"Nyanko · {self._words}" if self._words else "Nyanko"
