"""The tray as a person sees it: where our icon is. Works with XEmbed (trayer) and StatusNotifier (xfce4-panel) hosts."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from typing import Final, TypeVar

from tests.desktop.parts import bus, screen
from tests.desktop.parts.commands import run
from tests.desktop.parts.waiting import eventually

FIRST_IN_PANEL: Final = (12, 16)
"""Middle of the first icon in the panel of desk.sh, which has nothing but a tray."""
CLICK_SECONDS: Final = 3.0
"""For a click to be heard and obeyed; one that was lost is repeated."""

T = TypeVar("T")


class Tray:
    """The tray host of the desk, or another one that was started later."""

    def __init__(self, host: str = "") -> None:
        self.host = host or os.environ["TRAY"]

    def has_icon(self) -> bool:
        """Whether the host has our icon."""
        return bool(bus.tray_items() if self.host == "sni" else screen.docked_windows())

    def icon(self) -> tuple[int, int]:
        """The middle of our icon on the screen, waiting until it is there and drawn."""
        eventually(self.has_icon, f"the {self.host} tray host has an icon")
        return eventually(_in_panel if self.host == "sni" else _docked, "the icon is drawn")

    def click_until(self, happened: Callable[[], T], what: str, button: int = 1) -> T:
        """Click our icon until it has ``happened``: a panel that is just drawing another picture loses the click."""

        def clicked() -> T:
            screen.click(*self.icon(), button=button)
            with contextlib.suppress(AssertionError):
                return eventually(happened, what, CLICK_SECONDS)
            return happened()

        return eventually(clicked, what)


def _in_panel() -> tuple[int, int] | None:
    x, y = FIRST_IN_PANEL
    colours = run("import", "-window", "root", "-crop", f"20x20+{x - 10}+{y - 10}", "-format", "%k", "info:")
    return FIRST_IN_PANEL if int(colours) > 1 else None


def _docked() -> tuple[int, int] | None:
    for window in screen.docked_windows():
        facts = run("xwininfo", "-id", window, check=False)
        found = dict(re.findall(r"(Absolute upper-left [XY]|Width|Height|Map State): +(\S+)", facts))
        size = int(found.get("Width", 0)), int(found.get("Height", 0))
        if found.get("Map State") == "IsViewable" and min(size) > 4:
            left, top = (int(found[f"Absolute upper-left {axis}"]) for axis in "XY")
            return left + size[0] // 2, top + size[1] // 2
    return None
