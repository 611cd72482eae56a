"""Exact arithmetic with bounds: fractions as long as they are small enough, 60 digits where no fraction can be exact.

Knows nothing of text to be read; :mod:`inference_worker.tools.calculate` does that. Every function returns or raises
:class:`ToolError` within milliseconds, because sizes are estimated before anything large is computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from inference_worker.tools.base import ToolError

MAX_BITS = 14_000
"""Numerator and denominator of an intermediate value: 4,214 digits, below Python's own limit of 4,300."""
MAX_DIGITS = 320
"""Length of a result in plain notation; it has to fit whole into what the model reads back."""
MAX_EXACT_DIGITS = 50
"""A terminating decimal longer than this is rounded like one that does not terminate: nobody reads 700 digits."""
MAX_FACTORIAL = 1_500
"""1500! has 13,670 bits, just below MAX_BITS."""
MAX_EXACT_DEGREE = 64
"""Of roots; Newton's method takes as many steps as the degree."""
MAX_INEXACT_EXPONENT = 10**20
"""Beyond it, 60 digits of the base no longer give 15 digits of the power."""

_PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN, Emin=-9_999, Emax=9_999)
_SHOWN = Context(prec=15, rounding=ROUND_HALF_UP, Emin=-9_999, Emax=9_999)
_LOST = Fraction(1, 10**40)


@dataclass(frozen=True, slots=True)
class Value:
    """A number on its way through an expression."""

    number: Fraction
    exact: bool = True
    percent: bool = False
    """Written as ``10%`` and not yet used: then ``200-10%`` means 200 less a tenth of it."""


PI = Value(Fraction("3.14159265358979323846264338327950288419716939937510582097494"), exact=False)
E = Value(Fraction("2.71828182845904523536028747135266249775724709369995957496697"), exact=False)


def bounded(number: Fraction, *operands: Value) -> Value:
    """``number`` as a value that is exact if its operands were; refuses what is too long to go on with."""
    exact = all(operand.exact for operand in operands)
    if not exact:
        number = Fraction(_precise(number))
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise ToolError("the numbers get too large")
    return Value(number, exact)


def _precise(number: Fraction) -> Decimal:
    return _PRECISE.divide(Decimal(number.numerator), Decimal(number.denominator))


def add(left: Value, right: Value) -> Value:
    """Sum; a percentage on the right is of what stands on the left, unless that is a percentage, too."""
    if right.percent and not left.percent:
        right = multiply(left, right)
    total = left.number + right.number
    if not (left.exact and right.exact) and abs(total) < max(abs(left.number), abs(right.number)) * _LOST:
        total = Fraction(0)  # only rounding of the sixtieth digit was left, as in sqrt(2)^2-2
    return bounded(total, left, right)


def negate(value: Value) -> Value:
    return replace(value, number=-value.number)


def multiply(left: Value, right: Value) -> Value:
    return bounded(left.number * right.number, left, right)


def divide(left: Value, right: Value) -> Value:
    return bounded(left.number / _divisor(right), left, right)


def floor_divide(left: Value, right: Value) -> Value:
    """Whole quotient, rounded down."""
    return bounded(Fraction(left.number // _divisor(right)), left, right)


def modulo(left: Value, right: Value) -> Value:
    """What is left after :func:`floor_divide`; has the sign of ``right``."""
    return bounded(left.number % _divisor(right), left, right)


def _divisor(value: Value) -> Fraction:
    if value.number == 0:
        raise ToolError("division by zero")
    return value.number


def percent(value: Value) -> Value:
    return replace(divide(value, Value(Fraction(100))), percent=True)


def factorial(value: Value) -> Value:
    n = value.number
    if not value.exact or n.denominator != 1 or n < 0:
        raise ToolError("! needs a whole number that is not negative")
    if n > MAX_FACTORIAL:
        raise ToolError(f"the result is too large (! goes up to {MAX_FACTORIAL})")
    return Value(Fraction(math.factorial(int(n))))


def square_root(value: Value) -> Value:
    if value.number < 0:
        raise ToolError("no square root of a negative number")
    root = _exact_root(value.number, 2) if value.exact else None
    if root is not None:
        return Value(root)
    return Value(Fraction(_PRECISE.sqrt(_precise(value.number))), exact=False)


def power(base: Value, exponent: Value) -> Value:
    """``base`` to the ``exponent``: exact where that is possible and short, else to 60 digits."""
    whole = exponent.exact and exponent.number.denominator == 1
    if base.number == 0:
        return _power_of_zero(exponent)
    if base.number < 0 and not whole:
        raise ToolError("a negative number needs a whole exponent")
    if abs(base.number) == 1 and whole:
        return replace(base, number=base.number ** int(exponent.number % 2), percent=False)
    _refuse_far_power(base.number, exponent.number)
    result = _exact_power(base.number, exponent.number) if base.exact and exponent.exact else None
    return Value(result) if result is not None else _inexact_power(base.number, exponent.number)


def _power_of_zero(exponent: Value) -> Value:
    if exponent.number < 0:
        raise ToolError("division by zero")
    return Value(Fraction(1 if exponent.number == 0 else 0))


def _refuse_far_power(base: Fraction, exponent: Fraction) -> None:
    """Refuse by size alone, before anything is multiplied."""
    if abs(exponent) > MAX_INEXACT_EXPONENT:
        raise ToolError("the exponent is too large")
    bits = _log2(abs(base)) * float(exponent)
    if abs(bits) > MAX_BITS:
        raise ToolError("the result is too large" if bits > 0 else "the result is too small")


def _log2(number: Fraction) -> float:
    return math.log2(number.numerator) - math.log2(number.denominator)


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """``None`` where the power is no fraction or a long one."""
    root = _exact_root(base, exponent.denominator)
    if root is None:
        return None
    bits = max(root.numerator.bit_length(), root.denominator.bit_length())
    return root**exponent.numerator if bits * abs(exponent.numerator) <= MAX_BITS else None


def _inexact_power(base: Fraction, exponent: Fraction) -> Value:
    size = _PRECISE.power(_precise(abs(base)), _precise(exponent))
    sign = -1 if base < 0 and exponent.numerator % 2 else 1
    return Value(sign * Fraction(size), exact=False)


def _exact_root(number: Fraction, degree: int) -> Fraction | None:
    """The root of ``number`` if it is a fraction and its degree a small one."""
    if degree == 1:
        return number
    if degree > MAX_EXACT_DEGREE:
        return None
    numerator, denominator = _whole_root(number.numerator, degree), _whole_root(number.denominator, degree)
    return None if numerator is None or denominator is None else Fraction(numerator, denominator)


def _whole_root(number: int, degree: int) -> int | None:
    """Root of a whole number by Newton's method, started above it; ``None`` unless it comes out exactly."""
    if number < 2:
        return number
    if degree >= number.bit_length():
        return None
    root = 1 << -(-number.bit_length() // degree)
    while True:
        lower = ((degree - 1) * root + number // root ** (degree - 1)) // degree
        if lower >= root:
            return root if root**degree == number else None
        root = lower


def round_to(value: Value, digits: int = 0) -> Value:
    """Rounded to ``digits`` decimals, halves away from zero as taught at school."""
    scale = Fraction(10) ** digits
    steps = (abs(value.number) * scale + Fraction(1, 2)) // 1
    return bounded(Fraction(steps) / scale * (-1 if value.number < 0 else 1), Value(Fraction(1)))


def plain(value: Value) -> str:
    """Plain notation without exponent: exact where it terminates, else 15 significant digits."""
    text = (_terminating(value.number) if value.exact else None) or _rounded(value.number)
    if len(text) > MAX_DIGITS:
        raise ToolError("the result is too large to write down" if abs(value.number) > 1 else "the result is too small")
    return text


def _terminating(number: Fraction) -> str | None:
    """``None`` if the decimals never end or are too many to read."""
    places = _decimal_places(number.denominator)
    if places is None:
        return None
    digits = str(abs(number.numerator) * 10**places // number.denominator)
    if places and len(digits) > MAX_EXACT_DIGITS:
        return None
    digits = digits.rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _decimal_places(denominator: int) -> int | None:
    """Digits after the point, at most MAX_DIGITS; ``None`` if there are more or no end of them."""
    twos = (denominator & -denominator).bit_length() - 1
    denominator >>= twos
    fives = 0
    while denominator % 5 == 0 and fives <= MAX_DIGITS:
        denominator //= 5
        fives += 1
    places = max(twos, fives)
    return places if denominator == 1 and places <= MAX_DIGITS else None


def _rounded(number: Fraction) -> str:
    text = format(_SHOWN.divide(Decimal(number.numerator), Decimal(number.denominator)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
