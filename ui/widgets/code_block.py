"""One block of code: its language, a copy button, and the code in colours. Long code arrives a little at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from time import perf_counter
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from ui.markdown import code_spans
from ui.theme import Ink, current, kind
from ui.widgets.basics import IconButton, Live, label

CODE_LINE_PIXELS: Final = 19
PIECE_CHARS: Final = 1500
"""Code inserted in one go; laying out more could be felt."""
SLICE_SECONDS: Final = 0.002
"""Time for colouring in one go: well below a frame."""
COPIED_MS: Final = 1500
"""How long the button says that it has copied."""
GAP: Final = 8
"""Below the frame, as below a paragraph."""


class CodeBlock(Live, QWidget):
    """As high as its code; :meth:`set_width` says how wide. Long lines scroll sideways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code = ""
        self._language = ""
        self._closed = False
        self._inserted = 0
        self._width = 0
        self._colouring: Iterator[tuple[str, Ink]] | None = None
        self._position = 0
        self._frame = kind(QFrame(), "code")
        self._title = label("small")
        self._copy = IconButton("copy")
        self._copy.clicked.connect(self._copy_code)
        self._view = _CodeView()
        self._again = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._again.timeout.connect(self.retranslate)
        self._work = QTimer(self, interval=0)
        self._work.timeout.connect(self._go_on)
        self._arrange()
        self.dress()

    def set_code(self, code: str, language: str, *, closed: bool) -> None:
        """Show ``code``; what is new at its end is inserted, and once it is ``closed`` it gets its colours."""
        if not code.startswith(self._code):
            self._view.clear()
            self._inserted = 0
        self._code, self._closed = code, closed
        if language != self._language:
            self._language = language
            self._title.setText(language)
        self._colouring = None
        self._go_on()

    def code(self) -> str:
        return self._code

    def code_height(self) -> int:
        """Pixels that what was inserted so far takes, without what stands around it."""
        return self._view.height()

    def set_caret(self, shown: bool) -> None:
        self._view.set_caret(shown)

    def set_width(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._fit()

    # ------------------------------------------------------------ a little at a time

    def _go_on(self) -> None:
        """One slice of what is left to do."""
        if self._inserted < len(self._code):
            piece = self._code[self._inserted : self._inserted + PIECE_CHARS]
            self._view.insert(piece)
            self._inserted += len(piece)
            self._fit()
        elif self._closed and self._colouring is None:
            self._colouring, self._position = code_spans(self._code, self._language), 0
        if self._colouring is not None:
            self._colour(self._colouring)
        if self._inserted < len(self._code) or (self._closed and self._position < len(self._code)):
            self._work.start()
        else:
            self._work.stop()

    def _colour(self, spans: Iterator[tuple[str, Ink]]) -> None:
        end = perf_counter() + SLICE_SECONDS
        pieces: list[tuple[int, int, Ink]] = []
        start = self._position
        for piece, ink in spans:
            if ink != "text":
                pieces.append((self._position, len(piece), ink))
            self._position += len(piece)
            if perf_counter() > end and piece.endswith("\n"):
                break
        else:
            self._position = max(self._position, len(self._code))
        self._view.colour(pieces, start, self._position)

    # ------------------------------------------------------------ looks

    def retranslate(self) -> None:
        self._copy.name(tr("Copy"), visible=True)
        self._copy.set_icon("copy")
        self._view.setAccessibleName(tr("Code"))

    def restyle(self) -> None:
        self._colouring = None
        self._view.recolour_text()
        if self._closed:
            self._go_on()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(14, 4, 6, 0)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._copy)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        inside.addLayout(head)
        body = QHBoxLayout()
        body.setContentsMargins(14, 0, 14, 10)
        body.addWidget(self._view)
        inside.addLayout(body)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, GAP)
        outside.addWidget(self._frame)

    def _fit(self) -> None:
        if self._width:
            self.setFixedWidth(self._width)
            self._view.fit(self._width - 30)

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
        self._copy.name(tr("Copied"), visible=True)
        self._copy.set_icon("check")
        self._again.start()


class _CodeView(QTextEdit):
    """The code itself; sideways it scrolls, up and down belongs to what it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self._caret = False
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        kind(self, "code-text")
        self.clear()

    def clear(self) -> None:
        super().clear()
        line = QTextBlockFormat()
        line.setLineHeight(CODE_LINE_PIXELS, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        QTextCursor(self.document()).setBlockFormat(line)

    def insert(self, text: str) -> None:
        first = self.document().isEmpty()
        self._end().insertText(text, self._ink_format("text"))
        if first:  # else the view's own cursor would stay behind the text, and long lines would show their ends
            self.moveCursor(QTextCursor.MoveOperation.Start)

    def fit(self, width: int) -> None:
        """Be ``width`` wide, and as high as the code and, where it is needed, the bar below it."""
        scrolls = ceil(self.document().idealWidth()) > width
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(policy)
        bar = self.horizontalScrollBar().sizeHint().height() if scrolls else 0
        self.setFixedSize(width, self.document().blockCount() * CODE_LINE_PIXELS + bar)

    def set_caret(self, shown: bool) -> None:
        if shown != self._caret:
            self._caret = shown
            self.viewport().update()

    def colour(self, pieces: list[tuple[int, int, Ink]], start: int, end: int) -> None:
        """Draw each piece (position, length, ink) of the text between ``start`` and ``end`` in its ink."""
        document = self.document()
        ranges: dict[int, list[QTextLayout.FormatRange]] = {}
        for position, length, ink in pieces:
            stop = position + length
            while position < stop:
                block = document.findBlock(position)
                if not block.isValid():
                    break
                first = position - block.position()
                count = min(stop, block.position() + block.length()) - position
                ranges.setdefault(block.blockNumber(), []).append(self._range(first, count, ink))
                position += max(count, 1)
        for number, formats in ranges.items():
            self._format(document.findBlockByNumber(number), formats)
        document.markContentsDirty(start, min(end, document.characterCount() - 1) - start)

    def recolour_text(self) -> None:
        """Draw everything in the theme's ink for text."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeCharFormat(self._ink_format("text"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._caret:
            at = self.cursorRect(self._end())
            QPainter(self.viewport()).fillRect(at.left() + 2, at.center().y() - 8, 8, 16, QColor(current().accent))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if abs(turn.x()) > abs(turn.y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    @staticmethod
    def _format(block: QTextBlock, formats: list[QTextLayout.FormatRange]) -> None:
        block.layout().setFormats(formats)

    def _range(self, start: int, length: int, ink: Ink) -> QTextLayout.FormatRange:
        piece = QTextLayout.FormatRange()
        piece.start, piece.length, piece.format = start, length, self._ink_format(ink)
        return piece

    @staticmethod
    def _ink_format(ink: Ink) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setForeground(QColor(getattr(current(), ink)))
        return form
