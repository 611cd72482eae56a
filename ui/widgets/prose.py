"""Running text: rendered blocks, and below them one block that still grows. Fetches nothing, opens nothing."""

from __future__ import annotations

import re
from math import ceil
from typing import Any, Final

from PySide6.QtCore import QRect, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextListFormat,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from nyanko_desktop.i18n import tr
from ui.markdown import document_css, is_web_link, to_html
from ui.theme import LINE_PIXELS, Ink, current
from ui.widgets.basics import Live, tip

CARET_WIDTH: Final = 8
INDENT: Final = 22
GAP: Final = 8
"""Below the last paragraph, as between two; Qt leaves it out of a document's height."""
LINE_SEPARATOR: Final = "\u2028"
_MARKER = re.compile(r"([-*+]|(\d{1,9})[.)]) ")
_READ_ONLY = (
    Qt.TextInteractionFlag.TextSelectableByMouse
    | Qt.TextInteractionFlag.TextSelectableByKeyboard
    | Qt.TextInteractionFlag.LinksAccessibleByMouse
    | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
)


class ProseView(Live, QTextBrowser):
    """As high as its text; :meth:`set_width` says how wide. Links are only announced."""

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None, ink: Ink = "text", gap: int = GAP) -> None:
        super().__init__(parent)
        self._ink: Ink = ink
        self._gap = gap
        self._sources: list[str] = []
        self._open: str | None = None
        self._width = 0
        self._caret = False
        self._styled = False
        """Whether the document knows how Markdown looks; plain text needs none of that, and it takes milliseconds."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setTextInteractionFlags(_READ_ONLY)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(INDENT)
        self.anchorClicked.connect(self._announce)
        self.highlighted.connect(self._show_address)
        self.dress()

    # ------------------------------------------------------------ what it shows

    def add(self, sources: list[str]) -> None:
        """Append closed blocks of Markdown; they take the place of the open one."""
        self._sources += sources
        self._open = None
        self._render()

    def set_open(self, text: str | None) -> None:
        """Show ``text`` plainly below the closed blocks; only what is new is inserted. ``None``: there is none."""
        grew = text is not None and self._open is not None and text.startswith(self._open)
        if text is not None and self._open is not None and grew and _marker(text) == _marker(self._open):
            self._insert(text[len(self._open) :])
            self._open = text
        elif text != self._open:
            self._open = None
            self._render()
            if text is not None:
                self._begin_open(text)
        self._fit()

    def set_plain(self, text: str) -> None:
        """Show ``text`` as it is, and nothing else."""
        self._sources = []
        self.set_open(text)

    def is_empty(self) -> bool:
        return not self._sources and not self._open

    def length(self) -> int:
        """Characters of the closed blocks."""
        return sum(map(len, self._sources))

    def set_caret(self, shown: bool) -> None:
        """Draw the caret of streaming text behind the last character."""
        if shown != self._caret:
            self._caret = shown
            self.viewport().update()

    # ------------------------------------------------------------ size

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide, and as high as the text then is."""
        if width != self._width:
            self._width = width
            self._fit()

    def natural_width(self) -> int:
        """Pixels that the longest line of plain text takes where nothing wraps."""
        metrics = self.fontMetrics()
        return max(metrics.horizontalAdvance(line) for line in (self._open or "").split("\n")) + 2

    def _fit(self) -> None:
        if self._width:
            if self.lineWrapColumnOrWidth() != self._width:
                self.setLineWrapColumnOrWidth(self._width)
            height = ceil(self.document().size().height())
            self.setFixedSize(self._width, max(height, LINE_PIXELS) + self._gap)

    # ------------------------------------------------------------ how it is shown

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Text of the message"))

    def restyle(self) -> None:
        text = self._open
        self._styled = False
        self._open = None
        self._render()
        if text is not None:
            self.set_open(text)

    def _render(self) -> None:
        if self._sources and not self._styled:
            self.document().setDefaultStyleSheet(document_css(current()))
            self._styled = True
        html = to_html(self._sources) if self._sources else ""
        self.document().setHtml(f'<body style="color: {getattr(current(), self._ink)}">{html}</body>' if html else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if "<a " in html else Qt.FocusPolicy.ClickFocus)
        self._fit()

    def _begin_open(self, text: str) -> None:
        line = QTextBlockFormat()
        line.setLineHeight(LINE_PIXELS, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = self._end()
        if self._sources:
            cursor.insertBlock(line, QTextCharFormat())
        else:
            cursor.setBlockFormat(line)
        marker = _marker(text)
        if marker:
            cursor.createList(_list_format(marker))
        self._insert(text[len(marker) :])
        self._open = text

    def _insert(self, text: str) -> None:
        """Into one block of the document, so that no line becomes an item of its own."""
        if text:
            form = QTextCharFormat()
            form.setForeground(QColor(getattr(current(), self._ink)))
            self._end().insertText(text.replace("\n", LINE_SEPARATOR), form)

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._caret:
            at = self.cursorRect(self._end())
            caret = QRect(at.left() + 2, at.center().y() - 8, CARET_WIDTH, 16)
            QPainter(self.viewport()).fillRect(caret, QColor(current().accent))

    # ------------------------------------------------------------ what it refuses

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        """Nothing that a text names is ever loaded."""
        return None

    def _announce(self, url: QUrl) -> None:
        if is_web_link(url.toString()):
            self.link_clicked.emit(url.toString())

    def _show_address(self, url: QUrl) -> None:
        """The tip of a link is its address: the person sees where it goes before clicking."""
        self.setToolTip(tip(url.toString()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling belongs to what this text stands in."""
        event.ignore()


def _marker(text: str) -> str:
    """What makes the first line of ``text`` an item of a list; empty where nothing does."""
    found = _MARKER.match(text)
    return found[0] if found else ""


def _list_format(marker: str) -> QTextListFormat:
    form = QTextListFormat()
    number = _MARKER.match(marker)
    if number is not None and number[2]:
        form.setStyle(QTextListFormat.Style.ListDecimal)
        form.setStart(int(number[2]))
    else:
        form.setStyle(QTextListFormat.Style.ListDisc)
    return form
