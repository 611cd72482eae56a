"""What ``make run`` starts: the app on a desktop, else the same cat in the terminal. Standard library only."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's X11 plugin loads and PySide6 does not bring, with the Debian and Ubuntu package of each."""


def loads(library: str) -> bool:
    """Whether the system can load ``library``."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages() -> list[str]:
    """Debian names of the libraries that a window needs here and that are absent."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for library, package in QT_LIBRARIES.items() if not loads(library)]


def has_display() -> bool:
    """Whether there is a desktop to show a window on."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check() -> int:
    """Only say which libraries are missing; 0 when there are none."""
    missing = missing_packages()
    if missing:
        print(f"Qt needs system libraries that are missing. Run: sudo apt install {' '.join(missing)}", file=sys.stderr)
    return int(bool(missing))


def main() -> int:
    """Start Nyanko and return its exit code; ``--check`` starts nothing."""
    if sys.argv[1:] == ["--check"]:
        return check()
    program = [sys.executable, "-m", "nyanko_desktop"]
    if not has_display():
        print("No display here (DISPLAY and WAYLAND_DISPLAY are empty), so Nyanko chats in this terminal.", flush=True)
        program.append("chat")
    elif check():
        return 1
    try:
        return subprocess.run([*program, *sys.argv[1:]], check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
