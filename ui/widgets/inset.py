"""Text of somebody else inside a card: whole, plain, and scrolling where it is long. Knows no call."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from ui.theme import Ink, kind
from ui.widgets.basics import Live
from ui.widgets.code_block import CODE_LINE_PIXELS, PIECE_CHARS, CodeBlock
from ui.widgets.prose import ProseView

TALLEST_WORDS: Final = 110
TALLEST_CODE: Final = 240
"""Pixels; what is longer scrolls."""
LONGEST_PROSE: Final = 4000
"""Characters that may be wrapped at once; more is shown as code, which comes a little at a time."""
_AROUND_CODE: Final = 54
"""Title and margins of a block of code, in pixels."""
_BAR: Final = 10


class Inset(Live, QScrollArea):
    """Shows one text; :meth:`set_width` says how wide."""

    def __init__(self, text: str, name: str, language: str | None = None, ink: Ink = "text") -> None:
        """``name`` is for screen readers; with a ``language`` the text is code."""
        super().__init__()
        self._text, self._name = text.rstrip("\n"), name
        self._shown: ProseView | CodeBlock
        if language is None and len(text) <= LONGEST_PROSE:
            self._shown = ProseView(gap=0, ink=ink)
            self._shown.set_plain(self._text)
        else:
            self._shown = CodeBlock()
            self._shown.set_code(self._text, language or "", closed=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        canvas = kind(QWidget(), "canvas")
        column = QVBoxLayout(canvas)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._shown)
        column.addStretch()
        self.setWidgetResizable(True)
        self.setWidget(canvas)
        self.dress()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide, and as high as the text, up to a limit."""
        wanted, tallest = self._height_at(width), self._tallest()
        scrolls = wanted > tallest
        if scrolls:
            wanted = self._height_at(width - 12)
        # By keyboard one must be able to read all of it, so what scrolls can be reached.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedSize(width, min(wanted, tallest))

    def text(self) -> str:
        return self._text

    def scrolls(self) -> bool:
        """Whether a part of the text is out of sight."""
        return self.focusPolicy() == Qt.FocusPolicy.TabFocus

    def retranslate(self) -> None:
        self.setAccessibleName(self._name)
        self._shown.setAccessibleName(self._name)
        self.setAccessibleDescription(tr("Scroll to read all of it."))

    def _tallest(self) -> int:
        return TALLEST_WORDS if isinstance(self._shown, ProseView) else TALLEST_CODE

    def _height_at(self, width: int) -> int:
        self._shown.set_width(width)
        if isinstance(self._shown, ProseView):
            return self._shown.height()
        if len(self._text) <= PIECE_CHARS:  # all of it is there
            return self._shown.code_height() + _AROUND_CODE
        return (self._text.count("\n") + 1) * CODE_LINE_PIXELS + _AROUND_CODE + _BAR
