"""Thousands of lines in a box that scrolls: laid out and coloured only where they are in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPaintEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from ui.theme import Ink, current, kind
from ui.widgets.basics import Live

_INKS: Final[dict[str, Ink]] = {"+": "string", "-": "accent_text"}
"""Of the lines of a diff, by how they begin."""
LONGEST_LINE: Final = 500
"""Characters; a line of a hundred thousand would be laid out at once."""
CONTINUED: Final = "\n⤷ "


class LongText(Live, QPlainTextEdit):
    """Plain text, read-only; lines of a diff have their colours."""

    def __init__(self, text: str, parent: QWidget | None = None, *, is_diff: bool = False) -> None:
        super().__init__(parent)
        self._is_diff = is_diff
        self._coloured = (-1, -1)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        kind(self, "code-box")
        self.setPlainText("\n".join(map(_broken, text.split("\n"))))
        self.dress()

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


def _broken(line: str) -> str:
    """A line that is too long as several, of which all but the first are marked."""
    return CONTINUED.join(line[i : i + LONGEST_LINE] for i in range(0, len(line), LONGEST_LINE))
