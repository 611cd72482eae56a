"""The Markdown text of a reply as a column of prose and code, also while it grows. Knows no message.

Closed blocks are rendered once; the open one at the end is plain text into which only new characters are inserted. Work
that would take longer than a slice goes on in the next turn of the event loop.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.markdown import Block, split
from ui.theme import motion_ms
from ui.widgets.code_block import CodeBlock
from ui.widgets.prose import ProseView

CHUNK_CHARS: Final = 900
"""Prose that shares one view: more makes selecting nicer, less makes closing a block quicker."""
SLICE_SECONDS: Final = 0.006
"""Time for building in one go: well below a frame."""


class RichText(QWidget):
    """As high as its text; :meth:`set_width` says how wide."""

    link_clicked = Signal(str)
    settled = Signal()
    """Everything that :meth:`set_text` was given is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._streaming = False
        self._shown = 0
        """Characters of the text that are shown as closed blocks."""
        self._waiting: deque[Block] = deque()
        self._segments: list[ProseView | CodeBlock] = []
        self._open: ProseView | CodeBlock | None = None
        self._width = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._go_on)
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._blink_caret)
        self._caret = False

    def set_text(self, text: str, *, streaming: bool = False) -> None:
        """Show ``text``. Cheap when it only grew; while ``streaming``, a caret stands at its end."""
        if (text, streaming) == (self._text, self._streaming):
            return
        goes_on = streaming and not self._streaming  # what was taken for the end of the last block was none
        if goes_on or not text.startswith(self._text[: self._shown]):
            self.clear()
        self._text, self._streaming = text, streaming
        self._waiting = deque(split(text[self._shown :], final=not streaming))
        self._go_on()

    def clear(self) -> None:
        """Show nothing."""
        self._more.stop()
        self._waiting.clear()
        for segment in list(self._segments):
            self._remove(segment)
        self._text, self._shown, self._streaming = "", 0, False
        self._show_caret(False)

    def text(self) -> str:
        """The Markdown that is shown."""
        return self._text

    def is_settled(self) -> bool:
        return not self._waiting

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        if width != self._width:
            self._width = width
            self.setFixedWidth(width)
            for segment in self._segments:
                segment.set_width(width)

    # ------------------------------------------------------------ building

    def _go_on(self) -> None:
        """Show as many waiting blocks as one slice allows."""
        end = perf_counter() + SLICE_SECONDS
        while self._waiting:
            self._show_next()
            if self._waiting and perf_counter() > end:
                self._column.activate()
                self._more.start()
                return
        if self._streaming and self._open is None:
            self._show_open_prose("")
        self._show_caret(self._streaming)
        self._column.activate()  # whoever asks for the height now shall get the new one
        self.settled.emit()

    def _show_next(self) -> None:
        block = self._waiting.popleft()
        if block.kind == "code":
            self._show_code(block)
        elif block.closed:
            self._close_prose(self._with_followers(block))
        else:
            self._show_open_prose(block.source)
        if block.closed:
            self._open = None

    def _with_followers(self, first: Block) -> list[str]:
        """Closed prose that fits into the same view, to be rendered at once."""
        sources, length = [first.source], len(first.source)
        while self._waiting and self._waiting[0].kind == "prose" and self._waiting[0].closed:
            length += len(self._waiting[0].source)
            if length > CHUNK_CHARS:
                break
            sources.append(self._waiting.popleft().source)
        return sources

    def _close_prose(self, sources: list[str]) -> None:
        length = sum(map(len, sources))
        view = self._open if isinstance(self._open, ProseView) else self._prose_view(length)
        self._shown += length
        view.add([source for source in sources if source.strip()])

    def _show_open_prose(self, text: str) -> None:
        if not isinstance(self._open, ProseView):
            self._drop_open()
            self._open = self._prose_view(len(text))
        self._open.set_open(text.rstrip("\n"))

    def _show_code(self, block: Block) -> None:
        view = self._open
        if not isinstance(view, CodeBlock):
            self._drop_open()
            view = self._open = CodeBlock()
            self._append(view)
        view.set_code(block.code, block.language, closed=block.closed)
        if block.closed:
            self._shown += len(block.source)

    def _prose_view(self, length: int) -> ProseView:
        """The last view if there is room for ``length`` more characters, else a new one."""
        last = self._segments[-1] if self._segments else None
        if isinstance(last, ProseView) and last.length() + length <= CHUNK_CHARS:
            return last
        view = ProseView()
        view.link_clicked.connect(self.link_clicked)
        self._append(view)
        return view

    def _drop_open(self) -> None:
        """What was open turned out to be something else."""
        if isinstance(self._open, ProseView):
            self._open.set_open(None)
            if not self._open.is_empty():
                self._open = None
        if self._open is not None:
            self._remove(self._open)

    def _append(self, segment: ProseView | CodeBlock) -> None:
        segment.set_width(self._width)
        self._segments.append(segment)
        self._column.addWidget(segment)
        segment.show()  # else it has no height before the next turn of the event loop

    def _remove(self, segment: ProseView | CodeBlock) -> None:
        self._segments.remove(segment)
        self._column.removeWidget(segment)
        segment.hide()
        segment.deleteLater()
        if segment is self._open:
            self._open = None

    # ------------------------------------------------------------ the caret

    def _show_caret(self, shown: bool) -> None:
        for segment in self._segments:
            segment.set_caret(shown and segment is self._open and (self._caret or not self._blink.isActive()))
        half = QGuiApplication.styleHints().cursorFlashTime() // 2 if motion_ms() else 0
        if shown and half > 0 and not self._blink.isActive():
            self._caret = True
            self._blink.start(half)
        elif not shown:
            self._blink.stop()

    def _blink_caret(self) -> None:
        self._caret = not self._caret
        if self._open is not None:
            self._open.set_caret(self._caret)
