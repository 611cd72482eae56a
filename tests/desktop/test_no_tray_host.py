"""A desktop without any tray host: the window stays reachable, and the cat appears when a host starts later."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.desktop.parts import bus, screen
from tests.desktop.parts.app import App
from tests.desktop.parts.tray import Tray
from tests.desktop.parts.waiting import eventually

HOSTS = {"xembed": ("trayer", "--SetDockType", "true"), "sni": ("xfce4-panel", "--disable-wm-check")}
END_SECONDS = 5.0


@pytest.fixture
def app(new_app: Callable[[], App]) -> App:
    app = new_app()
    app.use_script()
    return app


@contextmanager
def tray_host(kind: str) -> Iterator[None]:
    """A tray host that starts now and ends after the block."""
    host = subprocess.Popen(HOSTS[kind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        host.terminate()
        host.wait(END_SECONDS)


def test_the_window_shows_even_when_only_the_tray_was_asked_for(app: App) -> None:
    app.start("--hidden")
    eventually(lambda: screen.visible_windows(app.pid), "the window shows")


def test_a_closed_window_comes_back_with_a_second_start(app: App) -> None:
    app.start()
    window = eventually(lambda: screen.visible_windows(app.pid), "the window shows")[0]
    window.close()
    eventually(lambda: not window.focused, "the window is out of the way")
    assert app.running
    app.run()
    eventually(lambda: screen.visible_windows(app.pid), "the window is back")


@pytest.mark.parametrize("kind", HOSTS)
def test_the_cat_appears_when_a_tray_host_starts_later(app: App, kind: str) -> None:
    app.start()
    eventually(lambda: screen.visible_windows(app.pid), "the window shows")
    with tray_host(kind):
        if kind == "sni":
            eventually(lambda: bus.has_owner(bus.WATCHER), "the panel has a tray")
        eventually(Tray(kind).has_icon, "the cat is in the tray")
