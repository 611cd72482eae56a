"""The servers of the Model Context Protocol that the person uses. Renders a ServersView, emits intents."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.servers import ServersView, ServerView
from nyanko_desktop.settings.view import SettingsView
from ui.settings.keyed_list import KeyedList
from ui.settings.parts import MARGIN, Page, heading
from ui.settings.server_card import ServerCard
from ui.settings.server_import import ServerImport
from ui.widgets.basics import button, label
from ui.widgets.trouble import NoticeBar

BAR_WIDTH = 12


class ServersPage(Page):
    """Renders a :class:`ServersView`."""

    refresh_requested = Signal()
    text_given = Signal(str)
    file_given = Signal(str)
    import_chosen = Signal(tuple)
    import_declined = Signal()
    server_switched = Signal(str, bool)
    restart_requested = Signal(str)
    removal_requested = Signal(str)
    tool_changed = Signal(str, bool)
    level_chosen = Signal(str, str)
    notice_dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = ServersView()
        self._title = heading()
        self._begin = button()
        self._notice = NoticeBar()
        self._about = label("soft", wrap=True)
        self._secrets = label("warn", wrap=True)
        self._import = ServerImport()
        self._import.hide()
        self._servers = KeyedList(self._make_server)
        self._arrange()
        self._connect()
        self.dress()

    def title(self) -> str:
        return tr("Servers (MCP)")

    def render_view(self, view: SettingsView) -> None:
        """Servers have a view of their own."""

    def render_servers(self, view: ServersView) -> None:
        """Show ``view``."""
        before, self._view = self._view, view
        self._servers.render_items([(one.settings.name, one) for one in view.servers])
        self._import.render_servers(view.imported, frozenset(one.settings.name for one in view.servers))
        if view.imported != before.imported:
            self._import.setVisible(bool(view.imported))
        self._notice.render_view(view.notice)
        self._begin.setVisible(view.can_import)
        self._say()

    def begin_import(self) -> None:
        """Let the person paste or open the servers of another program."""
        self._import.show()
        self._widen()
        self.show_top()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self._begin.setText(tr("Import…"))
        self._begin.setAccessibleName(tr("Import servers"))
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_requested.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widen()

    def _say(self) -> None:
        if self._view.servers:
            said = tr("Programs that give models more tools. Each runs with your rights, so start only what you know.")
        else:
            said = tr("No server yet. Servers are programs that give models more tools (Model Context Protocol).")
        self._about.setText(said)
        self._secrets.setText(self._view.secrets_problem)
        self._secrets.setVisible(bool(self._view.secrets_problem))

    def _widen(self) -> None:
        width = self.width() - 2 * MARGIN - BAR_WIDTH
        self._import.set_width(width)
        for card in self._servers.findChildren(ServerCard):
            card.set_width(width)

    def _make_server(self, view: ServerView) -> QWidget:
        card = ServerCard(view)
        card.set_width(self.width() - 2 * MARGIN - BAR_WIDTH)
        card.switched.connect(self.server_switched)
        for name in ("restart_requested", "removal_requested", "tool_changed", "level_chosen"):
            getattr(card, name).connect(getattr(self, name))
        return card

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._begin)
        self.column.addLayout(head)
        for part in (self._notice, self._about, self._secrets, self._import, self._servers):
            self.column.addWidget(part)
        self.column.addStretch()

    def _connect(self) -> None:
        self._begin.clicked.connect(self.begin_import)
        self._notice.dismissed.connect(self.notice_dismissed)
        self._import.text_given.connect(self.text_given)
        self._import.file_given.connect(self.file_given)
        self._import.chosen.connect(self.import_chosen)
        self._import.declined.connect(self._decline)

    def _decline(self) -> None:
        self._import.hide()
        self.import_declined.emit()
