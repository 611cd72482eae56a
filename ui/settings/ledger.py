"""The list of calls: two lines each, however many there are, and the whole of the one that is chosen. Runs nothing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.view import LedgerView
from nyanko_desktop.permissions.words import cut_off_in_words, decider_in_words, level_in_words
from ui.call_words import plainly, source_name, tool_name
from ui.format import duration
from ui.settings.grants import moment
from ui.theme import LINE_PIXELS, Ink, current, kind, text_font
from ui.widgets.basics import Live, frame
from ui.widgets.inset import Inset

ROW_HEIGHT: Final = 54
SMALL: Final = 12
TIME_WIDTH: Final = 118
TALLEST_WHOLE: Final = 8 * LINE_PIXELS
"""Of the whole of a call; the list above it keeps the most of the page."""
LONGEST_LINE: Final = 300
"""Characters of one row; what does not fit is in the whole of it below."""
AnyIndex = QModelIndex | QPersistentModelIndex


class Ledger(Live, QWidget):
    """Renders calls, the newest first; a row that is chosen is shown whole below the list."""

    def __init__(self) -> None:
        super().__init__()
        self._model = _Calls()
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Row(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setMinimumHeight(4 * ROW_HEIGHT)
        self._list.selectionModel().currentChanged.connect(self._choose)
        self._whole = _Whole()
        card = frame("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(card, 1)
        column.addWidget(self._whole)
        self.dress()

    def render_calls(self, calls: tuple[LedgerView, ...]) -> None:
        """Show ``calls``; the one that was chosen stays so if it is among them."""
        if calls == self._model.calls:
            return
        chosen = self.chosen()
        self._model.set_calls(calls)
        row = next((i for i, call in enumerate(calls) if chosen and call.id == chosen.id), None)
        if row is None:
            self._whole.render_call(None)
        else:
            self._list.setCurrentIndex(self._model.index(row))

    def chosen(self) -> LedgerView | None:
        """The call that is shown whole."""
        row = self._list.currentIndex().row()
        return self._model.calls[row] if 0 <= row < len(self._model.calls) else None

    def choose(self, row: int) -> None:
        """Show the call in ``row`` whole."""
        self._list.setCurrentIndex(self._model.index(row))

    def retranslate(self) -> None:
        self._list.setAccessibleName(tr("Calls, the newest first"))
        self._model.say_again()
        self._whole.render_call(self.chosen())

    def restyle(self) -> None:
        self._list.viewport().update()
        self._whole.render_call(self.chosen())

    def _choose(self) -> None:
        self._whole.render_call(self.chosen())


class _Calls(QAbstractListModel):
    """The calls as rows; their text is what a screen reader says."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: tuple[LedgerView, ...] = ()

    def set_calls(self, calls: tuple[LedgerView, ...]) -> None:
        self.beginResetModel()
        self.calls = calls
        self.endResetModel()

    def say_again(self) -> None:
        if self.calls:
            self.dataChanged.emit(self.index(0), self.index(len(self.calls) - 1))

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.calls)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            call = self.calls[index.row()]
            said = (moment(call.time), tool_name(call.tool), arguments_line(call), outcome_words(call)[0])
            return ", ".join(filter(None, said))
        return None


class _Row(QStyledItemDelegate):
    """Draws one call: time, tool and arguments above, what became of it below."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        model, theme = index.model(), current()
        assert isinstance(model, _Calls)
        call = model.calls[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.fillRect(rect, QColor(theme.accent_soft if chosen else theme.hover))
        inner = rect.adjusted(12, 7, -12, -7)
        upper, lower = QRect(inner), QRect(inner)
        upper.setHeight(inner.height() // 2)
        lower.setTop(upper.bottom() + 1)
        on_chosen = bool(state & QStyle.StateFlag.State_Selected)
        _draw(painter, upper, moment(call.time), text_font(SMALL), "text" if on_chosen else "soft")
        upper.setLeft(upper.left() + TIME_WIDTH)
        name = tool_name(call.tool)
        strong = text_font(weight=QFont.Weight.DemiBold)
        used = _draw(painter, upper, name, strong, "text")
        upper.setLeft(upper.left() + used + 10)
        _draw(painter, upper, arguments_line(call), text_font(), "text")
        outcome, ink = outcome_words(call)
        lower.setLeft(lower.left() + TIME_WIDTH)
        _draw(painter, lower, outcome, text_font(SMALL), "text" if on_chosen else ink)


class _Whole(QFrame):
    """Everything that the ledger keeps of one call."""

    def __init__(self) -> None:
        super().__init__()
        kind(self, "card")
        self._inset: Inset | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 10, 8, 10)
        self.hide()

    def render_call(self, call: LedgerView | None) -> None:
        if self._inset is not None:
            self._column.removeWidget(self._inset)
            self._inset.deleteLater()
            self._inset = None
        self.setVisible(call is not None)
        if call is not None:
            self._inset = Inset("\n".join(call_lines(call)), tr("The whole call"), tallest=TALLEST_WHOLE)
            self._column.addWidget(self._inset)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        if self._inset is not None:
            self._inset.set_width(max(self.width() - 26, 100))


def arguments_line(call: LedgerView) -> str:
    """All arguments in one line."""
    return plainly(", ".join(value for _, value in call.arguments)[:LONGEST_LINE].replace("\n", " "))


def outcome_words(call: LedgerView) -> tuple[str, Ink]:
    """What became of the call, who let it run, and whom it reached; and the ink for it."""
    refused = not call.allowed and call.decided_by == "person"
    by = tr("you said no") if refused else decider_in_words(call.decided_by)
    reached = tr("reached {hosts}", hosts=plainly(", ".join(call.hosts))) if call.hosts else ""
    if not call.allowed:
        said, ink = tr("did not run"), "warn"
    elif call.cut_off:
        said, ink = cut_off_in_words(call.cut_off), "bad" if call.cut_off == "lost" else "warn"
    elif not call.ended:
        said, ink = tr("has not ended"), "warn"
    elif call.failed:
        said, ink = tr("failed · {time}", time=duration(call.seconds)), "bad"
    else:
        said, ink = tr("done · {time}", time=duration(call.seconds)), "soft"
    return " · ".join(filter(None, (said, by, reached))), ink  # type: ignore[return-value]


def call_lines(call: LedgerView) -> list[str]:
    """Everything that is known of a call, a line each."""
    lines = [f"{call.tool} · {level_in_words(call.level)} · {call.time.astimezone():%Y-%m-%d %H:%M:%S}"]
    lines.append(outcome_words(call)[0])
    if call.scope:
        lines.append(f"→ {plainly(call.scope)}")
    if call.sources:
        lines.append(tr("after reading {sources}", sources=", ".join(map(source_name, call.sources))))
    if call.ended and not call.cut_off:
        lines.append(tr("The model got {count} characters.", count=f"{call.result_size:,}"))
    if call.conversation:
        lines.append(tr("Conversation: {title}", title=call.conversation))
    return [*lines, *(plainly(f"{name}: {value}") for name, value in call.arguments)]


def _draw(painter: QPainter, rect: QRect, text: str, font: QFont, ink: Ink) -> int:
    """One line, cut where it does not fit; the width that it took."""
    metrics = QFontMetrics(font)
    line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
    painter.setFont(font)
    painter.setPen(QColor(getattr(current(), ink)))
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
    return metrics.horizontalAdvance(line)
