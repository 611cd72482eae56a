"""The chat window: renders a :class:`ViewState`, emits what the person wants, and knows nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import MessageView, TextView, ViewState
from nyanko_desktop.i18n import on_language_changed, tr
from nyanko_desktop.models.view import Recommendation
from ui import markdown
from ui.avatar import Mood, app_icon, mood_of
from ui.status import state_words
from ui.theme import GRID, kind
from ui.widgets.basics import ElidedLabel, IconButton, Live, button, tip
from ui.widgets.composer import Composer
from ui.widgets.empty_state import EmptyState
from ui.widgets.pill import Pill
from ui.widgets.side import SidePanel
from ui.widgets.side_by_side import SideBySide
from ui.widgets.transcript import COLUMN_WIDTH, Transcript
from ui.widgets.trouble import NoticeBar

OnClose = Literal["hide", "minimise", "close"]

SMALLEST: Final = QSize(360, 480)
LONGEST_MODEL: Final = 180
"""Pixels of the name of a model in the header; a longer one ends in dots."""
WARM_UP_MS: Final = 300
"""After the first showing, before Markdown's libraries are imported: the window is painted by then."""


class ChatWindow(Live, QMainWindow):
    """One window; :meth:`render` may be called with each new state, it touches only what changed."""

    send = Signal(str, object)
    """The words, and a tuple of what the person attached."""
    stop = Signal()
    retry = Signal()
    resume = Signal()
    open_conversation = Signal(int)
    new_conversation = Signal()
    delete_conversation = Signal(int)
    rename_conversation = Signal(int, str)
    search = Signal(str)
    settings_requested = Signal()
    free_memory_requested = Signal()
    link_clicked = Signal(str)
    """A link to http or https that the person clicked; nothing was opened."""
    offer_opened = Signal()
    offer_dismissed = Signal()
    left_sight = Signal()
    """The window was hidden or minimised."""
    call_acted = Signal(str, str)
    """Id of a tool call, and ``allow``, ``chat``, ``scope``, ``always``, ``deny``, ``cancel`` or ``undo``."""
    action_requested = Signal(str)
    """``restart_worker``, ``copy_report`` or ``dismiss_notice``."""

    def __init__(self, on_close: Callable[[], OnClose] = lambda: "close") -> None:
        super().__init__()
        self.on_close = on_close
        """Asked when the person closes the window: with a tray it hides, without one it must stay reachable."""
        self._state = ViewState()
        self.side = SidePanel()
        self.transcript = Transcript()
        self.composer = Composer()
        self.pill = Pill()
        self._empty = EmptyState()
        self._notice = NoticeBar()
        self._menu = IconButton("menu", size=18)
        self._menu.clicked.connect(self._open_side)
        self._title = kind(ElidedLabel(), "title")
        self._model: QPushButton = button("chip")
        self._offline: QPushButton = button("chip")
        self._offline.hide()
        self.setWindowIcon(app_icon())
        self.setMinimumSize(SMALLEST)
        self.resize(1040, 740)
        self._arrange()
        self._connect()
        self._add_shortcuts()
        leave = on_language_changed(self._language_changed)
        self.destroyed.connect(lambda: leave())
        self._warm_up = QTimer(self, singleShot=True, interval=WARM_UP_MS)
        self._warm_up.timeout.connect(markdown.warm_up)
        self.retranslate()
        self.render(self._state)
        self.composer.setFocus()

    def render(self, state: ViewState) -> None:  # type: ignore[override]
        """Show ``state``. Cheap where little changed: equal messages are not touched."""
        before, self._state = self._state, state
        self._render_composer(before, state)
        self.transcript.render_messages(
            state.messages, mood=self._mood(), activity=self._activity(), memory_begins=state.memory_begins
        )
        self.transcript.setVisible(bool(state.messages))
        self._empty.setVisible(not state.messages)
        if state.current != before.current:
            self.transcript.show_end()
        self._render_header(state)
        self._notice.render_view(state.notice)
        self._show_mood()

    def render_offer(self, offered: Recommendation | None) -> None:
        """Offer a larger model while the conversation is empty, or nothing."""
        self._empty.render_offer(offered)

    def render_offline(self, offline: bool) -> None:
        """Say whether nothing may reach any network."""
        self._offline.setVisible(offline)

    def state(self) -> ViewState:
        """What is shown."""
        return self._state

    def retranslate(self) -> None:
        self._new_words = tr("New conversation")
        self._menu.name(tr("Conversations"))
        self._offline.setText(tr("Offline"))
        self._offline.setAccessibleName(tr("Offline"))
        self._offline.setToolTip(tr("Nothing is fetched from any network."))
        self._render_header(self._state)

    # ------------------------------------------------------------ what changed

    def _render_composer(self, before: ViewState, state: ViewState) -> None:
        newest = _last_of_person(state)
        if newest is not None and newest != _last_of_person(before):
            self.composer.message_arrived(_text(newest), state.current)
        self.composer.open_draft(state.current)
        self.composer.set_last(_text(newest) if newest else "")
        self.composer.render_busy(state.busy)

    def _render_header(self, state: ViewState) -> None:
        title = state.title or self._new_words
        self._title.set_whole(title)
        self.setWindowTitle(f"{state.title} · Nyanko" if state.title else "Nyanko")
        self.pill.render_state(state.worker)
        self._show_model()

    def _show_model(self) -> None:
        """Its name, where there is room beside the truth of the pill."""
        model = self._state.worker.model
        name = model.name if model else ""
        self._model.setVisible(bool(name) and not self._panes.is_narrow())
        self._model.ensurePolished()
        self._model.setText(self._model.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LONGEST_MODEL))
        self._model.setAccessibleName(tr("Model: {name}", name=name))
        whole = self._model.text() == name
        self._model.setToolTip(tip(tr("Choose a model") if whole else f"{name}\n{tr('Choose a model')}"))

    def _mood(self) -> Mood:
        return mood_of(self._state.worker, listening=bool(self.composer.field.text()))

    def _activity(self) -> str:
        return f"{state_words(self._state.worker)}…"

    def _show_mood(self) -> None:
        mood = self._mood()
        self.side.render_state(self._state, mood)
        self._empty.set_mood(mood)
        self.transcript.show_mood(mood, self._activity())

    # ------------------------------------------------------------ what the person does

    def _act(self, action: str) -> None:
        match action:
            case "continue":
                self.resume.emit()
            case "retry":
                self.retry.emit()
            case "open_settings":
                self.settings_requested.emit()
            case "free_memory":
                self.free_memory_requested.emit()
            case _:
                self.action_requested.emit(action)

    def _escape(self) -> None:
        if self._panes.is_open():
            self._close_side()
        elif self._state.busy:
            self.stop.emit()
        elif self.side.search.text():
            self.side.search.clear()
            self.composer.setFocus()

    def _open_side(self) -> None:
        self._panes.open_side()
        self.side.begin_search()

    def _close_side(self) -> None:
        """Where it lies over the conversation, it goes when it has served."""
        if self._panes.is_open():
            self._panes.close_side()
            self.composer.setFocus()

    def _panes_changed(self) -> None:
        self._menu.setVisible(self._panes.is_narrow())
        self._show_model()

    def _begin_new(self) -> None:
        self._close_side()
        self.new_conversation.emit()
        self.composer.setFocus()

    def focusNextPrevChild(self, next: bool) -> bool:
        self.transcript.order_for_tab()
        return super().focusNextPrevChild(next)

    def closeEvent(self, event: QCloseEvent) -> None:
        match self.on_close():
            case "hide":
                event.ignore()
                self.hide()
            case "minimise":
                event.ignore()
                self.showMinimized()
            case _:
                super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._warm_up.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.left_sight.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.isMinimized():
            self.left_sight.emit()

    def _language_changed(self) -> None:
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LanguageChange))
        self.render(self._state)

    # ------------------------------------------------------------ how it is put together

    def _arrange(self) -> None:
        header = kind(QFrame(), "header")
        header.setFixedHeight(52)
        head = QHBoxLayout(header)
        head.setContentsMargins(20, 0, 20, 0)
        head.setSpacing(2 * GRID)
        head.addWidget(self._menu)
        head.addWidget(self._title, 1)
        head.addWidget(self._offline)
        head.addWidget(self.pill)
        head.addWidget(self._model)
        foot = QHBoxLayout()
        foot.setContentsMargins(6 * GRID, 0, 6 * GRID, 5 * GRID)
        self.composer.setMaximumWidth(COLUMN_WIDTH + 2 * GRID)
        foot.addStretch(1)
        foot.addWidget(self.composer, 1000)
        foot.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self._notice)
        column.addWidget(self._empty, 1)
        column.addWidget(self.transcript, 1)
        column.addSpacing(2 * GRID)
        column.addLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        main = QWidget()
        main.setLayout(column)
        self._panes = SideBySide(self.side, main)
        self._panes.changed.connect(self._panes_changed)
        self._menu.hide()
        self.setCentralWidget(self._panes)

    def _connect(self) -> None:
        self.composer.send_requested.connect(self.send)
        self.composer.stop_requested.connect(self.stop)
        self.composer.edited.connect(self._show_mood)
        self._empty.chosen.connect(lambda text: self.send.emit(text, ()))
        self._empty.offer.opened.connect(self.offer_opened)
        self._empty.offer.dismissed.connect(self.offer_dismissed)
        self.transcript.link_clicked.connect(self.link_clicked)
        self.transcript.retry_requested.connect(self.retry)
        self.transcript.action_requested.connect(self._act)
        self.transcript.call_acted.connect(self.call_acted)
        self._notice.action_requested.connect(self._act)
        self._notice.dismissed.connect(lambda: self.action_requested.emit("dismiss_notice"))
        self.side.new_requested.connect(self._begin_new)
        self.side.search_requested.connect(self.search)
        self.side.settings_requested.connect(self.settings_requested)
        self.side.settings_requested.connect(self._close_side)
        self.side.list.opened.connect(self.open_conversation)
        self.side.list.opened.connect(self._close_side)
        self.side.list.renamed.connect(self.rename_conversation)
        self.side.list.deleted.connect(self.delete_conversation)
        self.pill.free_memory_requested.connect(self.free_memory_requested)
        for chip in (self._model, self._offline):
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(self.settings_requested)

    def _add_shortcuts(self) -> None:
        keys = {
            "Ctrl+N": self._begin_new,
            "Ctrl+K": self._open_side,
            "Ctrl+F": self._open_side,
            "Ctrl+,": self.settings_requested.emit,
            "Escape": self._escape,
        }
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut).activated.connect(act)


def _last_of_person(state: ViewState) -> MessageView | None:
    return next((view for view in reversed(state.messages) if view.role == "user"), None)


def _text(view: MessageView) -> str:
    return "\n".join(part.text for part in view.parts if isinstance(part, TextView) and not part.source)
