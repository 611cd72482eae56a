"""Thousands of lines in a box that scrolls: they arrive a little at a time, and are laid out and coloured where they
are in sight. Knows no call.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from time import perf_counter
from typing import Final

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QColor, QPaintEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from ui.call_words import plainly
from ui.theme import Ink, current, kind
from ui.widgets.basics import Live

_INKS: Final[dict[str, Ink]] = {"+": "string", "-": "accent_text"}
"""Of the lines of a diff, by how they begin."""
LONGEST_LINE: Final = 500
"""Characters; a line of a hundred thousand would be laid out at once."""
CONTINUED: Final = "⤷ "
"""Before the rest of a line that was broken."""
SLICE_SECONDS: Final = 0.002
"""Time for inserting in one go: what is inserted is painted in the same frame, and several texts may come at once."""
USUAL_WIDTH: Final = 60
"""Characters that fit beside each other in a card."""
LINES_AT_ONCE: Final = 32
CHARACTERS_AT_ONCE: Final = 4000
"""Between two looks at the clock: either is enough."""


class LongText(Live, QPlainTextEdit):
    """Plain text, read-only, with every sign that could hide or reorder others written out."""

    def __init__(self, text: str, parent: QWidget | None = None, *, wraps: bool = False, is_diff: bool = False) -> None:
        """Words wrap, code does not; lines of a diff have their colours."""
        super().__init__(parent)
        self._is_diff = is_diff
        self._coloured = (-1, -1)
        self._text = text
        self._coming = map(plainly, _lines(text))
        self._more = QTimer(self, interval=0)
        self._more.timeout.connect(self._go_on)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        kind(self, "code-box")
        self.dress()
        self.setPlainText("\n".join(self._next_lines()))
        self._more.start()

    def lines(self, most: int) -> int:
        """About how many there are, or are to come, up to ``most``; of those that wrap, each counts for several."""
        wraps = self.lineWrapMode() == QPlainTextEdit.LineWrapMode.WidgetWidth
        first = islice(_lines(self._text), most)
        return min(most, sum(1 + len(line) // USUAL_WIDTH if wraps else 1 for line in first))

    def is_settled(self) -> bool:
        """Whether all of the text is here."""
        return not self._more.isActive()

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied has its long lines whole again."""
        made = QMimeData()
        made.setText(self.textCursor().selection().toPlainText().replace("\n" + CONTINUED, ""))
        return made

    def restyle(self) -> None:
        self._coloured = (-1, -1)
        self.viewport().update()

    def coloured_lines(self) -> int:
        """How many lines have a colour of their own now."""
        return len(self.extraSelections())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._is_diff:
            self._colour_what_shows()
        super().paintEvent(event)

    def _go_on(self) -> None:
        """One slice of what is to come, behind everything else."""
        end = perf_counter() + SLICE_SECONDS
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        while perf_counter() < end:
            piece = self._next_lines()
            if not piece:
                self._more.stop()
                return
            cursor.insertText("\n" + "\n".join(piece))

    def _next_lines(self) -> list[str]:
        """As many as may be inserted between two looks at the clock; none when all are there."""
        lines: list[str] = []
        characters = 0
        while len(lines) < LINES_AT_ONCE and characters < CHARACTERS_AT_ONCE:
            line = next(self._coming, None)
            if line is None:
                break
            lines.append(line)
            characters += len(line)
        return lines

    def _colour_what_shows(self) -> None:
        first = self.firstVisibleBlock()
        last = self.cursorForPosition(self.viewport().rect().bottomLeft()).block()
        shown = first.blockNumber(), last.blockNumber()
        if shown == self._coloured:
            return
        self._coloured = shown
        selections, block = [], first
        while block.isValid() and block.blockNumber() <= shown[1]:
            ink = _INKS.get(block.text()[:1])
            if ink is not None:
                one = QTextEdit.ExtraSelection()
                one.cursor = QTextCursor(block)
                one.cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                one.format.setForeground(QColor(getattr(current(), ink)))
                one.format.setProperty(QTextFormat.Property.FullWidthSelection, False)
                selections.append(one)
            block = block.next()
        self.setExtraSelections(selections)


def _lines(text: str) -> Iterator[str]:
    """Those of ``text``, one at a time: there may be a hundred thousand, and few are asked for at once."""
    begin = 0
    while (end := text.find("\n", begin)) >= 0:
        yield from _broken(text[begin:end])
        begin = end + 1
    yield from _broken(text[begin:])


def _broken(line: str) -> list[str]:
    """A line that is too long as several, of which all but the first are marked."""
    if len(line) <= LONGEST_LINE:
        return [line]
    pieces = [line[i : i + LONGEST_LINE] for i in range(0, len(line), LONGEST_LINE)]
    return [pieces[0], *(CONTINUED + piece for piece in pieces[1:])]
