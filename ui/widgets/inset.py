"""Text of somebody else inside a card: whole, plain, and scrolling where it is long. Knows no call.

Signs that could hide or reorder others are written out.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from nyanko_desktop.i18n import tr
from ui.call_words import plainly
from ui.theme import Ink
from ui.widgets.basics import Live
from ui.widgets.code_block import CODE_LINE_PIXELS, CodeBlock
from ui.widgets.focus_ring import FocusRing
from ui.widgets.long_text import LongText
from ui.widgets.prose import ProseView

TALLEST_WORDS: Final = 110
TALLEST_CODE: Final = 240
"""Pixels; what is longer scrolls."""
LONGEST_PROSE: Final = 600
"""UTF-16 units that may be wrapped at once: pictures are drawn from several, and each takes long."""
LONGEST_CODE: Final = 1500
"""Those that are laid out at once; of more only what is in sight is."""
_AROUND_CODE: Final = 54
"""Title and margins of a block of code, in pixels."""
_BAR: Final = 10
LONG_MARGINS: Final = 44


class Inset(Live, QWidget):
    """Shows one text; :meth:`set_width` says how wide."""

    def __init__(
        self, text: str, name: str, language: str | None = None, ink: Ink = "text", tallest: int | None = None
    ) -> None:
        """``name`` is for screen readers; with a ``language`` the text is code; what is higher than ``tallest``
        pixels scrolls.
        """
        super().__init__()
        self._text, self._name = text.rstrip("\n"), name
        self._tallest = tallest or (TALLEST_WORDS if language is None else TALLEST_CODE)
        self._scroll: QScrollArea | None = None
        """Made when it is needed: most texts are short, and a card with several must be there within a frame."""
        self._shown: ProseView | CodeBlock | LongText
        if _units(text) > (LONGEST_PROSE if language is None else LONGEST_CODE):
            self._shown = LongText(self._text, self, wraps=language is None, is_diff=language == "diff")
        elif language is None:
            self._shown = ProseView(self, gap=0, ink=ink)
            self._shown.set_plain(plainly(self._text))
        else:
            self._shown = CodeBlock(self)
            self._shown.set_code(plainly(self._text), language or "", closed=True)
        self.dress()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide, and as high as the text, up to a limit."""
        if isinstance(self._shown, LongText):
            lines = self._shown.lines(TALLEST_CODE // CODE_LINE_PIXELS)
            self.setFixedSize(width, min(TALLEST_CODE, lines * CODE_LINE_PIXELS + LONG_MARGINS))
            self._shown.setFixedSize(self.size())
            return
        wanted = self._height_at(width)
        scrolls = wanted > self._tallest
        if scrolls:
            wanted = self._height_at(width - _BAR - 2)
        if scrolls and self._scroll is None:
            self._begin_scrolling()
        self._shown.resize(self._shown.width(), wanted)
        self.setFixedSize(width, min(wanted, self._tallest))
        if self._scroll is not None:
            self._scroll.setFixedSize(self.size())
            # By keyboard one must be able to read all of it, so what scrolls can be reached.
            self._scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)

    def text(self) -> str:
        """What is shown, or to come."""
        return plainly(self._text)

    def scrolls(self) -> bool:
        """Whether a part of the text is out of sight, and can be reached by keyboard."""
        if isinstance(self._shown, LongText):
            return True
        return self._scroll is not None and self._scroll.focusPolicy() == Qt.FocusPolicy.TabFocus

    def retranslate(self) -> None:
        self.setAccessibleName(self._name)
        self._shown.setAccessibleName(self._name)
        if self._scroll is not None:
            self._scroll.setAccessibleName(self._name)
            self._scroll.setAccessibleDescription(tr("Scroll to read all of it."))

    def _begin_scrolling(self) -> None:
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._shown)
        FocusRing(self._scroll)
        self._scroll.show()
        self.retranslate()

    def _height_at(self, width: int) -> int:
        assert not isinstance(self._shown, LongText)
        self._shown.set_width(width)
        if isinstance(self._shown, ProseView):
            return self._shown.height()
        return self._shown.code_height() + _AROUND_CODE


def _units(text: str) -> int:
    return len(text) if len(text) > LONGEST_CODE else len(text.encode("utf-16-le", "surrogatepass")) // 2
