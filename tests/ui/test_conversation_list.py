"""The list of conversations: opened by a click, renamed in place, deleted only after a question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import ConversationSummary
from tests.ui.views import conversation
from ui.widgets.conversation_list import ConversationList


def listed() -> tuple[ConversationSummary, ...]:
    """As of the day on which a test runs, which may be another than the one on which it was collected."""
    return _listed(date.today())


@cache
def _listed(_day: date) -> tuple[ConversationSummary, ...]:
    return (
        conversation(1, "Books", preview="50.7"),
        conversation(2, "Suzhou", days_ago=2),
        conversation(3, "Old", days_ago=30),
        conversation(4, "Older", days_ago=300),
    )


@pytest.fixture
def listing(qtbot: QtBot) -> ConversationList:
    widget = ConversationList()
    qtbot.addWidget(widget)
    widget.resize(220, 500)
    widget.show()
    widget.render_list(listed(), 1)
    return widget


def rows(listing: ConversationList) -> list[str]:
    model = listing.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def click(listing: ConversationList, qtbot: QtBot, row: int) -> None:
    place = listing.visualRect(listing.model().index(row, 0)).center()
    qtbot.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_conversations_are_grouped_by_age(listing: ConversationList) -> None:
    assert rows(listing) == ["Today", "Books", "Last 7 days", "Suzhou", "Older", "Old", "Older"]


def test_the_open_conversation_is_marked(listing: ConversationList) -> None:
    assert listing.currentIndex().data() == "Books"
    listing.render_list(listed(), 2)
    assert [index.data() for index in listing.selectedIndexes()] == ["Suzhou"]
    listing.render_list(listed(), None)
    assert listing.selectedIndexes() == []


def test_a_click_opens_another_conversation_and_only_another(listing: ConversationList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(listing.opened) as opened:
        click(listing, qtbot, 3)
    assert opened.args == [2]
    listing.render_list(listed(), 2)
    with qtbot.assertNotEmitted(listing.opened):
        click(listing, qtbot, 3)


def test_a_heading_cannot_be_opened(listing: ConversationList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(listing.opened):
        click(listing, qtbot, 2)


def test_a_new_preview_leaves_rows_and_scrolling_alone(listing: ConversationList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(listing.model().modelReset):
        listing.render_list((conversation(1, "Books", preview="51"), *listed()[1:]), 1)
    assert listing.currentIndex().data() == "Books"


def test_the_menu_renames_in_place(listing: ConversationList, qtbot: QtBot) -> None:
    listing._show_menu(listing.visualRect(listing.model().index(1, 0)).center())
    menu = listing.findChild(QMenu)
    assert menu is not None
    menu.actions()[0].trigger()
    editor = listing.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.setText("Novels")
    with qtbot.waitSignal(listing.renamed) as renamed:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == [1, "Novels"]
    menu.close()


def test_an_empty_or_equal_title_renames_nothing(listing: ConversationList, qtbot: QtBot) -> None:
    index = listing.model().index(1, 0)
    with qtbot.assertNotEmitted(listing.renamed):
        listing.model().setData(index, "  ")
        listing.model().setData(index, "Books")


@pytest.mark.parametrize(("press", "deleted"), [("Delete", True), ("Keep it", False)])
def test_deleting_is_asked_first(listing: ConversationList, qtbot: QtBot, press: str, deleted: bool) -> None:
    listing.setCurrentIndex(listing.model().index(1, 0))
    gone: list[int] = []
    listing.deleted.connect(gone.append)
    qtbot.keyClick(listing, Qt.Key.Key_Delete)
    box = listing.window().findChild(QMessageBox)
    assert box is not None
    assert "Books" in box.text()
    assert gone == []
    next(button for button in box.buttons() if button.text() == press).click()
    assert gone == ([1] if deleted else [])


def test_a_title_is_never_read_as_markup(listing: ConversationList, qapp: QApplication) -> None:
    box = listing.ask_to_delete(conversation(9, "<b>x</b><img src='file:///etc/passwd'>"))
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.close()


def test_a_conversation_without_a_title_has_words_nevertheless(listing: ConversationList) -> None:
    listing.render_list((replace(listed()[0], title=""),), 1)
    assert rows(listing)[1] == "New conversation"


def test_thousands_of_conversations_cost_nothing(listing: ConversationList) -> None:
    listing.render_list(tuple(conversation(i, days_ago=i // 20) for i in range(1, 5001)), 1)
    assert len(rows(listing)) == 5003


def test_who_comes_by_keyboard_sees_where_they_are(listing: ConversationList, qtbot: QtBot) -> None:
    listing.activateWindow()
    listing.setFocus()
    qtbot.waitUntil(listing.hasFocus)
    here = listing.grab().toImage()
    listing.clearFocus()
    assert listing.grab().toImage() != here
