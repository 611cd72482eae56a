"""The window of a start that failed says why, and leads out."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from ui.trouble_window import TroubleWindow
from ui.widgets.trouble import TroubleCard


@pytest.mark.allows_log("This plugin does not support")
def test_it_explains_and_ends_with_one_button(qtbot: QtBot) -> None:
    window = TroubleWindow(explain(WireError(ErrorCode.DISK_FULL, {"path": "/p"})))
    qtbot.addWidget(window)
    window.open()
    assert "/p could not be written" in window.findChild(TroubleCard).accessibleName()
    leave = next(b for b in window.findChildren(QPushButton) if b.text() == "Quit")
    with qtbot.waitSignal(window.finished):
        leave.click()
