"""A side beside what matters; in a narrow window the side lies over it, and only while it is wanted. Knows neither."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import current

NARROW: Final = 700
"""Pixels below which there is no room for both."""
VEIL_ALPHA: Final = 170
"""How much of what lies behind the side is covered, of 255."""


class SideBySide(QWidget):
    """``side`` has a fixed width; ``main`` gets the rest."""

    changed = Signal()
    """It became narrow or wide, or the side was opened or closed."""

    def __init__(self, side: QWidget, main: QWidget) -> None:
        super().__init__()
        self._side, self._main = side, main
        self._narrow = False
        self._open = False
        self._veil = _Veil(self)
        self._veil.pressed.connect(self.close_side)
        side.setParent(self)
        main.setParent(self)

    def is_narrow(self) -> bool:
        return self._narrow

    def is_open(self) -> bool:
        """Whether the side lies over the rest."""
        return self._narrow and self._open

    def open_side(self) -> None:
        """Show the side; beside the rest it is shown anyway."""
        self._open = True
        self._arrange()

    def close_side(self) -> None:
        self._open = False
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return self._main.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._narrow:
            self._narrow, self._open = narrow, False
        self._arrange()

    def _arrange(self) -> None:
        beside = 0 if self._narrow else self._side.width()
        self._side.setGeometry(0, 0, self._side.width(), self.height())
        self._main.setGeometry(beside, 0, self.width() - beside, self.height())
        self._veil.setGeometry(self.rect())
        self._veil.setVisible(self.is_open())
        self._veil.raise_()
        self._side.setVisible(not self._narrow or self._open)
        self._side.raise_()
        self.changed.emit()


class _Veil(QWidget):
    """What lies behind the side, faded; a click on it closes the side."""

    pressed = Signal()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        shade = QColor(current().background)
        shade.setAlpha(VEIL_ALPHA)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        self.pressed.emit()
