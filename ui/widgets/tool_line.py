"""What a tool card says of its call: in one row where that is wide enough, else in two or three. Runs nothing.

Nothing is ever drawn over something else: arguments, result and the name of a server's tool end in … where there is no
room for all of them, and who made the result and the buttons go into a row of their own before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QLabel, QWidget

from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.i18n import tr
from ui.avatar import icon_pixmap
from ui.call_words import OF_SERVERS, tool_icon, tool_name
from ui.theme import Ink, current, kind
from ui.widgets.basics import ElidedLabel, IconButton

GAP: Final = 8
ICON_PIXELS: Final = 16
END: Final = 8
"""Pixels at the right that only the edge of a button may use, so that its words end where others do."""
ROW_PIXELS: Final = 24
ROW_GAP: Final = 2
LEAST_WIDTH: Final = 96
"""Pixels that arguments, result and the name of a server's tool have each in a row, or as many as they need."""


class ToolLine(QWidget):
    """Shows one :class:`ToolView`; :meth:`set_width` says how wide, and it is as high as its rows."""

    def __init__(self, view: ToolView) -> None:
        super().__init__()
        is_code = view.name == "calculate"
        self._width = 0
        self._keeps_name = OF_SERVERS not in view.name
        self._icon = QLabel(self)
        self._name = kind(ElidedLabel("", self), "strong")
        self._argument = kind(ElidedLabel("", self), "mono" if is_code else "soft")
        self._sign = kind(QLabel(self), "soft")
        self._result = kind(ElidedLabel("", self), "mono-strong" if is_code else "plain")
        self._made_by = kind(ElidedLabel("", self), "small")
        self.cancel = IconButton("stop", self, size=14)
        self.undo = IconButton("undo", self, size=14)

    def say(self, view: ToolView, argument: str, said: str, origin: str) -> None:
        """Show ``argument``, what the call ``said`` (or how far it is) and its ``origin``; empty ones leave no gap."""
        self._name.set_whole(tool_name(view.name))
        self._argument.set_whole(argument)
        self._result.set_whole(said)
        self._made_by.set_whole(origin)
        self._sign.setText("=" if view.name == "calculate" and not view.failed else "→")
        for part in self._texts():
            part.setVisible(bool(part.whole()))
        self._sign.setVisible(bool(said and argument))
        self.cancel.setVisible(view.result is None and view.began is not None)
        self.undo.setVisible(view.can_undo)
        self._fit()

    def say_origin(self, origin: str) -> None:
        """Another time has passed."""
        if origin != self._made_by.whole():
            self._made_by.set_whole(origin)
            self._made_by.setVisible(bool(origin))
            self._fit()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = max(width, 1)
        self._fit()

    def paint_icon(self, name: str, ink: Ink) -> None:
        self._icon.setPixmap(icon_pixmap(name, ICON_PIXELS, current(), ink, self.devicePixelRatioF()))

    # ------------------------------------------------------------ places

    def _texts(self) -> tuple[ElidedLabel, ...]:
        return self._name, self._argument, self._result, self._made_by

    def _fit(self) -> None:
        if not self._width:
            return
        self._name_buttons(visible=True)
        call, said, end = map(_shown, self._groups())
        indent = ICON_PIXELS + GAP
        room, below = self._width - END, self._width - END - indent
        if self._least((*call, *said, *end)) <= room:
            rows = [(0, (*call, *said), end)]
        elif self._least((*said, *end)) <= below:
            rows = [(0, call, ()), (indent, said or end[:1], end if said else end[1:])]
        else:
            self._name_buttons(visible=self._least(end) <= below)
            rows = [(0, call, ()), (indent, said, ()), (indent, end[:1], end[1:])]
        for number, (left, first, last) in enumerate(rows):
            self._place(number * (ROW_PIXELS + ROW_GAP), left, first, last)
        self.setFixedSize(self._width, len(rows) * (ROW_PIXELS + ROW_GAP) - ROW_GAP)

    def _name_buttons(self, *, visible: bool) -> None:
        for one, words in ((self.cancel, tr("Cancel")), (self.undo, tr("Undo"))):
            if not one.isHidden():
                one.name(words, visible=visible)

    def _groups(self) -> tuple[tuple[QWidget, ...], ...]:
        """What stays together: the call, what it said, and its end."""
        call, said = (self._icon, self._name, self._argument), (self._sign, self._result)
        return call, said, (self._made_by, self.cancel, self.undo)

    def _least(self, parts: Sequence[QWidget]) -> int:
        shares = (min(self._wanted(part), LEAST_WIDTH) if self._gives(part) else self._wanted(part) for part in parts)
        return sum(shares) + GAP * (len(parts) - 1)

    def _gives(self, part: QWidget) -> bool:
        """Whether ``part`` may end in dots in a row with others."""
        return part in (self._argument, self._result) or (part is self._name and not self._keeps_name)

    def _wanted(self, part: QWidget) -> int:
        return ICON_PIXELS if part is self._icon else part.sizeHint().width()

    def _place(self, top: int, left: int, first: Sequence[QWidget], last: Sequence[QWidget]) -> None:
        """Put ``first`` from ``left`` on, and ``last`` at the right end."""
        parts = (*first, *last)
        room = self._width - END - left - GAP * (len(parts) - 1)
        widths = {part: self._wanted(part) for part in parts}
        if sum(widths.values()) > room:
            # In a row without any that gives, all labels do: no window is that narrow, but a font may be that large.
            giving = [part for part in parts if self._gives(part)] or [p for p in parts if isinstance(p, ElidedLabel)]
            kept = sum(width for part, width in widths.items() if part not in giving)
            widths.update(zip(giving, _shares(room - kept, [widths[part] for part in giving]), strict=True))
        for part in first:
            part.setGeometry(left, top, widths[part], ROW_PIXELS)
            left += widths[part] + GAP
        right = self._width if last and last[-1] in (self.cancel, self.undo) else self._width - END
        for part in reversed(last):
            part.setGeometry(right - widths[part], top, widths[part], ROW_PIXELS)
            right -= widths[part] + GAP


def _shown(parts: Sequence[QWidget]) -> tuple[QWidget, ...]:
    shown = tuple(part for part in parts if not part.isHidden())
    for part in shown:
        part.ensurePolished()  # else it does not know its font, and so not how wide it wants to be
    return shown


def _shares(room: int, wanted: Sequence[int]) -> list[int]:
    """``room`` shared out: nobody gets more than they want, and nobody less than another who is not content."""
    shares = [0] * len(wanted)
    left, open_ = max(room, 0), len(wanted)
    for index in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        shares[index] = min(wanted[index], left // open_)
        left, open_ = left - shares[index], open_ - 1
    return shares


def call_icon(view: ToolView, *, ended_by_person: bool) -> tuple[str, Ink]:
    """Icon and ink of the line of a call."""
    if view.failed and not ended_by_person:
        return "warning", "bad"
    return tool_icon(view.name), "soft" if view.failed else "accent_text"
