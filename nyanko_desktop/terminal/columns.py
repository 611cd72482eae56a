"""Text in columns for a terminal, where a Chinese character is two columns wide. Knows no command."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Sequence
from typing import Final

NARROWEST: Final = 20
"""Columns below which a terminal gets its lines as they are."""
_TOGETHER: Final = r"[“（]*(?:[\u3400-\u9fff]|[^\s\u3400-\u9fff“（]+)[，。：；！？、”）…]*|[“（]+|\s+"
"""What no line is broken in: a Chinese sign or a word of another script, with the marks that cling to it.

Not compiled here: the start of the app passes this module, and prints no help."""


def table(rows: Sequence[Sequence[str]]) -> str:
    """``rows`` in columns, all of them equally many."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def width_of(text: str) -> int:
    """Columns of the terminal that ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def folded(text: str, indent: int) -> list[str]:
    """``text``, a single line, in pieces that the terminal does not break again behind ``indent`` columns."""
    room = shutil.get_terminal_size().columns - 1 - indent
    pieces, width = [""], 0
    for char in text.expandtabs():
        width += width_of(char)
        if width > max(room, NARROWEST):
            pieces.append("")
            width = width_of(char)
        pieces[-1] += char
    return pieces


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks and between Chinese signs."""
    lines = [""]
    for piece in re.findall(_TOGETHER, " ".join(text.split())):
        if lines[-1] and width_of(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] or not piece.isspace() else ""
    return [line.rstrip() for line in lines]


def cut_to_one_line(text: str) -> str:
    """As much as one line of the terminal holds."""
    room = shutil.get_terminal_size().columns - 1
    while room >= NARROWEST and width_of(text) > room:
        text = text[:-1]
    return text
