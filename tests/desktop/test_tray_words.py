"""What a StatusNotifier host is told in words; an XEmbed host gets a picture alone."""

from __future__ import annotations

from collections.abc import Callable

from tests.desktop.parts import bus
from tests.desktop.parts.app import App
from tests.desktop.parts.tray import Tray
from tests.desktop.parts.waiting import eventually


def test_the_tooltip_says_what_is_resident(new_app: Callable[[], App]) -> None:
    app = new_app()
    app.use_script()
    app.start("--hidden")
    Tray().icon()
    item = bus.tray_items()[0]
    eventually(lambda: "idle · CPU · int8" in bus.tray_item_property(item, "ToolTip"), "the tooltip tells it")
