"""Quick-ask as a person meets it: type, ask, read in place, follow up, leave and come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import ModelInfo
from nyanko_desktop.chat.view_state import Attachment, MessageView, TextView, ToolView, ViewState
from nyanko_desktop.errors import explain
from nyanko_desktop.worker.state import WorkerState
from ui import theme
from ui.quick_ask import QuickAsk
from ui.widgets.tool_card import ToolCard

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODEL = ModelInfo("nyanko-mini", "/m", "int8", "cpu", "CPU", 5 * 2**20, 0, 1024, "slash", True)
IDLE = WorkerState("resident", model=MODEL)
ANSWERING = WorkerState("resident", phase="answering", model=MODEL)

# The offscreen platform says so for each window that it cannot move, mask or raise.
pytestmark = pytest.mark.allows_log("This plugin does not support")


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QuickAsk:
    theme.apply(qapp, theme.LIGHT)
    made = QuickAsk(composited=True)
    qtbot.addWidget(made)
    made.render_state(ViewState(worker=IDLE))
    made.present()
    return made


def heard(signal: QObject) -> list[tuple[object, ...]]:
    """What the signal says from now on."""
    said: list[tuple[object, ...]] = []
    signal.connect(lambda *values: said.append(values))  # type: ignore[attr-defined]
    return said


def turn(question: str, *parts: TextView | ToolView, streaming: bool = False) -> ViewState:
    """A conversation with one question and its answer so far."""
    asked = MessageView(1, "user", (TextView(question),), NOW)
    reply = MessageView(2, "assistant", parts, NOW, "streaming" if streaming else "complete")
    worker = ANSWERING if streaming else IDLE
    return ViewState(current=7, messages=(asked, reply), worker=worker, busy=streaming)


def words(window: QuickAsk) -> str:
    return "\n".join(part.text() for part in window.findChildren(QLabel) if part.isVisibleTo(window))


def button(window: QuickAsk, name: str) -> QAbstractButton:
    return next(b for b in window.findChildren(QAbstractButton) if b.accessibleName() == name)


# ---------------------------------------------------------------- asking


def test_it_is_shown_with_the_focus_in_its_field(window: QuickAsk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.isActiveWindow() and window.field.hasFocus())


def test_enter_asks_and_the_words_leave_the_field_when_the_conversation_has_them(
    window: QuickAsk, qtbot: QtBot
) -> None:
    said = heard(window.send)
    qtbot.keyClicks(window.field, "What's 6.5*7.5?")
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    assert said == [("What's 6.5*7.5?", ())]
    assert window.draft() == "What's 6.5*7.5?", "not stored yet"
    qtbot.keyClicks(window.field, " And")
    window.render_state(turn("What's 6.5*7.5?", streaming=True))
    assert window.draft() == " And"


def test_words_that_could_not_be_stored_stay(window: QuickAsk, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.field, "hello")
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    full = explain(WireError(ErrorCode.DISK_FULL, {"path": "/x"}))
    window.render_state(ViewState(worker=IDLE, notice=full))
    assert window.draft() == "hello"
    assert "The disk is full" in words(window)


def test_nothing_is_asked_twice_nor_while_a_reply_is_made(window: QuickAsk, qtbot: QtBot) -> None:
    said = heard(window.send)
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    window.render_state(turn("one", streaming=True))
    qtbot.keyClicks(window.field, "two")
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    assert (said, window.draft()) == ([], "two")


def test_the_enter_of_an_input_method_asks_nothing(window: QuickAsk, qtbot: QtBot) -> None:
    said = heard(window.send)
    QApplication.sendEvent(window.field, QInputMethodEvent("ni hao", []))
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    assert said == []
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你好")
    QApplication.sendEvent(window.field, commit)
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    assert said == [("你好", ())]


def test_shift_enter_begins_a_line_and_the_field_grows(window: QuickAsk, qtbot: QtBot) -> None:
    before = window.field.height()
    qtbot.keyClicks(window.field, "one")
    qtbot.keyClick(window.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(window.field, "two")
    assert window.draft() == "one\ntwo"
    assert window.field.height() > before


# ---------------------------------------------------------------- the answer


def settled_height(window: QuickAsk, qtbot: QtBot) -> int:
    """The window's height once its layout has come to rest."""
    qtbot.waitUntil(lambda: window.height() == window.sizeHint().height())
    return window.height()


def test_the_answer_streams_in_place_with_its_tools(window: QuickAsk, qtbot: QtBot) -> None:
    call = ToolView("c", "calculate", "6.5*7.5", "48.75", seconds=0.002)
    empty = settled_height(window, qtbot)
    window.render_state(turn("What's 6.5*7.5?", call, TextView("That makes"), streaming=True))
    card = window.findChild(ToolCard)
    assert card is not None
    assert "48.75" in card.accessibleName()
    assert "What's 6.5*7.5?" in words(window)
    qtbot.waitUntil(lambda: window.height() > empty)
    small = settled_height(window, qtbot)
    window.render_state(turn("What's 6.5*7.5?", call, TextView("That makes 48.75.\n\n" * 8)))
    qtbot.waitUntil(lambda: window.height() > small)
    assert window.findChild(ToolCard) is card, "what did not change is not made anew"


def test_a_long_answer_scrolls_inside_the_screen(window: QuickAsk, qtbot: QtBot) -> None:
    window.render_state(turn("Tell me everything", TextView("A paragraph.\n\n" * 400)))
    qtbot.waitUntil(lambda: window._scroll.verticalScrollBar().maximum() > 0)
    assert settled_height(window, qtbot) < window.screen().availableGeometry().height()


def test_stop_is_there_while_a_reply_is_made(window: QuickAsk) -> None:
    said = heard(window.stop)
    assert not button(window, "Stop").isVisible()
    window.render_state(turn("one", TextView("two"), streaming=True))
    button(window, "Stop").click()
    assert said == [()]


def test_a_question_during_loading_says_that_it_waits(window: QuickAsk) -> None:
    loading = WorkerState("loading", progress=0.41)
    window.render_state(replace(turn("one", streaming=True), worker=loading))
    assert "Queued: loading 41 %. The answer follows by itself." in words(window)


def test_a_reply_that_was_lost_offers_to_continue(window: QuickAsk) -> None:
    state = turn("one", TextView("two and"))
    lost = explain(WireError(ErrorCode.WORKER_LOST, {"reason": "killed"}))
    broken = replace(state.messages[1], status="interrupted", error=lost)
    said = heard(window.resume)
    window.render_state(replace(state, messages=(state.messages[0], broken)))
    next(b for b in window.findChildren(QAbstractButton) if b.text() == "Continue").click()
    assert said == [()]


def test_ctrl_c_copies_the_answer_unless_words_are_selected(window: QuickAsk, qtbot: QtBot) -> None:
    window.render_state(turn("one", TextView("The **answer**.")))
    qtbot.keyClick(window.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "The **answer**."
    qtbot.keyClicks(window.field, "draft")
    window.field.selectAll()
    qtbot.keyClick(window.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "draft"


# ---------------------------------------------------------------- leaving and coming back


def test_esc_hides_and_keeps_draft_and_answer(window: QuickAsk, qtbot: QtBot) -> None:
    said = heard(window.dismissed)
    window.render_state(turn("one", TextView("two")))
    qtbot.keyClicks(window.field, "half a thou")
    qtbot.keyClick(window.field, Qt.Key.Key_Escape)
    assert (window.isVisible(), said) == (False, [()])
    window.present()
    assert window.draft() == "half a thou"
    assert "one" in words(window)


def test_ctrl_enter_opens_the_conversation_in_the_chat(window: QuickAsk, qtbot: QtBot) -> None:
    said, sent = heard(window.open_in_chat), heard(window.send)
    qtbot.keyClick(window.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (said, window.isVisible()) == ([], True), "there is no conversation yet"
    window.render_state(turn("one", TextView("two")))
    qtbot.keyClick(window.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (said, sent, window.isVisible()) == ([()], [], False)


def test_ctrl_n_begins_a_new_question(window: QuickAsk, qtbot: QtBot) -> None:
    said = heard(window.new_conversation)
    qtbot.keyClick(window.field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert said == [()]
    window.render_state(turn("one", TextView("two")))
    window.render_state(ViewState(worker=IDLE))
    assert "one" not in words(window)


def test_the_keys_of_the_footer_can_be_clicked_too(window: QuickAsk) -> None:
    window.render_state(turn("one", TextView("two")))
    said = heard(window.open_in_chat)
    button(window, "Open in chat").click()
    assert said == [()]


def test_every_control_has_a_name(window: QuickAsk) -> None:
    window.render_state(turn("one", TextView("two"), streaming=True))
    nameless = [b for b in window.findChildren(QAbstractButton) if not b.accessibleName() and b.isVisibleTo(window)]
    assert nameless == []
    assert window.field.accessibleName() == "Quick-ask"


# ---------------------------------------------------------------- the clipboard


def test_the_clipboard_goes_along_when_its_button_is_pressed_and_leaves_when_it_is_stored(
    window: QuickAsk, qtbot: QtBot
) -> None:
    said = heard(window.send)
    QApplication.clipboard().setText("a page about tea")
    assert not window.clipboard.isVisible()
    button(window, "Attach the clipboard").click()
    assert window.clipboard.accessibleName() == "Clipboard: a page about tea"
    qtbot.keyClicks(window.field, "what is it?")
    qtbot.keyClick(window.field, Qt.Key.Key_Return)
    assert said == [("what is it?", (Attachment("a page about tea"),))]
    state = turn("what is it?", streaming=True)
    question = replace(state.messages[0], parts=(TextView("what is it?"), TextView("a page about tea", "clipboard")))
    window.render_state(replace(state, messages=(question, state.messages[1])))
    assert (window.draft(), window.clipboard.isVisible()) == ("", False)
