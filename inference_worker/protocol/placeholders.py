"""Where in a server's command or address a secret belongs: ``${secret:NAME}``. The app keeps values, the worker fills.

Settings files, cards and the wire's commands have the places; only what starts a server has the values in them. Does
not know what a secret looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

HIDDEN: Final = "•••"
"""In the place of a secret, wherever somebody reads."""
_PLACE: Final = re.compile(r"\$\{secret:([A-Za-z0-9_.-]{1,64})\}")


def place_of(name: str) -> str:
    """The text that stands for the secret called ``name``: letters, digits, ``_``, ``.`` and ``-``, at most 64."""
    return f"${{secret:{name}}}"


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Names of the secrets that belong into ``texts``, in order, each once."""
    return tuple(dict.fromkeys(found[1] for text in texts for found in _PLACE.finditer(text)))


def filled(text: str, secrets: Mapping[str, str]) -> str:
    """``text`` with the values in it; a place without a value stays."""
    return _PLACE.sub(lambda found: secrets.get(found[1], found[0]), text)


def hidden(text: str) -> str:
    """``text`` as a person sees it."""
    return _PLACE.sub(HIDDEN, text)
