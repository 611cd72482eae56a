"""The side of the chat window: search, a new conversation, the list, and below it who is there and how it goes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import ViewState
from nyanko_desktop.i18n import tr
from ui.avatar import Mood, icon
from ui.status import asks_person, state_words
from ui.theme import current, kind
from ui.widgets.basics import CatLabel, ElidedLabel, IconButton, Live, label
from ui.widgets.conversation_list import ConversationList

SIDE_WIDTH: Final = 232
PAUSE_MS: Final = 150
"""Typing pauses this long before a search begins, so that not every letter asks the store."""


class SidePanel(Live, QFrame):
    """Everything left of the conversation."""

    new_requested = Signal()
    search_requested = Signal(str)
    settings_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "side")
        self.setFixedWidth(SIDE_WIDTH)
        self.search = QLineEdit()
        self._glass = self.search.addAction(icon("search", current()), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = self.search.addAction(icon("close", current()), QLineEdit.ActionPosition.TrailingPosition)
        self._clear.triggered.connect(self.search.clear)
        self._clear.setVisible(False)
        self.new = IconButton("new", size=18)
        self.new.clicked.connect(self.new_requested)
        self.list = ConversationList()
        self._nothing = label("small", wrap=True)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(lambda: self.search_requested.emit(self.search.text()))
        self.search.textChanged.connect(self._typed)
        self._cat = CatLabel(24)
        self._name = label()
        self._state = kind(ElidedLabel(), "small")
        self.settings = IconButton("settings", size=18)
        self.settings.clicked.connect(self.settings_requested)
        self._arrange()
        self._view = ViewState()
        self.dress()

    def render_state(self, state: ViewState, mood: Mood) -> None:
        self._view = state
        self.list.render_list(state.conversations, state.current)
        self._cat.set_mood(mood)
        self._say_state()
        self._nothing.setVisible(not state.conversations)
        self._say_nothing_found()

    def begin_search(self) -> None:
        """The person wants to search."""
        self.search.setFocus()
        self.search.selectAll()

    def retranslate(self) -> None:
        self.search.setPlaceholderText(tr("Search…"))
        self.search.setAccessibleName(tr("Search conversations"))
        self._glass.setText(tr("Search"))
        self._clear.setText(tr("Clear the search"))
        self.new.name(tr("New conversation"))
        self.settings.name(tr("Settings"))
        self._name.setText(tr("Nyanko"))
        self._say_state()
        self._say_nothing_found()

    def restyle(self) -> None:
        self._glass.setIcon(icon("search", current()))
        self._clear.setIcon(icon("close", current()))

    def _typed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._pause.start(0 if not text else PAUSE_MS)

    def _say_state(self) -> None:
        """What is going on; while it cannot go on without the person, that."""
        asks = asks_person(self._view)
        self._state.set_whole(tr("waits for your answer") if asks else state_words(self._view.worker))

    def _say_nothing_found(self) -> None:
        found_nothing = tr("No conversation holds these words.")
        self._nothing.setText(found_nothing if self.search.text() else tr("Your conversations will be listed here."))

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.search, 1)
        head.addWidget(self.new)
        who = QVBoxLayout()
        who.setSpacing(0)
        who.addWidget(self._name)
        who.addWidget(self._state)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 0, 2)
        foot.setSpacing(10)
        foot.addWidget(self._cat)
        foot.addLayout(who, 1)
        foot.addWidget(self.settings)
        self._nothing.setContentsMargins(12, 12, 8, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 14, 10, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
