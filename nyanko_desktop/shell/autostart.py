"""Start at login: an XDG autostart file, on Windows a value in the person's Run key, on macOS a LaunchAgent.

Windows and macOS are unproven. Functions raise OSError when the system refuses; knows no settings.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nyanko_desktop.files import write_atomically
from nyanko_desktop.shell.bootstrap import APP_ID
from nyanko_desktop.shell.launch import exec_line

RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
RUN_VALUE: Final = "Nyanko"


def is_enabled() -> bool:
    """Whether this person's login starts the program."""
    if sys.platform == "win32":
        return _read_run_value() is not None
    return _file().exists()


def enable(command: Sequence[str]) -> None:
    """Have each login run ``command``."""
    if sys.platform == "win32":
        _write_run_value(subprocess.list2cmdline(command))
        return
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, agent(command) if sys.platform == "darwin" else autostart_entry(command).encode())


def disable() -> None:
    """Leave logins alone again. Nothing happens when it was not enabled."""
    if sys.platform == "win32":
        _write_run_value(None)
    else:
        _file().unlink(missing_ok=True)


def autostart_entry(command: Sequence[str]) -> str:
    """The XDG autostart file."""
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            "Name=Nyanko",
            f"Exec={exec_line(command)}",
            f"Icon={APP_ID}",
            "X-GNOME-Autostart-enabled=true",
            "",
        )
    )


def agent(command: Sequence[str]) -> bytes:
    """The LaunchAgent's property list."""
    return plistlib.dumps({"Label": APP_ID, "ProgramArguments": list(command), "RunAtLoad": True})


def _file() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{APP_ID}.plist"
    config = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if Path(config).is_absolute() else Path.home() / ".config"
    return folder / "autostart" / f"{APP_ID}.desktop"


if sys.platform == "win32":
    import winreg

    def _read_run_value() -> str | None:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
            try:
                return str(winreg.QueryValueEx(key, RUN_VALUE)[0])
            except FileNotFoundError:
                return None

    def _write_run_value(value: str | None) -> None:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:
            if value is not None:
                winreg.SetValueEx(key, RUN_VALUE, 0, winreg.REG_SZ, value)
            elif _read_run_value() is not None:
                winreg.DeleteValue(key, RUN_VALUE)
