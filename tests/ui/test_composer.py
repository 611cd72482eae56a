"""Where the person writes: nothing is sent by accident, nothing is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QFont, QImage, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.widgets.composer import TALLEST, Composer

ENTER = Qt.Key.Key_Return


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    widget = Composer()
    qtbot.addWidget(widget)
    widget.resize(500, 120)
    widget.show()
    widget.field.setFocus()
    return widget


def test_enter_sends_what_is_written(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.field, "hello")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.field, ENTER)
    assert sent.args == ["hello", ()]


def test_shift_and_enter_begin_a_line(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.field, "a")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.field, ENTER, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.field, "b")
    assert composer.field.text() == "a\nb"


def test_enter_belongs_to_the_input_method_while_it_composes(
    composer: Composer, qtbot: QtBot, qapp: QApplication
) -> None:
    qtbot.keyClicks(composer.field, "x")
    qapp.sendEvent(composer.field, QInputMethodEvent("nihao", []))
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.field, ENTER)
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你好")
    qapp.sendEvent(composer.field, commit)
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.field, ENTER)
    assert sent.args == ["x你好", ()]


def test_blank_text_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    composer.field.set_text("  \n ")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.field, ENTER)
    assert not composer.button.isEnabled()


def test_words_stay_until_the_conversation_has_them(composer: Composer, qtbot: QtBot) -> None:
    composer.field.set_text("hello")
    qtbot.keyClick(composer.field, ENTER)
    assert composer.field.text() == "hello"
    composer.field.setPlainText("hello and more")
    composer.message_arrived("something else", 1)
    assert composer.field.text() == "hello and more"
    composer.message_arrived("hello", 1)
    assert composer.field.text() == " and more"


def test_while_a_reply_is_made_the_button_stops_it_and_enter_keeps_the_text(composer: Composer, qtbot: QtBot) -> None:
    composer.render_busy(True)
    composer.field.set_text("next")
    assert composer.button.text() == "Stop"
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.field, ENTER)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    composer.render_busy(False)
    assert composer.field.text() == "next"
    assert composer.button.text() == "Send"


def test_every_conversation_keeps_its_draft(composer: Composer) -> None:
    composer.field.set_text("for a new one")
    composer.open_draft(1)
    assert composer.field.text() == ""
    composer.field.set_text("for one")
    composer.open_draft(None)
    assert composer.field.text() == "for a new one"
    composer.open_draft(1)
    assert composer.field.text() == "for one"


def test_up_in_an_empty_field_brings_back_the_last_message(composer: Composer, qtbot: QtBot) -> None:
    composer.set_last("what I said")
    qtbot.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.field.text() == "what I said"
    composer.field.set_text("written")
    qtbot.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.field.text() == "written"


def test_the_field_grows_with_its_text_up_to_a_bound(composer: Composer) -> None:
    low = composer.field.height()
    composer.field.set_text("one\ntwo\nthree")
    assert low < composer.field.height() < TALLEST
    composer.field.set_text("line\n" * 60)
    assert composer.field.height() == TALLEST


def test_only_text_is_taken_from_the_clipboard(composer: Composer) -> None:
    source = QMimeData()
    source.setHtml("<b>bold</b>")
    source.setText("bold")
    composer.field.insertFromMimeData(source)
    picture = QMimeData()
    picture.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    composer.field.insertFromMimeData(picture)
    assert composer.field.text() == "bold"
    assert composer.field.textCursor().charFormat().fontWeight() == QFont.Weight.Normal
    assert "<img" not in composer.field.toHtml()
