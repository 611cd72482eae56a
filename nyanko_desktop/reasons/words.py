"""Plain English from the worker, its tools and the system, in the language of now.

A reason crosses the wire and is stored as English, because the model reads it too and a log must be searchable. Here
the known ones are matched, with the values in them. Knows no error code.
"""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

from nyanko_desktop.i18n import N_, language, tr, tr_marked
from nyanko_desktop.reasons.calls import CALL_REASONS, PLACES
from nyanko_desktop.reasons.models import MODEL_REASONS
from nyanko_desktop.reasons.servers import SERVER_REASONS
from nyanko_desktop.reasons.tools import TOOL_REASONS

KNOWN: Final = (*TOOL_REASONS, *CALL_REASONS, *MODEL_REASONS, *SERVER_REASONS)
TO_THE_MODEL = "; answer in plain words now"
"""Behind the last error of a model that cannot write calls: no person need read it."""
KINDS: Final = (N_("of no named type"),)
_FORMS = {
    **dict.fromkeys(("count", "first", "last", "part", "kept", "whole"), r"\d+"),
    "signal": r"\w+",
    "status": r"-?\d+",
    "uri": r"[^\s()]+",
    "where": r"(?:an item of |the name |what )*(?:the arguments|\S+)(?: must hold)*",
}
"""Of values whose templates would else be taken for other sentences."""
Place = Literal["begin", "end", "close", "anywhere"]
"""Where a note stands in words of others: ``end`` is behind a blank, as all of them are on one line, ``close`` not."""
_AT: Final[dict[Place, tuple[str, str]]] = {
    "begin": (r"\A", r"(?=\s|\Z)"),
    "end": (r"(?:\A|(?<=\s))", r"\Z"),
    "close": ("", r"\Z"),
    "anywhere": ("", ""),
}


def reason_in_words(reason: str) -> str:
    """``reason`` in the language of now. One that is not known stays English, in quotes where that is not the language.

    Two reasons with ``; `` between them are taken one by one, and so is a reason behind ``FILE: ``.
    """
    if language() == "en" or not reason:
        return reason
    about, _, why = reason.partition(": ")
    whole, behind = _translated(reason), _translated(why)
    if behind is not None and (whole is None or _translated(about) is not None):
        return tr("{path}: {reason}", path=_translated(about) or about, reason=behind)
    if whole is not None:
        return whole
    first, _, rest = reason.partition("; ")
    if rest and (known := _translated(first)) is not None:
        return tr("{first}; {rest}", first=known, rest=reason_in_words(rest))
    return tr("“{reason}”", reason=reason)


def result_in_words(result: str) -> str:
    """The result of a failed call, ``error: …`` as the model reads it, for a person."""
    reason = result.removeprefix("error: ")
    if reason == result:
        return result
    return tr("error: {reason}", reason=reason_in_words(reason.removesuffix(TO_THE_MODEL)))


def translated(text: str, templates: tuple[str, ...]) -> str | None:
    """``text`` in the language of now, by the one of ``templates`` that it is made of; ``None`` where it is of none."""
    for template, pattern in _patterns(templates):
        if (found := pattern.fullmatch(text)) is not None:
            return tr_marked(template, **{name: _value(name, value) for name, value in found.groupdict().items()})
    return None


def note_translated(text: str, templates: tuple[str, ...], where: Place) -> str:
    """``text`` with the notes in it that are made of one of ``templates`` in the language of now."""
    before, behind = _AT[where]
    for template, pattern in _patterns(templates):
        for found in reversed(list(re.finditer(f"{before}(?:{pattern.pattern}){behind}", text))):
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            text = text[: found.start()] + tr_marked(template, **values) + text[found.end() :]
    return text


def _translated(reason: str) -> str | None:
    return translated(reason, KNOWN)


def _value(name: str, value: str) -> str:
    match name:
        case "where":
            return translated(value, PLACES) or value
        case "types":
            return value.replace(" or ", "/")
        case "kind":
            return translated(value, KINDS) or value
        case _:
            return value


@functools.cache
def _patterns(templates: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most particular first: sentences without values, then those with the longest fixed text."""
    ordered = sorted(templates, key=lambda template: ("{" in template, -len(re.sub(r"{\w+}", "", template))))
    return tuple((template, _pattern(template)) for template in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"{(\w+)}", template)
    fields = (re.escape(p) if i % 2 == 0 else f"(?P<{p}>{_FORMS.get(p, '.+?')})" for i, p in enumerate(pieces))
    return re.compile("".join(fields), re.S)
