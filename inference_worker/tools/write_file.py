"""Writes a text file of an opened folder after showing the difference, and takes it back. Asks nobody itself.

What a call replaces is kept first, in a folder of the app that no tool can reach; so every call can be taken back, for
as long as nobody changed the file since.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from inference_worker.protocol.messages import Access
from inference_worker.tools import files
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.files import Content
from inference_worker.tools.paths import Place, locate, locate_again
from inference_worker.tools.schema import misfit

LONGEST_TEXT: Final = 2**20
"""Characters of one file."""
LONGEST_PREVIEW: Final = 60_000
"""Characters; the arguments show the whole text all the same."""
MOST_COMPARED: Final = 3_000
"""Lines that differ, old and new; comparing takes time with their square."""
MOST_KEPT: Final = 500
"""Calls that can be taken back; the oldest are forgotten."""
_UNDO_NAME: Final = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}\.undo")

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "in an open folder, for example notes/today.txt"},
        "content": {"type": "string", "description": "all that the file shall hold", "maxLength": LONGEST_TEXT},
    },
    "required": ["path", "content"],
}


# ---------------------------------------------------------------- writing


def prepare(arguments: Arguments, access: Access) -> Prepared:
    """Marks what was there: what the person is shown is what will be replaced, or nothing is. The mark is no argument,
    because a model that sees one writes it itself the next time."""
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    if not access.undo:
        raise ToolError("there is no place to keep what is replaced, so nothing is written")
    place = locate(arguments["path"], access)
    old = files.read_if_there(place)
    content = arguments["content"]
    preview = _preview(old, content, place)
    return Prepared(dict(arguments), scope=str(place.path), preview=preview, seen=_mark(old))


def _mark(content: Content | None) -> str:
    """The digest of what a file held; of no file another word."""
    return content.digest if content else "none"


def run(arguments: Arguments, run: Run) -> Result:
    place = locate_again(arguments["path"], run)
    old = files.read_if_there(place)
    if run.prepared is None or run.prepared.seen != _mark(old):
        raise ToolError("the file changed meanwhile: read it again")
    new = arguments["content"].encode("utf-8", "replace")
    undo = _keep(Path(run.access.undo), _Kept(str(place.path), old, files.digest(new)))
    try:
        files.replace(place, new, old)
    except BaseException:
        undo.unlink(missing_ok=True)
        raise
    return Result(f"{'replaced' if old else 'made'} {place.shown} ({_count(len(new), 'byte')})", undo=undo.name)


def _preview(old: Content | None, text: str, place: Place) -> str:
    """A unified diff; where that would take too long or be too long, words and the beginning."""
    before = "" if old is None else files.text_of(old.data)
    if before is None:
        assert old is not None
        return f"(replaces {_count(len(old.data), 'byte')} of what is no text)"
    if old is not None and old.data == text.encode("utf-8", "replace"):
        return "(changes nothing)"
    names = ("/dev/null" if old is None else place.shown, place.shown)
    diff = "\n".join(_diff(before.splitlines(), text.splitlines(), *names))
    return diff if len(diff) <= LONGEST_PREVIEW else f"{diff[:LONGEST_PREVIEW]}\n(… {len(diff)} characters in all)"


def _diff(old: list[str], new: list[str], old_name: str, new_name: str) -> list[str]:
    """As ``diff -u``; the lines that are alike at both ends are set aside first, and put back as context."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    first, last = max(0, start - 3), max(0, end - 3)
    old_part, new_part = old[first : len(old) - last], new[first : len(new) - last]
    if len(old_part) + len(new_part) > MOST_COMPARED:
        head = f"(replaces {_count(len(old_part), 'line')} from line {first + 1} on by {len(new_part)})"
        return [head, *(f"+{line}" for line in new_part)]
    lines = list(difflib.unified_diff(old_part, new_part, old_name, new_name, lineterm=""))
    return [_moved(line, first) if line.startswith("@@") else line for line in lines]


def _count(number: int, what: str) -> str:
    """``1 byte``, ``3 bytes``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _moved(header: str, lines: int) -> str:
    """``@@ -1,4 +1,5 @@`` with both starts ``lines`` further on."""
    return re.sub(r"(?<=[-+])\d+", lambda found: str(int(found[0]) + lines), header)


# ---------------------------------------------------------------- taking back


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one call replaced: the bytes that ``path`` held before (``None``: there was no such file)."""

    path: str
    old: Content | None
    written: str
    """Digest of what the call wrote."""


def _keep(folder: Path, kept: _Kept) -> Path:
    """A new file in ``folder``: one line of JSON, then the old bytes; ToolError where it cannot be kept."""
    head = {"path": kept.path, "existed": kept.old is not None, "written": kept.written}
    head["mode"] = kept.old.mode if kept.old else 0
    name = f"{datetime.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.undo"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(json.dumps(head).encode() + b"\n" + (kept.old.data if kept.old else b""))
            stream.flush()
            os.fsync(file)
    except OSError:
        raise ToolError("what would be replaced cannot be kept, so nothing is written") from None
    _forget_oldest(folder)
    return folder / name


def _forget_oldest(folder: Path) -> None:
    names = sorted(path for path in folder.iterdir() if _UNDO_NAME.fullmatch(path.name))
    for path in names[:-MOST_KEPT]:
        with contextlib.suppress(OSError):
            path.unlink()


def _kept(file: Path) -> _Kept:
    try:
        line, _, old = file.read_bytes().partition(b"\n")
        head = json.loads(line)
        content = Content(old, int(head["mode"])) if head["existed"] else None
        return _Kept(str(head["path"]), content, str(head["written"]))
    except FileNotFoundError:
        raise ToolError("it was taken back already, or is too long ago") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ToolError("what was replaced cannot be read any more") from None


def _kept_file(arguments: Arguments, access: Access) -> Path:
    if not _UNDO_NAME.fullmatch(name := str(arguments.get("text", "")).strip()):
        raise ToolError("that is no name of a kept file")
    return Path(access.undo) / name


def prepare_undo(arguments: Arguments, access: Access) -> Prepared:
    """Says which file it is: the name of a kept one tells nobody."""
    kept = _kept(_kept_file(arguments, access))
    path = locate(kept.path, access).path
    return Prepared(dict(arguments), preview=f"puts back {path}" if kept.old else f"removes {path}")


def undo(arguments: Arguments, run: Run) -> str:
    """Take back the call whose ToolFinished named ``text``; ToolError where the file changed since."""
    file = _kept_file(arguments, run.access)
    kept = _kept(file)
    place = locate(kept.path, run.access)
    now = files.read_if_there(place)
    if now is None or now.digest != kept.written:
        raise ToolError("the file changed since, so it is left alone")
    if kept.old is None:
        files.remove(place, now)
    else:
        files.replace(place, kept.old.data, Content(now.data, kept.old.mode))
    file.unlink(missing_ok=True)
    return f"{'put back' if kept.old else 'removed'} {place.path}"


TOOL = Tool(
    name="write_file",
    description="Writes a text file in a folder that the person opened to you, for example "
    '/write_file {"path": "notes/today.txt", "content": "milk, tea"}',
    parameters=PARAMETERS,
    prepare=prepare,
    run=run,
    level="effect",
)
UNDO = Tool(
    name="undo_write",
    description="Takes back what /write_file did; ``text`` is the name of the kept file. Only for the app.",
    prepare=prepare_undo,
    run=undo,
    level="effect",
)
