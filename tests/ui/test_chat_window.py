"""The chat window as a whole: a state in, what the person wants out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop import i18n
from nyanko_desktop.chat.view_state import ToolView, ViewState
from nyanko_desktop.errors import explain, explain_interrupted
from nyanko_desktop.worker.state import WorkerState
from tests.ui.calls import WRITE, waiting
from tests.ui.views import (
    answered,
    asked,
    chat,
    conversation,
    done,
    long_conversation,
    resident,
    streaming,
)
from ui import theme
from ui.chat_window import ChatWindow
from ui.widgets.basics import ElidedLabel
from ui.widgets.message import MessageWidget, NyankoMessage

CALL = ToolView("c", "calculate", "1+1", "2", seconds=0.002)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[ChatWindow]:
    made = ChatWindow()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made._warm_up.stop()
    yield made
    made.on_close = lambda: "close"


def settle(window: ChatWindow, qtbot: QtBot) -> None:
    shown = window.transcript
    qtbot.waitUntil(lambda: not shown._more.isActive() and all(w.is_settled() for w in shown.widgets().values()))


def message(window: ChatWindow, id: int) -> MessageWidget:
    return window.transcript.widgets()[id]


def button(parent: QWidget, words: str) -> QAbstractButton:
    found = [
        b for b in parent.findChildren(QAbstractButton) if b.accessibleName() == words or b.text().strip() == words
    ]
    (one,) = (b for b in found if b.isVisible())
    return one


# ---------------------------------------------------------------- what it shows


def test_an_empty_conversation_says_what_can_be_tried(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(ViewState(worker=resident()))
    with qtbot.waitSignal(window.send) as sent:
        button(window, "What is 6.5 × 7.5?").click()
    assert sent.args == ["What is 6.5 × 7.5?", ()]


def test_the_first_message_takes_the_place_of_the_suggestions(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2)))
    settle(window, qtbot)
    assert not window._empty.isVisible()
    assert sorted(window.transcript.widgets()) == [1, 2]


def test_the_pill_is_the_truth_and_frees_the_memory(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(worker=resident()))
    assert window.pill.text() == "CPU · int8 · 6.7 GB"
    popup = window.pill.explain()
    assert any("nyanko-mini" in label.text() for label in popup.findChildren(QLabel))
    with qtbot.waitSignal(window.free_memory_requested):
        button(popup, "Free the memory").click()
    window.render(chat(worker=WorkerState("asleep")))
    assert window.pill.text() == "asleep"


def test_the_pill_says_how_far_loading_is(window: ChatWindow) -> None:
    window.render(chat(worker=WorkerState("loading", progress=0.41)))
    assert window.pill.text() == "loading 41 %"
    assert not window._model.isVisible()


def test_a_notice_is_shown_until_it_is_dismissed(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(notice=explain(WireError(ErrorCode.DISK_FULL, {"path": "/x"}))))
    assert window._notice.isVisible()
    with qtbot.waitSignal(window.action_requested) as wanted:
        button(window._notice, "Dismiss").click()
    assert wanted.args == ["dismiss_notice"]
    window.render(chat())
    assert not window._notice.isVisible()


def test_rendering_the_same_state_again_touches_no_message(window: ChatWindow, qtbot: QtBot) -> None:
    state = chat(asked(1), done(2, "hello", CALL))
    window.render(state)
    settle(window, qtbot)
    widget = message(window, 2)
    window.render(replace(state, title="Another title"))
    assert message(window, 2) is widget
    assert window._title.whole() == "Another title"


# ---------------------------------------------------------------- what the person wants


def test_a_written_message_is_sent_and_leaves_the_field_when_it_is_stored(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(current=None))
    qtbot.keyClicks(window.composer.field, "hi there")
    with qtbot.waitSignal(window.send) as sent:
        qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    assert sent.args == ["hi there", ()]
    assert window.composer.field.text() == "hi there"
    window.render(chat(asked(1, "hi there"), streaming(2), current=7, busy=True))
    assert window.composer.field.text() == ""


def test_a_draft_for_a_new_conversation_does_not_wander_into_another(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(current=None))
    qtbot.keyClicks(window.composer.field, "draft")
    window.render(chat(asked(1), done(2, "x"), current=1))
    assert window.composer.field.text() == ""
    window.render(chat(current=None))
    assert window.composer.field.text() == "draft"


def test_a_message_that_could_not_be_stored_stays_in_the_field(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1, "old"), done(2, "x")))
    qtbot.keyClicks(window.composer.field, "new")
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    window.render(chat(asked(1, "old"), done(2, "x"), notice=explain(WireError(ErrorCode.DISK_FULL))))
    assert window.composer.field.text() == "new"


def test_escape_stops_a_running_reply(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2, "x"), busy=True))
    with qtbot.waitSignal(window.stop):
        qtbot.keyClick(window.composer.field, Qt.Key.Key_Escape)
    window.render(chat(asked(1), done(2, "x")))
    with qtbot.assertNotEmitted(window.stop):
        qtbot.keyClick(window.composer.field, Qt.Key.Key_Escape)


@pytest.mark.parametrize("key", [Qt.Key.Key_K, Qt.Key.Key_F])
def test_search_has_two_keys_and_escape_ends_it(window: ChatWindow, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.side.search.hasFocus)
    with qtbot.waitSignal(window.search) as searched:
        qtbot.keyClicks(window.side.search, "cat")
    assert searched.args == ["cat"]
    with qtbot.waitSignal(window.search) as ended:
        qtbot.keyClick(window.side.search, Qt.Key.Key_Escape)
    assert ended.args == [""]
    assert window.composer.field.hasFocus()


def test_a_new_conversation_has_a_key_and_a_button(window: ChatWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.new_conversation):
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.new_conversation):
        button(window.side, "New conversation").click()


def test_up_recalls_the_last_message_of_the_conversation(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1, "first"), done(2, "x"), asked(3, "second"), done(4, "y")))
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Up)
    assert window.composer.field.text() == "second"


def test_regenerate_and_continue_go_where_they_belong(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), done(2, "x")))
    settle(window, qtbot)
    with qtbot.waitSignal(window.retry):
        button(message(window, 2), "Regenerate").click()
    broken = answered(2, "x", status="interrupted", error=explain_interrupted())
    window.render(chat(asked(1), broken))
    settle(window, qtbot)
    with qtbot.waitSignal(window.resume):
        button(message(window, 2), "Continue").click()


@pytest.mark.parametrize(
    ("code", "words", "signal", "args"),
    [
        (ErrorCode.MODEL_NOT_FOUND, "Open Settings", "settings_requested", []),
        (ErrorCode.BUSY, "Try again", "retry", []),
        (ErrorCode.WORKER_LOST, "Continue", "resume", []),
        (ErrorCode.WORKER_START_FAILED, "Restart the worker", "action_requested", ["restart_worker"]),
        (ErrorCode.INTERNAL, "Copy the report", "action_requested", ["copy_report"]),
    ],
)
def test_the_button_of_a_failure_does_what_it_says(
    window: ChatWindow, qtbot: QtBot, code: ErrorCode, words: str, signal: str, args: list[str]
) -> None:
    window.render(chat(asked(1), answered(2, status="failed", error=explain(WireError(code)))))
    settle(window, qtbot)
    with qtbot.waitSignal(getattr(window, signal)) as wanted:
        button(message(window, 2), words).click()
    assert wanted.args == args


def test_conversations_are_opened_renamed_and_deleted_by_their_id(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(replace(chat(), conversations=(conversation(5), conversation(6)), current=5))
    with qtbot.waitSignals([window.open_conversation, window.rename_conversation, window.delete_conversation]):
        window.side.list.opened.emit(6)
        window.side.list.renamed.emit(6, "x")
        window.side.list.deleted.emit(6)


# ---------------------------------------------------------------- language, theme, closing


def texts(window: ChatWindow) -> set[str]:
    """Everything the window says, to eyes and to screen readers."""
    shown = [child for child in window.findChildren(QWidget) if child.isVisible()]
    said = [child.text().strip() for child in shown if isinstance(child, QLabel | QAbstractButton)]
    return {*said, *(child.accessibleName() for child in shown), *(child.toolTip() for child in shown)} - {""}


def test_every_text_changes_with_the_language(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), done(2, "x", CALL)))
    settle(window, qtbot)
    english = texts(window)
    i18n.set_language("zh_CN")
    assert [text for text in texts(window) if text in english and i18n.tr(text) != text] == []
    assert window.composer.field.placeholderText() == i18n.tr("Say something to Nyanko…")
    window.render(ViewState())
    i18n.set_language("en")
    window.render(chat(asked(1), done(2, "x", CALL)))
    settle(window, qtbot)
    assert texts(window) == english


def test_the_theme_changes_live(window: ChatWindow, qtbot: QtBot, qapp: QApplication) -> None:
    window.render(chat(asked(1), done(2, "x")))
    settle(window, qtbot)
    theme.apply(qapp, theme.DARK)
    corner = window.grab().toImage().pixelColor(window.width() - 5, 100)
    assert corner.name().upper() == theme.DARK.background


@pytest.mark.parametrize(("answer", "visible"), [("hide", False), ("close", False), ("minimise", True)])
def test_closing_does_what_the_shell_decides(window: ChatWindow, answer: str, visible: bool) -> None:
    window.on_close = lambda: answer  # type: ignore[assignment, return-value]
    window.close()
    assert window.isVisible() is visible


def test_a_window_that_was_hidden_shows_what_came_meanwhile(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2, "x")))
    window.hide()
    window.render(chat(asked(1), done(2, "x"), asked(3), streaming(4, "y")))
    window.show()
    settle(window, qtbot)
    assert sorted(window.transcript.widgets()) == [1, 2, 3, 4]


def test_a_window_that_is_gone_hears_no_language(qtbot: QtBot) -> None:
    made = ChatWindow()
    heard = made._language_changed
    assert heard in i18n._listeners._listeners.values()
    made.deleteLater()
    qtbot.waitUntil(lambda: heard not in i18n._listeners._listeners.values())


# ---------------------------------------------------------------- for everybody


def test_every_control_has_a_name(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), done(2, "x", CALL, "```py\n1\n```")))
    settle(window, qtbot)
    controls: list[QWidget] = []
    for kind in (QAbstractButton, QLineEdit, QTextEdit):
        controls += window.findChildren(kind)
    nameless = []
    for control in controls:
        told = QAccessible.queryAccessibleInterface(control)
        if control.isVisible() and told and not told.text(QAccessible.Text.Name).strip():
            nameless.append(control)
    assert nameless == []


def test_the_keyboard_reaches_list_field_and_button_in_order(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat())
    window.composer.field.set_text("x")
    window.side.search.setFocus()
    reached: list[QWidget | None] = []
    for _ in range(6):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached.index(window.side.list) < reached.index(window.side.settings)
    assert window.pill in reached


# ---------------------------------------------------------------- cost


def test_while_a_call_waits_the_cat_says_that_it_waits_for_the_person(window: ChatWindow) -> None:
    busy = resident("tool")
    window.render(chat(asked(1), streaming(2, waiting(WRITE)), busy=True, worker=busy))
    assert window.side.findChild(ElidedLabel).whole() == "waits for your answer"
    window.render(chat(asked(1), streaming(2, replace(waiting(WRITE), approval=None)), busy=True, worker=busy))
    assert window.side.findChild(ElidedLabel).whole() == "using a tool"


def test_being_offline_is_told_in_the_header(window: ChatWindow) -> None:
    def told() -> list[str]:
        return [b.text() for b in window.findChildren(QPushButton) if b.isVisible() and b.text() == "Offline"]

    assert told() == []
    window.render_offline(True)
    assert told() == ["Offline"]


def test_a_window_that_leaves_the_screen_says_so(window: ChatWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.left_sight):
        window.hide()


def test_a_streamed_update_of_a_long_conversation_touches_nothing_but_its_end(window: ChatWindow, qtbot: QtBot) -> None:
    before = (*long_conversation(5000), asked(5001))
    window.render(chat(*before, streaming(5002, "word"), busy=True, worker=resident("answering")))
    qtbot.waitUntil(lambda: not window.transcript._more.isActive())
    there = window.transcript.widgets()
    views = {id: widget.view for id, widget in there.items()}
    assert 2 < len(there) < 200
    painted: list[int] = []
    for widget in there.values():
        widget.installEventFilter(_Ear(widget, painted))
    for count in range(2, 60):
        text = "word and word " * count + ("\n\n" if count % 20 == 0 else "")
        window.render(chat(*before, streaming(5002, text), busy=True, worker=resident("answering")))
    assert window.transcript.widgets().keys() <= there.keys()
    assert {id for id, widget in there.items() if widget.view is not views[id]} == {5002}
    assert set(painted) <= {5002}
    assert isinstance(message(window, 5002), NyankoMessage)
    assert isinstance(button(window.composer, "Stop"), QPushButton)


class _Ear(QObject):
    """Writes down the ids of messages that are laid out anew."""

    def __init__(self, widget: MessageWidget, heard: list[int]) -> None:
        super().__init__(widget)
        self._id, self._heard = widget.view.id, heard

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._heard.append(self._id)
        return False


def test_who_clicks_the_pill_goes_on_typing_where_they_were(window: ChatWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.composer.field.setFocus()
    qtbot.mouseClick(window.pill, Qt.MouseButton.LeftButton)
    window.pill.explain().hide()
    assert window.focusWidget() is window.composer.field


def test_tab_goes_through_a_reply_as_it_is_read(window: ChatWindow, qtbot: QtBot) -> None:
    call = ToolView("c1", "write_file", "list.md", "3 lines written", can_undo=True)
    window.render(chat(asked(1), done(2, "I write.", call, "It is written."), asked(3), done(4, "Anything else?")))
    window.activateWindow()
    window.composer.button.setFocus()
    heard: list[str] = []
    for _ in range(12):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None
        if window.transcript.isAncestorOf(focused):
            heard.append(focused.accessibleName())
    assert heard[:5] == ["Undo", "Show the details", "Copy", "Regenerate", "Copy"]
