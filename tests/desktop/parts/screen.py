"""The X screen as a person has it: windows, keys, mouse, pictures. Knows nothing of the program under test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.desktop.parts.commands import run
from tests.desktop.parts.waiting import eventually

TYPING_MILLISECONDS = "12"
"""Between two keys: faster than any person, slow enough for an input method."""


@dataclass(frozen=True)
class Window:
    """One X window."""

    id: str

    @property
    def title(self) -> str:
        return run("xdotool", "getwindowname", self.id, check=False)

    @property
    def focused(self) -> bool:
        return run("xdotool", "getwindowfocus", check=False) == self.id

    def close(self) -> None:
        """What the window's own button does."""
        run("wmctrl", "-i", "-c", self.id)

    def activate(self) -> None:
        """Ask the window manager for the focus and wait until it is here."""
        run("xdotool", "windowactivate", "--sync", self.id)
        eventually(lambda: self.focused, f"the focus is on {self.title!r}")


def visible_windows(pid: int) -> list[Window]:
    """The mapped windows of process ``pid`` that have a title; what sits in a tray is none of them."""
    found = run("xdotool", "search", "--onlyvisible", "--pid", str(pid), check=False)
    return [window for window in map(Window, found.split()) if window.title and window.id not in docked_windows()]


def visible_windows_titled(title: str) -> list[Window]:
    """The mapped windows of any program with that title."""
    return [Window(id) for id in run("xdotool", "search", "--onlyvisible", "--name", f"^{title}$", check=False).split()]


def open_menu() -> Window | None:
    """The menu that somebody has popped up, if any: with XEmbed the program itself, with StatusNotifier the panel."""
    for window in run("xdotool", "search", "--onlyvisible", "--name", "", check=False).split():
        if "_NET_WM_WINDOW_TYPE_POPUP_MENU" in run("xprop", "-id", window, "_NET_WM_WINDOW_TYPE", check=False):
            return Window(window)
    return None


def docked_windows() -> dict[str, str]:
    """Windows inside the XEmbed tray host, as id -> title."""
    trayer = run("xdotool", "search", "--class", "^trayer$", check=False).split()
    docked: dict[str, str] = {}
    for host in trayer:
        for line in run("xwininfo", "-tree", "-id", host, check=False).splitlines():
            word, _, rest = line.strip().partition(" ")
            if word.startswith("0x") and int(word, 16) != int(host):
                docked[str(int(word, 16))] = rest
    return docked


def press(keys: str) -> None:
    """Press a combination such as ``ctrl+alt+k`` on the keyboard."""
    run("xdotool", "key", keys)


def type_text(text: str) -> None:
    """Type on the keyboard, into whatever has the focus."""
    run("xdotool", "type", "--delay", TYPING_MILLISECONDS, "--", text)


def click(x: int, y: int, button: int = 1) -> None:
    """Move the mouse to a point of the screen and click there."""
    run("xdotool", "mousemove", str(x), str(y), "click", str(button))


def screenshot(path: Path) -> Path:
    """The whole screen as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run("import", "-window", "root", str(path))
    return path
