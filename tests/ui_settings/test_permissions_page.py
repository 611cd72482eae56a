"""The page of permissions: grants can be taken back, every call can be found and read whole, notes can be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from nyanko_desktop.permissions.view import PermissionsView
from tests.ui_settings.permission_views import CALLS, GRANTS, NOTES, PERMISSIONS, REFUSED, WRITE, call
from tests.ui_settings.reading import heard, named, words
from ui.settings.keyed_list import KeyedList
from ui.settings.ledger import Ledger, call_lines, outcome_words
from ui.settings.permissions_page import PermissionsPage
from ui.settings.window import SettingsWindow


@pytest.fixture
def page(window: SettingsWindow, qtbot: QtBot) -> PermissionsPage:
    page = window.permissions_page
    page.render_permissions(PERMISSIONS)
    window.open_page(page)
    qtbot.waitUntil(lambda: all(part.is_settled() for part in page.findChildren(KeyedList)))
    return page


def rows(page: PermissionsPage) -> list[str]:
    model = page.findChildren(QListView)[0].model()
    return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]


def whole(page: PermissionsPage) -> str:
    inset = page._ledger._whole._inset
    return inset.text() if inset else ""


def test_the_page_asks_for_what_is_true_now_when_it_is_shown(window: SettingsWindow) -> None:
    asked: list[bool] = []
    window.permissions_page.refresh_requested.connect(lambda: asked.append(True))
    window.open_page(window.permissions_page)
    assert asked == [True]


def test_each_grant_says_what_it_covers_since_when_and_when_it_was_used(page: PermissionsPage) -> None:
    said = words(page)
    wanted = (
        "Write a file",
        "Only for /home/lin/notes",
        "In the conversation “Books to read”",
        "Every call",
        "last used",
    )
    assert [part for part in (*wanted, "not used yet", "changes or starts something") if part not in said] == []


def test_a_grant_is_taken_back_with_one_press(page: PermissionsPage) -> None:
    said = heard(page.revoke_requested)
    named(page, QPushButton, "Revoke: Write a file, Only for /home/lin/notes").click()
    assert said == [GRANTS[0].id]
    page.render_permissions(replace(PERMISSIONS, grants=GRANTS[1:]))
    assert "/home/lin/notes" not in words(page)


def test_an_empty_page_says_so_in_every_part(page: PermissionsPage) -> None:
    page.render_permissions(PermissionsView())
    said = []
    for part in ("grants", "calls", "notes"):
        page.open_part(part)
        said.append(words(page))
    assert "Nothing is allowed for longer than one call" in said[0]
    assert "No tool was used yet" in said[1]
    assert "noted nothing about you" in said[2]


def test_every_call_is_a_row_with_its_arguments_and_what_became_of_it(page: PermissionsPage) -> None:
    page.open_part("calls")
    said = rows(page)
    assert len(said) == len(CALLS)
    assert (
        "Fetch a page, https://books.example/list/1, done · 0.8 s · you were asked · reached books.example" in said[0]
    )
    assert "list.md, # Books - Three-Body" in said[1]


def test_a_call_that_was_refused_did_not_end_or_failed_says_so() -> None:
    assert outcome_words(REFUSED) == ("did not run · you said no", "warn")
    assert outcome_words(replace(REFUSED, decided_by="refused")) == ("did not run · nobody was asked", "warn")
    unanswered = replace(REFUSED, decided_by="unanswered")
    assert outcome_words(unanswered) == ("did not run · no answer came", "warn")
    lost = call(9, failed=True, cut_off="lost", hosts=())
    assert outcome_words(lost) == ("ended before it answered · you were asked", "bad")
    assert not any("characters" in line for line in call_lines(lost))
    assert outcome_words(replace(lost, cut_off="unknown"))[0] == "not known how it ended · you were asked"
    assert outcome_words(call(9, ended=False, hosts=()))[0] == "has not ended · you were asked"
    assert outcome_words(call(9, failed=True, seconds=10.0, hosts=())) == ("failed · 10 s · you were asked", "bad")


def test_a_row_that_is_chosen_is_shown_whole(page: PermissionsPage, qtbot: QtBot) -> None:
    page.open_part("calls")
    (view,) = page.findChildren(QListView)
    place = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    said = whole(page)
    assert all(
        part in said for part in ("write_file", WRITE.scope, "content: # Books\n- Three-Body", "1,234 characters")
    )
    assert "after reading https://books.example/list/1" in said


def test_the_chosen_call_stays_chosen_when_newer_ones_come(page: PermissionsPage) -> None:
    page.open_part("calls")
    page._ledger.choose(1)
    page.render_permissions(replace(PERMISSIONS, calls=(call(77), *CALLS)))
    assert page._ledger.chosen() == WRITE
    page.render_permissions(replace(PERMISSIONS, calls=(call(77),)))
    assert whole(page) == ""


def test_a_search_is_one_intent_after_the_last_key(page: PermissionsPage, qtbot: QtBot) -> None:
    page.open_part("calls")
    said = heard(page.search_requested)
    qtbot.keyClicks(named(page, QLineEdit, "Search tools, arguments and hosts"), "three")
    qtbot.waitUntil(lambda: said == ["three"])
    page.render_permissions(PermissionsView(query="three"))
    assert "No call holds these words." in words(page)


def test_a_thousand_calls_are_rows_without_a_thousand_widgets(page: PermissionsPage) -> None:
    page.open_part("calls")
    before = len(page.findChildren(Ledger)[0].children())
    page.render_permissions(replace(PERMISSIONS, calls=tuple(call(id) for id in range(1000)), count=4321))
    assert len(rows(page)) == 1000
    assert len(page.findChildren(Ledger)[0].children()) == before
    assert "The newest 1000 of 4,321 calls." in words(page)
    said = heard(page.older_requested)
    named(page, QPushButton, "Show older calls").click()
    assert said == [()]


def test_signs_that_hide_others_are_written_out_in_the_ledger(page: PermissionsPage) -> None:
    page.open_part("calls")
    page.render_permissions(replace(PERMISSIONS, calls=(call(1, arguments=(("path", "\u202ecod.exe"),)),)))
    page._ledger.choose(0)
    assert "\\u{202e}cod.exe" in rows(page)[0]
    assert "\\u{202e}cod.exe" in whole(page)


def test_a_note_is_changed_in_place_and_deleted_by_its_button_only(page: PermissionsPage, qtbot: QtBot) -> None:
    page.open_part("notes")
    edited, deleted = heard(page.note_edited), heard(page.note_deleted)
    field = next(part for part in page.findChildren(QLineEdit) if part.text() == NOTES[0].text)
    field.editingFinished.emit()
    assert edited == [], "nothing was typed"
    field.selectAll()
    qtbot.keyClicks(field, "Anna likes coffee.")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert edited == [(1, "Anna likes coffee.")]
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (field.text(), deleted) == (NOTES[0].text, [])
    named(page, QPushButton, "Delete: Anna likes tea.").click()
    assert deleted == [1]
