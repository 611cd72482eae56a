"""Names and values, as a table where there is room, each name above its value where there is none. Knows no call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from ui.widgets.inset import Inset
from ui.widgets.words import Words

NAME_WIDTH: Final = 96
SPACING: Final = 12
TABLE_WIDTH: Final = 340
"""In less, a path beside its name would be broken every few letters."""


class Facts(QGridLayout):
    """The layout; :meth:`set_width` says how wide."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: list[tuple[Words, Words | Inset]] = []
        self._width = 0
        self._is_table = True
        self.setHorizontalSpacing(SPACING)
        self.setVerticalSpacing(4)

    def __iter__(self) -> Iterator[tuple[Words, Words | Inset]]:
        """Each name with its value."""
        return iter(self._facts)

    def add(self, name: Words, value: Words | Inset) -> None:
        name.setBuddy(value)
        self._facts.append((name, value))
        self._place(len(self._facts) - 1)
        self._widen(name, value)
        for part in (name, value):  # else they have no height before the next turn of the event loop
            part.show()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = width
        is_table = width >= TABLE_WIDTH
        if is_table != self._is_table:
            self._is_table = is_table
            for index, fact in enumerate(self._facts):
                for part in fact:
                    self.removeWidget(part)
                self._place(index)
        for fact in self._facts:
            self._widen(*fact)

    def _place(self, index: int) -> None:
        row, (name, value) = 2 * index, self._facts[index]
        top = Qt.AlignmentFlag.AlignTop
        self.addWidget(name, row, 0, top)
        self.addWidget(value, row if self._is_table else row + 1, 1 if self._is_table else 0, top)

    def _widen(self, name: Words, value: Words | Inset) -> None:
        if self._width:
            name.set_width(NAME_WIDTH if self._is_table else self._width)
            value.set_width(self._width - (NAME_WIDTH + SPACING if self._is_table else 0))
