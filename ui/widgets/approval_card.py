"""A call that waits for the person: everything it would do, and the answers that are offered. Runs nothing.

What it shows may be somebody else's words, so it is all plain text. A person who is typing or clicking when the card
appears must not answer by accident: the card takes no focus, hears nothing at first, and no second click of a double
one; its buttons take the focus from the Tab key alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.words import changed_in_words, level_in_words
from ui.avatar import icon_pixmap
from ui.call_words import offer_covers, offer_words, plainly, scope_name, source_name, tool_icon, wish
from ui.theme import LINE_PIXELS, Ink, current, kind
from ui.widgets.basics import Live, Pressable, label, tip
from ui.widgets.copying import Copyable, copy, is_copy, show_copy_menu
from ui.widgets.facts import Facts
from ui.widgets.flow import Flow
from ui.widgets.inset import Inset
from ui.widgets.words import Words

DEAF_SECONDS: Final = 0.5
"""After appearing: less than it takes to see a card and mean it, more than a key that was on its way."""
ICON_PIXELS: Final = 16
HEAD_GAP: Final = 8
LONGEST_NAME: Final = 200
LONGEST_WORDS: Final = 200
MOST_LINES: Final = 5
"""Characters and lines of a value that is shown without scrolling."""
LONGEST_ENTRY: Final = 40
"""Characters of a name in a menu."""
MOST_ROWS: Final = 24
"""Arguments with a row of their own; the others stand in one text."""
SLICE_SECONDS: Final = 0.002
"""Time for building in one go: well below a frame."""
LONGEST_SHOWN: Final = 200_000
MOST_SHOWN: Final = 20_000
"""Characters and lines of one text; what is left out is counted."""
_TABS: Final = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_PRESSES: Final = frozenset(
    (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.TouchBegin,
        QEvent.Type.Shortcut,
    )
)


class Hesitation:
    """Whether something has been in sight for long enough to be answered on purpose."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()

    def begin(self) -> None:
        """It appears now."""
        self._began = self._clock()

    def is_over(self) -> bool:
        return self._clock() - self._began >= DEAF_SECONDS


class ApprovalCard(Live, QWidget):
    """Renders one :class:`ApprovalView`, whole; emits the answer.

    It is put together in slices, the answers last: whoever can answer sees everything.
    """

    answered = Signal(str)
    """``allow``, ``chat``, ``scope``, ``always`` or ``deny``."""

    def __init__(
        self, view: ApprovalView, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.view = view
        self._hesitation = Hesitation(clock)
        self._width = 0
        self._icon = QLabel()
        self._title = Words("", "text", "strong")
        self._level = label("tag")
        self._tool = Words("", "text", "mono")
        self._changed = label("warn", wrap=True)
        self._head = QGridLayout()
        self._facts = Facts()
        self._scope_name: Words | None = None
        self._before: QLabel | None = None
        self._notes: QLabel | None = None
        self._preview: Inset | None = None
        self._wide: list[Words | Inset | Flow] = []
        self._answers: list[tuple[QPushButton, GrantOffer | None]] = []
        self._missing = deque(self._parts())
        self._more = QTimer(self, interval=0)
        self._more.timeout.connect(self._go_on)
        self._column = QVBoxLayout(self)
        self._arrange()
        self.dress()
        self._more.start()

    def is_settled(self) -> bool:
        """Whether all of it is there, the answers included."""
        return not self._missing

    def finish(self) -> None:
        """Put together now what is missing."""
        while self._missing:
            self._missing.popleft()()
        self._settle()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self._width = width
        self.setFixedWidth(width)
        self._place_title(width - ICON_PIXELS - HEAD_GAP)
        self._tool.set_width(width)
        self._facts.set_width(width)
        for wide in self._wide:
            wide.set_width(width)

    def holds_focus(self) -> bool:
        """Whether the keyboard is somewhere in the card."""
        focused = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def retranslate(self) -> None:
        view = self.view
        self._title.say(wish(view))
        self._level.setText(level_in_words(view.level))
        self._tool.say(plainly(view.tool))
        self._changed.setText(changed_in_words() if view.changed else "")
        if self._scope_name is not None:
            self._scope_name.say(scope_name(view))
        if self._before is not None:
            self._before.setText(self._warning())
        if self._notes is not None:
            self._notes.setText("\n".join(self._noted()))
        self._say_answers()
        # A screen reader that arrives at the card hears what it is about before any button.
        self.setAccessibleName(f"{wish(view)}. {level_in_words(view.level)}")
        self.setAccessibleDescription("\n".join(self._heard()))
        if self._width:
            self.set_width(self._width)  # the level may be longer or shorter now

    def restyle(self) -> None:
        name = tool_icon(self.view.tool)
        self._icon.setPixmap(icon_pixmap(name, ICON_PIXELS, current(), "accent_text", self.devicePixelRatioF()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._hesitation.begin()

    # ------------------------------------------------------------ copying

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Of the text at the pointer; of every one where there is none, as from the keyboard."""
        everything: Copyable = (tr("Copy everything"), self.whole_text)
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        here = self.childAt(event.pos()) if by_mouse else None
        if isinstance(here, Words):
            show_copy_menu(self, event, ((tr("Copy"), here.text), everything))
            return
        parts = [(name.text(), value) for name, value in self._facts]
        if self._preview is not None:
            parts.append((self._preview.accessibleName(), self._preview))
        offered = [(tr("Copy “{name}”", name=name[:LONGEST_ENTRY]), part.text) for name, part in parts]
        show_copy_menu(self, event, (*offered, everything))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_copy(event):
            copy(self.whole_text())
        else:
            super().keyPressEvent(event)

    def whole_text(self) -> str:
        """Everything that the card shows of the call, a line or more each."""
        facts = (f"{name.text()}: {value.text()}" for name, value in self._facts)
        preview = (self._preview.text(),) if self._preview is not None else ()
        return "\n".join((self._title.text(), self._tool.text(), *facts, *preview))

    # ------------------------------------------------------------ words

    @staticmethod
    def _warning() -> str:
        return tr("Before this, Nyanko read the words of others. They may be behind this call:")

    def _noted(self) -> list[str]:
        view, said = self.view, []
        if view.sources and not view.offers:
            said.append(tr("After words of others, each call is asked about anew."))
        folder = next((offer.scope for offer in view.offers if offer.remember == "scope"), "")
        if folder and view.scope_kind == "path":
            said.append(tr("“This folder” is {folder}.", folder=plainly(folder)))
        if view.tool == "write_file":
            said.append(tr("What is written can be taken back."))
        if view.tool == "run_python":
            said.append(tr("It runs apart, with limits; that is no perfect wall."))
        return said

    def _heard(self) -> list[str]:
        view = self.view
        scope = [f"{scope_name(view)}: {plainly(view.scope)}"] if view.scope else []
        read = [f"{self._warning()} {', '.join(map(source_name, view.sources))}"] if view.sources else []
        changed = [self._changed.text()] if view.changed else []
        arguments = (f"{plainly(name[:300])}: {plainly(value[:300])}" for name, value in view.arguments[:MOST_ROWS])
        return [*changed, *scope, *(said[:300] for said in arguments), *read]

    def _say_answers(self) -> None:
        about = wish(self.view)
        for made, offer in self._answers:
            if offer is not None:
                covers = offer_covers(offer, self.view.tool)
                self._name(made, offer_words(offer, self.view), f"{about}. {covers}")
                made.setToolTip(tip(covers))
            else:
                allows = made is self._answers[0][0]
                self._name(made, tr("Allow once") if allows else tr("Don't allow"), about)
        if self._answers:
            self._wide[-1].set_width(self._width)

    @staticmethod
    def _name(made: QPushButton, words: str, about: str) -> None:
        made.setText(words)
        made.setAccessibleName(words)
        made.setAccessibleDescription(about)

    # ------------------------------------------------------------ how it is put together

    def _arrange(self) -> None:
        self._head.setHorizontalSpacing(HEAD_GAP)
        self._head.setVerticalSpacing(4)
        self._head.setColumnStretch(1, 1)
        self._icon.setFixedSize(ICON_PIXELS, LINE_PIXELS)
        self._head.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._head.addWidget(self._title, 0, 1)
        self._head.addWidget(self._level, 0, 2, Qt.AlignmentFlag.AlignTop)
        self._column.setContentsMargins(0, 6, 0, 4)
        self._column.setSpacing(8)
        self._column.addLayout(self._head)
        self._column.addWidget(self._tool)
        if self.view.changed:
            self._column.addWidget(self._changed)
        self._column.addLayout(self._facts)

    def _parts(self) -> Iterator[Callable[[], None]]:
        """What adds one part each: the scope first, because it is real; then every argument as it was parsed."""
        view = self.view
        if view.scope:
            yield self._add_scope
        for name, value in view.arguments[:MOST_ROWS]:
            yield partial(self._add_argument, name, value)
        if rest := view.arguments[MOST_ROWS:]:
            yield partial(self._add_rest, rest)
        for wanted, add in (
            (view.preview, self._add_preview),
            (view.sources, self._add_sources),
            (self._noted(), self._add_notes),
            (True, self._add_answers),
        ):
            if wanted:
                yield add

    def _go_on(self) -> None:
        """As many of the missing parts as one slice allows."""
        end = time.perf_counter() + SLICE_SECONDS
        while self._missing and time.perf_counter() < end:
            self._missing.popleft()()
        if not self._missing:
            self._settle()

    def _settle(self) -> None:
        if self._more.isActive():
            self._more.stop()
            self._hesitation.begin()

    def _add_scope(self) -> None:
        self._scope_name = self._add_fact(scope_name(self.view), self.view.scope)

    def _add_argument(self, name: str, value: str) -> None:
        if not value:
            value = tr("(empty)")
        elif value == self.view.preview:
            value = tr("(shown below)")
        self._add_fact(plainly(_whole(name, LONGEST_NAME)), value)

    def _add_rest(self, rest: Sequence[tuple[str, str]]) -> None:
        """Of a call with a hundred arguments nobody reads a table."""
        self._add_fact("…", "\n".join(f"{name}: {value}" for name, value in rest))

    def _add_fact(self, name: str, value: str) -> Words:
        shown = Words(name, "soft", "small")
        self._facts.add(shown, _made_of(value, name))
        return shown

    def _place_title(self, room: int) -> None:
        """With the level beside it, or below where it would take a second line for that."""
        self._level.ensurePolished()
        self._title.set_width(room - self._level.sizeHint().width() - HEAD_GAP)
        above = self._title.height() > LINE_PIXELS
        if above:
            self._title.set_width(room)
        self._head.removeWidget(self._level)
        align = Qt.AlignmentFlag.AlignLeft if above else Qt.AlignmentFlag.AlignTop
        self._head.addWidget(self._level, int(above), 1 if above else 2, align)

    def _add_preview(self) -> None:
        view = self.view
        languages = {"diff": "diff", "code": "python" if view.tool == "run_python" else "", "text": None}
        names = {"diff": tr("What would change"), "code": tr("Program")}
        name = names.get(view.preview_kind, tr("What it would do"))
        self._preview = Inset(_whole(view.preview), name, languages.get(view.preview_kind))
        self._add_wide(self._preview)

    def _add_sources(self) -> None:
        self._before = label("warn", wrap=True)
        self._before.setText(self._warning())
        self._column.addWidget(self._before)
        self._before.show()
        self._add_wide(_made_of("\n".join(map(source_name, self.view.sources)), "", "warn"))

    def _add_notes(self) -> None:
        self._notes = label("small", wrap=True)
        self._notes.setText("\n".join(self._noted()))
        self._column.addWidget(self._notes)
        self._notes.show()

    def _add_answers(self) -> None:
        offers = self.view.offers
        made = [
            self._make_answer("allow", "primary"),
            *(self._make_answer(offer.remember, "answer") for offer in offers),
        ]
        deny = self._make_answer("deny", "danger")
        self._answers = list(zip((*made, deny), (None, *offers, None), strict=True))
        self._add_wide(Flow(made, deny))
        self._say_answers()

    def _add_wide(self, part: Words | Inset | Flow) -> None:
        self._wide.append(part)
        self._column.addWidget(part)
        if self._width:
            part.set_width(self._width)
        part.show()

    def _make_answer(self, answer: str, looks: str) -> QPushButton:
        made = _Answer(self._hesitation, looks)
        made.clicked.connect(lambda: self._answer(answer))
        return made

    def _answer(self, answer: str) -> None:
        """Screen readers press without an event, so the time is looked at here as well."""
        if self.is_settled() and self._hesitation.is_over():
            self.answered.emit(answer)


class _Answer(Pressable, QPushButton):
    """Hears nothing until the hesitation is over, and never the second click of a double one."""

    def __init__(self, hesitation: Hesitation, looks: str) -> None:
        super().__init__()
        self._hesitation = hesitation
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        kind(self, looks)

    def event(self, event: QEvent) -> bool:
        early = event.type() in _PRESSES and not self._hesitation.is_over()
        if event.type() == QEvent.Type.MouseButtonDblClick or (early and not _moves_focus(event)):
            event.accept()
            return True
        return super().event(event)


def _moves_focus(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in _TABS


def _made_of(text: str, name: str, ink: Ink = "text") -> Words | Inset:
    """What shows ``text``: light where it is short, as most are; scrolling where it is long."""
    text = text.rstrip("\n")
    if len(text) <= LONGEST_WORDS and text.count("\n") < MOST_LINES:
        return Words(plainly(text), ink)
    return Inset(_whole(text), name, ink=ink)


def _whole(text: str, longest: int = LONGEST_SHOWN) -> str:
    """All of ``text``; of what no person could read, how much it is."""
    shown = "\n".join(text[:longest].split("\n", MOST_SHOWN)[:MOST_SHOWN])
    left = len(text) - len(shown)
    return text if left <= 0 else shown + "\n" + tr("… and {count} more characters", count=left)
