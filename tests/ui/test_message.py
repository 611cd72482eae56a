"""One message: what it shows, what can be done with it, and what is left alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.errors import explain, explain_finish, explain_interrupted
from tests.ui.views import answered, asked, done, streaming
from ui.widgets.message import FOLDED_CHARS, NyankoMessage, PersonMessage
from ui.widgets.prose import ProseView
from ui.widgets.rich_text import RichText
from ui.widgets.thinking import ThinkingFold
from ui.widgets.tool_card import ToolCard
from ui.widgets.trouble import EndingLine, TroubleCard

RUNNING = ToolView("c1", "calculate", "3*14.9+6", None)
FINISHED = ToolView("c1", "calculate", "3*14.9+6", "50.7", seconds=0.0021)


@pytest.fixture
def canvas(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 900)
    widget.show()
    return widget


@pytest.fixture
def message(canvas: QWidget) -> NyankoMessage:
    widget = NyankoMessage(streaming(2), canvas)
    widget.set_width(760)
    widget.show()
    return widget


def lay_out(message: NyankoMessage) -> None:
    """Give every part its place now, as the transcript does."""
    message.resize(760, message.wanted_height(760))
    layout = message.layout()
    assert layout is not None
    layout.activate()


def words(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def only(widget: QWidget, kind: type) -> QWidget:
    (found,) = (child for child in widget.findChildren(kind) if child.isVisible())
    return found  # type: ignore[no-any-return]


def test_before_the_first_word_it_says_what_is_done(message: NyankoMessage) -> None:
    message.set_activity("loading 41 %…")
    assert "loading 41 %…" in words(message)
    message.render_view(streaming(2, "Hello"), last=True)
    assert "loading" not in words(message)


def test_a_tool_is_one_line_and_the_result_arrives_in_it(message: NyankoMessage) -> None:
    message.render_view(streaming(2, RUNNING), last=True)
    card = only(message, ToolCard)
    assert "running…" in words(card)
    message.render_view(streaming(2, FINISHED, "It is 50.7."), last=True)
    assert only(message, ToolCard) is card
    assert all(part in words(card) for part in ("Calculate", "3*14.9+6", "=", "50.7", "computed by a tool · 2 ms"))


def test_a_tool_that_failed_says_so_in_words(message: NyankoMessage) -> None:
    failed = ToolView("c1", "calculate", "1/0", "error: division by zero", failed=True, seconds=0.001)
    message.render_view(done(2, failed), last=True)
    assert "failed · 1 ms" in words(only(message, ToolCard))


def test_a_tool_opens_on_click_and_closes_again(message: NyankoMessage, qtbot: QtBot) -> None:
    message.render_view(done(2, FINISHED), last=True)
    card = only(message, ToolCard)
    assert isinstance(card, ToolCard)
    lay_out(message)
    closed = card.sizeHint().height()
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(40, 16))
    assert "/calculate 3*14.9+6" in words(card)
    assert card.sizeHint().height() > closed
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert not card.is_open()


def test_text_before_and_after_a_tool_keeps_its_place(message: NyankoMessage, qtbot: QtBot) -> None:
    message.render_view(done(2, "Let me see.", FINISHED, "It is 50.7."), last=True)
    qtbot.waitUntil(message.is_settled)
    lay_out(message)
    found = [*message.findChildren(RichText), *message.findChildren(ToolCard)]
    parts = sorted((part for part in found if part.isVisible()), key=lambda part: part.y())
    assert [type(part) for part in parts] == [RichText, ToolCard, RichText]


def test_thoughts_fold_to_one_line_with_their_duration(message: NyankoMessage) -> None:
    message.render_view(answered(2, status="streaming", reasoning="First, "), last=True)
    assert "Thinking…" in words(message)
    whole = done(2, "Yes.")
    message.render_view(answered(2, "Yes.", reasoning="First, then.", timings=whole.timings), last=True)
    fold = only(message, ThinkingFold)
    assert isinstance(fold, ThinkingFold)
    assert "Thought for 0.2 s" in words(fold)
    assert not [view for view in fold.findChildren(ProseView) if view.isVisible()]
    fold.toggle()
    assert fold.findChildren(ProseView)[0].toPlainText() == "First, then."


def test_figures_and_actions_come_with_the_end(message: NyankoMessage) -> None:
    message.render_view(streaming(2, "Hello"), last=True)
    assert not message._footer.isVisible()
    message.render_view(done(2, "Hello"), last=True)
    assert "31 tokens/s · first text 0.2 s" in words(message)
    assert message._footer.retry.isVisible()
    message.render_view(done(2, "Hello"), last=False)
    assert not message._footer.retry.isVisible()


def test_copy_takes_the_text_of_the_reply_as_it_was_written(message: NyankoMessage, qtbot: QtBot) -> None:
    message.render_view(done(2, "It is\n", FINISHED, "**50.7**."), last=True)
    qtbot.mouseClick(message._footer._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It is\n\n**50.7**."


def test_an_interrupted_reply_offers_to_continue_while_it_is_the_newest(message: NyankoMessage, qtbot: QtBot) -> None:
    view = answered(2, "Half a senten", status="interrupted", error=explain_interrupted())
    message.render_view(view, last=True)
    line = only(message, EndingLine)
    assert isinstance(line, EndingLine)
    assert line._button.text() == "Continue"
    with qtbot.waitSignal(message.action_requested) as wanted:
        qtbot.mouseClick(line._button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["continue"]
    message.render_view(view, last=False)
    assert not line._button.isVisible()


def test_a_failure_is_a_card_with_the_one_button_that_helps(message: NyankoMessage, qtbot: QtBot) -> None:
    error = explain(WireError(ErrorCode.MODEL_NOT_FOUND, {"path": "/m"}))
    message.render_view(answered(2, status="failed", error=error), last=True)
    card = only(message, TroubleCard)
    assert isinstance(card, TroubleCard)
    assert all(part in words(card) for part in (error.title, error.reason, error.hint))
    lay_out(message)
    with qtbot.waitSignal(message.action_requested) as wanted:
        qtbot.mouseClick(card._button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["open_settings"]


def test_an_ending_goes_when_the_reply_is_continued(message: NyankoMessage) -> None:
    message.render_view(answered(2, "Half", status="cancelled", error=explain_finish("cancelled")), last=True)
    message.render_view(streaming(2, "Half a sentence"), last=True)
    assert not [line for line in message.findChildren(EndingLine) if line.isVisible()]


def test_the_persons_words_are_shown_as_they_were_typed(canvas: QWidget) -> None:
    message = PersonMessage(asked(1, "**not bold**\n  <b>x</b> 1. 2."), canvas)
    message.set_width(700)
    assert message.findChildren(ProseView)[0].toPlainText() == "**not bold**\n  <b>x</b> 1. 2."


def test_a_short_question_makes_a_small_bubble(canvas: QWidget) -> None:
    small, large = PersonMessage(asked(1, "hi"), canvas), PersonMessage(asked(3, "many words " * 60), canvas)
    for message in (small, large):
        message.set_width(700)
    assert small._words.width() < 60
    assert large._words.width() > 400
    assert large.wanted_height(700) > small.wanted_height(700)


def test_a_pasted_book_is_folded_until_the_person_wants_it(canvas: QWidget, qtbot: QtBot) -> None:
    message = PersonMessage(asked(1, "x" * FOLDED_CHARS * 2), canvas)
    message.set_width(700)
    message.show()
    assert len(message._words.toPlainText()) == FOLDED_CHARS + 1
    qtbot.mouseClick(message._more, Qt.MouseButton.LeftButton)
    assert len(message._words.toPlainText()) == FOLDED_CHARS * 2
