"""Reads a text file of an opened folder, from one line to another. Changes nothing and never leaves the folders."""

from __future__ import annotations

from typing import Any, Final

from inference_worker.protocol.messages import Access
from inference_worker.tools import files
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.page_text import plain
from inference_worker.tools.paths import locate, locate_again
from inference_worker.tools.schema import misfit

MOST_CHARACTERS: Final = 7_500
"""Of one answer; more would be cut behind our back, and without a word on how to go on."""

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "in an open folder, for example notes/today.txt"},
        "first_line": {"type": "integer", "minimum": 1},
        "last_line": {"type": "integer", "minimum": 1},
    },
    "required": ["path"],
}


def prepare(arguments: Arguments, access: Access) -> Prepared:
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    return Prepared(dict(arguments), scope=str(locate(arguments["path"], access).path))


def run(arguments: Arguments, run: Run) -> Result:
    place = locate_again(arguments["path"], run)
    text = files.text_of(files.read(place).data)
    if text is None:
        raise ToolError("the file holds no text")
    first, last = arguments.get("first_line", 1), arguments.get("last_line")
    return Result(_part(text, int(first), None if last is None else int(last)), source=str(place.path))


def _part(text: str, first: int, last: int | None) -> str:
    """Lines ``first`` to ``last`` of ``text``, as many as an answer takes, with a line on what was left out."""
    lines = plain(text).splitlines()
    end = min(len(lines), len(lines) if last is None else last)
    if not lines:
        return "(the file is empty)"
    if first > end:
        raise ToolError(f"there is no such line: the file has {len(lines)}")
    shown: list[str] = []
    room = MOST_CHARACTERS
    for line in lines[first - 1 : end]:
        if shown and len(line) + 1 > room:
            break
        shown.append(line if len(line) <= room else f"{line[:room]}… ({len(line) - room} more characters in this line)")
        room -= len(line) + 1
    reached = first + len(shown) - 1
    if first > 1 or reached < len(lines):
        shown.append(f"(lines {first} to {reached} of {len(lines)})")
    return "\n".join(shown)


TOOL = Tool(
    name="read_file",
    description='Reads a text file that the person opened to you, for example /read_file {"path": "notes/today.txt"}',
    parameters=PARAMETERS,
    prepare=prepare,
    run=run,
    level="private",
)
