"""What scrolls shows that the keyboard is there, and only then."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.focus_ring import FocusRing, reach_by_keyboard


def test_who_comes_by_tab_sees_a_ring_until_they_leave_and_who_clicks_none(qtbot: QtBot) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    ring = FocusRing(area)
    area.show()
    area.activateWindow()
    area.clearFocus()
    area.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(area.hasFocus)
    assert not ring.isVisible()
    area.clearFocus()
    area.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible()
    area.resize(300, 200)
    assert ring.geometry() == area.rect()
    area.clearFocus()
    assert not ring.isVisible()


def test_tab_stops_at_what_scrolls_only_while_it_does(qtbot: QtBot) -> None:
    area, inside = QScrollArea(), QWidget()
    qtbot.addWidget(area)
    area.setWidget(inside)
    reach_by_keyboard(area)
    area.resize(200, 200)
    area.show()
    inside.resize(100, 1000)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.StrongFocus)
    inside.resize(100, 100)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.NoFocus)
