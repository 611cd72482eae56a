"""Each precision as one row to choose: its name, a bar against the free memory, and the same in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from inference_worker.protocol.messages import Precision
from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import MemoryPlan, PrecisionView
from ui.format import size, tokens
from ui.settings.bars import ink_of, paint_bar
from ui.theme import Theme, current, text_font
from ui.widgets.basics import Live

HEIGHT = 40
CHOICE_WIDTH = 42
NAME_WIDTH = 136
WORDS_WIDTH = 264
GAP = 16
KEY_GAP = 8
SWATCH = 12 + KEY_GAP
"""What a swatch of the legend takes beside its words."""
BAR_HEIGHT = 9
NAME_PIXELS, WORDS_PIXELS, SMALL_PIXELS = 14, 13, 11
RECOMMENDED: Precision = "int8"


class PrecisionRow(QRadioButton):
    """One precision; a real radio button, so that keys and screen readers know it."""

    def __init__(self, view: PrecisionView, free: int) -> None:
        super().__init__()
        self.view = view
        self._free = free
        self._mark = ""
        self._verdict, self._remark = verdict(view, free), remark(view)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_mark("")

    def set_mark(self, mark: str) -> None:
        """A word of advice below the name; empty for none."""
        self._mark = mark
        said = (self.view.precision, mark, self._verdict, self._remark)
        self.setAccessibleName(", ".join(words for words in said if words))
        self.update()

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
        right = self.width() - WORDS_WIDTH
        chosen = self.isChecked()
        bold = text_font(NAME_PIXELS, QFont.Weight.DemiBold)
        quiet = theme.text if chosen else theme.soft
        name = _Lines(self.view.precision, bold, theme.text, self._mark, theme.text if chosen else theme.accent_text)
        name.paint(painter, CHOICE_WIDTH, NAME_WIDTH)
        left = CHOICE_WIDTH + NAME_WIDTH
        free, ink = max(self._free, 1), ink_of(self.view.verdict, theme)
        bar = QRectF(left, (HEIGHT - BAR_HEIGHT) / 2, right - left - GAP, BAR_HEIGHT)
        paint_bar(painter, bar, theme, ink, self.view.weights / free, self.view.total / free)
        said = _Lines(self._verdict, text_font(WORDS_PIXELS), theme.text if chosen else ink, self._remark, quiet)
        said.paint(painter, right, WORDS_WIDTH - 8)
        painter.end()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        ground = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft if self.isChecked() else theme.hover))
            painter.drawRoundedRect(ground, 10, 10)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent_text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, 10, 10)

    def _paint_choice(self, painter: QPainter, theme: Theme) -> None:
        circle = QRectF(14, (HEIGHT - 16) / 2, 16, 16)
        painter.setPen(QPen(QColor(theme.accent if self.isChecked() else theme.soft), 1.2))
        painter.setBrush(QColor(theme.accent if self.isChecked() else theme.card))
        painter.drawEllipse(circle)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.card))
            painter.drawEllipse(circle.adjusted(5, 5, -5, -5))


class _Lines:
    """A line of words, and where there is one a smaller line below it; together in the middle of a row."""

    def __init__(self, first: str, font: QFont, ink: str, second: str, second_ink: str) -> None:
        self._lines = [(first, font, ink)]
        if second:
            self._lines.append((second, text_font(SMALL_PIXELS), second_ink))

    def paint(self, painter: QPainter, left: float, width: float) -> None:
        height = HEIGHT / 2 - 5 if len(self._lines) > 1 else HEIGHT
        top = 4.0 if len(self._lines) > 1 else 0.0
        for words, font, ink in self._lines:
            painter.setFont(font)
            painter.setPen(QColor(ink))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(left, top, width, height), Qt.AlignmentFlag.AlignVCenter, shown)
            top += height + 1


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
        self._column.setSpacing(1)

    def rows(self) -> list[PrecisionRow]:
        return [row for row in self._group.buttons() if isinstance(row, PrecisionRow)]

    def render_plan(self, plan: MemoryPlan | None, chosen: Precision) -> None:
        """Show ``plan`` with ``chosen`` marked."""
        if (plan, chosen) == (self._plan, self._chosen):
            return
        another = plan != self._plan
        self._plan, self._chosen = plan, chosen
        if another:
            self.rebuild()
        self._mark()

    def focus_chosen(self) -> None:
        for row in self.rows():
            if row.isChecked():
                row.setFocus()

    def _mark(self) -> None:
        marked, words = advice(self._plan, self._chosen)
        for row in self.rows():
            row.set_mark(words if row.view.precision == marked else "")
            row.setChecked(row.view.precision == self._chosen)

    def _toggled(self, row: PrecisionRow, on: bool) -> None:
        """Not ``clicked``: a screen reader toggles."""
        if on and row.view.precision != self._chosen:
            self.chosen.emit(row.view.precision)

    def rebuild(self) -> None:
        """Make the rows anew, for other figures or another language."""
        focused = next((row.view.precision for row in self.rows() if row.hasFocus()), None)
        for row in self.rows():
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for view in self._plan.precisions if self._plan else ():
            row = PrecisionRow(view, self._plan.free if self._plan else 0)
            self._group.addButton(row)
            self._column.addWidget(row)
            row.show()  # at once: what is hidden cannot take the focus
            if view.precision == focused:
                row.setFocus()
        self._mark()


class Legend(Live, QWidget):
    """What the three columns of the rows are."""

    def __init__(self) -> None:
        super().__init__()
        self._plan: MemoryPlan | None = None
        self.setFixedHeight(24)
        self.dress()

    def render_plan(self, plan: MemoryPlan | None) -> None:
        if plan != self._plan:
            self._plan = plan
            self.retranslate()

    def retranslate(self) -> None:
        plan = self._plan
        self._weights, self._rest = tr("weights"), tr("the rest")
        self._free = tr("{free} free", free=size(plan.free)) if plan else ""
        measured = plan is not None and any(p.measured for p in plan.precisions)
        self._kind = tr("Before loading, as measured") if measured else tr("Before loading, estimated")
        self.setAccessibleName(f"{self._weights}, {self._rest}, {self._free}. {self._kind}")
        self.setToolTip(tr("The rest is the context and what computing itself takes. A full bar is all free memory."))
        self.update()

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._plan is None:
            return
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(12))
        painter.setPen(QColor(theme.soft))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(14, 0, CHOICE_WIDTH + NAME_WIDTH - 14, 24), middle, tr("Precision"))
        right = self.width() - WORDS_WIDTH
        painter.drawText(QRectF(right, 0, WORDS_WIDTH - 8, 24), middle, self._kind)
        self._paint_key(painter, theme, CHOICE_WIDTH + NAME_WIDTH, right - GAP)
        painter.end()

    def _paint_key(self, painter: QPainter, theme: Theme, left: float, end: float) -> None:
        """A dark, a light and an empty swatch with their words, as far as there is room."""
        measure = painter.fontMetrics().horizontalAdvance
        light = QColor(theme.good)
        light.setAlphaF(0.45)
        parts = [(QColor(theme.good), self._weights), (light, self._rest), (QColor(theme.panel), self._free)]
        while parts and left + sum(measure(words) + SWATCH for _, words in parts) > end + KEY_GAP:
            parts.pop()
        for swatch, words in parts:
            painter.setPen(QColor(theme.soft) if words is self._free else Qt.PenStyle.NoPen)
            painter.setBrush(swatch)
            painter.drawRoundedRect(QRectF(left, 8, 8, 8), 2, 2)
            painter.setPen(QColor(theme.soft))
            place = QRectF(left + 12, 0, measure(words) + 4, 24)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
            left += measure(words) + SWATCH


def verdict(view: PrecisionView, free: int) -> str:
    """``6.9 GB · fits, 2.5 GB left``, ``13.1 GB · does not fit, 3.7 GB short``."""
    taken = size(view.total)
    match view.verdict:
        case "fits":
            return tr("{size} · fits, {left} left", size=taken, left=size(max(free - view.total, 0)))
        case "fits_shorter":
            return tr("{size} · fits with {count} tokens", size=taken, count=tokens(view.largest_context))
        case _:
            return tr("{size} · does not fit, {short} short", size=taken, short=size(max(view.total - free, 0)))


def remark(view: PrecisionView) -> str:
    """Where the figures come from if they were measured, and whether the work of quantizing is done."""
    said = [tr("measured")] if view.measured else []
    if view.quantized:
        said.append(tr("quantized copy on the disk"))
    return " · ".join(said)


def advice(plan: MemoryPlan | None, chosen: Precision | None) -> tuple[Precision | None, str]:
    """The precision to point at, and the words for it: the nearest that fits where the chosen one does not."""
    views = {view.precision: view for view in plan.precisions} if plan else {}
    wanted = views.get(chosen) if chosen else None
    if plan is not None and wanted is not None and wanted.verdict == "does_not_fit":
        return plan.nearest, tr("the nearest that fits")
    recommended = views.get(RECOMMENDED)
    return (RECOMMENDED, tr("recommended")) if recommended and recommended.verdict == "fits" else (None, "")
