"""Each precision as one row to choose: its name, a bar against the free memory, and the same in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from inference_worker.protocol.messages import Precision
from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import MemoryPlan, PrecisionView
from ui.format import size
from ui.theme import Theme, current, text_font

HEIGHT = 42
NAME_WIDTH = 132
WORDS_WIDTH = 230
BAR_HEIGHT = 9
RECOMMENDED: Precision = "int8"


class PrecisionRow(QRadioButton):
    """One precision; a real radio button, so that keys and screen readers know it."""

    def __init__(self, view: PrecisionView, free: int) -> None:
        super().__init__()
        self.view = view
        self._free = free
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{view.precision}, {verdict(view, free)}")

    def sizeHint(self) -> QSize:
        return QSize(520, HEIGHT)

    def hitButton(self, _position: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, theme)
        self._paint_choice(painter, theme)
        bold = text_font(weight=text_font().weight().DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        painter.drawText(self._cell(44, NAME_WIDTH), Qt.AlignmentFlag.AlignVCenter, self.view.precision)
        if self.view.precision == RECOMMENDED:
            used = painter.fontMetrics().horizontalAdvance(self.view.precision) + 8
            painter.setFont(text_font(12))
            painter.setPen(QColor(theme.text if self.isChecked() else theme.soft))
            cell = self._cell(44 + used, NAME_WIDTH - used)
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, tr("recommended"))
        self._paint_bar(painter, theme)
        painter.setFont(text_font(13))
        ink = theme.text if self.isChecked() else theme.good if self.view.fits else theme.bad
        painter.setPen(QColor(ink))
        words = self._cell(self.width() - WORDS_WIDTH, WORDS_WIDTH - 8)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, verdict(self.view, self._free))
        painter.end()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft if self.isChecked() else theme.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent_text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)

    def _paint_choice(self, painter: QPainter, theme: Theme) -> None:
        circle = QRectF(14, (HEIGHT - 16) / 2, 16, 16)
        painter.setPen(QPen(QColor(theme.accent if self.isChecked() else theme.soft), 1.2))
        painter.setBrush(QColor(theme.accent if self.isChecked() else theme.card))
        painter.drawEllipse(circle)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.card))
            painter.drawEllipse(circle.adjusted(5, 5, -5, -5))

    def _paint_bar(self, painter: QPainter, theme: Theme) -> None:
        left = 44 + NAME_WIDTH
        bar = QRectF(left, (HEIGHT - BAR_HEIGHT) / 2, self.width() - WORDS_WIDTH - left - 18, BAR_HEIGHT)
        if bar.width() <= 0:
            return
        painter.setPen(QColor(theme.line))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        whole = max(self._free, self.view.total, 1)
        ink = QColor(theme.good if self.view.fits else theme.bad)
        light = QColor(ink)
        light.setAlphaF(0.45)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, color in ((self.view.total / whole, light), (self.view.weights / whole, ink)):
            painter.setBrush(color)
            part = QRectF(bar.left(), bar.top(), max(bar.width() * share, BAR_HEIGHT), BAR_HEIGHT)
            painter.drawRoundedRect(part, BAR_HEIGHT / 2, BAR_HEIGHT / 2)

    def _cell(self, left: int, width: int) -> QRectF:
        return QRectF(left, 0, width, HEIGHT)


class MemoryRows(QWidget):
    """All precisions of a plan, one of them chosen."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._plan: MemoryPlan | None = None
        self._chosen: Precision | None = None
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._toggled)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def rows(self) -> list[PrecisionRow]:
        return [row for row in self._group.buttons() if isinstance(row, PrecisionRow)]

    def render_plan(self, plan: MemoryPlan | None, chosen: Precision) -> None:
        """Show ``plan`` with ``chosen`` marked."""
        self._chosen = chosen
        if plan != self._plan:
            self._plan = plan
            self.rebuild()
        for row in self.rows():
            row.setChecked(row.view.precision == chosen)

    def _toggled(self, row: PrecisionRow, on: bool) -> None:
        """Not ``clicked``: a screen reader toggles."""
        if on and row.view.precision != self._chosen:
            self.chosen.emit(row.view.precision)

    def rebuild(self) -> None:
        """Make the rows anew, for other figures or another language."""
        for row in self.rows():
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.deleteLater()
        for view in self._plan.precisions if self._plan else ():
            row = PrecisionRow(view, self._plan.free if self._plan else 0)
            row.setChecked(view.precision == self._chosen)
            self._group.addButton(row)
            self._column.addWidget(row)


def verdict(view: PrecisionView, free: int) -> str:
    """``6.9 GB · fits, 2.5 GB left``, ``13.1 GB · does not fit, 3.7 GB short``."""
    if view.fits:
        return tr("{size} · fits, {left} left", size=size(view.total), left=size(max(free - view.total, 0)))
    return tr("{size} · does not fit, {short} short", size=size(view.total), short=size(max(view.total - free, 0)))
