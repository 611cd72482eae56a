"""Where the person writes. Keeps a draft for each conversation; words leave it only when the conversation has them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import Attachment
from nyanko_desktop.i18n import tr
from ui.avatar import icon
from ui.theme import current, kind
from ui.widgets.attachment import ClipboardChip
from ui.widgets.basics import Live, button, label

TALLEST: Final = 200
"""Pixels up to which the field grows; then it scrolls."""
AROUND_HINT: Final = 48
"""Margins and gaps of the row in which the hint stands."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MessageField(QTextEdit):
    """Plain text that grows with what is written. Enter submits, Shift+Enter begins a line; while an input method
    composes, Enter belongs to it.
    """

    submitted = Signal()
    recalled = Signal()
    """Up was pressed in an empty field."""
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None, tallest: int = TALLEST) -> None:
        super().__init__(parent)
        self._composing = False
        self._tallest = tallest
        kind(self, "bare")
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self._grow)
        self._grow()

    def text(self) -> str:
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Put ``text`` in the place of what is there, with the cursor behind it; can be undone."""
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def is_composing(self) -> bool:
        """Whether an input method holds text that is not committed yet."""
        return self._composing

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if not self._composing and not event.isAutoRepeat():
                self.submitted.emit()
            event.accept()
        elif event.key() == Qt.Key.Key_Up and not self._composing and not self.toPlainText():
            self.recalled.emit()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Only text: files and pictures that are dropped here are not read."""
        if source.hasText():
            self.insertPlainText(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        self.focus_changed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._grow()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.height())

    def _grow(self) -> None:
        wanted = round(self.document().size().height()) + 2
        scrolls = wanted > self._tallest
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(min(wanted, self._tallest))


class Composer(Live, QFrame):
    """The field, and the one button: Send, or Stop while a reply is made."""

    send_requested = Signal(str, object)
    """The words, and a tuple of :class:`Attachment`."""
    stop_requested = Signal()
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "composer")
        self._drafts: dict[int | None, tuple[str, tuple[Attachment, ...]]] = {}
        self._conversation: int | None = None
        self._sent = ""
        self._sent_along: tuple[Attachment, ...] = ()
        self._last = ""
        self._busy = False
        self.field = MessageField()
        self.field.submitted.connect(self._submit)
        self.field.recalled.connect(self._recall)
        self.field.textChanged.connect(self._text_changed)
        self.field.focus_changed.connect(self._show_focus)
        self.clipboard = ClipboardChip()
        self.clipboard.changed.connect(self._attachment_changed)
        self._hint = label("small")
        self.button = button("primary")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not end what an input method composes
        self.button.clicked.connect(self._press)
        row = QHBoxLayout()
        row.addWidget(self.clipboard.button)
        row.addWidget(self.clipboard)
        row.addWidget(self._hint)
        row.addStretch()
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 10, 10)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addLayout(row)
        self.setFocusProxy(self.field)
        self.dress()

    def render_busy(self, busy: bool) -> None:
        """Send, or Stop."""
        if busy != self._busy:
            self._busy = busy
            self.retranslate()

    def open_draft(self, conversation: int | None) -> None:
        """Keep what is written for the conversation that was open, and show the draft of another one."""
        if conversation != self._conversation:
            self._drafts[self._conversation] = self.field.text(), self.clipboard.attached()
            self._conversation = conversation
            text, attached = self._drafts.pop(conversation, ("", ()))
            self.field.set_text(text)
            self.clipboard.show_attached(attached)

    def message_arrived(self, text: str, conversation: int | None) -> None:
        """``conversation`` has ``text`` now. If that is what was sent, it may leave the field; what was typed
        meanwhile stays, also where the conversation got its id only with this message.
        """
        if self._sent and self._sent.strip() == text:
            self._conversation = conversation
            written = self.field.text()
            if written.startswith(self._sent):
                self.field.set_text(written[len(self._sent) :])
            if self.clipboard.attached() == self._sent_along:
                self.clipboard.clear()
            self._sent, self._sent_along = "", ()

    def set_last(self, text: str) -> None:
        """What Up brings back into an empty field."""
        self._last = text

    def retranslate(self) -> None:
        self.field.setPlaceholderText(tr("Say something to Nyanko…"))
        self.field.setAccessibleName(tr("Message input"))
        self._hint.setText(tr("Enter sends · Shift+Enter for a new line"))
        words = tr("Stop") if self._busy else tr("Send")
        self.button.setText(words)
        self.button.setAccessibleName(words)
        kind(self.button, "stop" if self._busy else "primary")
        self.restyle()
        self._text_changed()
        self._show_hint()

    def restyle(self) -> None:
        name, ink = ("stop", "text") if self._busy else ("enter", "on_accent")
        can_send = self._busy or self.button.isEnabled()
        self.button.setIcon(icon(name, current(), ink if can_send else "soft"))

    def _text_changed(self) -> None:
        can = self._busy or bool(self.field.text().strip())
        if can != self.button.isEnabled():
            self.button.setEnabled(can)
            self.restyle()
        self.edited.emit()

    def _press(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            QGuiApplication.inputMethod().commit()
            self._submit()
        self.field.setFocus()

    def _submit(self) -> None:
        text = self.field.text()
        if text.strip() and not self._busy and not self.field.is_composing():
            self._sent, self._sent_along = text, self.clipboard.attached()
            self.send_requested.emit(text.strip(), self._sent_along)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_hint()

    def _show_hint(self) -> None:
        """Where there is room for it, which there is not beside an attachment."""
        self._hint.ensurePolished()
        needed = sum(part.sizeHint().width() for part in (self._hint, self.clipboard.button, self.button))
        self._hint.setVisible(not self.clipboard.attached() and needed + AROUND_HINT <= self.width())

    def _attachment_changed(self) -> None:
        self._show_hint()
        if self.isVisible():
            self.field.setFocus()

    def _recall(self) -> None:
        if self._last:
            self.field.set_text(self._last)

    def _show_focus(self, focused: bool) -> None:
        self.setProperty("active", "true" if focused else "false")
        self.style().unpolish(self)
        self.style().polish(self)
