"""Small parts that every window uses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from ui.widgets.basics import LONGEST_TIP_LINE, ElidedLabel, IconButton, button, tip
from ui.widgets.pill import Pill


def test_a_tip_shows_what_looks_like_markup_as_it_is() -> None:
    assert tip("short & plain") == "short & plain"
    assert "<img" not in tip("<img src='file:///etc/passwd'>")
    assert "&lt;img" in tip("<img src='file:///etc/passwd'>")


def test_a_long_tip_is_broken_into_lines() -> None:
    long = "word " * LONGEST_TIP_LINE
    assert tip(long).startswith("<p")
    assert long in tip(long)


def test_the_tip_of_a_shortened_text_is_no_markup_of_somebody_else(qtbot: QtBot) -> None:
    label = ElidedLabel("<h1>Your password, please</h1>" * 9)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.toolTip()
    assert "<h1>" not in label.toolTip()


@pytest.mark.parametrize("make", [button, lambda: IconButton("close"), Pill])
def test_enter_presses_the_button_that_has_the_focus_once_however_long_it_is_held(
    qtbot: QtBot, make: Callable[[], QAbstractButton]
) -> None:
    made, pressed = make(), list[bool]()
    qtbot.addWidget(made)
    made.clicked.connect(lambda: pressed.append(True))
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    QApplication.sendEvent(made, held)
    qtbot.keyClick(made, Qt.Key.Key_Enter)
    assert len(pressed) == 2
