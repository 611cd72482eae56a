"""Which path a file tool may touch, and the one way to open it. Knows no tool and reads no content.

A path is judged by where it really leads: its real path must lie in the real path of a folder that the person opened.
It is then opened from that folder down, one name at a time and never through a link, so that a folder which is swapped
for a link in between makes the call fail instead of leading it outside.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote

from inference_worker.protocol.folders import why_not_open
from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Run, ToolError

LONGEST_PATH: Final = 1000
"""Characters."""
_WINDOWS: Final = sys.platform == "win32"
_CLOSED: Final = () if _WINDOWS else ("/proc", "/sys", "/dev", "/run/user")
"""Not files of a person, whatever folder was opened; some of them never end, some answer for another process."""
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.I)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_VARIABLE: Final = re.compile(r"~|\$|%[^%/\\]+%")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_FOLDER_FLAGS: Final = 0 if _WINDOWS else os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS: Final = getattr(os, "O_BINARY", 0) if _WINDOWS else os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A path inside an opened folder: ``root`` is that folder's real path, ``parts`` the names below it."""

    root: Path
    parts: tuple[str, ...]
    shown: str
    """As the model wrote it."""

    @property
    def path(self) -> Path:
        return self.root.joinpath(*self.parts)

    @property
    def name(self) -> str:
        return self.parts[-1]


def opened_folders(access: Access) -> tuple[Path, ...]:
    """Real paths of the folders that the person opened and that may be; ToolError where there is none."""
    reasons = {folder: why_not_open(folder, access.undo) for folder in access.folders}
    found = tuple(dict.fromkeys(Path(os.path.realpath(folder)) for folder, why in reasons.items() if not why))
    if not found:
        no_folder = "no folder is open to tools: the person can open one in the settings"
        raise ToolError(next(iter(reasons.values()), no_folder))
    return found


def locate(untrusted_path: str, access: Access) -> Place:
    """Where ``untrusted_path`` really leads; it need not exist. ToolError for anything outside, or hard to tell."""
    roots = opened_folders(access)
    _check_form(untrusted_path)
    try:
        places = [p for candidate in _candidates(untrusted_path, roots) if (p := _place(candidate, roots, access))]
    except (OSError, ValueError):
        raise ToolError(f"{_short(untrusted_path)} is no path") from None
    if not places:
        raise ToolError(f"{_short(untrusted_path)} is outside of the folders that are open to tools")
    existing = next((place for place in places if os.path.lexists(place[0])), places[0])
    real, root = existing
    return Place(root, real.relative_to(root).parts, untrusted_path)


def locate_again(untrusted_path: str, run: Run) -> Place:
    """As :func:`locate`, when the call runs; ToolError where the path leads elsewhere than when the call was shown."""
    place = locate(untrusted_path, run.access)
    check_scope(str(place.path), run, untrusted_path)
    return place


def check_scope(scope: str, run: Run, shown: str) -> None:
    """ToolError where ``scope`` is not what the person was shown: a link was put there meanwhile."""
    if run.prepared is not None and run.prepared.scope != scope:
        raise ToolError(f"{_short(shown)} leads elsewhere now than when it was asked about: try again")


def _candidates(text: str, roots: tuple[Path, ...]) -> list[str]:
    return [text] if Path(text).is_absolute() else [str(root / text) for root in roots]


def inside(path: Path, access: Access) -> Place | None:
    """The place of ``path`` after all links, where that is in an opened folder."""
    found = _place(str(path), opened_folders(access), access)
    return Place(found[1], found[0].relative_to(found[1]).parts, str(path)) if found else None


def _place(candidate: str, roots: tuple[Path, ...], access: Access) -> tuple[Path, Path] | None:
    real = Path(os.path.realpath(candidate))
    if any(real.is_relative_to(closed) for closed in closed_folders(access)):
        return None
    root = next((root for root in roots if real.is_relative_to(root)), None)
    return (real, root) if root else None


def closed_folders(access: Access) -> list[str]:
    """Real paths that no tool looks into, even inside an opened folder."""
    return [*_CLOSED, os.path.realpath(access.undo)] if access.undo else list(_CLOSED)


# ---------------------------------------------------------------- the text of a path


def _check_form(text: str) -> None:
    """ToolError for what no file of a person is called, on any system: it is a mistake or an attempt."""
    if not text.strip() or len(text) > LONGEST_PATH or any(unicodedata.category(char) in _UNSEEN for char in text):
        raise ToolError("write the path of a file, for example notes/today.txt")
    if _VARIABLE.match(text) or _ADDRESS.match(text):
        raise ToolError(f"{_short(text)} is no path below an open folder: no variable, ~ or address is filled in")
    if text.startswith(("//", "\\\\", "\\??")):
        raise ToolError(f"{_short(text)} is a path of the network or of a device")
    folded = unicodedata.normalize("NFKC", text)
    forms = (folded, unquote(folded), unquote(unquote(folded)))
    if ".." not in _names(text) and any(".." in _names(form) for form in forms):
        raise ToolError(f"{_short(text)} is no path")
    if _WINDOWS:
        _check_names_on_windows(text)
    elif "\\" in text or _DRIVE.match(text):
        raise ToolError(f"{_short(text)} is a path of another system: write / between folders")


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _names(text: str) -> list[str]:
    return text.replace("\\", "/").split("/")


def _check_names_on_windows(text: str) -> None:
    """Devices exist in every folder; streams, and dots or blanks at the end, name another file than they show."""
    rest = text[2:] if _DRIVE.match(text) else text
    if _DRIVE.match(text) and not rest.startswith(("/", "\\")):
        raise ToolError(f"{_short(text)} is no path")
    for name in _names(rest):
        if name in ("", ".", ".."):
            continue
        if _DEVICES.fullmatch(name.strip()) or ":" in name or name != name.rstrip(" ."):
            raise ToolError(f"{_short(text)} is the name of a device or another name of a file")


def _short(text: str) -> str:
    """For a message: without anything unseen, and not for ever."""
    shown = "".join(char for char in text if unicodedata.category(char) not in _UNSEEN)
    return f"“{shown[:80]}{'…' if len(shown) > 80 else ''}”"


# ---------------------------------------------------------------- opening


def in_words(error: OSError, place: Place) -> ToolError:
    """What the system said, for the model."""
    match error.errno:
        case errno.ENOENT:
            return ToolError(f"there is no {_short(place.shown)}")
        case errno.EISDIR:
            return ToolError(f"{_short(place.shown)} is a folder")
        case errno.ELOOP | errno.ENOTDIR:
            return ToolError(f"{_short(place.shown)} goes through something that is no folder")
        case errno.EACCES | errno.EPERM:
            return ToolError(f"{_short(place.shown)} may not be touched: permission denied")
    return ToolError(f"{_short(place.shown)} cannot be opened: {os.strerror(error.errno or errno.EIO)}")


def in_folder(place: Place, work: Callable[[int | None, str], T]) -> T:
    """``work(folder, name)`` with the open folder that holds the place; ToolError for what the system refuses.

    Without folder handles (Windows) the folder is ``None`` and the name is the whole real path.
    """
    if not place.parts:
        raise ToolError(f"{_short(place.shown)} is a folder")
    try:
        if _WINDOWS:
            return work(None, str(place.path))
        folder = _open_folder_of(place)
        try:
            return work(folder, place.name)
        finally:
            os.close(folder)
    except OSError as error:
        raise in_words(error, place) from None


def _open_folder_of(place: Place) -> int:
    try:
        return _open_folder(place.root, place.parts[:-1])
    except FileNotFoundError:
        raise ToolError(f"there is no folder for {_short(place.shown)}") from None


def _open_folder(root: Path, parts: tuple[str, ...]) -> int:
    folder = os.open(root, _FOLDER_FLAGS)
    try:
        for part in parts:
            below = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
            os.close(folder)
            folder = below
    except OSError:
        os.close(folder)
        raise
    return folder


def open_folder(place: Place) -> int:
    """A handle of the folder at ``place``, for systems that have them; ToolError."""
    try:
        return _open_folder(place.root, place.parts)
    except OSError as error:
        raise in_words(error, place) from None


def open_regular(folder: int | None, name: str) -> int:
    """A descriptor to read the ordinary file ``name``; OSError, also for a link; ToolError for anything else.

    Looked at before it is opened, because opening a device can already do something, and again afterwards.
    """
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _not_ordinary(name)
    file = os.open(name, os.O_RDONLY | _READ_FLAGS, dir_fd=folder)
    if stat.S_ISREG(os.fstat(file).st_mode) and _is_still(file, name):
        return file
    os.close(file)
    raise _not_ordinary(name)


def _not_ordinary(name: str) -> ToolError:
    return ToolError(f"{_short(Path(name).name)} is no ordinary file")


def _is_still(file: int, path: str) -> bool:
    """On Windows, whether what was opened lies where the path said; elsewhere the way it was opened makes it so."""
    if not _WINDOWS:
        return True
    import ctypes
    import msvcrt

    windows: Any = ctypes
    handle = ctypes.c_void_p(cast("Any", msvcrt).get_osfhandle(file))
    buffer = ctypes.create_unicode_buffer(32_768)
    windows.windll.kernel32.GetFinalPathNameByHandleW(handle, buffer, len(buffer), 0)
    opened = buffer.value.removeprefix("\\\\?\\").removeprefix("UNC")
    return os.path.normcase(opened) == os.path.normcase(path.removeprefix("\\"))
