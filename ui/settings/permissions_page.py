"""What tools may do unasked, what they did, and what was noted about the person. Renders views, emits intents."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.view import GrantView, NoteView, PermissionsView
from nyanko_desktop.settings.view import SettingsView
from ui.settings.grants import GrantRow, NoteRow
from ui.settings.keyed_list import KeyedList
from ui.settings.ledger import Ledger
from ui.settings.parts import Choice, Page, heading
from ui.widgets.basics import button, label
from ui.widgets.trouble import NoticeBar

PARTS: Final = ("grants", "calls", "notes")
PAUSE_MS: Final = 200
"""After a key, before the ledger is searched."""


class PermissionsPage(Page):
    """Renders a :class:`PermissionsView`."""

    refresh_requested = Signal()
    """The page is shown."""
    revoke_requested = Signal(int)
    search_requested = Signal(str)
    older_requested = Signal()
    note_edited = Signal(int, str)
    note_deleted = Signal(int)
    notice_dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = PermissionsView()
        self._title = heading()
        self._parts = Choice(PARTS)
        self._notice = NoticeBar()
        self._about = label("soft", wrap=True)
        self._grants = KeyedList(self._make_grant)
        self._notes = KeyedList(self._make_note)
        self._search = QLineEdit()
        self._search.setClearButtonEnabled(True)
        self._ledger = Ledger()
        self._count = label("small", wrap=True)
        self._older = button()
        self._calls = QWidget()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._part = "grants"
        self._arrange()
        self._connect()
        self._parts.set_value("grants")
        self.open_part("grants")
        self.dress()

    def title(self) -> str:
        return tr("Permissions")

    def render_view(self, view: SettingsView) -> None:
        """Permissions are no settings."""

    def render_permissions(self, view: PermissionsView) -> None:
        """Show ``view``."""
        self._view = view
        self._grants.render_items([(str(grant.id), grant) for grant in view.grants])
        self._notes.render_items([(str(note.id), note) for note in view.notes])
        self._ledger.render_calls(view.calls)
        self._notice.render_view(view.notice)
        self._say()

    def open_part(self, part: str) -> None:
        """Show one of :data:`PARTS`."""
        self._part = part
        self._parts.set_value(part)
        for name, shown in zip(PARTS, (self._grants, self._calls, self._notes), strict=True):
            shown.setVisible(name == part)
        self._say()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        for part, words in zip(PARTS, (tr("Allowed"), tr("Calls"), tr("Notes")), strict=True):
            self._parts.say(part, words)
        self._search.setPlaceholderText(tr("Search tools, arguments and hosts"))
        self._search.setAccessibleName(tr("Search tools, arguments and hosts"))
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_requested.emit()

    def _say(self) -> None:
        view = self._view
        match self._part:
            case "grants" if view.grants:
                said = tr("These run without a question. What you revoke asks again at its next call.")
            case "grants":
                said = tr("Nothing is allowed for longer than one call. Cards in the chat offer it.")
            case "calls" if view.calls:
                said = tr("Every call of a tool, also those that you refused. It stays on this computer.")
            case "calls" if view.query:
                said = tr("No call holds these words.")
            case "calls":
                said = tr("No tool was used yet.")
            case _ if view.notes:
                said = tr("What Nyanko noted about you. Change it here, or delete it.")
            case _:
                said = tr("Nyanko has noted nothing about you.")
        self._about.setText(said)
        more, counts = view.count > len(view.calls), {"shown": len(view.calls), "count": f"{view.count:,}"}
        if view.query:
            self._count.setText(tr("The newest {shown} of {count} calls that hold these words.", **counts))
        else:
            self._count.setText(tr("The newest {shown} of {count} calls.", **counts))
        self._older.setText(tr("Show older calls"))
        self._older.setAccessibleName(tr("Show older calls"))
        self._older.setAccessibleDescription(self._count.text())
        for part in (self._count, self._older):
            part.setVisible(more)

    # ------------------------------------------------------------ how it is put together

    def _make_grant(self, grant: GrantView) -> QWidget:
        row = GrantRow(grant)
        row.revoked.connect(self.revoke_requested)
        return row

    def _make_note(self, note: NoteView) -> QWidget:
        row = NoteRow(note)
        row.edited.connect(self.note_edited)
        row.deleted.connect(self.note_deleted)
        return row

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._title)
        head.addWidget(self._parts)
        head.addStretch()
        inside = QVBoxLayout(self._calls)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addWidget(self._search)
        inside.addWidget(self._ledger, 1)
        foot = QHBoxLayout()
        foot.setSpacing(14)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._older)
        inside.addLayout(foot)
        self.column.addLayout(head)
        for part in (self._notice, self._about, self._grants, self._notes):
            self.column.addWidget(part)
        self.column.addWidget(self._calls, 100)
        self.column.addStretch(1)

    def _connect(self) -> None:
        self._parts.chosen.connect(self.open_part)
        self._older.clicked.connect(self.older_requested)
        self._notice.dismissed.connect(self.notice_dismissed)
        self._search.textChanged.connect(lambda: self._pause.start())
        self._pause.timeout.connect(lambda: self.search_requested.emit(self._search.text()))
