"""The clipboard goes along only when the person says so, is shown before and after, and stays until it is stored."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import LONGEST_ATTACHMENT, Attachment, MessageView, TextView, ViewState
from tests.ui.views import NOON, asked, streaming
from ui.chat_window import ChatWindow
from ui.widgets.attachment import AttachedFold
from ui.widgets.composer import Composer
from ui.widgets.inset import Inset
from ui.widgets.message import PersonMessage

CLIP = "Dear all,\nthe cat has moved to the second floor of the library."
ENTER = Qt.Key.Key_Return


class Watched(QMimeData):
    """A clipboard that notices when somebody reads it."""

    read = 0

    def retrieveData(self, mime: str, kind: object) -> object:  # type: ignore[override]
        Watched.read += 1
        return super().retrieveData(mime, kind)  # type: ignore[call-overload]


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    widget = Composer()
    qtbot.addWidget(widget)
    widget.resize(500, 120)
    widget.show()
    return widget


def copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def words(composer: Composer) -> str:
    return composer.clipboard.accessibleName() if composer.clipboard.isVisible() else ""


def test_the_clipboard_is_not_read_before_the_button_is_pressed(composer: Composer, qtbot: QtBot) -> None:
    watched = Watched()
    watched.setData("text/plain", CLIP.encode())
    QGuiApplication.clipboard().setMimeData(watched)
    before = Watched.read
    qtbot.keyClicks(composer.field, "what is this?")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.field, ENTER)
    assert (sent.args, Watched.read) == (["what is this?", ()], before)
    assert not composer.clipboard.isVisible()


def test_the_button_shows_the_first_words_and_sends_all_of_it_along(composer: Composer, qtbot: QtBot) -> None:
    copy(CLIP)
    composer.clipboard.button.click()
    assert words(composer) == "Clipboard: Dear all, the cat has moved to the second floor of the libra…"
    assert composer.field.hasFocus()
    composer.field.set_text("what is this?")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.field, ENTER)
    assert sent.args == ["what is this?", (Attachment(CLIP, "clipboard"),)]
    assert words(composer), "not stored yet"
    composer.message_arrived("what is this?", 1)
    assert not words(composer)


def test_what_was_attached_can_be_taken_away(composer: Composer, qtbot: QtBot) -> None:
    copy(CLIP)
    composer.clipboard.button.click()
    composer.clipboard.clear()
    composer.field.set_text("hello")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.field, ENTER)
    assert sent.args == ["hello", ()]


def test_a_clipboard_without_text_says_so(composer: Composer) -> None:
    QGuiApplication.clipboard().clear()
    composer.clipboard.button.click()
    assert words(composer) == "The clipboard holds no text."
    assert composer.clipboard.attached() == ()


def test_of_a_long_text_it_says_how_much_goes_along(composer: Composer) -> None:
    copy("x" * (LONGEST_ATTACHMENT + 1))
    composer.clipboard.button.click()
    assert words(composer).endswith("only the first 20,000 characters")


def test_signs_that_nobody_sees_are_shown_on_the_chip(composer: Composer) -> None:
    copy("abc\u202edef")
    composer.clipboard.button.click()
    assert words(composer) == r"Clipboard: abc\u{202e}def"


def test_each_conversation_keeps_what_was_attached_to_its_draft(composer: Composer) -> None:
    copy(CLIP)
    composer.open_draft(1)
    composer.clipboard.button.click()
    composer.open_draft(2)
    assert composer.clipboard.attached() == ()
    composer.open_draft(1)
    assert composer.clipboard.attached() == (Attachment(CLIP),)


def test_in_the_window_words_leave_the_field_although_something_went_along(qtbot: QtBot) -> None:
    window = ChatWindow()
    qtbot.addWidget(window)
    window.show()
    copy(CLIP)
    window.composer.clipboard.button.click()
    window.composer.field.set_text("what is this?")
    with qtbot.waitSignal(window.send):
        qtbot.keyClick(window.composer.field, ENTER)
    question = MessageView(1, "user", (TextView("what is this?"), TextView(CLIP, "clipboard")), NOON)
    window.render(ViewState(current=7, messages=(question, streaming(2)), busy=True))
    assert (window.composer.field.text(), window.composer.clipboard.attached()) == ("", ())


def test_a_sent_text_is_folded_to_a_line_with_its_source(qtbot: QtBot) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    view = MessageView(1, "user", (TextView("what is this?"), TextView(CLIP, "clipboard")), NOON)
    message = PersonMessage(view, canvas)
    message.set_width(700)
    canvas.show()
    (fold,) = message.findChildren(AttachedFold)
    assert fold.accessibleName().startswith("Clipboard: Dear all, the cat")
    closed = message.wanted_height(700)
    fold.toggle()
    (body,) = fold.findChildren(Inset)
    assert body.text() == CLIP
    assert message.wanted_height(700) > closed + 30
    fold.toggle()
    qtbot.waitUntil(lambda: message.wanted_height(700) == closed)
    message.render_view(asked(1), last=False)
    assert not [fold for fold in message.findChildren(AttachedFold) if fold.isVisible()]
