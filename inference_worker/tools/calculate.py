"""The calculator: reads one arithmetic expression and answers in plain notation. Runs nothing, looks nothing up.

Precedence climbing over the tokens of :mod:`inference_worker.tools.scanner`, with the bounded arithmetic of
:mod:`inference_worker.tools.exact`; length and nesting are bounded here.

``%`` after a number is a percentage, and between two operands the rest of a division: ``200-10%`` is 180 and
``10.5%3`` is 1.5. Before a minus it is the rest where the minus touches its number (``7%-3``), else, and before
another percentage, a percentage (``7% - 3``, ``100%-30%``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inference_worker.tools import exact
from inference_worker.tools.base import Tool, ToolError
from inference_worker.tools.exact import Value
from inference_worker.tools.scanner import Token, tokens_of

MAX_LENGTH = 2_000
"""Characters; with MAX_BITS it bounds the time to a fraction of a second."""
MAX_NESTING = 50
"""Brackets, exponents and roots inside each other; far below Python's recursion limit."""


def calculate(text: str) -> str:
    """The value of ``text`` in plain notation: exact where it terminates, else 15 significant digits; or ToolError."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise ToolError(f"too long (more than {MAX_LENGTH} characters)")
    tokens = tokens_of(text)
    if len(tokens) == 1:
        raise ToolError("nothing to calculate")
    return exact.plain(_Parser(tokens).whole())


class _Parser:
    """Tokens to a value. Loosest first: sums, products, signs, powers, what follows an operand, operands."""

    def __init__(self, tokens: list[Token]) -> None:
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
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _ahead(self, by: int) -> Token:
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

    def _named(self, name: Token) -> Value:
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


def _starts_operand(token: Token) -> bool:
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
    run=lambda arguments, _run: calculate(arguments["text"]),
)
