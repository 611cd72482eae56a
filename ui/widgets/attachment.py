"""The clipboard beside a question: a chip where the person writes, a fold where it was sent. Knows no conversation.

The clipboard is read when the person presses the button, and at no other time.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from nyanko_desktop.chat.view_state import LONGEST_ATTACHMENT, Attachment, TextView
from nyanko_desktop.i18n import tr
from ui.avatar import icon_pixmap
from ui.call_words import plainly, source_name
from ui.theme import current, kind
from ui.widgets.basics import ElidedLabel, IconButton, Live, tip
from ui.widgets.fold import Fold
from ui.widgets.inset import Inset

FIRST_CHARS: Final = 60
"""Of the text, on a chip; what has no room ends in …"""
TIP_CHARS: Final = 600
EMPTY_MS: Final = 4000
"""How long it is said that the clipboard holds no text."""


class ClipboardChip(Live, QFrame):
    """What goes along with the question, by its first words; :attr:`button` takes it from the clipboard."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "pill")
        self.button = IconButton("clipboard")
        """To be placed by the window."""
        self.button.clicked.connect(self.take)
        self._attached: Attachment | None = None
        self._icon = QLabel()
        self._words = kind(ElidedLabel(hugging=True), "small")
        self._remove = IconButton("close", size=12)
        self._remove.clicked.connect(self.clear)
        self._empty = QTimer(self, singleShot=True, interval=EMPTY_MS)
        self._empty.timeout.connect(self._show)
        row = self._row = QHBoxLayout(self)
        self.setFixedHeight(30)  # less would square its corners
        row.setSpacing(5)
        for part in (self._icon, self._words, self._remove):
            row.addWidget(part)
        self.dress()

    def attached(self) -> tuple[Attachment, ...]:
        """What goes with the next question."""
        return () if self._attached is None else (self._attached,)

    def take(self) -> None:
        """Attach the text that the clipboard holds now, in the place of what was attached before."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._empty.stop()
            self.show_attached((Attachment(text),))
        elif self._attached is None:
            self._empty.start()
            self._show()

    def show_attached(self, attached: tuple[Attachment, ...]) -> None:
        """Hold ``attached``, one or nothing, in the place of what is there."""
        self._attached = attached[0] if attached else None
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Send nothing along."""
        self.show_attached(())

    def retranslate(self) -> None:
        self.button.name(tr("Attach the clipboard"))
        self._remove.name(tr("Do not send it along"))
        self._show()

    def restyle(self) -> None:
        self._icon.setPixmap(icon_pixmap("clipboard", 14, current(), "soft", self.devicePixelRatioF()))

    def _show(self) -> None:
        attached = self._attached
        self._remove.setVisible(attached is not None)
        self._row.setContentsMargins(10, 0, 10 if attached is None else 3, 0)
        self.setVisible(attached is not None or self._empty.isActive())
        words = tr("The clipboard holds no text.") if attached is None else _chip_words(attached)
        self._words.set_whole(words)
        self.setAccessibleName(words)
        self.setToolTip(tip(plainly(attached.text[:TIP_CHARS])) if attached else "")


class AttachedFold(Fold):
    """Attached text in a message that was sent, folded to one line with its source."""

    def __init__(self, view: TextView, parent: QWidget | None = None) -> None:
        super().__init__("bare", parent)
        self.view = view
        self._width = 0
        self._icon = QLabel()
        self._line = kind(ElidedLabel(hugging=True), "small")
        self._column.setContentsMargins(0, 6, 0, 0)
        self.head.setSpacing(6)
        for part in (self._icon, self._line, self._chevron):
            self.head.addWidget(part)
        self.head.addStretch()
        self.dress()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = width
        self.setFixedWidth(width)
        if isinstance(self._body, Inset):
            self._body.set_width(width)

    def natural_width(self) -> int:
        """Pixels in which the line needs no …"""
        self._line.ensurePolished()
        return self.head.sizeHint().width()

    def make_body(self) -> QWidget:
        body = Inset(plainly(self.view.text), source_name(self.view.source), ink="soft")
        body.set_width(self._width)
        return body

    def retranslate(self) -> None:
        super().retranslate()
        words = _first_words(self.view.source, self.view.text)
        self._line.set_whole(words)
        self.setAccessibleName(words)

    def restyle(self) -> None:
        name = "clipboard" if self.view.source == "clipboard" else "file"
        self._icon.setPixmap(icon_pixmap(name, 14, current(), "soft", self.devicePixelRatioF()))


def _chip_words(attached: Attachment) -> str:
    words = _first_words(attached.source, attached.text)
    if len(attached.text) <= LONGEST_ATTACHMENT:
        return words
    limit = tr("only the first {count} characters", count=f"{LONGEST_ATTACHMENT:,}")
    return f"{words} · {limit}"


def _first_words(source: str, text: str) -> str:
    line = " ".join(text[: 4 * FIRST_CHARS].split())
    shown = line[:FIRST_CHARS].rstrip()
    more = "…" if len(shown) < len(" ".join(text[: 8 * FIRST_CHARS].split())) else ""
    return tr("{source}: {words}", source=source_name(source), words=plainly(shown) + more)
