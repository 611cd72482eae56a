"""Colours that can be read, in one place, changing live."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ui import theme
from ui.theme import DARK, LIGHT, READABLE_PAIRS, Theme
from ui.widgets.basics import Live

UI = Path(__file__).resolve().parents[2] / "ui"


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize(("ink", "ground"), READABLE_PAIRS)
def test_every_pair_of_ink_and_ground_can_be_read(tokens: Theme, ink: str, ground: str) -> None:
    assert theme.contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_colours_are_written_in_the_theme_alone() -> None:
    literal = re.compile(r"#[0-9A-Fa-f]{3,8}\b|Qt\.GlobalColor\.(?!transparent)")
    found = [
        f"{path.relative_to(UI)}: {match[0]}"
        for path in sorted(UI.rglob("*.py"))
        if path.name != "theme.py"
        for match in literal.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_stylesheet_names_only_tokens_that_exist(tokens: Theme) -> None:
    assert "$" not in theme.stylesheet(tokens)


def test_a_chosen_theme_does_not_ask_the_system() -> None:
    assert theme.theme_for("dark") is DARK
    assert theme.theme_for("light") is LIGHT


def test_auto_changes_when_the_system_does(qapp: QApplication, qtbot: QtBot) -> None:
    follower = theme.ThemeFollower(qapp, "auto")
    with qtbot.waitSignal(follower.changed):
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current() is DARK
    follower.choose("light")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.background)
    follower.deleteLater()


def test_a_widget_is_painted_anew_only_when_the_theme_changed(qapp: QApplication, qtbot: QtBot) -> None:
    painted: list[str] = []

    class Painted(Live, QLabel):
        def restyle(self) -> None:
            painted.append(theme.current().name)

    widget = Painted()
    qtbot.addWidget(widget)
    widget.dress()
    qapp.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
    theme.apply(qapp, DARK)
    assert painted == ["light", "dark"]


def test_chinese_is_drawn_in_its_simplified_forms_before_any_other() -> None:
    families = theme.text_families()
    assert families.index("Noto Sans CJK SC") < families.index("Noto Color Emoji")


def test_reduced_motion_leaves_no_motion(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    monkeypatch.setenv("NYANKO_REDUCED_MOTION", "1")
    assert theme.motion_ms() == 0
