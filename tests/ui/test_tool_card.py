"""A call while it runs and when it is over: how far it is, how long it takes, and what can be done about it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.i18n import set_language, tr
from nyanko_desktop.permissions.levels import LEVELS
from nyanko_desktop.reasons.words import reason_in_words, result_in_words
from ui.call_words import tool_name
from ui.widgets.basics import ElidedLabel
from ui.widgets.tool_card import LONGEST_DETAIL, ToolCard

FETCHING = ToolView("c1", "fetch", "https://a.example/", None, progress="120 kB read")
WRITTEN = ToolView("c1", "write_file", "list.md", "3 lines written", seconds=0.02, can_undo=True)


def shown(qtbot: QtBot, view: ToolView) -> tuple[ToolCard, list[tuple[str, str]]]:
    card, said = ToolCard(view), list[tuple[str, str]]()
    qtbot.addWidget(card)
    card.acted.connect(lambda *values: said.append(values))
    card.set_width(620)
    card.show()
    return card, said


def words(card: ToolCard) -> str:
    labels = [part for part in card.findChildren(QLabel) if part.isVisible()]
    return " ".join(part.whole() if isinstance(part, ElidedLabel) else part.text() for part in labels)


def button(card: ToolCard, name: str) -> QToolButton | None:
    found = (b for b in card.findChildren(QToolButton) if b.accessibleName() == name and b.isVisible())
    return next(found, None)


def test_a_running_call_says_how_far_it_is_and_for_how_long(qtbot: QtBot) -> None:
    card, _ = shown(qtbot, replace(FETCHING, began=time.monotonic() - 7.2))
    assert "120 kB read" in words(card)
    assert "running… 7 s" in words(card)
    card.render_view(replace(FETCHING, began=time.monotonic() - 75.1))
    assert "running… 1 min 15 s" in words(card)


def test_a_long_name_of_a_servers_tool_ends_in_dots_where_it_does_not_fit_and_our_own_names_never(qtbot: QtBot) -> None:
    far = ToolView("c1", "everything__trigger-long-running-operation", "x" * 200, None, progress="y" * 200, began=1.0)
    card, _ = shown(qtbot, far)
    (name,) = [part for part in card.findChildren(ElidedLabel) if part.whole() == tool_name(far.name)]
    assert name.text().endswith("…")
    assert name.toolTip() == tool_name(far.name)
    assert name.fontMetrics().horizontalAdvance(name.text()) <= name.width()
    for own in LEVELS:
        card, _ = shown(qtbot, replace(far, name=own))
        assert tool_name(own) in [part.text() for part in card.findChildren(ElidedLabel)]


def test_the_clock_is_looked_at_only_while_the_card_is_in_sight(qtbot: QtBot) -> None:
    card, _ = shown(qtbot, replace(FETCHING, began=time.monotonic()))
    assert card._tick.isActive()
    card.hide()
    assert not card._tick.isActive()
    card.show()
    assert card._tick.isActive()
    card.render_view(replace(FETCHING, result="done"))
    assert not card._tick.isActive()


def test_a_running_call_can_be_ended_and_one_that_is_over_cannot(qtbot: QtBot) -> None:
    card, said = shown(qtbot, replace(FETCHING, began=time.monotonic()))
    cancel = button(card, "Cancel")
    assert cancel is not None
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert said == [("c1", "cancel")]
    card.render_view(replace(FETCHING, result="words", seconds=1.0))
    assert button(card, "Cancel") is None


def test_enter_on_the_button_that_ends_a_call_ends_it_and_opens_no_details(qtbot: QtBot) -> None:
    card, said = shown(qtbot, replace(FETCHING, began=time.monotonic()))
    cancel = button(card, "Cancel")
    assert cancel is not None
    qtbot.keyClick(cancel, Qt.Key.Key_Return)
    assert said == [("c1", "cancel")]
    assert not card.is_open()


def test_what_was_written_can_be_taken_back_once(qtbot: QtBot) -> None:
    card, said = shown(qtbot, WRITTEN)
    undo = button(card, "Undo")
    assert undo is not None
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert said == [("c1", "undo")]
    card.render_view(replace(WRITTEN, can_undo=False))
    assert button(card, "Undo") is None


def test_whose_words_a_result_holds_is_told(qtbot: QtBot) -> None:
    card, _ = shown(qtbot, replace(FETCHING, result="Buy now!", source="https://a.example/"))
    card.toggle()
    assert "words of https://a.example/, not of Nyanko" in words(card)


def test_a_result_as_long_as_a_book_is_cut_in_the_card(qtbot: QtBot) -> None:
    card, _ = shown(qtbot, replace(FETCHING, result="x" * 1_000_000))
    card.toggle()
    assert f"… and {1_000_000 - LONGEST_DETAIL} more characters" in words(card)
    assert len(words(card)) < 3 * LONGEST_DETAIL


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("reason", ["not allowed", "stopped", "ended before it answered"])
def test_what_the_person_wanted_so_or_was_cut_off_is_no_failure(qtbot: QtBot, reason: str, language: str) -> None:
    set_language(language)
    refused = replace(FETCHING, result=result_in_words(f"error: {reason}"), failed=True)
    card, _ = shown(qtbot, refused)
    assert reason_in_words(reason) in words(card)
    assert tr("failed · {time}", time="") not in words(card)
    assert words(card) != words(shown(qtbot, replace(refused, result=result_in_words("error: no such host")))[0])


def test_signs_that_reorder_others_are_written_out_in_the_line_and_below_it(qtbot: QtBot) -> None:
    card, _ = shown(qtbot, replace(FETCHING, argument="\u202egpj.exe", result="\u202eno"))
    card.toggle()
    assert "\u202e" not in words(card)
    assert "\\u{202e}gpj.exe" in words(card)


def test_call_and_result_are_copied_whole_by_menu_and_by_keys(qtbot: QtBot) -> None:
    long = "a line of a page\n" * LONGEST_DETAIL
    card, _ = shown(qtbot, replace(FETCHING, result=f"{long}\u202e", progress=""))
    chevron = button(card, "Show the details")
    assert chevron is not None
    place = chevron.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, chevron.mapToGlobal(place))
    QApplication.sendEvent(chevron, asked)
    (menu,) = card.findChildren(QMenu)
    offered = {action.text(): action for action in menu.actions()}
    menu.hide()
    offered["Copy the call"].trigger()
    assert QApplication.clipboard().text() == "/fetch https://a.example/"
    offered["Copy the result"].trigger()
    assert QApplication.clipboard().text() == f"{long}\\u{{202e}}"
    QApplication.clipboard().clear()
    qtbot.keyClick(chevron, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().startswith("a line of a page")
