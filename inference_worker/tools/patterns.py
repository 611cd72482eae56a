"""Regular expressions of JSON schemas in time linear in the text, whatever they are. Knows no schema and no tool.

A schema may come from a server that nobody vouches for, and the text from a model, so ``re`` is out of the question: it
tries one way after another, and can be made to try for ever. RE2 follows all ways at once. Its dialect is nearly that
of ECMA-262, which JSON Schema names; what no such machine can do (``\\1``, ``(?=…)``) is not looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

MAX_PATTERN: Final = 1_000
"""Characters."""
MAX_MEMORY: Final = 1 << 20
"""Bytes of a compiled pattern, and of what is remembered while it is looked for."""


class Pattern:
    """A pattern that can be looked for."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def cost(self, text: str) -> int:
        """Steps that looking for it in ``text`` takes at the most."""
        return int(self._compiled.programsize) * (len(text) + 1)

    def is_in(self, text: str) -> bool:
        """Whether it matches anywhere in ``text``."""
        return self._compiled.search(text.encode("utf-8", "replace").decode()) is not None


@lru_cache(maxsize=256)
def read_pattern(text: str) -> Pattern | None:
    """``text`` as a pattern, or ``None`` where it is none, too large, or of a kind that is not followed."""
    if len(text) > MAX_PATTERN:
        return None
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY
    try:
        return Pattern(re2.compile(_in_its_dialect(text), options))
    except (re2.error, UnicodeEncodeError):
        return None


def _in_its_dialect(text: str) -> str:
    r"""RE2 writes ``\x{4e00}`` for ``\u4e00``."""
    first, *pieces = text.replace("\\\\", "\\\\\0").split("\\u")
    written = [f"\\x{{{piece[:4]}}}{piece[4:]}" for piece in pieces]
    return (first + "".join(written)).replace("\\\\\0", "\\\\")
