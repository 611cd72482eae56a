"""What tools may do without a question, and what was noted: each a card, with what can be done about it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.view import GrantView, NoteView
from nyanko_desktop.permissions.words import level_in_words
from ui.avatar import icon_pixmap
from ui.call_words import plainly, tool_icon, tool_name
from ui.theme import current, kind
from ui.widgets.basics import ElidedLabel, Live, button, label


class GrantRow(Live, QFrame):
    """Renders one :class:`GrantView`."""

    revoked = Signal(int)

    def __init__(self, grant: GrantView) -> None:
        super().__init__()
        kind(self, "card")
        self._grant = grant
        self._icon = QLabel()
        self._name, self._level = label("strong"), label("tag")
        self._covers = kind(ElidedLabel(), "plain")
        self._when = label("small")
        self._revoke = button("danger")
        self._revoke.clicked.connect(lambda: self.revoked.emit(self._grant.id))
        head = QHBoxLayout()
        head.setSpacing(8)
        for part in (self._icon, self._name, self._level):
            head.addWidget(part)
        head.addStretch()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(self._covers)
        words.addWidget(self._when)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 12, 14, 12)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self._revoke, 0, Qt.AlignmentFlag.AlignVCenter)
        self.dress()

    def render_item(self, grant: GrantView) -> None:
        if grant != self._grant:
            self._grant = grant
            self.retranslate()
            self.restyle()

    def retranslate(self) -> None:
        grant = self._grant
        name, covers = tool_name(grant.tool), grant_words(grant)
        self._name.setText(name)
        self._level.setText(level_in_words(grant.level))
        self._covers.set_whole(covers)
        self._when.setText(_when(grant))
        self._revoke.setText(tr("Revoke"))
        self._revoke.setAccessibleName(tr("Revoke: {name}, {covers}", name=name, covers=covers))
        self.setAccessibleName(f"{name}, {covers}")

    def restyle(self) -> None:
        name = tool_icon(self._grant.tool)
        self._icon.setPixmap(icon_pixmap(name, 16, current(), "accent_text", self.devicePixelRatioF()))


class NoteRow(Live, QFrame):
    """Renders one :class:`NoteView`; its words can be changed in place."""

    edited = Signal(int, str)
    deleted = Signal(int)

    def __init__(self, note: NoteView) -> None:
        super().__init__()
        kind(self, "card")
        self._note = note
        self._text = QLineEdit(plainly(note.text))
        self._when = label("small")
        self._delete = button("danger")
        self._text.editingFinished.connect(self._edit)
        self._delete.clicked.connect(lambda: self.deleted.emit(self._note.id))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._text)
        words.addWidget(self._when)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(self._delete, 0, Qt.AlignmentFlag.AlignTop)
        self.dress()

    def render_item(self, note: NoteView) -> None:
        if note != self._note:
            self._note = note
            self._text.setText(plainly(note.text))
            self.retranslate()

    def retranslate(self) -> None:
        self._text.setAccessibleName(tr("Note"))
        self._when.setText(tr("noted {time}", time=moment(self._note.changed)))
        self._delete.setText(tr("Delete"))
        self._delete.setAccessibleName(tr("Delete: {name}", name=plainly(self._note.text)))

    def _edit(self) -> None:
        """Words that were cleared by mistake come back; to delete a note there is a button."""
        text = self._text.text().strip()
        if not text:
            self._text.setText(plainly(self._note.text))
        elif self._text.isModified():
            self._text.setModified(False)
            self.edited.emit(self._note.id, text)


def moment(time: datetime) -> str:
    """A time of the person's clock, to the minute."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def grant_words(grant: GrantView) -> str:
    """What the grant covers."""
    match grant.remember:
        case "chat":
            title = grant.conversation or tr("without a title")
            return tr("In the conversation “{title}”", title=title)
        case "scope":
            return tr("Only for {scope}", scope=plainly(grant.scope))
        case "always":
            return tr("Every call")


def _when(grant: GrantView) -> str:
    given = tr("allowed {time}", time=moment(grant.granted))
    used = tr("last used {time}", time=moment(grant.used)) if grant.used else tr("not used yet")
    return f"{given} · {used}"
