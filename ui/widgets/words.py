"""A short text of somebody else, plain and whole, in as many lines as the width asks for. Knows no call.

One widget where a text view would be five: a card with ten such texts must be there within a frame.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import LINE_PIXELS, Ink, current, kind

LONGEST_WORD: Final = 60
"""Characters without a space; a text with a longer one is broken anywhere, which takes no longer for a longer one."""


class Words(QLabel):
    """As high as its text; :meth:`set_width` says how wide."""

    def __init__(self, text: str = "", ink: Ink = "text", looks: str = "plain", parent: QWidget | None = None) -> None:
        """``looks``: the kind of label whose font it has."""
        super().__init__(parent)
        kind(self, looks)
        self._ink: Ink = ink
        self._width = 0
        self._layout: QTextLayout | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self.text():
            self.setText(text)
            if self._width:
                self.set_width(self._width)

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide, and as high as the text then is."""
        self._width = width
        self.ensurePolished()  # else it does not have its font yet
        self._layout = layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        option = QTextOption()
        at_words = max(map(len, self.text().split()), default=0) <= LONGEST_WORD
        modes = QTextOption.WrapMode
        option.setWrapMode(modes.WrapAtWordBoundaryOrAnywhere if at_words else modes.WrapAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        lines = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, lines * LINE_PIXELS + (LINE_PIXELS - line.height()) / 2))
            lines += 1
        layout.endLayout()
        self.setFixedSize(width, max(lines, 1) * LINE_PIXELS)

    def drawn_width(self) -> int:
        """Pixels that the longest of its lines takes."""
        return 0 if self._layout is None else ceil(self._layout.boundingRect().width())

    def sizeHint(self) -> QSize:
        """What :meth:`set_width` found; QLabel would lay its text out once more."""
        return self.minimumSize()

    def minimumSizeHint(self) -> QSize:
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._layout is not None:
            painter = QPainter(self)
            painter.setPen(QColor(getattr(current(), self._ink)))
            self._layout.draw(painter, QPointF(0, 0))
            painter.end()
