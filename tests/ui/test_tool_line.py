"""The line of a call at every width: nothing lies on anything else, and what is cut says so."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations

import pytest
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.i18n import set_language, tr
from nyanko_desktop.permissions.levels import LEVELS
from ui.call_words import tool_name
from ui.widgets.basics import ElidedLabel
from ui.widgets.tool_card import ToolCard
from ui.widgets.tool_line import ROW_PIXELS, ToolLine

CHINESE = "这是一个没有任何空格也没有标点的很长的参数" * 4
FAR = ToolView("c1", "everything__trigger-long-running-operation", "steps: 5", None, progress=CHINESE)
CALLS = {
    "asked for": ToolView("c1", "search", "cats", None),
    "short": ToolView("c1", "calculate", "3*14.9+6", "50.7", seconds=0.002),
    "long": ToolView("c1", "fetch", f"https://{'a' * 80}.example/", CHINESE, seconds=75.0),
    "long before and short behind": ToolView("c1", "recall", CHINESE, "ok", seconds=3.0),
    "without a word": ToolView("c1", "edit_reminder", "", "", seconds=0.1),
    "written": ToolView("c1", "write_file", "/home/lin/notes/books.md", "3 lines written", seconds=1.0, can_undo=True),
    "failed": ToolView("c1", "read_file", "a.md", f"error: there is no {CHINESE}", failed=True, seconds=1.0),
    "of a server": FAR,
}
WIDTHS = (264, 320, 432, 620)


def line_of(qtbot: QtBot, view: ToolView, width: int) -> ToolLine:
    card = ToolCard(view)
    qtbot.addWidget(card)
    card.set_width(width)
    card.show()
    (line,) = card.findChildren(ToolLine)
    return line


def texts(line: ToolLine) -> list[ElidedLabel]:
    return [part for part in line.findChildren(ElidedLabel) if part.isVisible()]


def check(line: ToolLine) -> None:
    parts = [part for part in line.children() if part.isWidgetType() and part.isVisible()]
    for part in parts:
        assert line.rect().contains(part.geometry()), part.geometry()
    for one, other in combinations(parts, 2):
        assert not one.geometry().intersects(other.geometry())
    for text in texts(line):
        assert text.fontMetrics().horizontalAdvance(text.text()) <= text.width() + 1  # it is rounded up
        assert text.text() == text.whole() or (text.toolTip() and text.text().endswith("…"))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("name", CALLS)
def test_nothing_lies_on_anything_else_however_narrow_the_card(qtbot: QtBot, name: str, language: str) -> None:
    set_language(language)
    for view in (CALLS[name], replace(CALLS[name], result=None, began=time.monotonic() - 754)):
        for width in WIDTHS:
            check(line_of(qtbot, view, width))


def test_a_short_call_takes_one_row_in_a_card_of_full_width_and_more_in_a_narrow_one(qtbot: QtBot) -> None:
    assert line_of(qtbot, CALLS["short"], 620).height() == ROW_PIXELS
    assert line_of(qtbot, CALLS["short"], 264).height() > ROW_PIXELS


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_elapsed_time_and_the_way_to_end_a_call_are_whole_at_every_width(qtbot: QtBot, language: str) -> None:
    set_language(language)
    for width in WIDTHS:
        line = line_of(qtbot, replace(FAR, began=time.monotonic() - 754.5), width)
        said = [text.text() for text in texts(line)]
        assert tr("running… {time}", time=tr("{minutes} min {seconds} s", minutes=12, seconds=34)) in said
        assert line.cancel.isVisible()
        assert line.cancel.width() >= line.cancel.sizeHint().width()


def test_our_own_names_of_tools_are_whole_at_every_width(qtbot: QtBot) -> None:
    for own in LEVELS:
        line = line_of(qtbot, replace(CALLS["long"], name=own), WIDTHS[0])
        assert tool_name(own) in [text.text() for text in texts(line)]


def test_a_longer_time_finds_its_room_while_the_call_runs(qtbot: QtBot) -> None:
    line = line_of(qtbot, replace(FAR, began=time.monotonic()), 380)
    line.say_origin("running… 59 min 59 s")
    check(line)
