"""A column of rows that may be long: rows keep their widgets by key, and new ones are made in slices of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

SLICE_SECONDS: Final = 0.004
"""Time for making rows in one go; the rest follows when events have been handled."""


class KeyedList(QWidget):
    """Shows items of one kind, each in a row that ``make`` builds."""

    def __init__(self, make: Callable[[Any], QWidget], spacing: int = 8) -> None:
        super().__init__()
        self._make = make
        self._items: dict[str, Any] = {}
        self._rows: dict[str, QWidget] = {}
        self._wanted: Callable[[Any], bool] = lambda _: True
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(spacing)
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._fill)

    def rows(self) -> dict[str, QWidget]:
        """The rows that were made so far, by key."""
        return dict(self._rows)

    def is_settled(self) -> bool:
        """Whether every item has its row."""
        return not self._more.isActive()

    def render_items(self, items: Sequence[tuple[str, Any]]) -> None:
        """Show ``items`` in their order; equal ones are not touched."""
        before, self._items = self._items, dict(items)
        for key in [key for key in self._rows if key not in self._items]:
            row = self._rows.pop(key)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for key, row in self._rows.items():
            if before.get(key) != self._items[key]:
                self._render(row, self._items[key])
        self._fill()

    def show_only(self, wanted: Callable[[Any], bool]) -> None:
        """Hide the rows of items that are not ``wanted``."""
        self._wanted = wanted
        for key, row in self._rows.items():
            row.setVisible(wanted(self._items[key]))

    def any_shown(self) -> bool:
        """Whether the list has an item that is wanted."""
        return any(map(self._wanted, self._items.values()))

    def _fill(self) -> None:
        end = perf_counter() + SLICE_SECONDS
        for place, (key, item) in enumerate(self._items.items()):
            row = self._rows.get(key)
            if row is None:
                if perf_counter() > end:
                    self._more.start()
                    return
                row = self._rows[key] = self._make(item)
                row.setParent(self)
                self._render(row, item)
            held = self._column.itemAt(place)
            if held is None or held.widget() is not row:
                self._column.insertWidget(place, row)

    def _render(self, row: QWidget, item: Any) -> None:
        row.render_item(item)  # type: ignore[attr-defined]
        row.setVisible(self._wanted(item))
