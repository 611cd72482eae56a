"""What the tests of the settings share: a view with a large model on a small card."""

from __future__ import annotations

import os

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference_worker.protocol.messages import DeviceInfo, ModelInfo
from nyanko_desktop.settings.view import AboutView, HotkeyState, MemoryPlan, ModelChoice, PrecisionView, SettingsView
from nyanko_desktop.worker.state import WorkerState
from ui import theme
from ui.settings.window import SettingsWindow

GB = 2**30
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def themed(qapp: QApplication) -> None:
    if theme.current() is not theme.LIGHT or not qapp.styleSheet():
        theme.apply(qapp, theme.LIGHT)


@pytest.fixture
def view() -> SettingsView:
    model = ModelInfo("glm", "/models/glm", "int8", "cuda:0", "NVIDIA P102-100", 6 * GB, 0, 8192, "native", True)
    return SettingsView(
        models=(ModelChoice("", "nyanko-mini", chosen=True), ModelChoice("/models/glm", "glm")),
        devices=(
            DeviceInfo("cpu", "CPU", 16 * GB, 8 * GB),
            DeviceInfo("cuda:0", "NVIDIA P102-100", 10 * GB, 9 * GB),
            DeviceInfo("cuda:1", "Old card", 2 * GB, 0, "too old"),
        ),
        plan=MemoryPlan(
            "cuda:0", 9 * GB, 8192, (PrecisionView("fp16", 12 * GB, GB, False), PrecisionView("int8", 6 * GB, GB, True))
        ),
        worker=WorkerState("resident", model=model),
        hotkey=HotkeyState("bound", "Ctrl+Alt+N"),
        about=AboutView((("Profile", "/home/lin/.local/share/nyanko"),)),
    )


@pytest.fixture
def window(qtbot: QtBot, view: SettingsView) -> SettingsWindow:
    made = SettingsWindow()
    qtbot.addWidget(made)
    made.render_view(view)
    made.show()
    return made
