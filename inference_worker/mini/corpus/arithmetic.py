"""Arithmetic dialogues in English and Chinese: a sum in somebody's words, the call that computes it, the result in the reply.

Makes the numbers and the expression; the result comes from the real calculator, the words from the two frame files.
Knows nothing of the tokenizer or the trainer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inference_worker.tools.base import ToolError
from inference_worker.tools.calculate import calculate

from . import arithmetic_en_frames as en
from . import arithmetic_zh_frames as zh
from .dialogue import Call, Dialogue, Exchange
from .grammar import Slot, expand, pick

Values = dict[str, str]
"""From a letter of a template to its number, written as in an expression."""

ZERO_ERROR = "error: division by zero"
_LETTER = re.compile(r"(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])")
_QUOTIENT = re.compile(r"([a-z])/([a-z]|\d+)")
_WORDS = re.compile(r"[a-wyz\u4e00-\u9fff]", re.IGNORECASE)


def exact(*expression_parts: str) -> str:
    """What the calculator answers to the joined expression; the model must meet the same results in training and life."""
    try:
        return calculate("".join(expression_parts))
    except ToolError as error:
        return f"error: {error}"


def _integer(rng: random.Random, longest: int) -> str:
    length = rng.randint(1, longest)
    if rng.random() < 0.06:
        return str(rng.randint(1, 9) * 10 ** (length - 1))
    return str(rng.randint(10 ** (length - 1), 10**length - 1))


def _decimal(rng: random.Random, longest: int) -> str:
    whole = "0" if rng.random() < 0.12 else _integer(rng, min(longest, 4))
    middle = "".join(rng.choices("0123456789", k=rng.choice((0, 0, 0, 1, 1, 1, 2))))
    return f"{whole}.{middle}{rng.randint(1, 9)}"


def _general(rng: random.Random, longest: int = 6) -> str:
    text = _decimal(rng, longest) if rng.random() < 0.25 else _integer(rng, longest)
    return f"-{text}" if rng.random() < 0.025 else text


def _spoken_number(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.04:
        return f"{rng.randint(0, 99)}.{rng.randint(1, 9)}"
    if chance < 0.12:
        return str(rng.randint(1, 9) * rng.choice((100, 1000, 10000)))
    return str(rng.randint(1, 20) if chance < 0.5 else rng.randint(21, 99) if chance < 0.85 else rng.randint(100, 999))


def _count(rng: random.Random) -> str:
    chance = rng.random()
    return str(rng.randint(2, 12) if chance < 0.55 else rng.randint(13, 99) if chance < 0.9 else rng.randint(100, 999))


def _price(rng: random.Random) -> str:
    chance = rng.random()
    whole = rng.randint(1, 19) if rng.random() < 0.4 else int(_integer(rng, 3))
    if chance < 0.4:
        return str(whole)
    if chance < 0.6:
        return f"{whole}.{rng.randint(1, 9)}"
    return f"{whole}.{rng.choice((99, 50, 95, 25)) if rng.random() < 0.4 else rng.randint(1, 99):02d}"


def _large(rng: random.Random) -> str:
    length = rng.randint(2, 5)
    return str(rng.randint(10 ** (length - 1), 10**length - 1) // rng.choice((1, 1, 10)) * rng.choice((1, 1, 10)) or 10)


def _percent(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.4:
        return str(rng.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75)))
    return str(rng.randint(1, 99)) if chance < 0.92 else f"{rng.randint(1, 20)}.5"


MAKERS: Mapping[str, Callable[[random.Random], str]] = {
    **dict.fromkeys("cde", _count), **dict.fromkeys("pqs", _price), **dict.fromkeys("kl", _large), **dict.fromkeys("tu", _percent),
    "n": lambda rng: rng.choice(("10", "20", "50", "100", "200", "500")), "z": lambda rng: str(rng.randint(1, 9)),
    "Z": lambda rng: f"{rng.randint(5, 9)}{rng.choice((5, 5, 5, 8, 2, 6, 9))}",
}


def _values(template: str, rng: random.Random, *, spoken: bool, story: bool, known: Values) -> tuple[Values, str]:
    """Numbers for the letters of ``template`` that make a pleasant result (nearly always), and the expression."""
    careless = rng.random() < 0.03
    values, line = known, ""
    for attempt in range(16):
        longest = 6 if attempt < 5 else 3
        values = {x: _value(x, rng, longest, spoken) for x in _LETTER.findall(template)} | known
        _adapt(template, values, rng, story=story)
        line = _expression(template, values)
        if _pleasant(line, exact(line), careless, story):
            break
    return values, line


def _value(letter: str, rng: random.Random, longest: int, spoken: bool) -> str:
    if letter in MAKERS:
        return MAKERS[letter](rng)
    return _spoken_number(rng) if spoken else _general(rng, longest)


def _pleasant(line: str, result: str, careless: bool, story: bool) -> bool:
    if result == ZERO_ERROR:
        return not story
    if len(result) > 22 or (story and result.startswith("-")):
        return False
    whole, _, places = result.partition(".")
    return len(whole) <= 13 and (careless or len(places) <= 6 or line.startswith("sqrt"))


def _adapt(template: str, values: Values, rng: random.Random, *, story: bool) -> None:
    """Changes numbers so that quotients come out, roots are whole and differences are mostly positive."""
    whole = _QUOTIENT.fullmatch(template)
    if template in ("a^b", "a^2", "a^3", "sqrt(a)"):
        _adapt_power(template, values, rng)
    elif whole and whole[1] != "r":
        _adapt_quotient(whole[1], whole[2], values, rng, story=story)
    elif "/" in template:
        for x in re.findall(r"/([a-z])", template):
            values[x] = rng.choice(("2", "2", "4", "5", "8", "10", "3", "6", "16", "20", "25", "50", "100"))
    elif template in ("a-b", "b-a", "k-l", "c-d", "p-q") and (story or rng.random() < 0.9):
        low, high = (template[2], template[0])
        values[low], values[high] = sorted((values[low], values[high]), key=float)


def _adapt_power(template: str, values: Values, rng: random.Random) -> None:
    base = rng.choice((rng.randint(2, 12), rng.randint(2, 99), rng.randint(2, 999)))
    if template == "sqrt(a)":
        if rng.random() > 0.06:
            values["a"] = exact(f"{base}^2") if rng.random() < 0.93 else exact(f"({base}/10)^2")
        values["a"] = values["a"].lstrip("-")
    elif template == "a^b":
        values["a"], values["b"] = str(base), str(rng.choice((2, 3, 4, 5, 6, 7, 8, 9, 10)))
    elif template == "a^3":
        values["a"] = str(base)
    values["a"] = values["a"].lstrip("-")


def _adapt_quotient(top: str, bottom: str, values: Values, rng: random.Random, *, story: bool) -> None:
    chance = rng.random()
    if bottom.isalpha() and not story:
        values[bottom] = "0" if chance < 0.02 else values[bottom] if chance < 0.15 else _integer(rng, 4)
    elif story and bottom.isalpha():
        values[bottom] = str(rng.randint(2, 12)) if rng.random() < 0.7 else values[bottom]
    if chance < 0.02 and not story:
        return
    quotient = _integer(rng, 4) if rng.random() < 0.8 else f"{_integer(rng, 2)}.{rng.choice((5, 5, rng.randint(1, 9)))}"
    if chance < 0.93:
        values[top] = exact(values.get(bottom, bottom), "*", quotient)


def _expression(template: str, values: Values) -> str:
    def fill(match: re.Match[str]) -> str:
        value = values[match[0]]
        return f"({value})" if value.startswith("-") and match.start() > 0 and template[match.start() - 1] != "(" else value

    line = _LETTER.sub(fill, template)
    return f"({line[: line.index('^')]})^2" if line.startswith("-") and template == "r^2" else line


# The person's words.


@dataclass(frozen=True, slots=True)
class _Language:
    """What differs between the two languages."""

    chinese: bool
    phrases: Mapping[str, tuple[str, ...]]
    whole: Mapping[str, tuple[str, ...]]
    ask: tuple[str, ...]
    stories: tuple[tuple[str, str], ...]
    follow: Mapping[str, tuple[str, ...]]
    money: tuple[str, ...]
    nouns: Callable[[random.Random], dict[str, Slot]]


ENGLISH = _Language(False, en.PHRASES, en.WHOLE, en.ASK, en.STORIES, en.FOLLOW, en.MONEY, en.nouns)
CHINESE = _Language(True, zh.PHRASES, zh.WHOLE, zh.ASK, zh.STORIES, zh.FOLLOW, zh.MONEY, zh.nouns)

_PERCENT = ("a*t%", "a-t%", "a+t%")
_CHEAP = ("a*z0%", "a*Z%")
_BASIC = ("a+b", "a-b", "b-a", "a~b", "a*b", "a/b", "b/a")
_BASIC_WEIGHTS = (22, 15, 9, 3, 25, 17, 4)
_REMAINDERS = ("a-b", "b-a", "a+b-f", "a-b+f", "a-b-f")
_SPELL = {"+": "+＋", "-": "-−", "*": "*×x·X", "/": "/÷"}


def _show(value: str, rng: random.Random, style: str, chinese: bool) -> str:
    """How the person writes a number: digits, words, or digits with thousands commas or of full width."""
    if style == "words" and rng.random() < 0.85:
        return (zh.speak if chinese else en.speak)(value, rng)
    if style == "marks" and chinese:
        return value.translate({48 + x: 0xFF10 + x for x in range(10)})
    if style == "marks" and len(value.split(".")[0]) > 3 and not value.startswith("-"):
        return f"{int(value.split('.')[0]):,}" + value[len(value.split(".")[0]) :]
    return f"负{value[1:]}" if chinese and value.startswith("-") and rng.random() < 0.5 else value


def _slots(language: _Language, values: Values, rng: random.Random, style: str) -> dict[str, Slot]:
    slots = language.nouns(rng)
    currency = rng.choice(language.money)
    for letter, value in values.items():
        shown = _show(value, rng, style, language.chinese)
        slots[letter] = "两" if shown == "二" and letter in "cde" else shown
        # "$twelve" is nobody's spelling: words take a spelled currency.
        slots[f"${letter}"] = currency.format(value) if currency[-1] == "}" and style == "words" else currency.format(shown)
    if language.chinese and "Z" in values:
        first, second = values["Z"][0], values["Z"][1]
        spoken = zh.DIGITS[int(first)] + zh.DIGITS[int(second)]
        slots["Z"] = rng.choice((values["Z"], f"{first}.{second}", spoken, spoken))
    if language.chinese and "z" in values:
        slots["z"] = rng.choice((values["z"], zh.DIGITS[int(values["z"])], zh.DIGITS[int(values["z"])]))
    return slots


def _style(rng: random.Random, frame: str = "") -> str:
    if any(sign in frame for sign in "²³√^*") or "th " in frame:
        return "digits"
    return rng.choices(("digits", "words", "marks"), (80, 16, 4))[0]


def _bare(template: str, language: _Language, rng: random.Random) -> tuple[str, str]:
    """Only the expression, in one of many spellings."""
    values, line = _values(template, rng, spoken=False, story=False, known={})
    style = "marks" if rng.random() < 0.04 else "digits"
    spell = {sign: rng.choice(options) if rng.random() < 0.5 else sign for sign, options in _SPELL.items()}
    spell["^"] = rng.choice(("^", "^", "**"))
    gap = rng.choice(("", "", " ", " ", "?"))
    text = ""
    for token in _LETTER.sub(lambda m: f"\x00{m[0]}", template):
        space = (rng.choice((" ", "")) if gap == "?" else gap) if token in "+-*/" else ""
        text += space + spell.get(token, token) + space
    for letter, value in values.items():
        shown = _show(value, rng, style, language.chinese and style == "marks")
        text = text.replace(f"\x00{letter}", f"({shown})" if value.startswith("-") and rng.random() < 0.6 else shown)
    return text, line


def _said(
    template: str, frames: tuple[str, ...], language: _Language, rng: random.Random, story: bool = False, known: Values | None = None
) -> tuple[str, str]:
    """One frame filled with numbers, and its expression."""
    frame, swap = rng.choice(frames), False
    style = _style(rng, frame)
    if template == "a~b":
        template, story, swap = "a-b", True, rng.random() < 0.25
    values, line = _values(template, rng, spoken=style == "words", story=story, known=known or {})
    seen = {"a": values["b"], "b": values["a"]} if swap else values
    return expand(frame, rng, _slots(language, seen, rng, style)), line


def _request(language: _Language, rng: random.Random) -> tuple[str, str]:
    """What is asked, without any politeness around it."""
    kind = rng.choices(("basic", "single", "three", "percent", "story"), (43, 9, 14, 9, 25))[0]
    if kind == "story":
        template, frame = rng.choice(language.stories)
        return _said(template, (frame,), language, rng, True)
    if kind in ("basic", "three") and rng.random() < (0.35 if kind == "basic" else 0.5):
        basic = rng.choices(("a+b", "a-b", "a*b", "a/b", "a^2", "a^b"), (8, 6, 9, 7, 1, 1))[0]
        template = rng.choice(en.BARE3) if kind == "three" else basic
        text, line = _bare(template, language, rng)
        if rng.random() < 0.45:
            ask = "等于多少" if language.chinese else " is?"
            ending = rng.choice(("", "", "=", "=?", " =", " = ?", "?", "??", " ?", "=??", ask))
            return text + ending, line
    else:
        template = _template(kind, language, rng)
        if template in language.whole and rng.random() < 0.42:
            return _said(template, language.whole[template], language, rng, template in _REMAINDERS)
        text, line = _said(template, language.phrases[template], language, rng)
    return pick(language.ask, rng, language.nouns(rng) | {"x": text}), line


def _template(kind: str, language: _Language, rng: random.Random) -> str:
    if kind == "basic":
        return rng.choices(_BASIC, _BASIC_WEIGHTS)[0]
    if kind == "percent":
        return rng.choice(_PERCENT + _CHEAP if language.chinese else (*_PERCENT, "a*t%"))
    fitting = [x for x in language.phrases if x not in _BASIC + _PERCENT + _CHEAP and ("f" in x or x == "(a+b)/2") == (kind == "three")]
    return rng.choice(fitting)


# Everything around it.


def _answer(person: str, line: str, chinese: bool, rng: random.Random) -> tuple[str | Call, ...]:
    """The call first, then a sentence that repeats its result digit for digit; a person of no words gets none back."""
    words, result = (zh if chinese else en), exact(line)
    endless = "." in result and len(result.strip("-0.").replace(".", "")) >= 14
    frames = words.ABOUT if endless else words.REPLIES
    if not _WORDS.search(person):
        words, frames = en, ("{e} ≈ {r}",) if endless else ("{e} = {r}",)
    if result == ZERO_ERROR:
        frames = words.ZERO
    written = re.sub(r"(?<=[\d)%])([-+*/])", r" \1 ", line).replace("*", "×").replace("/", "÷")
    written = re.sub(r"sqrt\(([^()]*)\)", r"√\1", written)
    return Call(f"/calculate {line}", result), pick(frames, rng, {"e": written, "r": result})


def _second(result: str, language: _Language, rng: random.Random) -> tuple[str, str]:
    """A second question: about the result of the first one, or about something new."""
    if rng.random() < 0.4 or result == ZERO_ERROR or len(result) > 10 or result == "0":
        template = rng.choice(("a+b", "a-b", "a*b", "a/b"))
        bare = rng.random() < 0.6
        text, line = _bare(template, language, rng) if bare else _said(template, language.phrases[template], language, rng)
        return pick(zh.AGAIN if language.chinese else en.AGAIN, rng, {"x": text}), line
    weights = [9 if "a" in x else 2 for x in language.follow]
    template = rng.choices(list(language.follow), weights)[0]
    return _said(template, language.follow[template], language, rng, known={"r": result})


def _sample(language: _Language, rng: random.Random) -> Dialogue:
    dress, words = (zh.dress, zh) if language.chinese else (en.dress, en)
    text, line = _request(language, rng)
    text = dress(text, rng)
    dialogue = [Exchange(text, _answer(text, line, language.chinese, rng))]
    for _ in range(rng.choice((1, 1, 1, 2)) if rng.random() < 0.08 else 0):
        text, line = _second(exact(line), language, rng)
        light = text.translate(str.maketrans("?,", "？，")) if language.chinese and rng.random() < 0.6 else text
        # The first question may have told the language already.
        dialogue.append(Exchange(light, _answer(dialogue[0].person + light, line, language.chinese, rng)))
    if rng.random() < (0.3 if len(dialogue) > 1 else 0.04):
        dialogue.append(Exchange(pick(words.THANKS, rng), (pick(words.WELCOME, rng),)))
    return tuple(dialogue)


def sample_en(rng: random.Random) -> Dialogue:
    """One random English arithmetic dialogue."""
    return _sample(ENGLISH, rng)


def sample_zh(rng: random.Random) -> Dialogue:
    """One random Chinese arithmetic dialogue."""
    return _sample(CHINESE, rng)
