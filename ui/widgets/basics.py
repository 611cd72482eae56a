"""Small parts that every window uses: icon buttons, the cat, labels that shorten themselves. Knows no message."""

from __future__ import annotations

from html import escape
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from ui.avatar import Mood, cat_pixmap, icon
from ui.theme import Ink, Theme, current, kind

LONGEST_TIP_LINE: Final = 80
"""Characters of a tip that Qt shows in one line, however wide that is."""


class Live:
    """Mixed into a widget: says and paints itself anew when the language or the theme changes.

    A top-level window sends ``QEvent.Type.LanguageChange`` to itself; Qt hands it down to every child.
    """

    _painted: Theme | None = None

    def dress(self) -> None:
        """Both, for the first time: the last thing a constructor does."""
        self._painted = current()
        self.retranslate()
        self.restyle()

    def retranslate(self) -> None:
        """Set every text that :func:`tr` made."""

    def restyle(self) -> None:
        """Paint what the stylesheet cannot."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.StyleChange and self._painted is not current():
            self._painted = current()  # Qt sends this event for other reasons, too
            self.restyle()
        super().changeEvent(event)  # type: ignore[misc]


class Pressable:
    """Mixed into a button: Enter presses it as Space does. Qt leaves that to the desktop, and some do not."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)  # type: ignore[misc]
        elif not event.isAutoRepeat():  # else a key that is held would press what comes next
            self.click()  # type: ignore[attr-defined]


class Button(Pressable, QPushButton):
    """A push button."""


class IconButton(Live, Pressable, QToolButton):
    """A flat button with a line icon; with ``text`` beside it, or without, but never without a name."""

    def __init__(self, icon_name: str, parent: QWidget | None = None, ink: Ink = "soft", size: int = 16) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._ink: Ink = ink
        self.setIconSize(QSize(size, size))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        kind(self, "quiet")
        self.dress()

    def set_icon(self, name: str, ink: Ink | None = None) -> None:
        if (name, ink or self._ink) != (self._icon_name, self._ink):
            self._icon_name, self._ink = name, ink or self._ink
            self.restyle()

    def name(self, text: str, *, visible: bool = False) -> None:
        """What the button is called: its tip and, if ``visible``, the words beside the icon."""
        self.setAccessibleName(text)
        self.setToolTip("" if visible else text)
        self.setText(text if visible else "")
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(beside if visible else alone)

    def restyle(self) -> None:
        self.setIcon(icon(self._icon_name, current(), self._ink))


class CatLabel(Live, QWidget):
    """The cat in one mood."""

    def __init__(self, size: int, mood: Mood = Mood.IDLE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mood = mood
        self.setFixedSize(size, size)

    def set_mood(self, mood: Mood) -> None:
        if mood != self._mood:
            self._mood = mood
            self.update()

    def mood(self) -> Mood:
        return self._mood

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        picture = cat_pixmap(self._mood, self.width(), current(), self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, picture)


class ElidedLabel(QLabel):
    """One line that ends in … where it does not fit; the whole text is its tip then.

    It takes what room there is, or with ``hugging`` no more than its text needs.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None, *, hugging: bool = False) -> None:
        super().__init__(parent)
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        sideways = QSizePolicy.Policy.Maximum if hugging else QSizePolicy.Policy.Ignored
        self.setSizePolicy(sideways, QSizePolicy.Policy.Fixed)
        self._fit()

    def set_whole(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self._fit()
            self.updateGeometry()

    def whole(self) -> str:
        return self._whole

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        line = self._whole.replace("\n", " ")
        shown = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(self.width(), 0))
        self.setText(shown)
        self.setToolTip(tip(self._whole) if shown != line else "")
        self.setAccessibleName(self._whole)


def tip(text: str) -> str:
    """``text`` for ``setToolTip``: shown as it is, where Qt would take markup for markup, and in lines."""
    if "<" not in text and len(text) <= LONGEST_TIP_LINE:
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def label(kind_name: str = "", *, wrap: bool = False) -> QLabel:
    """An empty label with the looks of ``kind_name``; what it says is never read as markup."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    return kind(made, kind_name) if kind_name else made


def button(kind_name: str = "") -> QPushButton:
    """A push button with the looks of ``kind_name``."""
    made = Button()
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return kind(made, kind_name) if kind_name else made


def frame(kind_name: str, parent: QWidget | None = None) -> QFrame:
    """A frame with the looks of ``kind_name``."""
    return kind(QFrame(parent), kind_name)
