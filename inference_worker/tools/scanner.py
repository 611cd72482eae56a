"""Text of an arithmetic expression to tokens; numbers are read exactly. Knows no grammar and no value of a name.

What could be read as two different numbers (``1,23``, ``max(1,234)``, ``1.2.3``) is refused, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from inference_worker.tools.base import ToolError

MAX_SCIENTIFIC = 1_000
"""The largest N of ``1eN``."""

_OPERATORS = "+-*/%^!()=,√"
_SAME = str.maketrans(
    {
        **dict.fromkeys("×⋅·∙∗✕✖﹡", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("−–—‐‑﹣", "-"),
        **dict.fromkeys("\u3000\u00a0\u200b\u2060\ufeff", " "),
        "﹢": "+",
        "π": "pi ",
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    }
)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Kind = Literal["number", "name", "superscript", "operator", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    start: int
    end: int
    number: Fraction = Fraction(0)

    def __str__(self) -> str:
        return self.text if len(self.text) <= 20 else self.text[:20] + "…"


def tokens_of(text: str) -> list[Token]:
    """The tokens of ``text``, the last one of kind ``end``; ToolError for what belongs into no expression."""
    return _Scanner(_without_question(text.translate(_SAME).lower())).tokens()


def _without_question(text: str) -> str:
    """``1+1=?`` and ``1+1=`` ask for the same as ``1+1``."""
    asked = text.rstrip(" ?")
    return asked[:-1] if asked.endswith("=") else text


class _Scanner:
    """Text to tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._calls: list[bool] = []
        """For each open bracket whether it holds the arguments of a function, where a comma separates."""

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while self._skip_space():
            found.append(self._token(found[-1] if found else None))
        found.append(Token("end", "", self._at, self._at))
        return found

    def _skip_space(self) -> bool:
        while self._peek() and self._peek().isspace():
            self._at += 1
        return self._at < len(self._text)

    def _peek(self, ahead: int = 0) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _token(self, before: Token | None) -> Token:
        here = self._peek()
        if here in _DIGITS or (here == "." and self._is_digit(1)):
            return self._number()
        if here in _SUPERSCRIPTS:
            return self._superscript()
        if here in _LETTERS:
            return self._name()
        if here in _OPERATORS:
            return self._operator(before)
        raise ToolError(f'unexpected "{here}"')

    def _is_digit(self, ahead: int = 0) -> bool:
        return self._peek(ahead) != "" and self._peek(ahead) in _DIGITS

    def _run(self, allowed: str) -> str:
        start = self._at
        while self._peek() and self._peek() in allowed:
            self._at += 1
        return self._text[start : self._at]

    def _number(self) -> Token:
        start = self._at
        whole = self._grouped(self._run(_DIGITS))
        decimals = self._decimals()
        if self._peek() and self._peek() in "xbo" and whole == "0" and not decimals:
            raise ToolError("only decimal numbers")
        scale = self._scientific()
        if self._peek() == "." or (self._peek() == "," and not self._separates()):
            raise ToolError(f'cannot read the number "{self._text[start : self._at + 1]}"')
        number = Fraction(int(whole + decimals or "0")) / 10 ** len(decimals) * Fraction(10) ** scale
        return Token("number", self._text[start : self._at], start, self._at, number)

    def _grouped(self, first: str) -> str:
        """``1,234,567`` as 1234567; anything else that could be a grouping or a decimal comma is refused."""
        digits = first
        while self._peek() == "," and self._is_digit(1):
            start = self._at
            self._at += 1
            group = self._run(_DIGITS)
            if self._separates():
                if len(group) == 3:
                    raise ToolError(f'"{first},{group}" could be one number or two: write a space after the comma')
                self._at = start
                break
            if len(group) != 3 or len(first) > 3 or first.startswith("0") or not first:
                raise ToolError(f'cannot read "{first},{group}": write decimals with a point')
            digits += group
        return digits

    def _separates(self) -> bool:
        """Whether a comma here stands between the arguments of a function."""
        return bool(self._calls) and self._calls[-1]

    def _decimals(self) -> str:
        if self._peek() != ".":
            return ""
        self._at += 1
        return self._run(_DIGITS)

    def _scientific(self) -> int:
        """The N of ``1eN``, else 0. A lone ``e`` after a number is refused: it could be a cut number or a factor."""
        if self._peek() != "e":
            return 0
        signed = 1 if self._peek(1) and self._peek(1) in "+-" else 0
        if not self._is_digit(1 + signed):
            raise ToolError('a number is missing after "e" (for 2·e write 2*e)')
        sign = -1 if self._peek(1) == "-" else 1
        self._at += 1 + signed
        digits = self._run(_DIGITS)
        if len(digits) > len(str(MAX_SCIENTIFIC)) or int(digits) > MAX_SCIENTIFIC:
            raise ToolError("the numbers get too large")
        return sign * int(digits)

    def _superscript(self) -> Token:
        start = self._at
        raised = self._run(_SUPERSCRIPTS)
        digits = "".join(str(_SUPERSCRIPTS.index(c)) for c in raised)
        return Token("superscript", raised, start, self._at, Fraction(int(digits)))

    def _name(self) -> Token:
        start = self._at
        name = self._run(_LETTERS)
        return Token("operator" if name == "x" else "name", "*" if name == "x" else name, start, self._at)

    def _operator(self, before: Token | None) -> Token:
        start = self._at
        here = self._peek()
        double = here in "*/" and self._peek(1) == here
        self._at += 2 if double else 1
        if here == "(":
            self._calls.append(before is not None and before.kind == "name")
        elif here == ")" and self._calls:
            self._calls.pop()
        return Token("operator", {"**": "^"}.get(here * 2, here * 2) if double else here, start, self._at)
