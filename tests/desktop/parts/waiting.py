"""The one way in which desktop tests wait: ask again until the answer is yes, never longer than a bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

PATIENCE_SECONDS: Final = 20.0
"""For anything on the desktop: most takes a tenth of a second, a loaded machine of two cores may need a hundred times that."""
ASK_EVERY_SECONDS: Final = 0.03

T = TypeVar("T")


def eventually(ask: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """The first true answer of ``ask``. Fails, saying ``what`` was waited for and the last answer, after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; the last answer was {answer!r}")
        time.sleep(ASK_EVERY_SECONDS)


def stays(ask: Callable[[], object], what: str, seconds: float) -> None:
    """``ask`` answers yes for ``seconds``: for things that must not happen, with as short a time as proves it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert ask(), f"no longer true: {what}"
        time.sleep(ASK_EVERY_SECONDS)
