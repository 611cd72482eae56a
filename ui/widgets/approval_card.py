"""A call that waits for the person: everything it would do, and the answers that are offered. Runs nothing.

What it shows may be somebody else's words, so it is all plain text. A person who is typing or clicking when the card
appears must not answer by accident: the card takes no focus, hears nothing at first, and no second click of a double
one; its buttons take the focus from the Tab key alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.words import changed_in_words, level_in_words
from ui.avatar import icon_pixmap
from ui.call_words import offer_covers, offer_words, plainly, scope_name, source_name, tool_icon, wish
from ui.theme import current, kind
from ui.widgets.basics import ElidedLabel, Live, label
from ui.widgets.flow import Flow
from ui.widgets.inset import Inset

DEAF_SECONDS: Final = 0.5
"""After appearing: less than it takes to see a card and mean it, more than a key that was on its way."""
NAME_WIDTH: Final = 96
SPACING: Final = 12
LONGEST_SHOWN: Final = 200_000
"""Characters of one text; what is left out is counted."""
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
    """Renders one :class:`ApprovalView`, whole; emits the answer."""

    answered = Signal(str)
    """``allow``, ``chat``, ``scope``, ``always`` or ``deny``."""

    def __init__(
        self, view: ApprovalView, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.view = view
        self._hesitation = Hesitation(clock)
        self._icon = QLabel()
        self._title = label("strong", wrap=True)
        self._level = label("tag")
        self._tool = kind(ElidedLabel(), "mono")
        self._names: list[QLabel] = []
        self._values: list[Inset] = []
        self._preview = self._make_preview()
        self._changed = label("warn", wrap=True)
        self._before = label("warn", wrap=True)
        self._sources = Inset("\n".join(map(source_name, view.sources)), "", ink="warn") if view.sources else None
        self._notes = label("small", wrap=True)
        self._allow = self._make_answer("allow", "primary")
        self._longer = [self._make_answer(offer.remember, "") for offer in view.offers]
        self._deny = self._make_answer("deny", "danger")
        self._answers = Flow([self._allow, *self._longer], self._deny)
        self._arrange()
        self.dress()

    def set_width(self, width: int) -> None:
        """Be ``width`` pixels wide."""
        self.setFixedWidth(width)
        for value in self._values:
            value.set_width(width - NAME_WIDTH - SPACING)
        for wide in (self._preview, self._sources, self._answers):
            if wide is not None:
                wide.set_width(width)

    def holds_focus(self) -> bool:
        """Whether the keyboard is somewhere in the card."""
        focused = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def retranslate(self) -> None:
        view = self.view
        self._title.setText(wish(view))
        self._level.setText(level_in_words(view.level))
        self._tool.set_whole(plainly(view.tool))
        if view.scope:
            self._names[0].setText(scope_name(view))
        self._changed.setText(changed_in_words() if view.changed else "")
        self._before.setText(tr("Before this, Nyanko read the words of others. They may be behind this call:"))
        self._notes.setText("\n".join(self._noted()))
        self._say_answers()
        # A screen reader that arrives at the card hears what it is about before any button.
        self.setAccessibleName(f"{wish(view)}. {level_in_words(view.level)}")
        self.setAccessibleDescription("\n".join(self._heard()))

    def restyle(self) -> None:
        name = tool_icon(self.view.tool)
        self._icon.setPixmap(icon_pixmap(name, 16, current(), "accent_text", self.devicePixelRatioF()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._hesitation.begin()

    # ------------------------------------------------------------ words

    def _noted(self) -> list[str]:
        view, said = self.view, []
        if view.sources:
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
        read = [f"{self._before.text()} {', '.join(map(source_name, view.sources))}"] if view.sources else []
        changed = [self._changed.text()] if view.changed else []
        return [
            *changed,
            *scope,
            *(f"{plainly(name)}: {plainly(value)}"[:300] for name, value in view.arguments),
            *read,
        ]

    def _say_answers(self) -> None:
        about = wish(self.view)
        self._name(self._allow, tr("Allow once"), about)
        self._name(self._deny, tr("Don't allow"), about)
        for made, offer in zip(self._longer, self.view.offers, strict=True):
            covers = offer_covers(offer, self.view.tool)
            self._name(made, offer_words(offer, self.view), f"{about}. {covers}")
            made.setToolTip(covers)
        self._answers.fit()

    @staticmethod
    def _name(made: QPushButton, words: str, about: str) -> None:
        made.setText(words)
        made.setAccessibleName(words)
        made.setAccessibleDescription(about)

    # ------------------------------------------------------------ how it is put together

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        head.addWidget(self._level, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 4)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._tool)
        if self.view.changed:
            column.addWidget(self._changed)
        column.addLayout(self._make_facts())
        if self._preview is not None:
            column.addWidget(self._preview)
        if self._sources is not None:
            column.addWidget(self._before)
            column.addWidget(self._sources)
        column.addWidget(self._notes)
        column.addWidget(self._answers)
        self._notes.setVisible(bool(self._noted()))

    def _make_facts(self) -> QGridLayout:
        """The scope first, because it is real; then every argument as it was parsed."""
        facts = QGridLayout()
        facts.setHorizontalSpacing(SPACING)
        facts.setVerticalSpacing(4)
        facts.setColumnMinimumWidth(0, NAME_WIDTH)
        view = self.view
        said = [(scope_name(view), view.scope)] if view.scope else []
        for row, (name, value) in enumerate((*said, *view.arguments)):
            shown = label("small", wrap=True)
            shown.setText(plainly(name))
            shown.setFixedWidth(NAME_WIDTH)
            value = tr("(shown below)") if value and value == view.preview else _whole(value)
            inset = Inset(value, plainly(name))
            shown.setBuddy(inset)
            facts.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(inset, row, 1)
            self._names.append(shown)
            self._values.append(inset)
        return facts

    def _make_preview(self) -> Inset | None:
        view = self.view
        languages = {"diff": "diff", "code": "python" if view.tool == "run_python" else "", "text": None}
        if not view.preview:
            return None
        names = {"diff": tr("What would change"), "code": tr("Program")}
        name = names.get(view.preview_kind, tr("What it would do"))
        return Inset(_whole(view.preview), name, languages.get(view.preview_kind))

    def _make_answer(self, answer: str, looks: str) -> QPushButton:
        made = _Answer(self._hesitation, looks)
        made.clicked.connect(lambda: self._answer(answer))
        return made

    def _answer(self, answer: str) -> None:
        """Screen readers press without an event, so the time is looked at here as well."""
        if self._hesitation.is_over():
            self.answered.emit(answer)


class _Answer(QPushButton):
    """Hears nothing until the hesitation is over, and never the second click of a double one."""

    def __init__(self, hesitation: Hesitation, looks: str) -> None:
        super().__init__()
        self._hesitation = hesitation
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        if looks:
            kind(self, looks)

    def event(self, event: QEvent) -> bool:
        early = event.type() in _PRESSES and not self._hesitation.is_over()
        if event.type() == QEvent.Type.MouseButtonDblClick or (early and not _moves_focus(event)):
            event.accept()
            return True
        return super().event(event)


def _moves_focus(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in _TABS


def _whole(text: str) -> str:
    """All of ``text``, plainly; of what no person could read, how much it is."""
    left = len(text) - LONGEST_SHOWN
    shown = plainly(text[:LONGEST_SHOWN])
    return shown if left <= 0 else shown + "\n" + tr("… and {count} more characters", count=left)
