"""Values that models write as JSON, as Python literals or in Gemma's notation. Evaluates nothing, knows no tool.

One reader for all three, because models mix them: templates print ``True`` and single quotes into the history. It has
no recursion and refuses what would have to be guessed: a key given twice, NaN, an unknown name, too deep nesting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

MAX_DEPTH: Final = 64
"""Brackets inside brackets; no tool needs a tenth of it, and json.loads fails near a thousand."""
MAX_DIGITS: Final = 300
"""Of one number; ``int`` takes quadratic time, and refuses more than 4300."""
CLOSERS: Final = {"{": "}", "[": "]", "(": ")"}
_WORDS: Final = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_HEX_DIGITS: Final = {"u": 4, "U": 8, "x": 2}
_DIGITS: Final = frozenset("0123456789")


class BadValueError(Exception):
    """The text is no value; says what is wrong with it in a few words."""


@dataclass(frozen=True, slots=True)
class Notation:
    """What may stand around and between values."""

    quotes: tuple[str, ...]
    """What begins and ends a string, the longest first."""
    brackets: str = "{["
    escapes: bool = True
    """Whether a backslash escapes in quotes that are markers; in quotation marks of one character it always does."""
    keeps_unknown_escapes: bool = False
    bare_keys: bool = False
    bare_strings: bool = False
    """A value that is no number and no known word is a string up to the next comma or bracket."""

    def escapes_in(self, quote: str) -> bool:
        return self.escapes or len(quote) == 1


JSON: Final = Notation(('"', "'"))
PYTHON: Final = Notation(("'''", '"""', "'", '"'), brackets="{[(", keeps_unknown_escapes=True)
GEMMA: Final = Notation(('<|"|>', '"'), escapes=False, keeps_unknown_escapes=True, bare_keys=True, bare_strings=True)
FUNCTION_GEMMA: Final = Notation(
    ("<escape>", '"'), escapes=False, keeps_unknown_escapes=True, bare_keys=True, bare_strings=True
)


def parse_value(text: str, notation: Notation = JSON) -> Any:
    """The one value that ``text`` is; BadValueError for anything else."""
    value, end = read_value(text, skip_space(text, 0), notation)
    if skip_space(text, end) != len(text):
        raise BadValueError("something follows the value")
    return value


def read_value(text: str, start: int, notation: Notation) -> tuple[Any, int]:
    """The value that begins at ``start``, and where it ends."""
    return _Reader(text, start, notation).read()


def skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet."""

    closer: str
    items: list[Any] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    has_comma: bool = False

    def add(self, value: Any) -> None:
        if self.closer == "}":
            self.members[self.key] = value
        else:
            self.items.append(value)

    def value(self) -> Any:
        if self.closer == "}":
            return self.members
        is_grouping = self.closer == ")" and len(self.items) == 1 and not self.has_comma
        return self.items[0] if is_grouping else self.items


class _Reader:
    def __init__(self, text: str, start: int, notation: Notation) -> None:
        self._text, self._at, self._notation = text, start, notation
        self._stack: list[_Open] = []

    def read(self) -> tuple[Any, int]:
        while True:
            value = self._opened_or_scalar()
            while not isinstance(value, _Open):
                if not self._stack:
                    return value, self._at
                self._stack[-1].add(value)
                if not self._goes_on():
                    value = self._stack.pop().value()
                else:
                    break

    def _opened_or_scalar(self) -> Any:
        """A scalar, an empty container, or the _Open of a container that has something in it."""
        self._skip()
        here = self._text[self._at : self._at + 1]
        if here not in CLOSERS or here not in self._notation.brackets:
            return self._scalar(here)
        if len(self._stack) == MAX_DEPTH:
            raise BadValueError("nested too deeply")
        self._at += 1
        opened = _Open(CLOSERS[here])
        self._skip()
        if self._takes(opened.closer):
            return opened.value()
        self._stack.append(opened)
        self._read_key(opened)
        return opened

    def _goes_on(self) -> bool:
        """Whether another member follows; else the bracket is closed."""
        opened = self._stack[-1]
        self._skip()
        if self._takes(","):
            opened.has_comma = True
            self._skip()
            if not self._takes(opened.closer):
                self._read_key(opened)
                return True
        elif not self._takes(opened.closer):
            raise BadValueError(f"a comma or {opened.closer} is missing")
        return False

    def _read_key(self, opened: _Open) -> None:
        if opened.closer != "}":
            return
        key = self._string() if self._quote() else self._bare_key()
        if key in opened.members:
            raise BadValueError("a key is given twice")
        opened.key = key
        self._skip()
        if not self._takes(":"):
            raise BadValueError("a colon is missing")

    def _bare_key(self) -> str:
        if not self._notation.bare_keys:
            raise BadValueError("a key is no text")
        end = self._text.find(":", self._at)
        key = self._text[self._at : end].strip() if end > 0 else ""
        if not key or not key.replace("_", "a").replace("-", "a").replace(".", "a").isalnum():
            raise BadValueError("a key is no name")
        self._at = end
        return key

    def _scalar(self, here: str) -> Any:
        if self._quote():
            return self._string()
        start = self._at
        while self._at < len(self._text) and (self._text[self._at].isalnum() or self._text[self._at] in "+-._"):
            self._at += 1
        word = self._text[start : self._at]
        if self._notation.bare_strings:
            return self._bare(start)
        if word in _WORDS:
            return _WORDS[word]
        if not word or (number := number_of(word)) is None:
            raise BadValueError(f"{(word or here or 'the end')[:20]!r} is no value")
        return number

    def _bare(self, start: int) -> Any:
        while self._at < len(self._text) and self._text[self._at] not in ",}]":
            self._at += 1
        word = self._text[start : self._at].strip()
        if word in _WORDS:
            return _WORDS[word]
        number = number_of(word)
        if number is None and len(word) > 1 and word[0] == word[-1] == "'":  # models mix Python into it
            return word[1:-1]
        return word if number is None else number

    def _quote(self) -> str:
        for quote in self._notation.quotes:
            if self._text.startswith(quote, self._at):
                return quote
        return ""

    def _string(self) -> str:
        quote = self._quote()
        self._at += len(quote)
        parts: list[str] = []
        end = -1
        while True:
            if end < self._at:  # not looked for again behind each escape: that would take quadratic time
                end = self._text.find(quote, self._at)
            if end < 0:
                raise BadValueError("a text has no end")
            escape = self._text.find("\\", self._at, end) if self._notation.escapes_in(quote) else -1
            if escape < 0:
                parts.append(self._text[self._at : end])
                self._at = end + len(quote)
                return _joined(parts)
            parts.append(self._text[self._at : escape])
            self._at = escape + 1
            parts.append(self._escaped())

    def _escaped(self) -> str:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "\n" and self._notation.keeps_unknown_escapes:
            return ""
        digits = self._text[self._at : self._at + _HEX_DIGITS.get(char, 0)]
        if digits and len(digits) == _HEX_DIGITS[char] and all(d in "0123456789abcdefABCDEF" for d in digits):
            self._at += len(digits)
            if (code := int(digits, 16)) <= 0x10FFFF:
                return chr(code)
        elif self._notation.keeps_unknown_escapes and char and char not in "uUxN":
            return f"\\{char}"
        raise BadValueError("an escape in a text is unknown")

    def _skip(self) -> None:
        self._at = skip_space(self._text, self._at)

    def _takes(self, char: str) -> bool:
        taken = self._text.startswith(char, self._at)
        self._at += taken
        return taken


def _joined(parts: list[str]) -> str:
    """The text, with the two halves of an escaped character beyond U+FFFF as one, and no half alone."""
    return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number_of(word: str) -> int | float | None:
    """A decimal number as JSON or Python writes it, else ``None``; neither infinite nor of endless digits."""
    digits = word[1:] if word[:1] in ("+", "-") else word
    if len(word) > MAX_DIGITS or not digits or digits[0] not in "0123456789.":
        return None
    if _DIGITS.issuperset(digits):
        return int(word) if digits == "0" or digits[0] != "0" else None
    mantissa, _, exponent = digits.lower().partition("e")
    unsigned = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    if not _DIGITS.issuperset(mantissa.replace(".", "", 1)) or not _DIGITS.issuperset(unsigned):
        return None
    try:
        number = float(word)
    except ValueError:
        return None
    return number if abs(number) != float("inf") else None
