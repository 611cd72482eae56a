"""Whether a line of Markdown is inside a fenced code block, character by character. Knows nothing else of Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class _Line:
    """What is known of the current line."""

    place: Literal["indent", "fence", "info", "other"] = "indent"
    indent: int = 0
    mark: str = ""
    length: int = 0
    """Of the run of ``mark``."""
    has_info: bool = False
    has_tick: bool = False
    """A backtick behind the run: then it is code inside a line, no fence."""


class FenceTracker:
    """Follows CommonMark's rules for fences (section 4.5): indented by three spaces at most, three backticks or tildes
    at least, closed by a line of as many of the same and nothing else."""

    def __init__(self) -> None:
        self._opened: tuple[str, int] | None = None
        self._line = _Line()

    @property
    def is_open(self) -> bool:
        """Whether the current line began inside a block."""
        return self._opened is not None

    def feed(self, char: str) -> None:
        line = self._line
        if char == "\n":
            self._end_line(line)
            self._line = _Line()
        elif line.place == "indent":
            self._read_indent(line, char)
        elif line.place == "fence" and char == line.mark:
            line.length += 1
        elif line.place != "other":
            line.place = "info"
            line.has_info = line.has_info or not char.isspace()
            line.has_tick = line.has_tick or char == "`"

    def _read_indent(self, line: _Line, char: str) -> None:
        if char == " " and line.indent < 3:
            line.indent += 1
        elif char in "`~":
            line.place, line.mark, line.length = "fence", char, 1
        else:
            line.place = "other"

    def _end_line(self, line: _Line) -> None:
        if line.length < 3:
            return
        if self._opened is None:
            if not (line.mark == "`" and line.has_tick):
                self._opened = (line.mark, line.length)
        elif line.mark == self._opened[0] and line.length >= self._opened[1] and not line.has_info:
            self._opened = None
