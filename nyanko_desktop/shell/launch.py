"""The command that starts this very program again, as login items and desktop entries need it. Starts nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import nyanko_desktop

_RESERVED = set(" \t\n\"'\\><~|&;$*?#()`")
"""Characters after which the desktop entry specification wants an argument quoted."""


def program(executable: str = sys.executable) -> tuple[str, ...]:
    """The ``nyanko`` script beside the interpreter; in a source tree that is not installed, what does the same."""
    script = Path(executable).with_name("nyanko.exe" if sys.platform == "win32" else "nyanko")
    if script.exists():
        return (str(script),)
    module = (executable, "-m", "nyanko_desktop")
    source = Path(nyanko_desktop.__path__[0]).resolve().parent
    return module if sys.platform == "win32" else ("/usr/bin/env", f"PYTHONPATH={source}", *module)


def command(profile: Path | None, *options: str) -> tuple[str, ...]:
    """The program with ``options``; ``profile`` is named unless it is the person's own (``None``)."""
    return (*program(), *(() if profile is None else ("--profile", str(profile))), *options)


def exec_line(arguments: Sequence[str]) -> str:
    """``arguments`` as the value of ``Exec`` in a desktop entry (Desktop Entry Specification 1.5, "Exec")."""
    return " ".join(map(_quoted, arguments))


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED & set(argument):
        return argument
    for char in '\\"`$':
        argument = argument.replace(char, "\\" + char)
    # The value itself is a string in which a backslash is written twice.
    return '"' + argument.replace("\\", "\\\\") + '"'
