"""The settings window: a list of pages on the left, one page on the right. Renders a SettingsView, emits intents."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from nyanko_desktop.i18n import on_language_changed, tr
from nyanko_desktop.models.view import LibraryView
from nyanko_desktop.settings.view import SettingsView
from ui.avatar import app_icon
from ui.settings.about_page import AboutPage
from ui.settings.general_page import GeneralPage
from ui.settings.hotkey_page import HotkeyPage
from ui.settings.library_page import LibraryPage
from ui.settings.look_page import LookPage
from ui.settings.model_page import ModelPage
from ui.settings.parts import Page
from ui.settings.permissions_page import PermissionsPage
from ui.settings.servers_page import ServersPage
from ui.settings.tools_page import ToolsPage
from ui.widgets.basics import Live, button, frame
from ui.widgets.trouble import NoticeBar

SIDE_WIDTH = 214


class SettingsWindow(Live, QWidget):
    """One window for all settings; closing it only hides it."""

    opened = Signal()
    """The window is shown: what it says about memory should be asked for anew."""
    notice_dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model_page = ModelPage()
        self.library_page = LibraryPage()
        self.tools_page = ToolsPage()
        self.servers_page = ServersPage()
        self.permissions_page = PermissionsPage()
        self.hotkey_page = HotkeyPage()
        self.look_page = LookPage()
        self.general_page = GeneralPage()
        self.about_page = AboutPage()
        self._pages: tuple[Page, ...] = (
            self.model_page,
            self.library_page,
            self.tools_page,
            self.servers_page,
            self.permissions_page,
            self.hotkey_page,
            self.look_page,
            self.general_page,
            self.about_page,
        )
        self._stack = QStackedWidget()
        self._list = QButtonGroup(self)
        self._entries = [button("row") for _ in self._pages]
        self._notice = NoticeBar()
        self._notice.dismissed.connect(self.notice_dismissed)
        self.model_page.another_model_requested.connect(lambda: self.open_page(self.library_page))
        self.tools_page.offline_requested.connect(self._open_hub)
        self._arrange()
        self.resize(960, 720)
        self.setMinimumSize(760, 480)
        self.setWindowIcon(app_icon())
        leave = on_language_changed(self._language_changed)
        self.destroyed.connect(lambda: leave())
        self.dress()

    def render_view(self, view: SettingsView) -> None:
        """Show ``view`` on every page."""
        for page in self._pages:
            page.render_view(view)
        notice = view.notice
        if notice is not None and notice.action == "open_settings":
            notice = replace(notice, action="none")  # here they are
        self._notice.render_view(notice)

    def render_library(self, view: LibraryView) -> None:
        """Show on every page what ``view`` says of models."""
        for page in self._pages:
            page.render_library(view)

    def open_page(self, page: Page) -> None:
        """Turn to ``page``."""
        self._entries[self._pages.index(page)].setChecked(True)

    def _open_hub(self) -> None:
        self.open_page(self.library_page)
        self.library_page.open_part("hub")

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Settings") + " · Nyanko")
        for page, entry in zip(self._pages, self._entries, strict=True):
            entry.setText(page.title().replace("&", "&&"))  # one & would mark a key
            entry.setAccessibleName(page.title())

    def _language_changed(self) -> None:
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LanguageChange))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        side = frame("side")
        side.setFixedWidth(SIDE_WIDTH)
        entries = QVBoxLayout(side)
        entries.setContentsMargins(10, 14, 10, 14)
        entries.setSpacing(4)
        for index, entry in enumerate(self._entries):
            entry.setCheckable(True)
            # Not ``clicked``: a screen reader toggles.
            entry.toggled.connect(lambda on, index=index: self._stack.setCurrentIndex(index) if on else None)
            self._list.addButton(entry)
            entries.addWidget(entry)
            self._stack.addWidget(self._pages[index])
        entries.addStretch()
        self._entries[0].setChecked(True)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._notice)
        right.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(right, 1)
