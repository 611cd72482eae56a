"""What the pages are made of: a page with a title, cards, rows with words on the left and a control on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nyanko_desktop.models.view import LibraryView
from nyanko_desktop.settings.view import SettingsView
from ui.theme import current, kind
from ui.widgets.basics import Live, button, frame, label
from ui.widgets.focus_ring import reach_by_keyboard

MARGIN = 28
"""Around a page."""
SWITCH_SIZE = QSize(38, 22)
FADED = 0.45
"""How much is left of a switch that cannot be moved."""


class Page(Live, QWidget):
    """One page; what does not fit scrolls."""

    def __init__(self) -> None:
        super().__init__()
        canvas = kind(QWidget(), "canvas")
        self.column = QVBoxLayout(canvas)
        self.column.setContentsMargins(MARGIN, 22, MARGIN, 20)
        self.column.setSpacing(14)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(canvas)
        reach_by_keyboard(self._scroll)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._whole.addWidget(self._scroll)

    def title(self) -> str:
        """What the page is called in the list."""
        raise NotImplementedError

    def render_view(self, view: SettingsView) -> None:
        """Show ``view``."""
        raise NotImplementedError

    def render_library(self, view: LibraryView) -> None:
        """Show what ``view`` says of models; most pages need nothing of it."""

    def set_foot(self, foot: QWidget) -> None:
        """Keep ``foot`` below what scrolls, always in sight."""
        self._whole.addWidget(foot)

    def show_top(self) -> None:
        """Scroll back to the beginning."""
        self._scroll.verticalScrollBar().setValue(0)


class Card(QFrame):
    """A card with rows one below the other, a hairline between them."""

    def __init__(self) -> None:
        super().__init__()
        kind(self, "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 4, 14, 4)
        self.column.setSpacing(0)
        self._lines: dict[QWidget, QWidget] = {}

    def add(self, row: QWidget) -> None:
        if self.column.count():
            self._lines[row] = frame("hairline")
            self.column.addWidget(self._lines[row])
        self.column.addWidget(row)

    def show_row(self, row: QWidget, shown: bool) -> None:
        """Show a row with the hairline above it, or neither."""
        for part in (row, self._lines.get(row)):
            if part is not None:
                part.setVisible(shown)


class Row(QWidget):
    """What a control is for, and the control; ``explanation`` says what its name does not."""

    def __init__(self, control: QWidget) -> None:
        super().__init__()
        self.control = control
        self._name = label("strong", wrap=True)
        self._explanation = label("soft", wrap=True)
        self._name.setBuddy(control)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._explanation)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 10, 0, 10)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)

    def say(self, name: str, explanation: str = "") -> None:
        self._name.setText(name)
        self._explanation.setText(explanation)
        self._explanation.setVisible(bool(explanation))
        self.control.setAccessibleName(name)
        self.control.setAccessibleDescription(explanation)


class Switch(QCheckBox):
    """On or off, drawn as a switch."""

    changed = Signal(bool)
    """The person or their screen reader moved it (Qt's ``clicked`` knows no screen readers)."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = False
        self.toggled.connect(self._toggled)

    def render_value(self, on: bool) -> None:
        self._shown = on
        self.setChecked(on)

    def _toggled(self, on: bool) -> None:
        if on != self._shown:
            self.changed.emit(on)

    def sizeHint(self) -> QSize:
        return SWITCH_SIZE

    def hitButton(self, _position: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(1, (self.height() - 20) / 2, 36, 20)
        on, usable = self.isChecked(), self.isEnabled()
        painter.setOpacity(1.0 if usable else FADED)
        painter.setPen(QColor(theme.accent if on and usable else theme.soft))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 2))
        painter.setBrush(QColor(theme.accent if on and usable else theme.panel))
        painter.drawRoundedRect(track, 10, 10)
        knob = QRectF(track.right() - 17 if on else track.left() + 3, track.top() + 3, 14, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on and usable else theme.soft))
        painter.drawEllipse(knob)
        painter.end()


class Choice(QWidget):
    """A few values side by side, one of them chosen."""

    chosen = Signal(str)

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__()
        self._value = ""
        self._group = QButtonGroup(self)
        self._buttons = {value: button("chip") for value in values}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for value, made in self._buttons.items():
            made.setCheckable(True)
            made.toggled.connect(lambda on, value=value: self._toggled(value, on))
            self._group.addButton(made)
            row.addWidget(made)

    def say(self, value: str, words: str) -> None:
        self._buttons[value].setText(words)
        self._buttons[value].setAccessibleName(words)

    def _toggled(self, value: str, on: bool) -> None:
        if on and value != self._value:
            self.chosen.emit(value)

    def set_value(self, value: str) -> None:
        self._value = value
        if value in self._buttons:
            self._buttons[value].setChecked(True)


def heading() -> QLabel:
    """The title on top of a page."""
    return label("heading")


def beside(*controls: QWidget) -> QWidget:
    """``controls`` in one row, as one control of a page."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for control in controls:
        row.addWidget(control)
    return made
