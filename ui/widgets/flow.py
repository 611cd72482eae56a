"""Widgets beside each other, in as many rows as the width asks for. Knows nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QWidget

GAP: Final = 6


class Flow(QWidget):
    """As high as its rows; the ``last`` widget, if there is one, stands at the end of its row."""

    def __init__(self, widgets: Sequence[QWidget], last: QWidget | None = None) -> None:
        super().__init__()
        self._widgets = [*widgets, *([last] if last else [])]
        self._last = last
        self._width = 0
        for widget in self._widgets:
            widget.setParent(self)
            widget.show()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = width
        self.fit()

    def fit(self) -> None:
        """Place everything anew: words have changed."""
        left, top, row = 0, 0, 0
        for widget in self._widgets:
            size = widget.sizeHint()
            if left and left + size.width() > self._width:
                left, top, row = 0, top + row + GAP, 0
            at = self._width - size.width() if widget is self._last else left
            widget.setGeometry(max(at, 0), top, min(size.width(), self._width), size.height())
            left, row = left + size.width() + GAP, max(row, size.height())
        self.setFixedSize(max(self._width, 1), top + row)
