"""Regular expressions of JSON schemas in time linear in the text, whatever they are. Knows no schema and no tool.

A schema may come from a server that nobody vouches for, and the text from a model, so ``re`` is out of the question: it
tries one way after another, and can be made to try for ever. Here all ways are followed at once (Thompson, "Regular
Expression Search Algorithm", 1968; the virtual machine of Rob Pike). The dialect is ECMA-262's, which JSON Schema
names. What no such machine can do (``\\1``, ``(?=…)``), or what takes more than MAX_PROGRAM steps, is not looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

MAX_PATTERN: Final = 1_000
"""Characters."""
MAX_PROGRAM: Final = 2_000
"""Steps; ``a{100}`` takes a hundred."""
MAX_NESTING: Final = 40
"""Brackets inside each other."""

Test = Callable[[str], bool]
Kind = Literal["char", "split", "begin", "end", "edge", "inside"]
_SPACES: Final = " \t\n\r\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0"}
_CLASSES: Final[dict[str, Test]] = {
    "d": lambda char: "0" <= char <= "9",
    "w": lambda char: (char.isascii() and char.isalnum()) or char == "_",
    "s": lambda char: char in _SPACES or unicodedata.category(char) == "Zs",
}


class _UnreadableError(Exception):
    """Not a pattern of this dialect, or one that this machine cannot follow."""


@dataclass(slots=True)
class _Step:
    """One instruction: ``split`` goes on at every place of ``to``, everything else, if it holds, at the next one."""

    kind: Kind
    test: Test | None = None
    to: tuple[int, ...] = ()


@dataclass(slots=True)
class Pattern:
    """A pattern that can be looked for."""

    steps: list[_Step] = field(default_factory=list)

    def is_in(self, text: str, most: int) -> tuple[bool | None, int]:
        """Whether it matches anywhere in ``text``, ``None`` if that takes more than ``most`` steps; and how many it
        took."""
        taken, current = 0, list[int]()
        for at in range(len(text) + 1):
            following: list[int] = []
            seen: set[int] = set()
            open_places = [0, *reversed(current)]
            while open_places:
                place = open_places.pop()
                if place in seen:
                    continue
                seen.add(place)
                taken += 1
                if place == len(self.steps):
                    return True, taken
                step = self.steps[place]
                if step.kind == "split":
                    open_places += step.to
                elif step.kind != "char":
                    open_places += [place + 1] if _holds(step.kind, text, at) else []
                elif at < len(text) and step.test is not None and step.test(text[at]):
                    following.append(place + 1)
            if taken > most:
                return None, taken
            current = following
        return False, taken


def _holds(kind: Kind, text: str, at: int) -> bool:
    if kind == "begin":
        return at == 0
    if kind == "end":
        return at == len(text)
    is_word = _CLASSES["w"]
    is_edge = (at > 0 and is_word(text[at - 1])) != (at < len(text) and is_word(text[at]))
    return is_edge == (kind == "edge")


@lru_cache(maxsize=256)
def read_pattern(text: str) -> Pattern | None:
    """``text`` as a pattern, or ``None`` where it is none, too long, or of a kind that is not followed."""
    if len(text) > MAX_PATTERN:
        return None
    try:
        return Pattern(_Reader(text).read())
    except _UnreadableError:
        return None


class _Reader:
    """Text to instructions; places in them are relative to their own beginning until they are put together."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def read(self) -> list[_Step]:
        steps = self._choices()
        if self._at != len(self._text):
            raise _UnreadableError
        return steps

    def _peek(self, length: int = 1) -> str:
        return self._text[self._at : self._at + length]

    def _takes(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _next(self) -> str:
        if self._at == len(self._text):
            raise _UnreadableError
        self._at += 1
        return self._text[self._at - 1]

    def _choices(self) -> list[_Step]:
        steps = self._sequence()
        while self._takes("|"):
            other = self._sequence()
            behind = len(steps) + len(other) + 2
            steps = [_split(1, len(steps) + 2), *_moved(steps, 1), _split(behind), *_moved(other, len(steps) + 2)]
            _check_length(steps)
        return steps

    def _sequence(self) -> list[_Step]:
        steps: list[_Step] = []
        while self._peek() not in ("", "|", ")"):
            steps += _moved(self._repeated(self._piece()), len(steps))
            _check_length(steps)
        return steps

    def _piece(self) -> list[_Step]:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return [_Step("char", self._set())]
        if char == "\\":
            return [self._escaped()]
        if char in "^$":
            return [_Step("begin" if char == "^" else "end")]
        if char in "*+?":
            raise _UnreadableError
        return [_Step("char", _is_no_break if char == "." else _equal(char))]

    def _group(self) -> list[_Step]:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise _UnreadableError
        if self._takes("?") and not self._takes(":"):
            self._takes("P")
            if self._peek(2) in ("<=", "<!") or not self._takes("<"):
                raise _UnreadableError
            while self._next() != ">":
                pass
        steps = self._choices()
        if not self._takes(")"):
            raise _UnreadableError
        self._depth -= 1
        return steps

    def _repeated(self, steps: list[_Step]) -> list[_Step]:
        char = self._peek()
        if char and char in "*+?":
            self._at += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        elif char == "{" and (bounds := self._bounds()) is not None:
            least, most = bounds
        else:
            return steps
        self._takes("?")  # as few as possible: the same answer
        return _times(steps, least, most)

    def _bounds(self) -> tuple[int, int | None] | None:
        """``{2}``, ``{2,}`` or ``{2,3}``; anything else in such brackets is text."""
        end = self._text.find("}", self._at)
        first, comma, last = self._text[self._at + 1 : max(end, 0)].partition(",")
        if not _is_count(first) or (last and not _is_count(last)):
            return None
        if len(first) > 4 or len(last) > 4:
            raise _UnreadableError
        self._at = end + 1
        least = int(first)
        most = int(last) if last else None if comma else least
        if most is not None and most < least:
            raise _UnreadableError
        return least, most

    def _escaped(self) -> _Step:
        if self._peek() in ("b", "B"):
            return _Step("edge" if self._next() == "b" else "inside")
        test = self._class()
        return _Step("char", test if test is not None else _equal(self._character()))

    def _class(self) -> Test | None:
        """``\\d`` and its like, behind the backslash; ``None`` where one character follows."""
        char = self._peek()
        if char.lower() in ("p",) and self._peek(2)[1:] == "{":
            end = self._text.find("}", self._at)
            name = self._text[self._at + 2 : end]
            if end < 0 or not (1 <= len(name) <= 2 and name.isalpha()):
                raise _UnreadableError
            self._at = end + 1
            test: Test = lambda other: unicodedata.category(other).startswith(name)  # noqa: E731
        elif char and char.lower() in _CLASSES:
            self._at += 1
            test = _CLASSES[char.lower()]
        else:
            return None
        return _none_of((test,)) if char.isupper() else test

    def _character(self) -> str:
        """What one escape stands for, behind the backslash."""
        char = self._next()
        if char in _CONTROLS and not (char == "0" and self._peek().isdigit()):
            return _CONTROLS[char]
        if char in "xu":
            braced = char == "u" and self._takes("{")
            end = self._text.find("}", self._at) if braced else self._at + (2 if char == "x" else 4)
            digits = self._text[self._at : end]
            if not digits or len(digits) > 6 or any(d not in "0123456789abcdefABCDEF" for d in digits):
                raise _UnreadableError
            if (not braced and len(digits) != (2 if char == "x" else 4)) or int(digits, 16) > 0x10FFFF:
                raise _UnreadableError
            self._at = end + braced
            return chr(int(digits, 16))
        if char.isalnum():
            raise _UnreadableError
        return char

    def _set(self) -> Test:
        is_turned = self._takes("^")
        tests: list[Test] = []
        while not self._takes("]"):
            first = self._member()
            if not isinstance(first, str):
                tests.append(first)
                continue
            last = first
            if self._peek() == "-" and self._peek(2) not in ("-", "-]"):
                self._at += 1
                ended = self._member()
                if not isinstance(ended, str) or ended < first:
                    raise _UnreadableError
                last = ended
            tests.append(_between(first, last))
        return _none_of(tuple(tests)) if is_turned else _any_of(tuple(tests))

    def _member(self) -> str | Test:
        char = self._next()
        if char != "\\":
            return char
        if self._takes("b"):
            return "\b"
        if self._takes("-"):
            return "-"
        return self._class() or self._character()


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_no_break(char: str) -> bool:
    return char not in "\n\r\u2028\u2029"


def _equal(char: str) -> Test:
    return lambda other: other == char


def _between(first: str, last: str) -> Test:
    return lambda char: first <= char <= last


def _any_of(tests: tuple[Test, ...]) -> Test:
    return lambda char: any(test(char) for test in tests)


def _none_of(tests: tuple[Test, ...]) -> Test:
    return lambda char: not any(test(char) for test in tests)


def _split(*to: int) -> _Step:
    return _Step("split", to=to)


def _moved(steps: list[_Step], by: int) -> list[_Step]:
    return [_Step(step.kind, step.test, tuple(place + by for place in step.to)) for step in steps]


def _check_length(steps: list[_Step]) -> None:
    if len(steps) > MAX_PROGRAM:
        raise _UnreadableError


def _times(steps: list[_Step], least: int, most: int | None) -> list[_Step]:
    """``steps`` from ``least`` to ``most`` times over."""
    size = len(steps) + 1
    if (least + 1 if most is None else most) * size > MAX_PROGRAM:
        raise _UnreadableError
    found: list[_Step] = []
    for _ in range(least):
        found += _moved(steps, len(found))
    start = len(found)
    if most is None:
        return [*found, _split(start + 1, start + size + 1), *_moved(steps, start + 1), _split(start)]
    end = start + (most - least) * size
    for _ in range(most - least):
        found += [_split(len(found) + 1, end), *_moved(steps, len(found) + 1)]
    return found
