"""What scrolls shows that the keyboard is there, and only then."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from ui.widgets.focus_ring import FocusRing


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
