"""The calculator: reads one arithmetic expression and answers in plain notation. Runs nothing, looks nothing up.

A hand-written scanner and precedence climbing over :mod:`inference_worker.tools.exact`; length, nesting and sizes
are bounded.

``%`` after a number is a percentage, and between two operands the rest of a division: ``200-10%`` is 180 and
``10.5%3`` is 1.5. Before a minus it is the rest where the minus touches its number (``7%-3``), else, and before
another percentage, a percentage (``7% - 3``, ``100%-30%``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from inference_worker.tools import exact
from inference_worker.tools.base import Tool, ToolError
from inference_worker.tools.exact import Value

MAX_LENGTH = 2_000
"""Characters; with MAX_BITS it bounds the time to a fraction of a second."""
MAX_NESTING = 50
"""Brackets, exponents and roots inside each other; far below Python's recursion limit."""
MAX_SCIENTIFIC = 1_000
"""The largest N of ``1eN``."""

_OPERATORS = "+-*/%^!()=,√"
_SAME = str.maketrans(
    {
        **dict.fromkeys("×⋅·∙✕✖", "*"),
        **dict.fromkeys("÷∕", "/"),
        **dict.fromkeys("−–—", "-"),
        "\u3000": " ",
        "\u00a0": " ",
        "π": "pi ",
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    }
)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Kind = Literal["number", "name", "superscript", "operator", "end"]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    start: int
    end: int
    number: Fraction = Fraction(0)

    def __str__(self) -> str:
        return self.text if len(self.text) <= 20 else self.text[:20] + "…"


def calculate(text: str) -> str:
    """The value of ``text`` in plain notation: exact where it terminates, else 15 significant digits; or ToolError."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise ToolError(f"too long (more than {MAX_LENGTH} characters)")
    tokens = _Scanner(_without_question(text.translate(_SAME).lower())).tokens()
    if len(tokens) == 1:
        raise ToolError("nothing to calculate")
    return exact.plain(_Parser(tokens).whole())


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

    def tokens(self) -> list[_Token]:
        found: list[_Token] = []
        while self._skip_space():
            found.append(self._token(found[-1] if found else None))
        found.append(_Token("end", "", self._at, self._at))
        return found

    def _skip_space(self) -> bool:
        while self._peek() and self._peek().isspace():
            self._at += 1
        return self._at < len(self._text)

    def _peek(self, ahead: int = 0) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _token(self, before: _Token | None) -> _Token:
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

    def _number(self) -> _Token:
        start = self._at
        whole = self._grouped(self._run(_DIGITS))
        decimals = self._decimals()
        if self._peek() and self._peek() in "xbo" and whole == "0" and not decimals:
            raise ToolError("only decimal numbers")
        scale = self._scientific()
        if self._peek() == "." or (self._peek() == "," and not self._separates()):
            raise ToolError(f'cannot read the number "{self._text[start : self._at + 1]}"')
        number = Fraction(int(whole + decimals or "0")) / 10 ** len(decimals) * Fraction(10) ** scale
        return _Token("number", self._text[start : self._at], start, self._at, number)

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

    def _superscript(self) -> _Token:
        start = self._at
        raised = self._run(_SUPERSCRIPTS)
        digits = "".join(str(_SUPERSCRIPTS.index(c)) for c in raised)
        return _Token("superscript", raised, start, self._at, Fraction(int(digits)))

    def _name(self) -> _Token:
        start = self._at
        name = self._run(_LETTERS)
        return _Token("operator" if name == "x" else "name", "*" if name == "x" else name, start, self._at)

    def _operator(self, before: _Token | None) -> _Token:
        start = self._at
        here = self._peek()
        double = here in "*/" and self._peek(1) == here
        self._at += 2 if double else 1
        if here == "(":
            self._calls.append(before is not None and before.kind == "name")
        elif here == ")" and self._calls:
            self._calls.pop()
        return _Token("operator", {"**": "^"}.get(here * 2, here * 2) if double else here, start, self._at)


class _Parser:
    """Tokens to a value. Loosest first: sums, products, signs, powers, what follows an operand, operands."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Value:
        value = self._sum()
        if self._next.kind == "end":
            return value
        if self._next.text == ")":
            raise ToolError("a closing bracket too many")
        if self._next.kind in ("number", "name") or self._next.text in ("(", "√"):
            raise ToolError(f'an operator is missing before "{self._next}"')
        raise ToolError(f'unexpected "{self._next}"')

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _ahead(self, by: int) -> _Token:
        return self._tokens[min(self._at + by, len(self._tokens) - 1)]

    def _take(self, *texts: str) -> str | None:
        """Consume the next token if it is one of the operators ``texts``."""
        token = self._next
        if token.kind == "operator" and token.text in texts:
            self._at += 1
            return token.text
        return None

    def _deeper(self, parse: Callable[[], Value]) -> Value:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ToolError("nested too deeply")
        value = parse()
        self._depth -= 1
        return value

    def _sum(self) -> Value:
        value = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            value = exact.add(value, exact.negate(right) if sign == "-" else right)
        return value

    def _product(self) -> Value:
        value = self._signed()
        while True:
            sign = self._take("*", "/", "//", "%") or self._of(value)
            if sign is None:
                return value
            value = _PRODUCTS[sign](value, self._signed())

    def _of(self, value: Value) -> str | None:
        """``15% of 80`` is a product."""
        if value.percent and self._next.kind == "name" and self._next.text == "of":
            self._at += 1
            return "*"
        return None

    def _signed(self) -> Value:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        value = self._power()
        return exact.negate(value) if negative else value

    def _power(self) -> Value:
        base = self._followed()
        if not self._take("^"):
            return base
        return exact.power(base, self._deeper(self._signed))

    def _followed(self) -> Value:
        """An operand and the signs after it: ``!``, ``²``, ``%``."""
        value = self._operand()
        while True:
            if self._take("!"):
                if self._next.text == "!":
                    raise ToolError('"!!" is not offered: write (5!)! for the factorial of a factorial')
                value = exact.factorial(value)
            elif self._next.kind == "superscript":
                value = exact.power(value, Value(self._next.number))
                self._at += 1
            elif self._next.text == "%" and not self._is_modulo():
                self._at += 1
                value = exact.percent(value)
            else:
                return value

    def _is_modulo(self) -> bool:
        """Whether an operand follows the ``%`` that is next."""
        after = self._ahead(1)
        if after.text == "-":
            operand = self._ahead(2)
            return _starts_operand(operand) and operand.start == after.end and self._ahead(3).text != "%"
        return _starts_operand(after)

    def _operand(self) -> Value:
        token = self._next
        self._at += 1
        if token.kind == "number":
            return Value(token.number)
        if token.text == "(":
            return self._bracket()
        if token.text == "√":
            return exact.square_root(self._deeper(self._operand))
        if token.kind == "name":
            return self._named(token)
        if token.kind == "end":
            raise ToolError("something is missing at the end")
        raise ToolError(f'a number is missing before "{token}"')

    def _bracket(self) -> Value:
        value = self._deeper(self._sum)
        self._close()
        return Value(value.number, value.exact)

    def _close(self) -> None:
        if self._next.kind == "end":
            raise ToolError("unclosed bracket")
        if not self._take(")"):
            raise ToolError(f'unexpected "{self._next}" inside brackets')

    def _named(self, name: _Token) -> Value:
        if name.text in _CONSTANTS:
            return _CONSTANTS[name.text]
        if name.text not in _FUNCTIONS:
            raise ToolError(f'unknown name "{name}"')
        if not self._take("("):
            raise ToolError(f"write {name.text}(…)")
        arguments = [self._deeper(self._sum)]
        while self._take(","):
            arguments.append(self._deeper(self._sum))
        self._close()
        return _FUNCTIONS[name.text](arguments)


def _starts_operand(token: _Token) -> bool:
    return token.kind == "number" or (token.kind == "name" and token.text != "of") or token.text in ("(", "√")


def _only(arguments: list[Value], name: str) -> Value:
    if len(arguments) != 1:
        raise ToolError(f"{name} takes one number")
    return arguments[0]


def _absolute(arguments: list[Value]) -> Value:
    value = _only(arguments, "abs")
    return Value(abs(value.number), value.exact)


def _round(arguments: list[Value]) -> Value:
    if len(arguments) == 1:
        return exact.round_to(arguments[0])
    digits = arguments[1].number
    if len(arguments) > 2 or digits.denominator != 1 or abs(digits) > exact.MAX_DIGITS:
        raise ToolError("round takes a number and, if wanted, a whole number of decimals")
    return exact.round_to(arguments[0], int(digits))


def _extreme(choose: Callable[..., Value]) -> Callable[[list[Value]], Value]:
    return lambda arguments: choose(arguments, key=lambda value: value.number)


_PRODUCTS: Mapping[str, Callable[[Value, Value], Value]] = {
    "*": exact.multiply,
    "/": exact.divide,
    "//": exact.floor_divide,
    "%": exact.modulo,
}
_CONSTANTS: Mapping[str, Value] = {"pi": exact.PI, "e": exact.E}
_FUNCTIONS: Mapping[str, Callable[[list[Value]], Value]] = {
    "sqrt": lambda arguments: exact.square_root(_only(arguments, "sqrt")),
    "abs": _absolute,
    "round": _round,
    "min": _extreme(min),
    "max": _extreme(max),
}

TOOL = Tool(
    name="calculate",
    description="Works out an arithmetic expression exactly, for example /calculate 6.5*7.5",
    run=calculate,
)
