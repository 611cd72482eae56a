"""The line where the memory of a conversation ends."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from nyanko_desktop.i18n import set_language
from ui.widgets.memory_line import MemoryLine


def test_the_line_says_where_memory_ends_and_that_nothing_is_lost(qtbot: QtBot) -> None:
    line = MemoryLine()
    qtbot.addWidget(line)
    assert line.accessibleName() == "Nyanko no longer remembers what is above this line"
    assert "kept here" in line.accessibleDescription()


def test_the_line_speaks_the_language_of_now_and_paints_at_any_width(qtbot: QtBot) -> None:
    line = MemoryLine()
    qtbot.addWidget(line)
    english = line.accessibleName()
    set_language("zh_CN")
    QCoreApplication.sendEvent(line, QEvent(QEvent.Type.LanguageChange))
    assert line.accessibleName() != english
    for width in (60, 300, 900):
        line.resize(width, line.height())
        assert not line.grab().isNull()
