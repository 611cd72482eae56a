"""A chat window beside another program: the conversation keeps its room, the list of conversations comes when called."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from nyanko_desktop.i18n import set_language
from tests.ui.views import MODEL, asked, chat, done, resident
from ui.chat_window import LONGEST_MODEL, SMALLEST, ChatWindow
from ui.widgets.message import NyankoMessage
from ui.widgets.side_by_side import NARROW


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    made = ChatWindow()
    qtbot.addWidget(made)
    made.resize(SMALLEST)
    made.show()
    made.render(chat(asked(1), done(2, "Hello you.")))
    return made


def test_a_narrow_window_shows_the_conversation_alone_and_a_wide_one_both(window: ChatWindow) -> None:
    assert not window.side.isVisible()
    assert window.transcript.width() == window.width()
    window.resize(NARROW, 600)
    assert window.side.isVisible()
    assert window.transcript.width() == window.width() - window.side.width()


def test_the_list_comes_over_a_narrow_window_and_goes_when_it_has_served(window: ChatWindow, qtbot: QtBot) -> None:
    heard: list[int] = []
    window.open_conversation.connect(heard.append)
    qtbot.mouseClick(window._menu, Qt.MouseButton.LeftButton)
    assert window.side.isVisible()
    assert window.transcript.width() == window.width()
    window.side.list.opened.emit(2)
    assert heard == [2]
    assert not window.side.isVisible()


def test_escape_and_a_click_beside_it_close_the_list_and_end_no_reply(window: ChatWindow, qtbot: QtBot) -> None:
    stopped: list[None] = []
    window.stop.connect(lambda: stopped.append(None))
    window.render(replace(window.state(), busy=True))
    window._open_side()
    window._escape()
    assert not window.side.isVisible()
    assert stopped == []
    window._open_side()
    beside = window.childAt(window.width() - 10, window.height() // 2)
    qtbot.mouseClick(beside, Qt.MouseButton.LeftButton)
    assert not window.side.isVisible()


def test_the_search_by_keyboard_opens_the_list(window: ChatWindow) -> None:
    window._open_side()
    assert window.side.search.isVisible()
    assert window.focusWidget() is window.side.search
    window._escape()
    assert window.focusWidget() is window.composer.field


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("filled", [False, True])
def test_nothing_is_wider_than_the_smallest_window(window: ChatWindow, language: str, filled: bool) -> None:
    set_language(language)
    window.render(chat(asked(1), done(2, "Hello you.")) if filled else chat())
    assert window.width() == SMALLEST.width()
    shown = [part for part in window.findChildren(QWidget) if part.isVisible() and part.window() is window]
    for part in shown:
        right = part.mapTo(window, part.rect().topRight()).x()
        assert right < window.width(), part
    for pressed in window.findChildren(QPushButton):
        if pressed.isVisible():
            assert pressed.sizeHint().width() <= max(pressed.width(), pressed.minimumSizeHint().width()), pressed.text()


def test_the_figures_of_a_reply_leave_its_buttons_their_room(window: ChatWindow) -> None:
    reply = next(part for part in window.findChildren(NyankoMessage) if part.isVisible())
    footer = reply._footer
    parts = [part for part in (footer.retry, footer._copy, footer._figures) if part.isVisible()]
    assert [one for one, other in pairwise(parts) if one.geometry().intersects(other.geometry())] == []
    assert all(part.width() >= part.sizeHint().width() for part in parts)


def test_the_name_of_a_model_never_widens_the_window(window: ChatWindow) -> None:
    long = replace(resident(), model=msgspec.structs.replace(MODEL, name="a-model-with-a-very-long-name-" * 4))
    window.resize(NARROW, 600)
    window.render(replace(window.state(), worker=long))
    assert window.width() == NARROW
    assert window._model.text().endswith("…")
    assert window._model.fontMetrics().horizontalAdvance(window._model.text()) <= LONGEST_MODEL
    assert "a-model-with-a-very-long-name-" in window._model.toolTip()
