"""One message as a widget: the person's words in a quiet bubble, Nyanko's as plain text beside the cat, like a letter.

Each renders a :class:`MessageView`; what is equal to the view before is not touched.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import MessageView, TextView, ToolView
from nyanko_desktop.i18n import tr
from ui.avatar import Mood
from ui.format import duration, rate
from ui.theme import GRID, READING_WIDTH
from ui.widgets.attachment import AttachedFold
from ui.widgets.basics import CatLabel, IconButton, Live, button, frame, label, tip
from ui.widgets.prose import ProseView
from ui.widgets.rich_text import RichText
from ui.widgets.thinking import ThinkingFold
from ui.widgets.tool_card import ToolCard
from ui.widgets.trouble import QUIET_CODES, EndingLine, TroubleCard

CAT_PIXELS: Final = 28
BUBBLE_SHARE: Final = 0.8
"""Part of the width that the person's words may take."""
FOLDED_CHARS: Final = 3000
"""The person's text is shown up to here until they ask for all of it."""
COPIED_MS: Final = 1500
"""How long the button says that it has copied."""


class MessageWidget(Live, QWidget):
    """What the transcript knows of a message."""

    resized = Signal(int)
    """The message may want another height; carries its id."""
    link_clicked = Signal(str)
    retry_requested = Signal()
    action_requested = Signal(str)
    call_acted = Signal(str, str)
    """As :attr:`ToolCard.acted`."""

    def __init__(self, view: MessageView, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = view
        self.last = False

    def render_view(self, view: MessageView, *, last: bool) -> None:
        """Show ``view``; ``last``: it is the newest of the conversation, so it can be regenerated or continued."""
        raise NotImplementedError

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        raise NotImplementedError

    def is_settled(self) -> bool:
        """Whether the height is final: no part is still being built."""
        return True

    def wanted_height(self, width: int) -> int:
        """Pixels in height at ``width``, as it is built now."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.resized.emit(self.view.id)
        return super().event(event)


class PersonMessage(MessageWidget):
    """The person's words, exactly as they were typed."""

    def __init__(self, view: MessageView, parent: QWidget) -> None:
        super().__init__(view, parent)
        self._text = ""
        self._whole = False
        self._room = READING_WIDTH
        self._bubble = frame("bubble")
        self._words = ProseView(gap=0)
        self._attached: list[AttachedFold] = []
        self._more = button("quiet")
        self._more.clicked.connect(self._show_whole)
        inside = self._inside = QVBoxLayout(self._bubble)
        inside.setContentsMargins(14, 6, 14, 9)
        inside.addWidget(self._words)
        inside.addWidget(self._more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 5 * GRID)
        row.addStretch()
        row.addWidget(self._bubble)
        self.dress()
        self.render_view(view, last=False)

    def render_view(self, view: MessageView, *, last: bool) -> None:
        self.view, self.last = view, last
        texts = [part for part in view.parts if isinstance(part, TextView)]
        self._text = "\n".join(part.text for part in texts if not part.source)
        self._show_attached([part for part in texts if part.source])
        self._show()

    def set_width(self, width: int) -> None:
        self.setFixedWidth(width)
        self._room = min(round(width * BUBBLE_SHARE), READING_WIDTH) - 28
        self._fit()

    def retranslate(self) -> None:
        self._more.setText(tr("Show everything"))
        self.setAccessibleName(tr("You said"))

    def _show(self) -> None:
        folded = len(self._text) > FOLDED_CHARS and not self._whole
        self._words.set_plain(f"{self._text[:FOLDED_CHARS]}…" if folded else self._text)
        self._more.setVisible(folded)
        self._fit()

    def _show_attached(self, attached: list[TextView]) -> None:
        if attached == [fold.view for fold in self._attached]:
            return
        for fold in self._attached:
            self._inside.removeWidget(fold)
            fold.hide()
            fold.deleteLater()
        self._attached = [AttachedFold(part) for part in attached]
        for fold in self._attached:
            fold.toggled.connect(self._fit)
            self._inside.addWidget(fold)

    def _fit(self) -> None:
        needed = [self._words.natural_width(), *(fold.natural_width() for fold in self._attached)]
        opened = any(fold.is_open() for fold in self._attached)
        self._words.set_width(self._room if opened else min(max(needed), self._room))
        for fold in self._attached:
            fold.set_width(self._words.width())

    def _show_whole(self) -> None:
        self._whole = True
        self._show()


class NyankoMessage(MessageWidget):
    """A reply: thoughts, text and tools in the order in which they came, and how it ended."""

    def __init__(self, view: MessageView, parent: QWidget) -> None:
        super().__init__(view, parent)
        self._width = 0
        self._alone = False
        self._cat = CatLabel(CAT_PIXELS)
        self._thinking: ThinkingFold | None = None
        self._activity = label("soft")
        self._parts: list[RichText | ToolCard] = []
        self._ending: TroubleCard | EndingLine | None = None
        self._footer = _Footer()
        self._footer.retry.clicked.connect(self.retry_requested)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._column.setContentsMargins(0, 3, 0, 0)
        self._column.addWidget(self._activity)
        self._column.addWidget(self._footer)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 5 * GRID)
        row.setSpacing(3 * GRID)
        aside = QVBoxLayout()
        aside.addWidget(self._cat)
        aside.addStretch()
        row.addLayout(aside)
        row.addLayout(self._column)
        row.addStretch()
        self.dress()
        self.render_view(view, last=False)

    def render_view(self, view: MessageView, *, last: bool) -> None:
        self.view, self.last = view, last
        self._render_thinking(view)
        self._render_parts(view)
        self._render_ending(view)
        self._footer.render_view(view, last)
        self._footer.setVisible(not self._alone and view.status != "streaming")
        self._activity.setVisible(view.status == "streaming" and not view.parts and not view.reasoning)
        if not last:
            self.set_mood(Mood.SORRY if view.status == "failed" else Mood.IDLE)

    def stand_alone(self) -> None:
        """Leave out the cat beside the reply and the line below it, for a window that has both itself."""
        self._alone = True
        self._cat.hide()
        self._footer.hide()

    def set_mood(self, mood: Mood) -> None:
        self._cat.set_mood(mood)

    def set_activity(self, words: str) -> None:
        """What is said in the place of text as long as there is none."""
        if words != self._activity.text():
            self._activity.setText(words)

    def set_width(self, width: int) -> None:
        self.setFixedWidth(width)
        beside = 0 if self._alone else CAT_PIXELS + 3 * GRID
        self._width = min(width - beside, READING_WIDTH)
        self._footer.set_width(self._width)
        for part in (self._thinking, self._ending, *self._parts):
            if part is not None:
                self._widen(part)

    def is_settled(self) -> bool:
        return all(part.is_settled() for part in self._parts if isinstance(part, RichText))

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Nyanko said"))

    # ------------------------------------------------------------ parts

    def _render_thinking(self, view: MessageView) -> None:
        if not view.reasoning:
            self._drop(self._thinking)
            self._thinking = None
            return
        if self._thinking is None:
            self._thinking = ThinkingFold()
            self._column.insertWidget(1, self._thinking)
            self._widen(self._thinking)
        done = bool(view.parts) or view.status != "streaming"
        self._thinking.render_view(view.reasoning, view.timings.first_text if view.timings else None, done)

    def _render_parts(self, view: MessageView) -> None:
        wanted = view.parts
        streaming = view.status == "streaming"
        if streaming and wanted and isinstance(wanted[-1], ToolView) and wanted[-1].result is not None:
            wanted = (*wanted, TextView(""))
        for index, part in enumerate(wanted):
            if index < len(self._parts) and isinstance(self._parts[index], ToolCard) != isinstance(part, ToolView):
                self._drop_parts(index)
            if index == len(self._parts):
                self._add_part(part)
            shown = self._parts[index]
            if isinstance(shown, ToolCard) and isinstance(part, ToolView):
                shown.render_view(part)
            elif isinstance(shown, RichText) and isinstance(part, TextView):
                shown.set_text(part.text, streaming=streaming and part is wanted[-1])
        self._drop_parts(len(wanted))

    def _add_part(self, part: TextView | ToolView) -> None:
        shown = ToolCard(part) if isinstance(part, ToolView) else RichText()
        if isinstance(shown, RichText):
            shown.link_clicked.connect(self.link_clicked)
        else:
            shown.acted.connect(self.call_acted)
        self._parts.append(shown)
        at = 1 + (self._thinking is not None) + 2 * (len(self._parts) - 1)
        self._column.insertWidget(at, shown)
        self._column.insertSpacing(at + 1, 2 * GRID if isinstance(shown, ToolCard) else 0)
        self._widen(shown)

    def _drop_parts(self, first: int) -> None:
        while len(self._parts) > first:
            part = self._parts.pop()
            at = self._column.indexOf(part)
            self._column.takeAt(at + 1)
            self._drop(part)

    def _render_ending(self, view: MessageView) -> None:
        said = view.error
        looks = None if said is None else EndingLine if said.code in QUIET_CODES else TroubleCard
        if self._ending is not None and (looks is None or not isinstance(self._ending, looks)):
            self._drop(self._ending)
            self._ending = None
        if said is None or looks is None:
            return
        if self._ending is None:
            self._ending = looks(said)
            self._ending.action_requested.connect(self.action_requested)
            self._column.insertWidget(self._column.indexOf(self._footer), self._ending)
            self._widen(self._ending)
        self._ending.render_view(said)
        self._ending.set_actionable(self.last or said.action not in ("continue", "retry"))

    def _widen(self, part: QWidget) -> None:
        if isinstance(part, RichText | ThinkingFold | ToolCard):
            part.set_width(self._width)
        part.setFixedWidth(self._width)
        part.show()  # else it has no height before the next turn of the event loop

    def _drop(self, part: QWidget | None) -> None:
        if part is not None:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()


class _Footer(Live, QWidget):
    """What can be done with a reply, and its figures."""

    def __init__(self) -> None:
        super().__init__()
        self._view: MessageView | None = None
        self.retry = IconButton("retry", size=14)
        self._copy = IconButton("copy", size=14)
        self._copy.clicked.connect(self._copy_text)
        self._figures = label("small")
        self._again = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._again.timeout.connect(self.retranslate)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(self.retry)
        row.addWidget(self._copy)
        row.addStretch()
        row.addWidget(self._figures)
        self.dress()

    def render_view(self, view: MessageView, last: bool) -> None:
        self._view = view
        over = view.status != "streaming"
        self.retry.setVisible(over and last)
        self._copy.setVisible(over and any(isinstance(part, TextView) for part in view.parts))
        self._say_figures()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        if width != self.maximumWidth():
            self.setFixedWidth(width)
            self._say_figures()

    def retranslate(self) -> None:
        self.retry.name(tr("Regenerate"), visible=True)
        self._copy.name(tr("Copy"), visible=True)
        self._copy.set_icon("copy")
        self._say_figures()

    def _say_figures(self) -> None:
        view = self._view
        if view is None or view.usage is None or view.timings is None:
            self._figures.setText("")
            return
        usage, timings = view.usage, view.timings
        first = tr("first text {time}", time=duration(timings.first_text))
        speed = rate(usage.completion_tokens, timings.decode)
        self._figures.setText(self._fitting(f"{speed} · {first}", speed) if speed else self._fitting(first))
        read = tr(
            "{prompt} tokens read, {reused} of them from the cache; {written} written",
            prompt=usage.prompt_tokens,
            reused=usage.reused_tokens,
            written=usage.completion_tokens,
        )
        self._figures.setToolTip(tip(f"{view.model}\n{read}".strip()))

    def _fitting(self, *texts: str) -> str:
        """The first of ``texts`` that has room beside the buttons; empty where none has."""
        shown = [part.sizeHint().width() for part in (self.retry, self._copy) if not part.isHidden()]
        room = self.maximumWidth() - sum(shown) - 2 * GRID * (len(shown) + 1)
        self._figures.ensurePolished()
        measure = self._figures.fontMetrics()
        return next((text for text in texts if measure.horizontalAdvance(text) <= room), "")

    def _copy_text(self) -> None:
        if self._view is None:
            return
        texts = [part.text.strip() for part in self._view.parts if isinstance(part, TextView)]
        QGuiApplication.clipboard().setText("\n\n".join(filter(None, texts)))
        self._copy.name(tr("Copied"), visible=True)
        self._copy.set_icon("check")
        self._again.start()
