"""The cat in the tray, on a desktop with an XEmbed host (trayer) and on one with a StatusNotifier host (xfce4-panel)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.tray import Tray
from tests.desktop.parts.waiting import eventually


@pytest.fixture
def hidden_app(new_app: Callable[[], App]) -> App:
    """The program, started to the tray alone, with a worker that follows a script."""
    app = new_app()
    app.use_script()
    app.start("--hidden")
    return app


def test_the_cat_appears_in_the_tray(hidden_app: App, picture: Callable[[str], Path]) -> None:
    tray = Tray()
    tray.icon()
    picture("tray")
    assert not screen.visible_windows(hidden_app.pid)


def test_a_click_on_the_cat_opens_the_window(hidden_app: App) -> None:
    window = Tray().click_until(lambda: screen.visible_windows(hidden_app.pid), "the window shows")[0]
    eventually(lambda: window.focused, "the window has the focus")


def test_the_menu_of_the_cat_opens_and_its_last_entry_quits(hidden_app: App, picture: Callable[[str], Path]) -> None:
    Tray().click_until(screen.open_menu, "the menu shows", button=3)
    picture("tray-menu")
    screen.press("Up")
    screen.press("Return")
    hidden_app.ended()
