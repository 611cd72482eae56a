"""The tray where no host is (as on the offscreen platform); with hosts it is a matter of the desktop stage."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QAction, QIcon, QImage
from PySide6.QtWidgets import QApplication, QMenu

from inference_worker.protocol.messages import ModelInfo
from nyanko_desktop.assets import resource
from nyanko_desktop.shell.tray import Tray
from nyanko_desktop.worker.state import WorkerState
from ui.avatar import TRAY_SIZES, Mood, cat_pixmap, tray_icon
from ui.status import tray_words
from ui.theme import LIGHT

MODEL = ModelInfo("nyanko-mini", "/m", "int8", "cpu", "CPU", 5 * 2**20, 0, 1024, "slash", True)


@pytest.fixture
def tray(qapp: QApplication) -> Tray:
    return Tray(QIcon())


def entries(tray: Tray) -> dict[str, QAction]:
    """What the menu shows, by its words."""
    menu = tray.findChild(QMenu) or tray._menu
    return {action.text(): action for action in menu.actions() if action.isVisible() and not action.isSeparator()}


def test_without_a_host_there_is_no_icon_and_it_says_so(tray: Tray) -> None:
    assert tray.icon is None
    assert not tray.has_host


def test_the_menu_tells_model_and_state_as_words_that_cannot_be_chosen(tray: Tray) -> None:
    tray.show_states(lambda *_: QIcon(), tray_words)
    tray.render(WorkerState("resident", model=MODEL))
    assert not entries(tray)["nyanko-mini"].isEnabled()
    assert not entries(tray)["idle · CPU · int8 · 5 MB"].isEnabled()
    assert entries(tray)["Free the memory now"].isEnabled()
    tray.render(WorkerState("asleep"))
    assert "nyanko-mini" not in entries(tray)
    assert not entries(tray)["Free the memory now"].isEnabled()


def test_what_is_chosen_before_the_app_is_ready_is_done_when_it_is(tray: Tray) -> None:
    asked: list[str] = []
    tray.open_requested.connect(lambda: asked.append("open"))
    tray.settings_requested.connect(lambda: asked.append("settings"))
    entries(tray)["Settings…"].trigger()
    assert asked == []
    tray.listen()
    assert asked == ["settings"]
    entries(tray)["Open Nyanko"].trigger()
    assert asked == ["settings", "open"]


def test_a_phase_changes_the_words(tray: Tray) -> None:
    tray.show_states(lambda *_: QIcon(), tray_words)
    resident = WorkerState("resident", model=MODEL)
    tray.render(replace(resident, phase="tool"))
    assert any(words.startswith("using a tool") for words in entries(tray))


def test_while_the_person_is_asked_something_words_and_picture_say_so(tray: Tray) -> None:
    asked: list[bool] = []
    tray.show_states(lambda _, waits: [asked.append(waits), QIcon()][1], tray_words)
    tray.render(WorkerState("resident", model=MODEL, phase="tool"))
    tray.render_waiting(True)
    assert "waits for your answer" in entries(tray)
    tray.render_waiting(False)
    assert "waits for your answer" not in entries(tray)
    assert asked == [False, True, False]


def test_being_offline_is_told_beside_what_goes_on(tray: Tray) -> None:
    tray.show_states(lambda *_: QIcon(), tray_words)
    tray.render(WorkerState("asleep"))
    tray.render_offline(True)
    assert "asleep · Offline" in entries(tray)
    tray.render_offline(False)
    assert "asleep" in entries(tray)


def test_a_cat_that_asks_has_a_dot(qapp: QApplication) -> None:
    for size in TRAY_SIZES:
        plain, dotted = (tray_icon(Mood.THINKING, waits=waits).pixmap(size).toImage() for waits in (False, True))
        corner = round(size * 0.78)
        assert dotted.pixelColor(corner, corner).name() == LIGHT.accent.lower()
        assert plain.pixelColor(corner, corner).name() != LIGHT.accent.lower()


def test_the_first_picture_is_the_cat_asleep_as_it_would_be_drawn(qapp: QApplication) -> None:
    """The start has no time to draw SVG, so that picture is a file; it must not fall behind the drawing."""
    ready = QImage(str(resource("icons", "tray-asleep.png"))).convertToFormat(QImage.Format.Format_ARGB32)
    drawn = cat_pixmap(Mood.ASLEEP, 48, LIGHT, 1.0, True).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    assert ready.size() == drawn.size()
    points = [(x, y) for x in range(0, 48, 3) for y in range(0, 48, 3)]
    far = [p for p in points if abs(ready.pixelColor(*p).alpha() - drawn.pixelColor(*p).alpha()) > 8]
    far += [p for p in points if abs(ready.pixelColor(*p).lightness() - drawn.pixelColor(*p).lightness()) > 24]
    assert far == []
