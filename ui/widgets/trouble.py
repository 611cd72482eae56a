"""What a person reads when something ended early: a card with one button that helps, or one quiet line with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import Action, Explanation
from nyanko_desktop.errors import two_sentences
from nyanko_desktop.i18n import tr
from ui.avatar import icon_pixmap
from ui.theme import current, kind
from ui.widgets.basics import IconButton, Live, button, label, tip

QUIET_CODES = frozenset({"interrupted", "cancelled", "length", "tool_limit"})
"""Endings that are no failure: one line says them."""


def _whole(said: Explanation) -> str:
    return two_sentences(two_sentences(said.title, said.reason), said.hint)


def action_words(action: Action) -> str:
    """What the button says; empty for ``none``."""
    match action:
        case "none":
            return ""
        case "continue":
            return tr("Continue")
        case "retry":
            return tr("Try again")
        case "open_settings":
            return tr("Open Settings")
        case "free_memory":
            return tr("Free the memory")
        case "restart_worker":
            return tr("Restart the worker")
        case "copy_report":
            return tr("Copy the report")


class TroubleCard(Live, QFrame):
    """Title, reason, hint, one button. The words of the explanation are already in the person's language."""

    action_requested = Signal(str)

    def __init__(self, explanation: Explanation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "trouble")
        self._explanation = explanation
        self._action = ""
        self._icon = QLabel()
        self._title = label("strong", wrap=True)
        self._reason = label(wrap=True)
        self._hint = label("soft", wrap=True)
        self._button = button()
        self._button.clicked.connect(lambda: self.action_requested.emit(self._explanation.action))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self._button, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._reason)
        column.addLayout(foot)
        self.dress()

    def render_view(self, explanation: Explanation) -> None:
        if explanation != self._explanation:
            self._explanation = explanation
            self.retranslate()

    def say_action(self, words: str) -> None:
        """Other words for the button, where its window does something more exact; empty for the usual ones."""
        if words != self._action:
            self._action = words
            self.retranslate()

    def set_actionable(self, possible: bool) -> None:
        """Whether the button would still do what it says."""
        self._button.setVisible(possible and self._explanation.action != "none")

    def retranslate(self) -> None:
        said = self._explanation
        for part, words in ((self._title, said.title), (self._reason, said.reason), (self._hint, said.hint)):
            part.setText(words)
            part.setVisible(bool(words))
        self._button.setText(self._action or action_words(said.action))
        self._button.setVisible(said.action != "none")
        self.setAccessibleName(_whole(said))

    def restyle(self) -> None:
        self._icon.setPixmap(icon_pixmap("warning", 18, current(), "bad", self.devicePixelRatioF()))


class EndingLine(Live, QWidget):
    """One quiet line below a reply that is not whole, with its button."""

    action_requested = Signal(str)

    def __init__(self, explanation: Explanation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explanation = explanation
        self._title = label("small")
        self._button = IconButton("continue", ink="accent_text", size=14)
        self._button.clicked.connect(lambda: self.action_requested.emit(self._explanation.action))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self._button)
        row.addStretch()
        self.dress()

    def render_view(self, explanation: Explanation) -> None:
        if explanation != self._explanation:
            self._explanation = explanation
            self.retranslate()

    def set_actionable(self, possible: bool) -> None:
        self._button.setVisible(possible and self._explanation.action != "none")

    def retranslate(self) -> None:
        said = self._explanation
        self._title.setText(said.title)
        self._title.setToolTip(tip(two_sentences(said.reason, said.hint)))
        self._button.set_icon("continue" if said.action == "continue" else "retry")
        self._button.name(action_words(said.action), visible=True)


class NoticeBar(Live, QFrame):
    """Something that concerns no single message, above the conversation, until it is dismissed."""

    action_requested = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "notice")
        self._explanation: Explanation | None = None
        self._icon = QLabel()
        self._title = label("strong", wrap=True)
        self._words = label(wrap=True)
        self._button = button()
        self._button.clicked.connect(self._act)
        self._close = IconButton("close", ink="text")
        self._close.clicked.connect(self.dismissed)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._words)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self.hide()
        self.dress()

    def render_view(self, explanation: Explanation | None) -> None:
        if explanation != self._explanation:
            self._explanation = explanation
            self.retranslate()
        self.setVisible(explanation is not None)

    def retranslate(self) -> None:
        self._close.name(tr("Dismiss"))
        said = self._explanation
        if said is not None:
            self._title.setText(said.title)
            self._words.setText(two_sentences(said.reason, said.hint))
            self._button.setText(action_words(said.action))
            self._button.setVisible(said.action != "none")
            self.setAccessibleName(_whole(said))

    def restyle(self) -> None:
        self._icon.setPixmap(icon_pixmap("warning", 18, current(), "accent_text", self.devicePixelRatioF()))

    def _act(self) -> None:
        if self._explanation is not None:
            self.action_requested.emit(self._explanation.action)
