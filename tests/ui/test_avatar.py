"""The cat tells the truth, and can be told apart at 16 pixels."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from inference_worker.protocol.messages import Phase
from nyanko_desktop.assets import resource
from nyanko_desktop.worker.state import WorkerKind, WorkerState
from tests.ui.views import resident
from ui import avatar
from ui.avatar import Mood
from ui.theme import DARK, LIGHT, Theme

LINE_ICONS = sorted(path.stem for path in resource("icons", "line").glob("*.svg"))


def difference(one: QImage, other: QImage) -> int:
    """Pixels that differ clearly."""
    wide, high = one.width(), one.height()
    return sum(
        abs(one.pixelColor(x, y).lightness() - other.pixelColor(x, y).lightness()) > 40
        or abs(one.pixelColor(x, y).hslHue() - other.pixelColor(x, y).hslHue()) > 40
        for x in range(wide)
        for y in range(high)
    )


@pytest.mark.parametrize("kind", get_args(WorkerKind))
@pytest.mark.parametrize("phase", [None, *get_args(Phase)])
def test_every_state_of_the_worker_has_a_mood(kind: WorkerKind, phase: Phase | None) -> None:
    assert avatar.mood_of(WorkerState(kind, phase)) in Mood


def test_the_mood_follows_the_table_of_states() -> None:
    assert avatar.mood_of(WorkerState("empty")) == avatar.mood_of(WorkerState("asleep")) == Mood.ASLEEP
    assert avatar.mood_of(WorkerState("loading")) == Mood.WAKING
    assert avatar.mood_of(resident()) == Mood.IDLE
    assert avatar.mood_of(resident(), listening=True) == Mood.LISTENING
    assert avatar.mood_of(resident("tool")) == avatar.mood_of(resident("prefill")) == Mood.THINKING
    assert avatar.mood_of(resident("answering")) == Mood.SPEAKING
    assert avatar.mood_of(WorkerState("failed")) == Mood.SORRY


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_moods_can_be_told_apart_in_a_tray(theme: Theme, qapp: object) -> None:
    pictures = {mood: avatar.tray_icon(mood, theme.dark).pixmap(QSize(16, 16)).toImage() for mood in Mood}
    close = [
        (one, other)
        for one, other in itertools.combinations(Mood, 2)
        if difference(pictures[one], pictures[other]) < 4 and {one, other} != {Mood.IDLE, Mood.LISTENING}
    ]
    assert close == []


def test_the_cat_with_a_rim_is_seen_on_any_panel(qapp: object) -> None:
    picture = avatar.tray_icon(Mood.IDLE).pixmap(QSize(22, 22)).toImage()
    lightness = [
        picture.pixelColor(x, y).lightness()
        for x in range(22)
        for y in range(22)
        if picture.pixelColor(x, y).alpha() > 200
    ]
    assert min(lightness) < 60
    assert max(lightness) > 220


@pytest.mark.parametrize("name", LINE_ICONS)
def test_a_line_icon_is_drawn_in_the_ink_it_is_asked_for(name: str, qapp: object) -> None:
    picture = avatar.icon_pixmap(name, 24, LIGHT, "accent_text").toImage()
    ink = QColor(LIGHT.accent_text)
    solid = [c for x in range(24) for y in range(24) if (c := picture.pixelColor(x, y)).alpha() > 250]
    assert solid
    assert all(abs(c.red() - ink.red()) < 8 and abs(c.blue() - ink.blue()) < 8 for c in solid)


def test_an_icon_that_does_not_exist_is_an_error(qapp: object) -> None:
    with pytest.raises(OSError, match=r"no-such\.svg"):
        avatar.icon("no-such", LIGHT)


@pytest.mark.parametrize("size", [48, 256])
def test_the_icons_of_the_program_are_drawn_from_its_svg(size: int, qapp: object) -> None:
    drawn = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(0)
    painter = QPainter(drawn)
    QSvgRenderer(str(resource("icons", "app.svg"))).render(painter)
    painter.end()
    stored = QImage(str(resource("icons", f"app-{size}.png"))).convertToFormat(drawn.format())
    assert difference(drawn, stored) < size


def test_a_fine_screen_gets_a_fine_picture(qapp: object) -> None:
    picture = avatar.cat_pixmap(Mood.IDLE, 28, LIGHT, 2.0)
    assert (picture.width(), picture.deviceIndependentSize().width()) == (56, 28)
