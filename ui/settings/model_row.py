"""One model that the person has: its name, what it takes on the disk, and whether it answers now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import CopyEntry, ModelEntry
from nyanko_desktop.worker.state import WorkerState
from ui.format import size
from ui.status import dot_color, pill_words
from ui.theme import Theme, current, text_font
from ui.widgets.basics import IconButton, Live, tip

HEIGHT: Final = 58
LEFT: Final = 44
STATE_SHARE: Final = 0.36
"""Part of the width for the words on the right."""


@dataclass(frozen=True, slots=True)
class ModelItem:
    """A model with the state of the worker if it is the one that answers."""

    entry: ModelEntry
    worker: WorkerState | None = None


class ModelRow(Live, QPushButton):
    """A click answers with this model from now on; Delete asks to remove it."""

    chosen = Signal(str)
    removal_requested = Signal(str)

    def __init__(self, item: ModelItem) -> None:
        super().__init__()
        self._item = item
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        self._remove = IconButton("delete")
        self._remove.clicked.connect(lambda: self.removal_requested.emit(self._item.entry.key))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 10, 0)
        row.addStretch()
        row.addWidget(self._remove)
        self.dress()

    def item(self) -> ModelItem:
        return self._item

    def render_item(self, item: ModelItem) -> None:
        if item != self._item:
            self._item = item
            self.retranslate()

    def retranslate(self) -> None:
        entry = self._item.entry
        self._about, self._state = about_words(entry), state_words(self._item)
        self.setAccessibleName(f"{entry.name}, {self._state}" if self._state else entry.name)
        self.setAccessibleDescription(self._about)
        self.setToolTip(tip(_tip(entry)))
        self._remove.name(tr("Remove {name}", name=entry.name))
        self._remove.setVisible(entry.kind != "embedded")
        self.update()

    def restyle(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self._item.entry.kind != "embedded":
            self.removal_requested.emit(self._item.entry.key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if not self._item.entry.unfinished:
            self.chosen.emit(self._item.entry.key)

    # ------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, theme)
        self._paint_choice(painter, theme)
        end = self.width() - (52 if self._item.entry.kind != "embedded" else 18)
        state = end - LEFT if not self._state else int((end - LEFT) * STATE_SHARE)
        self._paint_state(painter, theme, QRectF(end - state, 0, state, HEIGHT))
        width = end - LEFT - (state + 14 if self._state else 0)
        name = text_font(weight=QFont.Weight.DemiBold)
        self._paint_line(painter, self._item.entry.name, name, theme.text, QRectF(LEFT, 8, width, 22))
        quiet = theme.text if self._item.entry.chosen else theme.soft
        self._paint_line(painter, self._about, text_font(12), quiet, QRectF(LEFT, 30, width, 18))
        painter.end()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        chosen = self._item.entry.chosen
        hover = self.underMouse() and not chosen
        painter.setPen(QColor(theme.accent_text if self.hasFocus() else theme.accent_soft if chosen else theme.line))
        painter.setBrush(QColor(theme.accent_soft if chosen else theme.hover if hover else theme.card))
        painter.drawRoundedRect(ground, 10, 10)

    def _paint_choice(self, painter: QPainter, theme: Theme) -> None:
        circle = QRectF(16, (HEIGHT - 16) / 2, 16, 16)
        chosen = self._item.entry.chosen
        painter.setPen(QPen(QColor(theme.accent if chosen else theme.soft), 1.2))
        painter.setBrush(QColor(theme.accent if chosen else theme.card))
        painter.drawEllipse(circle)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.card))
            painter.drawEllipse(circle.adjusted(5, 5, -5, -5))

    def _paint_state(self, painter: QPainter, theme: Theme, place: QRectF) -> None:
        if not self._state:
            return
        painter.setFont(text_font(12))
        measure = painter.fontMetrics()
        words = measure.elidedText(self._state, Qt.TextElideMode.ElideRight, int(place.width()) - 16)
        left = place.right() - measure.horizontalAdvance(words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._dot_ink(theme)))
        painter.drawEllipse(QRectF(left - 15, HEIGHT / 2 - 4, 8, 8))
        painter.setPen(QColor(theme.text if self._item.entry.chosen else theme.soft))
        painter.drawText(QRectF(left, 0, place.right() - left + 2, HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)

    def _dot_ink(self, theme: Theme) -> str:
        if self._item.entry.problem is not None:
            return theme.bad
        return dot_color(self._item.worker, theme) if self._item.worker else theme.warn

    def _paint_line(self, painter: QPainter, words: str, font: QFont, ink: str, place: QRectF) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


def about_words(entry: ModelEntry) -> str:
    """``downloaded · 12.5 GB · copies: int8 6.2 GB, int4 (128) 3.4 GB``."""
    kinds = {
        "embedded": tr("embedded"),
        "downloaded": tr("downloaded"),
        "added": tr("your own folder"),
        "copy": tr("quantized copy"),
    }
    said = [kinds[entry.kind]]
    if entry.bytes:
        said.append(size(entry.bytes))
    if entry.copies:
        said.append(tr("copies: {list}", list=", ".join(map(_copy_words, entry.copies))))
    return " · ".join(said)


def state_words(item: ModelItem) -> str:
    """Whether the model answers, or why it cannot; empty for one that merely waits."""
    entry = item.entry
    if entry.problem is not None:
        return entry.problem.title
    if entry.unfinished:
        return tr("not complete")
    if item.worker is not None:
        return tr("answers · {state}", state=pill_words(item.worker))
    return ""


def _copy_words(copy: CopyEntry) -> str:
    name = f"{copy.precision} ({copy.group})" if copy.group else copy.precision
    return f"{name} {size(copy.bytes)}"


def _tip(entry: ModelEntry) -> str:
    lines = [entry.path, *(copy.path for copy in entry.copies)]
    if entry.problem is not None:
        lines += [entry.problem.reason, entry.problem.hint]
    return "\n".join(line for line in lines if line)
