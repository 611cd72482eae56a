"""One tool call as a line (see tool_line.py): what it is, what came out, who made it. Opens on click.

While the call waits for the person it is an approval card; while it runs it says how far it is, and can be ended.
"""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.words import reason_in_words
from ui.call_words import plainly, source_name, tool_name
from ui.format import duration, elapsed
from ui.widgets.approval_card import ApprovalCard
from ui.widgets.basics import label
from ui.widgets.copying import copy, is_copy, show_copy_menu
from ui.widgets.fold import Fold
from ui.widgets.tool_line import ToolLine, call_icon

TICK_MS: Final = 1000
"""Between two looks at the clock while a call runs and is in sight."""
LONGEST_LINE: Final = 300
LONGEST_DETAIL: Final = 4000
"""Characters of arguments and results that are shown in the line and when it is open; a page may have a million."""
MARGINS: Final = (12, 5, 6, 5)
BORDERS: Final = 4
UNANSWERED: Final = "ended before it answered"
"""Of a call whose worker, or whose app, was gone first."""


class ToolCard(Fold):
    """Shows one :class:`ToolView`."""

    acted = Signal(str, str)
    """Id of the call, and what the person wants: an answer of the approval card, ``cancel`` or ``undo``."""

    def __init__(self, view: ToolView, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._view = view
        self._width = 0
        self._approval: ApprovalCard | None = None
        self._line: ToolLine | None = None
        """Made when it is needed: while the person is asked, it is not."""
        self._detail: QLabel | None = None
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._look_at_clock)
        self._column.setContentsMargins(*MARGINS)
        self._render_approval()
        self.dress()

    def render_view(self, view: ToolView) -> None:
        """Show another state of the call."""
        if view != self._view or view.began != self._view.began:
            self._view = view
            self._render_approval()
            self.retranslate()
            self.restyle()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = width
        self.setFixedWidth(width)
        self._widen_approval()
        self._widen_line()

    def approval(self) -> ApprovalCard | None:
        """What the person is asked, while they are."""
        return self._approval

    def retranslate(self) -> None:
        super().retranslate()
        waits = self._approval is not None
        if self._line is None and not waits:
            self._make_line()
        if self._line is not None:
            self._line.say(self._view, self._argument(), _in_line(_said(self._view)), origin_words(self._view))
            self._line.setHidden(waits)
        self._chevron.setHidden(waits)
        self._say_origin()
        if self._detail is not None:
            self._detail.setText(self._details())
            self._detail.setHidden(waits)
        self._follow_clock()

    def restyle(self) -> None:
        if self._line is not None:
            self._line.paint_icon(*call_icon(self._view, ended_by_person=bool(ended_by_person(self._view))))

    def make_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 0, 6, 4)
        self._detail = label("small", wrap=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail.setText(self._details())
        column.addWidget(self._detail)
        return body

    def toggle(self) -> None:
        if self._approval is None:
            super().toggle()

    # ------------------------------------------------------------ copying

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Call and result whole, also where the line and the details show a part."""
        result = ((tr("Copy the result"), self._result_text),) if self._view.result is not None else ()
        show_copy_menu(self, event, ((tr("Copy the call"), self._call_text), *result))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_copy(event) and self._approval is None:
            copy(self._call_text() if self._view.result is None else self._result_text())
        else:
            super().keyPressEvent(event)

    def _call_text(self) -> str:
        return plainly(f"/{self._view.name} {self._view.argument}".rstrip())

    def _result_text(self) -> str:
        return plainly(self._view.result or "")

    # ------------------------------------------------------------ while it waits

    def _render_approval(self) -> None:
        asked = self._view.approval
        shown = self._approval
        if (shown.view if shown else None) == asked:
            return
        if shown is not None:
            if shown.holds_focus():  # it would go on to the next button, which may be that of another question
                if self._line is None:
                    self._make_line()
                self._chevron.show()
                self._chevron.setFocus()
            self._approval = None
            self._column.removeWidget(shown)
            shown.hide()
            shown.deleteLater()
        if asked is not None:
            self._approval = made = ApprovalCard(asked)
            made.answered.connect(lambda answer: self.acted.emit(asked.call_id, answer))
            self._column.insertWidget(1, made)
            self._widen_approval()
            made.show()
        self.setCursor(Qt.CursorShape.ArrowCursor if asked else Qt.CursorShape.PointingHandCursor)

    def _widen_approval(self) -> None:
        if self._approval is not None and self._width:
            self._approval.set_width(self._width - MARGINS[0] - MARGINS[2] - BORDERS)

    # ------------------------------------------------------------ while it runs

    def _follow_clock(self) -> None:
        wanted = _is_running(self._view) and self.isVisible()
        if wanted != self._tick.isActive():
            (self._tick.start if wanted else self._tick.stop)()

    def _look_at_clock(self) -> None:
        if not self.visibleRegion().isEmpty():
            self._say_origin()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say_origin()
        self._follow_clock()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    # ------------------------------------------------------------ words

    def _say_origin(self) -> None:
        view, origin = self._view, origin_words(self._view)
        if self._line is not None:
            self._line.say_origin(origin)
        words = (tool_name(view.name), _in_line(view.argument), _in_line(_said(view)), origin)
        self.setAccessibleName(" ".join(filter(None, words)))

    def _details(self) -> str:
        view = self._view
        lines = [tr("Call: {call}", call=f"/{view.name} {_cut(view.argument)}".rstrip())]
        if view.result is not None:
            lines.append(tr("Result: {result}", result=_cut(view.result)))
        if view.source:
            lines.append(tr("These are words of {source}, not of Nyanko.", source=source_name(view.source)))
        return "\n".join(lines)

    def _argument(self) -> str:
        return _in_line(self._view.argument.removesuffix(", "))  # the last one may be empty

    def _make_line(self) -> None:
        self._line = line = ToolLine(self._view)
        line.cancel.clicked.connect(lambda: self.acted.emit(self._view.call_id, "cancel"))
        line.undo.clicked.connect(lambda: self.acted.emit(self._view.call_id, "undo"))
        self.head.setSpacing(0)
        self.head.addWidget(line)
        self.head.addStretch(1)
        self.head.addWidget(self._chevron, 0, Qt.AlignmentFlag.AlignTop)
        self._widen_line()
        self.restyle()

    def _widen_line(self) -> None:
        if self._line is not None and self._width:
            beside = MARGINS[0] + MARGINS[2] + BORDERS + self._chevron.sizeHint().width()
            self._line.set_width(self._width - beside)


def ended_by_person(view: ToolView) -> str:
    """Why a call did not end by itself, in words, where the person wanted it so or the program was gone; else empty.
    That is no failure of the tool."""
    wishes = map(reason_in_words, ("not allowed", "stopped", UNANSWERED)) if view.failed else ()
    return next((wish for wish in wishes if view.result == tr("error: {reason}", reason=wish)), "")


def origin_words(view: ToolView) -> str:
    """Who made the result, and how long it took."""
    if view.result is None:
        seconds = 0 if view.began is None else int(time.monotonic() - view.began)
        return tr("running… {time}", time=elapsed(seconds)) if seconds else tr("running…")
    match ended_by_person(view):
        case "":
            pass
        case wish if wish == reason_in_words("stopped"):
            return duration(view.seconds)
        case wish if wish == reason_in_words(UNANSWERED):
            return ""
        case _:
            return tr("did not run")
    if view.failed:
        return tr("failed · {time}", time=duration(view.seconds))
    if view.name == "calculate":
        return tr("computed by a tool · {time}", time=duration(view.seconds))
    return tr("done by a tool · {time}", time=duration(view.seconds))


def _is_running(view: ToolView) -> bool:
    return view.result is None and view.began is not None


def _said(view: ToolView) -> str:
    return view.progress if view.result is None else ended_by_person(view) or view.result


def _in_line(text: str) -> str:
    return plainly(text[:LONGEST_LINE])


def _cut(text: str) -> str:
    """What is shown of a long text, and how much is left out."""
    left = len(text) - LONGEST_DETAIL
    shown = plainly(text[:LONGEST_DETAIL])
    return shown if left <= 0 else shown + tr("… and {count} more characters", count=left)
