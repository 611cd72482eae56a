"""The desktop entry and icon of the program, for one person and on their consent. Linux only.

Portals and notifications know a program by its entry. ``packaging/linux`` holds the same entry for packages that
install it for everybody; a test keeps the two equal. Functions raise OSError.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nyanko_desktop.assets import resource
from nyanko_desktop.files import write_atomically
from nyanko_desktop.shell.bootstrap import APP_ID
from nyanko_desktop.shell.launch import exec_line

SUPPORTED: Final = sys.platform not in ("win32", "darwin")
FILE_NAME: Final = f"{APP_ID}.desktop"


def entry_text(command: Sequence[str]) -> str:
    """The entry that starts ``command``; its first words name the program, options of ours follow them."""
    program = exec_line(command)
    return f"""[Desktop Entry]
Type=Application
Name=Nyanko
Name[zh_CN]=喵酱
GenericName=Chat companion
GenericName[zh_CN]=聊天伙伴
Comment=A cat in your system tray that thinks on your own machine
Comment[zh_CN]=住在系统托盘里、在你自己的电脑上思考的小猫
Exec={program}
Icon={APP_ID}
Terminal=false
Categories=Utility;
Keywords=AI;assistant;language model;喵酱;助手;
StartupNotify=true
StartupWMClass=nyanko
Actions=quick-ask;

[Desktop Action quick-ask]
Name=Quick-ask
Name[zh_CN]=快问
Exec={program} quick-ask
"""


def is_installed() -> bool:
    """Whether an entry is there, for this person or for everybody."""
    shared = os.environ.get("XDG_DATA_DIRS", "") or "/usr/local/share:/usr/share"
    folders = [_data_home(), *(Path(folder) for folder in shared.split(":") if folder)]
    return any((folder / "applications" / FILE_NAME).exists() for folder in folders)


def install(command: Sequence[str]) -> None:
    """Write entry and icons into the person's own folders."""
    for target, data in _files(command).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)


def remove() -> None:
    """Take the person's entry and icons away; one that was installed for everybody stays."""
    for target in _targets():
        target.unlink(missing_ok=True)


def _files(command: Sequence[str]) -> dict[Path, bytes]:
    entry, *icons = _targets()
    sources = [resource("icons", name) for name, _ in _ICONS]
    return {entry: entry_text(command).encode(), **{t: s.read_bytes() for t, s in zip(icons, sources, strict=True)}}


_ICONS: Final = (("app.svg", "scalable"), ("app-256.png", "256x256"), ("app-48.png", "48x48"))


def _targets() -> list[Path]:
    data = _data_home()
    icons = [data / "icons/hicolor" / size / "apps" / f"{APP_ID}{Path(name).suffix}" for name, size in _ICONS]
    return [data / "applications" / FILE_NAME, *icons]


def _data_home() -> Path:
    folder = Path(os.environ.get("XDG_DATA_HOME", ""))
    return folder if folder.is_absolute() else Path.home() / ".local" / "share"
