"""The line in a conversation above which Nyanko remembers nothing more. Knows no message and no place."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nyanko_desktop.i18n import tr
from ui.theme import GRID, current, text_font
from ui.widgets.basics import Live, tip

HEIGHT: Final = 9 * GRID
PIXELS: Final = 12
"""Size of its words."""


class MemoryLine(Live, QWidget):
    """Words in the middle of a hairline; its tip says why, and that nothing is lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.dress()

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def retranslate(self) -> None:
        words = tr("Nyanko no longer remembers what is above this line")
        why = tr(
            "The conversation is longer than the model's context. What stands above is kept here, but the model no "
            "longer reads it."
        )
        self._words = words
        self.setAccessibleName(words)
        self.setAccessibleDescription(why)
        self.setToolTip(tip(why))
        self.update()

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, middle = current(), self.height() // 2
        painter = QPainter(self)
        painter.setFont(text_font(PIXELS))
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, self.width() - 12 * GRID)
        half = painter.fontMetrics().horizontalAdvance(words) // 2 + 3 * GRID
        painter.setPen(QColor(theme.soft))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(QColor(theme.line_strong))
        painter.drawLine(0, middle, self.width() // 2 - half, middle)
        painter.drawLine(self.width() // 2 + half, middle, self.width(), middle)
        painter.end()
