"""The conversations, grouped by age, and the search above them. Paints rows itself: thousands cost nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QMenu,
    QMessageBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nyanko_desktop.chat.view_state import ConversationSummary
from nyanko_desktop.i18n import tr
from ui.avatar import icon
from ui.format import Age, age
from ui.theme import current, text_font
from ui.widgets.basics import Live

Index = QModelIndex | QPersistentModelIndex
Row = ConversationSummary | Age

ROW_PIXELS: Final = 54
HEADING_PIXELS: Final = 34
SUMMARY_ROLE: Final = Qt.ItemDataRole.UserRole


def age_words(group: Age) -> str:
    """What stands above a group."""
    match group:
        case "today":
            return tr("Today")
        case "week":
            return tr("Last 7 days")
        case "older":
            return tr("Older")


class ConversationModel(QAbstractListModel):
    """Rows of conversations with a heading before each group."""

    renamed = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show(self, conversations: tuple[ConversationSummary, ...], today: date) -> None:
        """Take over another list, newest first; rows that only changed their words keep their place."""
        rows = _grouped(conversations, today)
        if [_identity(row) for row in rows] == [_identity(row) for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(max(len(rows) - 1, 0)))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row_of(self, conversation: int | None) -> int:
        """Row of a conversation, -1 where it is not listed."""
        rows = enumerate(self._rows)
        return next((i for i, row in rows if isinstance(row, ConversationSummary) and row.id == conversation), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == SUMMARY_ROLE:
            return row if isinstance(row, ConversationSummary) else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return _title(row) if isinstance(row, ConversationSummary) else age_words(row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and isinstance(row, ConversationSummary):
            return row.preview
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row, title = self._rows[index.row()], str(value).strip()
        if role == Qt.ItemDataRole.EditRole and isinstance(row, ConversationSummary) and title not in ("", row.title):
            self.renamed.emit(row.id, title)
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], ConversationSummary):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        return Qt.ItemFlag.NoItemFlags


class ConversationList(Live, QListView):
    """Click opens; the menu renames and deletes."""

    opened = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ConversationModel(self)
        self._model.renamed.connect(self.renamed)
        self._shown: tuple[ConversationSummary, ...] | None = None
        self._day: date | None = None
        self._current: int | None = None
        self.setModel(self._model)
        self.setItemDelegate(_RowPainter(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        self.dress()

    def render_list(self, conversations: tuple[ConversationSummary, ...], current_id: int | None) -> None:
        """Show the list with one conversation marked as the open one."""
        today = date.today()
        if conversations is not self._shown or today != self._day:
            self._shown, self._day = conversations, today
            self._model.show(conversations, today)
            self._current = None
        if current_id != self._current or current_id is None:
            self._current = current_id
            self._mark(self._model.row_of(current_id))

    def ask_to_delete(self, conversation: ConversationSummary) -> QMessageBox:
        """Ask first; the question stays open beside everything else."""
        box = QMessageBox(self.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(tr("Delete this conversation?"))
        box.setText(tr("Delete “{title}”?", title=_title(conversation)))
        box.setInformativeText(tr("All of its messages are removed from this computer. This cannot be undone."))
        delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(lambda: self.deleted.emit(conversation.id))
        box.open()
        return box

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Conversations"))
        if self._day is not None:
            self._model.show(self._shown or (), self._day)

    def restyle(self) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.currentIndex().data(SUMMARY_ROLE) if self.currentIndex().isValid() else None
        if event.key() == Qt.Key.Key_Delete and chosen is not None:
            self.ask_to_delete(chosen)
        else:
            super().keyPressEvent(event)

    def _mark(self, row: int) -> None:
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self._model.index(row))

    def _open(self, index: QModelIndex) -> None:
        chosen = index.data(SUMMARY_ROLE)
        if chosen is not None and chosen.id != self._current:
            self.opened.emit(chosen.id)

    def _show_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        chosen = index.data(SUMMARY_ROLE) if index.isValid() else None
        if chosen is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction(icon("rename", current(), "text"), tr("Rename"))
        rename.triggered.connect(lambda: self._edit_title(chosen.id))
        delete = menu.addAction(icon("delete", current(), "text"), tr("Delete…"))
        delete.triggered.connect(lambda: self.ask_to_delete(chosen))
        menu.popup(self.viewport().mapToGlobal(place))

    def _edit_title(self, conversation: int) -> None:
        """Wherever the conversation stands by now."""
        row = self._model.row_of(conversation)
        if row >= 0:
            self.edit(self._model.index(row))


class _RowPainter(QStyledItemDelegate):
    """Title and preview, or a heading."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, HEADING_PIXELS if index.data(SUMMARY_ROLE) is None else ROW_PIXELS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(SUMMARY_ROLE)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row is None:
            line = rect.adjusted(12, 10, -8, 0)
            self._line(painter, line, index.data(), current().soft, text_font(12))
        else:
            self._ground(painter, QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), option)
            title = QRect(rect.left() + 12, rect.top() + 7, rect.width() - 22, 21)
            self._line(painter, title, _title(row), current().text, text_font())
            self._line(painter, title.translated(0, 20), row.preview, current().soft, text_font(12))
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(2, 8, -2, -8))

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the conversation"))
        return editor

    def _ground(self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem) -> None:
        state: QStyle.StateFlag = option.state
        theme = current()
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(theme.accent_text if focused else theme.line)))
            painter.setBrush(QColor(theme.card))
        elif focused:
            painter.setPen(QPen(QColor(theme.accent_text)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hover))
        else:
            return
        painter.drawRoundedRect(rect, 10, 10)

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str, color: str, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(QColor(color))
        shown = QFontMetrics(font).elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _grouped(conversations: tuple[ConversationSummary, ...], today: date) -> list[Row]:
    rows: list[Row] = []
    group: Age | None = None
    for conversation in conversations:
        belongs = age(conversation.updated, today)
        if belongs != group:
            rows.append(belongs)
            group = belongs
        rows.append(conversation)
    return rows


def _identity(row: Row) -> int | str:
    return row.id if isinstance(row, ConversationSummary) else row


def _title(conversation: ConversationSummary) -> str:
    return conversation.title or tr("New conversation")
