"""How Nyanko lives on this desktop: start at login, the desktop entry, what closing the window does."""

from __future__ import annotations

from PySide6.QtCore import Signal

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import SettingsView
from ui.settings.parts import Card, Page, Row, Switch, heading


class GeneralPage(Page):
    """Renders three switches; emits their changes."""

    start_at_login_changed = Signal(bool)
    desktop_entry_changed = Signal(bool)
    close_to_tray_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._has_tray = True
        self._title = heading()
        self._login, self._entry, self._close = Switch(), Switch(), Switch()
        self._login.changed.connect(self.start_at_login_changed)
        self._entry.changed.connect(self.desktop_entry_changed)
        self._close.changed.connect(self.close_to_tray_changed)
        self._rows = tuple(map(Row, (self._login, self._close, self._entry)))
        card = Card()
        for row in self._rows:
            card.add(row)
        self.column.addWidget(self._title)
        self.column.addWidget(card)
        self.column.addStretch()
        self.dress()

    def title(self) -> str:
        return tr("General")

    def render_view(self, view: SettingsView) -> None:
        desktop = view.desktop
        self._login.render_value(desktop.starts_at_login)
        self._entry.render_value(desktop.entry_installed)
        self._rows[2].setVisible(desktop.entry_supported)
        self._close.render_value(view.settings.desktop.close_to_tray and desktop.has_tray)
        self._close.setEnabled(desktop.has_tray)
        if desktop.has_tray != self._has_tray:
            self._has_tray = desktop.has_tray
            self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        login, close, entry = self._rows
        login.say(tr("Start at login"), tr("Nyanko waits in the tray; no window opens."))
        close.say(
            tr("Keep running in the tray when the window is closed"),
            "" if self._has_tray else tr("This desktop has no tray, so a closed window is minimised instead."),
        )
        entry.say(
            tr("Add Nyanko to the applications"),
            tr(
                "Puts a desktop entry and the icon into your own folders. "
                "Wayland desktops want it before they allow a hotkey."
            ),
        )
