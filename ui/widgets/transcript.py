"""A conversation that scrolls. Only messages within two screens of what is visible are widgets; of the others it
remembers the height, or estimates it. Knows messages by id and never what they say.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from time import perf_counter
from typing import Final

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from nyanko_desktop.chat.view_state import MessageView, TextView, ToolView
from nyanko_desktop.i18n import tr
from ui.avatar import Mood, icon
from ui.theme import GRID, READING_WIDTH, current, kind, motion_ms
from ui.widgets.basics import Live, button
from ui.widgets.focus_ring import reach_by_keyboard
from ui.widgets.memory_line import HEIGHT as LINE_HEIGHT
from ui.widgets.memory_line import MemoryLine
from ui.widgets.message import CAT_PIXELS, MessageWidget, NyankoMessage, PersonMessage

COLUMN_WIDTH: Final = READING_WIDTH + CAT_PIXELS + 3 * GRID + 100
"""Widest column of messages; the person's words hang over Nyanko's text on the right."""
MARGIN: Final = 7 * GRID
NARROW: Final = 480
NARROW_MARGIN: Final = 3 * GRID
"""Left and right of the messages where a window is narrower than that many pixels."""
AHEAD_SCREENS: Final = 2
"""Screens above and below the visible one whose messages are widgets, so that scrolling meets finished ones."""
SLICE_SECONDS: Final = 0.006
"""Time for making widgets in one go, apart from those that are visible right now."""
NEAR_END: Final = 24
"""Closer than this many pixels to the end counts as being there."""

_BY_TAB: Final = Qt.FocusPolicy.TabFocus.value


class Transcript(Live, QScrollArea):
    """Shows messages; stays at the end while text streams, unless the person scrolled up."""

    link_clicked = Signal(str)
    retry_requested = Signal()
    action_requested = Signal(str)
    call_acted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: tuple[MessageView, ...] = ()
        self._index: dict[int, int] = {}
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        """Where each message begins, the line above it included, and where the last one ends."""
        self._memory_begins: int | None = None
        self._known: set[int] = set()
        """Ids of messages whose height was measured at the present width."""
        self._widgets: dict[int, MessageWidget] = {}
        self._mood = Mood.IDLE
        self._activity = ""
        self._at_end = True
        self._anchor = (0, 0)
        """The first visible message and how many pixels of it are above the edge."""
        self._placing = False
        self._canvas = kind(QWidget(), "canvas")
        self._line = MemoryLine(self._canvas)
        self._line.hide()
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._make_ahead)
        self._dirty: set[int] = set()
        self._jump = button("chip")
        self._jump.setParent(self)
        self._jump.clicked.connect(self.jump_to_end)
        self._motion = QPropertyAnimation(self.verticalScrollBar(), b"value", self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._canvas)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        reach_by_keyboard(self)
        self.dress()

    # ------------------------------------------------------------ what it shows

    def render_messages(
        self, messages: tuple[MessageView, ...], *, mood: Mood, activity: str, memory_begins: int | None = None
    ) -> None:
        """Show ``messages``; equal ones are not touched. The newest reply has the cat in ``mood``; while it has no
        text, ``activity`` says what is done instead. A line stands above the message ``memory_begins``.
        """
        before, self._messages = self._messages, messages
        line_moved = memory_begins != self._memory_begins
        self._memory_begins = memory_begins
        same = _common_start(before, messages)
        if same < len(before) and same < len(messages) and messages[same].id == before[same].id:
            self._update(messages[same])
            same += 1
        if same < len(before) or same < len(messages):
            self._restructure(before, same)
        elif line_moved:
            self._stack()
            self._place()
        elif same and messages[-1] is not before[-1]:
            self._place()
        self.show_mood(mood, activity)

    def show_end(self) -> None:
        """Be at the end from now on, at once: another conversation is shown."""
        self._motion.stop()
        self._at_end = True
        self._place()

    def jump_to_end(self) -> None:
        """Go to the newest message."""
        bar = self.verticalScrollBar()
        near = bar.maximum() - bar.value() <= self.viewport().height() * AHEAD_SCREENS
        self._at_end = True
        if not near or not motion_ms():
            self._place()
            return
        self._motion.setDuration(motion_ms())
        self._motion.setStartValue(bar.value())
        self._motion.setEndValue(bar.maximum())
        self._motion.start()

    def is_at_end(self) -> bool:
        return self._at_end

    def order_for_tab(self) -> None:
        """Let Tab go through the messages as they are read; widgets come and go in another order."""
        corners = {part: part.mapTo(self._canvas, QPoint(0, 0)) for part in self._canvas.findChildren(QWidget)}
        stops = [part for part in corners if part.isVisible() and part.focusPolicy().value & _BY_TAB]
        for one, other in pairwise(sorted(stops, key=lambda part: (corners[part].y(), corners[part].x()))):
            QWidget.setTabOrder(one, other)

    def widgets(self) -> dict[int, MessageWidget]:
        """The messages that are widgets now, by id."""
        return dict(self._widgets)

    # ------------------------------------------------------------ changes

    def _update(self, view: MessageView) -> None:
        """Another state of a message that is there already."""
        widget = self._widgets.get(view.id)
        if widget is None:
            self._known.discard(view.id)
            self._set_height(self._index[view.id], _estimate(view, self._column_width()))
        else:
            widget.render_view(view, last=view is self._messages[-1])
            self._measure(view.id)

    def _restructure(self, before: tuple[MessageView, ...], same: int) -> None:
        """Messages came or went behind the first ``same`` ones."""
        if same and (same == len(before) or same == len(self._messages)):
            self._refresh_last(same - 1)
        stay = {view.id for view in self._messages}
        for gone in [id for id in self._widgets if id not in stay]:
            self._drop(gone)
        self._known &= stay
        self._index = {view.id: index for index, view in enumerate(self._messages)}
        width = self._column_width()
        self._heights[same:] = [_estimate(view, width) for view in self._messages[same:]]
        for view in self._messages[same:]:
            if view.id in self._widgets:
                self._update(view)
        self._stack()
        self._place()

    def _refresh_last(self, index: int) -> None:
        """What was the newest message no longer is, or is again."""
        view = self._messages[index]
        widget = self._widgets.get(view.id)
        if widget is not None:
            widget.render_view(view, last=index == len(self._messages) - 1)

    def show_mood(self, mood: Mood, activity: str) -> None:
        self._mood, self._activity = mood, activity
        newest = self._widgets.get(self._messages[-1].id) if self._messages else None
        if isinstance(newest, NyankoMessage):
            newest.set_mood(mood)
            newest.set_activity(activity)

    # ------------------------------------------------------------ heights

    def _column_width(self) -> int:
        room = self.viewport().width()
        return max(min(room - 2 * (NARROW_MARGIN if room < NARROW else MARGIN), COLUMN_WIDTH), 200)

    def _set_height(self, index: int, height: int) -> None:
        if height == self._heights[index]:
            return
        self._heights[index] = height
        self._stack(index)

    def _stack(self, first: int = 0) -> None:
        """Put the messages below each other, from ``first`` on."""
        heights, begins = self._heights[first:], self._line_above()
        if begins is not None and first <= begins:
            heights[begins - first] += LINE_HEIGHT
        self._tops[first + 1 :] = list(accumulate(heights, initial=self._tops[first]))[1:]

    def _line_above(self) -> int | None:
        """The message above which the line stands."""
        begins = self._memory_begins
        return begins if begins is not None and begins < len(self._messages) else None

    def _measure(self, id: int) -> None:
        """Take the height from the widget; one that is still being built keeps at least what it was thought to have."""
        index, widget = self._index[id], self._widgets[id]
        height = widget.wanted_height(self._column_width())
        if not widget.is_settled() and id not in self._known:
            height = max(height, self._heights[index])
        else:
            self._known.add(id)
        self._set_height(index, height)
        self._dirty.discard(id)

    def _widget_resized(self, id: int) -> None:
        """A card was opened, or a long text was built further."""
        if id in self._widgets:
            self._dirty.add(id)
            self._more.start()

    # ------------------------------------------------------------ places

    def _place(self) -> None:
        """Put every widget where it belongs, with what the person looks at staying where it is."""
        if self._placing or not self.isVisible():
            return
        self._placing = True
        try:
            for _ in range(3):  # making a visible widget corrects its height, which may make another one visible
                self._settle_scrolling()
                if not self._make_visible():
                    break
            self._move_widgets()
        finally:
            self._placing = False
        self._show_jump()
        self._more.start()

    def _settle_scrolling(self) -> None:
        height = self._tops[-1] + 2 * MARGIN
        self._canvas.resize(self.viewport().width(), max(height, self.viewport().height()))
        bar = self.verticalScrollBar()
        if self._motion.state() == QPropertyAnimation.State.Running:
            self._motion.setEndValue(bar.maximum())
        elif self._at_end:
            bar.setValue(bar.maximum())
        else:
            index, above = self._anchor
            bar.setValue(self._tops[min(index, len(self._heights))] + above)

    def _make_visible(self) -> bool:
        """Make widgets of all visible messages; whether any was missing."""
        top = self.verticalScrollBar().value()
        missing = [i for i in self._range(top, top + self.viewport().height()) if not self._has(i)]
        for index in missing:
            self._make(index)
        return bool(missing)

    def _move_widgets(self) -> None:
        width = self._column_width()
        left = (self.viewport().width() - width) // 2
        top, screen = self.verticalScrollBar().value(), self.viewport().height()
        near = self._range(top - AHEAD_SCREENS * screen, top + (1 + AHEAD_SCREENS) * screen)
        keep = {self._messages[index].id for index in near}
        for id in [id for id in self._widgets if id not in keep]:
            self._drop(id)
        for id, widget in self._widgets.items():
            index = self._index[id]
            widget.setGeometry(left, MARGIN + self._tops[index + 1] - self._heights[index], width, self._heights[index])
        begins = self._line_above()
        self._line.setVisible(begins is not None)
        if begins is not None:
            self._line.setGeometry(left, MARGIN + self._tops[begins], width, LINE_HEIGHT)

    def _make_ahead(self) -> None:
        """Make widgets near the visible ones, as many as one slice allows, and measure what changed its height."""
        end = perf_counter() + SLICE_SECONDS
        changed = [id for id in list(self._dirty) if id in self._widgets]
        for id in changed:
            self._measure(id)
        top, screen = self.verticalScrollBar().value(), self.viewport().height()
        near = self._range(top - AHEAD_SCREENS * screen, top + (1 + AHEAD_SCREENS) * screen)
        missing = [index for index in near if not self._has(index)]
        for index in missing:
            self._make(index)
            if perf_counter() > end:
                break
        if changed or missing:
            self._place()

    def _range(self, top: int, bottom: int) -> range:
        """Indexes of messages between two heights of the canvas."""
        first = max(bisect_right(self._tops, top - MARGIN) - 1, 0)
        return range(first, min(bisect_right(self._tops, bottom - MARGIN), len(self._messages)))

    def _has(self, index: int) -> bool:
        return self._messages[index].id in self._widgets

    def _make(self, index: int) -> None:
        view = self._messages[index]
        widget = PersonMessage(view, self._canvas) if view.role == "user" else NyankoMessage(view, self._canvas)
        last = index == len(self._messages) - 1
        widget.set_width(self._column_width())
        widget.render_view(view, last=last)
        if last and isinstance(widget, NyankoMessage):
            widget.set_mood(self._mood)
            widget.set_activity(self._activity)
        widget.resized.connect(self._widget_resized)
        widget.link_clicked.connect(self.link_clicked)
        widget.retry_requested.connect(self.retry_requested)
        widget.action_requested.connect(self.action_requested)
        widget.call_acted.connect(self.call_acted)
        self._widgets[view.id] = widget
        self._measure(view.id)
        widget.show()

    def _drop(self, id: int) -> None:
        widget = self._widgets.pop(id)
        self._dirty.discard(id)
        widget.hide()
        widget.deleteLater()

    # ------------------------------------------------------------ what the person does

    def _scrolled(self, value: int) -> None:
        """Remember what is looked at; make what comes into view."""
        if self._placing:
            return
        if self._motion.state() != QPropertyAnimation.State.Running:
            self._at_end = value >= self.verticalScrollBar().maximum() - NEAR_END
        rows = self._range(value, value + 1)
        index = rows[0] if rows else 0
        self._anchor = (index, value - self._tops[index])
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._known.clear()
            width = self._column_width()
            for id, widget in self._widgets.items():
                widget.set_width(width)
                self._measure(id)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()

    # ------------------------------------------------------------ looks

    def _show_jump(self) -> None:
        self._jump.setVisible(not self._at_end and bool(self._messages))
        self._name_jump()
        if self._jump.isVisible():
            self._jump.adjustSize()
            place = self.viewport().geometry()
            self._jump.move(place.center().x() - self._jump.width() // 2, place.bottom() - self._jump.height() - 8)
            self._jump.raise_()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Conversation"))
        self._name_jump()

    def _name_jump(self) -> None:
        """A question below the edge must not wait unseen."""
        parts = self._messages[-1].parts if self._messages else ()
        asks = any(isinstance(part, ToolView) and part.approval is not None for part in parts)
        words = tr("Nyanko asks you something") if asks else tr("Jump to latest")
        if words != self._jump.text():
            self._jump.setText(words)
            self._jump.setAccessibleName(words)

    def restyle(self) -> None:
        self._jump.setIcon(icon("chevron-down", current(), "soft"))


def _common_start(before: tuple[MessageView, ...], after: tuple[MessageView, ...]) -> int:
    """How many messages at the start are the same; quick where only the end differs."""
    shorter = min(len(before), len(after))
    for same in (shorter, shorter - 1, shorter - 2):
        if same >= 0 and before[:same] == after[:same]:
            return same
    return next(i for i in range(shorter) if before[i] != after[i])


def _estimate(view: MessageView, width: int) -> int:
    """Height of a message nobody has seen yet, from the amount of its text."""
    share = min(width - CAT_PIXELS, READING_WIDTH)
    height = 60
    for part in view.parts:
        if isinstance(part, TextView) and not part.source:
            columns = (len(part.text) + len(part.text.encode())) // 2
            height += 22 * (1 + columns * 7 // share + part.text.count("\n"))
        else:
            height += 44
    return height
