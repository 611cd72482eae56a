"""The pill: device, precision and bytes of what is resident, and behind a click why, and how to free the memory."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.worker.state import WorkerState
from ui.avatar import icon
from ui.format import size
from ui.status import dot_color, pill_words, state_words, why
from ui.theme import current, kind
from ui.widgets.basics import Live, Pressable, button, label

_DOT = 8
_GAP = 6
_RADIUS = 10


class Pill(Live, Pressable, QPushButton):
    """The truth in one line."""

    free_memory_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "chip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else a space that is typed after a click would press it again
        self._state = WorkerState()
        self._popup: PillPopup | None = None
        self.setIconSize(QSize(_DOT + _GAP, _DOT))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.explain)
        self.dress()

    def render_state(self, state: WorkerState) -> None:
        if state != self._state:
            self._state = state
            self.retranslate()
            self.restyle()
            if self._popup is not None:
                self._popup.render_state(state)

    def explain(self) -> PillPopup:
        """Open what stands behind the pill."""
        if self._popup is None:
            self._popup = PillPopup(self)
            self._popup.free_memory_requested.connect(self.free_memory_requested)
        self._popup.render_state(self._state)
        self._popup.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - self._popup.width(), self.height() + 6))
        self._popup.move(corner)
        self._popup.show()
        return self._popup

    def retranslate(self) -> None:
        words = pill_words(self._state)
        self.setText(words)
        self.setAccessibleName(tr("What is in memory: {words}", words=words))
        self.setToolTip(tr("Why, and free the memory"))

    def restyle(self) -> None:
        self.setIcon(dot(dot_color(self._state, current()), self.devicePixelRatioF()))


class PillPopup(Live, QFrame):
    """Why the pill says what it says, in words and figures."""

    free_memory_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        kind(self, "popup-window")
        self.setFixedWidth(300)
        self._state = WorkerState()
        self._title = label("strong")
        self._why = label(wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._free = button()
        self._free.clicked.connect(self._free_memory)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._why)
        column.addLayout(self._grid)
        column.addWidget(self._free)
        self.dress()

    def render_state(self, state: WorkerState) -> None:
        self._state = state
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Round corners without a compositor, which not every desktop has."""
        super().resizeEvent(event)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        self.setMask(QRegion(shape.toFillPolygon().toPolygon()))

    def retranslate(self) -> None:
        state = self._state
        self._title.setText(state_words(state))
        self._why.setText(why(state))
        self._free.setText(tr("Free the memory"))
        self._free.setVisible(state.kind in ("resident", "loading"))
        self.setAccessibleName(tr("What is in memory"))
        self._fill_grid()

    def restyle(self) -> None:
        self._free.setIcon(icon("memory", current(), "text"))

    def _fill_grid(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for row, (name, value) in enumerate(self._rows()):
            left, right = label("soft"), label(wrap=True)
            left.setText(name)
            right.setText(value)
            self._grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(right, row, 1)

    def _rows(self) -> list[tuple[str, str]]:
        model = self._state.model
        if self._state.kind != "resident" or model is None:
            return []
        rows = [
            (tr("Model"), model.name),
            (tr("Device"), model.device_name),
            (tr("Precision"), model.precision),
            (tr("Weights"), size(model.bytes + model.bytes_elsewhere)),
            (tr("Context"), tr("{count} tokens", count=f"{model.context:,}")),
        ]
        if model.bytes_elsewhere:
            rows.insert(4, (tr("On other devices"), size(model.bytes_elsewhere)))
        return rows

    def _free_memory(self) -> None:
        self.hide()
        self.free_memory_requested.emit()


def dot(color: str, dpr: float) -> QIcon:
    """A filled circle with some room behind it."""
    pixmap = QPixmap(round((_DOT + _GAP) * dpr), round(_DOT * dpr))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(QRectF(0, 0, _DOT * dpr, _DOT * dpr))
    painter.end()
    pixmap.setDevicePixelRatio(dpr)
    return QIcon(pixmap)
