"""Finds files of the opened folders by name, and by what they say: those that read_file reads, and no others.

Bounded in time and count. Goes into no folder through a link.
"""

from __future__ import annotations

import fnmatch
import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from inference_worker.protocol.messages import Access
from inference_worker.tools import files
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.page_text import plain
from inference_worker.tools.paths import (
    Place,
    check_scope,
    closed_folders,
    in_folder,
    inside,
    locate,
    open_folder,
    open_regular,
    opened_folders,
)
from inference_worker.tools.schema import misfit

MOST_FOUND: Final = 100
MOST_LOOKED_AT: Final = 200_000
SECONDS: Final = 10.0
LARGEST_SEARCHED: Final = 2 * 2**20
"""Bytes of a file whose text is looked through."""
LONGEST_LINE: Final = 160
"""Characters of a line that is shown."""

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "part of the name, or a pattern like *.txt", "maxLength": 200},
        "contains": {"type": "string", "description": "words that the file must hold", "maxLength": 500},
        "folder": {"type": "string", "description": "where to look; else in all open folders"},
    },
}


@dataclass(slots=True)
class _Search:
    """One search as it goes on."""

    name: str
    text: str
    run: Run
    ends: float
    found: list[str] = field(default_factory=list)
    looked_at: int = 0
    incomplete: str = ""
    """Why it ended early."""

    def goes_on(self) -> bool:
        if self.run.cancelled.is_set():
            raise ToolError("stopped")
        if len(self.found) >= MOST_FOUND:
            self.incomplete = f"there may be more than these {MOST_FOUND}"
        elif time.monotonic() > self.ends or self.looked_at >= MOST_LOOKED_AT:
            self.incomplete = "there are too many files to look at all of them: name a folder"
        return not self.incomplete

    def is_named(self, name: str) -> bool:
        name = name.casefold()
        return fnmatch.fnmatchcase(name, self.name) if any(c in self.name for c in "*?[") else self.name in name


def prepare(arguments: Arguments, access: Access) -> Prepared:
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    if not arguments.get("name", "").strip() and not arguments.get("contains", "").strip():
        raise ToolError("say a name or a text to look for")
    return Prepared(dict(arguments), scope=_scope(_places(arguments, access)))


def _scope(places: tuple[Place, ...]) -> str:
    return os.pathsep.join(str(place.path) for place in places)


def _places(arguments: Arguments, access: Access) -> tuple[Place, ...]:
    if folder := arguments.get("folder", "").strip():
        return (locate(folder, access),)
    return tuple(Place(root, (), str(root)) for root in opened_folders(access))


def run(arguments: Arguments, run: Run) -> Result:
    places = _places(arguments, run.access)
    check_scope(_scope(places), run, arguments.get("folder", "").strip() or "the open folders")
    name, text = (arguments.get(key, "").strip().casefold() for key in ("name", "contains"))
    search = _Search(name, text, run, ends=time.monotonic() + SECONDS)
    lone = len(opened_folders(run.access)) == 1
    for place in places:
        _search(search, place, place.root if lone else None)
    lines = search.found or ["(nothing was found)"]
    if search.incomplete:
        lines.append(f"({search.incomplete})")
    return Result(plain("\n".join(lines)), source=_scope(places))


def _search(search: _Search, place: Place, relative_to: Path | None) -> None:
    """Add what lies below ``place``; paths relative to the one open folder, else whole."""
    closed = frozenset(closed_folders(search.run.access))
    for path, name, folder in _walk(place, closed):
        if not search.goes_on():
            return
        search.looked_at += 1
        if search.looked_at % 2000 == 0:
            search.run.report(f"{search.looked_at} files looked at")
        if not name or not search.is_named(name):
            continue
        shown = (path / name).relative_to(relative_to).as_posix() if relative_to else str(path / name)
        found = _found(search, folder, path / name)
        if found is not None:
            search.found.append(shown + found)


def _found(search: _Search, folder: int | None, path: Path) -> str | None:
    """What is told of the file behind its name; ``None`` where read_file would not read it, or it lacks the text."""
    name = path.name if folder is not None else str(path)
    try:
        if not stat.S_ISLNK(_mode(folder, name)):
            return _told(search, folder, name)
        place = inside(path, search.run.access)
        return in_folder(place, lambda at, name: _told(search, at, name)) if place else None
    except (OSError, ToolError):
        return None


def _mode(folder: int | None, name: str) -> int:
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode


def _told(search: _Search, folder: int | None, name: str) -> str | None:
    if not search.text:
        return "" if stat.S_ISREG(_mode(folder, name)) else None
    line = _line_with(search.text, folder, name)
    return f":{line}" if line else None


def _walk(place: Place, closed: frozenset[str]) -> Iterator[tuple[Path, str, int | None]]:
    """``(folder, name, handle of the folder)`` of every file, and of every folder with an empty name.

    What begins with a dot is left out, and so is what lies behind a link.
    """
    top = None if sys.platform == "win32" else open_folder(place)
    try:
        for at, folders, names, handle in _folders(place, top):
            yield at, "", handle
            folders[:] = sorted(name for name in folders if name[0] != "." and str(at / name) not in closed)
            for name in sorted(names):
                if name[0] != ".":
                    yield at, name, handle
    except (OSError, RecursionError):
        raise ToolError("the folders are nested too deeply, or vanished meanwhile") from None
    finally:
        if top is not None:
            os.close(top)


def _folders(place: Place, top: int | None) -> Iterator[tuple[Path, list[str], list[str], int | None]]:
    if top is None or sys.platform == "win32":
        yield from ((Path(at), folders, names, None) for at, folders, names in os.walk(place.path))
    else:
        for at, folders, names, handle in os.fwalk(".", dir_fd=top):
            yield place.path / at, folders, names, handle


def _line_with(text: str, folder: int | None, name: str) -> str:
    """``12: the line``, the first that holds ``text`` in any letter case; empty where none does."""
    with os.fdopen(open_regular(folder, name), "rb") as file:
        data = file.read(LARGEST_SEARCHED + 1)
    content = files.text_of(data, thorough=False) if len(data) <= LARGEST_SEARCHED else None
    if content is None or text not in content.casefold():
        return ""
    for number, line in enumerate(content.splitlines(), 1):
        if (at := line.casefold().find(text)) >= 0:
            start = max(0, at - LONGEST_LINE // 2)
            return f"{number}: {line[start : start + LONGEST_LINE].strip()}"
    return "1: (over several lines)"


TOOL = Tool(
    name="find_files",
    description='Finds files that the person opened to you: /find_files {"name": "*.txt", "contains": "rent"}',
    parameters=PARAMETERS,
    prepare=prepare,
    run=run,
    level="private",
    seconds=SECONDS + 5,
)
