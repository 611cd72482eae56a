"""Whatever a model writes: no exception, the same however it is cut, no marker to be seen, linear time.

Texts are calls of every family that were cut, doubled, mixed and sprinkled with markers. ``make acceptance`` does it for
ten minutes and prints how time grows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import pytest

from inference_worker.tools.families import ANY_FAMILY, FAMILIES, find_family
from inference_worker.tools.families.family import PROSE, Family, looks_like_control
from inference_worker.tools.model_filter import ModelFilter
from inference_worker.tools.reading import is_name_char
from tests.tools.filtering import Outcome, outcome, ways
from tests.tools.test_families import ALL_TYPES, NOW, PARIS, TOOLS
from tests.tools.wires import WIRES

SECONDS = 25.0
MINUTES = 10
FAMILIES_ONCE = sorted(
    {family.name: family for family in [*FAMILIES.values(), ANY_FAMILY]}.values(), key=lambda f: f.name
)
WRITTEN = [
    (find_family(wire.family).name, wire.write(calls))
    for wire in WIRES.values()
    for calls in ([PARIS], [NOW, ALL_TYPES] if wire.parallel else [NOW])
]
FRAGMENTS = [
    *("{", "}", "[", "]", "(", ")", '"', "'", ",", ":", "=", "\\", "<", ">", "|", "</", "`", "```", "\n", "  ", "喵", "\x00"),
    *("get_weather", "now", '{"name": "', '"arguments": {', "</think>", "<think>", "functions.", " to=functions.now", "1e9"),
]  # fmt: skip


def written(dice: random.Random, family: Family) -> str:
    """A text that is nearly a call, or nothing of the kind."""
    markers = sorted(family.markers | family.remains) + [opener.end for opener in family.openers]
    others = [text for _, text in WRITTEN]
    own = [text for name, text in WRITTEN if name == family.name] or others
    text = dice.choice(own) if dice.random() < 0.8 else "".join(dice.choices(FRAGMENTS + markers, k=dice.randrange(15)))
    if dice.random() < 0.2:
        text = dice.choice(("", "hi", "Hm. ")) + "".join(dice.choices([*markers, "\n", "hi"], k=3)) + text
    for _ in range(dice.randrange(4)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 3, 12)))
        middle = dice.choice(
            ("", text[start:end] * 2, dice.choice(FRAGMENTS), dice.choice(markers), dice.choice(others))
        )
        text = text[:start] + middle + text[end:]
    return text[:2_000]


def tags_of(family: Family) -> list[str]:
    """Markers of calls that could be words as well."""
    thinking = {marker for pair in family.thinking for marker in (pair.open, pair.close)}
    return [marker for marker in (family.markers | family.remains) - thinking if marker.startswith("<")]


def talks_about_calls(family: Family, text: str) -> bool:
    """Whether markers may be words: in code, or in front of what stands in prose behind a word."""
    if "`" in text or "~" in text:
        return True
    for opener in family.openers:
        following = [rest[:1] for rest in text.split(opener.text)[1:]]
        if any((char and char in PROSE) or (opener.text[-1] == "=" and is_name_char(char)) for char in following):
            return True
    return False


def check(family: Family, text: str, prompt_end: str, truncated: bool) -> Outcome:
    def read(pieces: Sequence[str]) -> Outcome:
        return outcome(ModelFilter(family, TOOLS, prompt_end=prompt_end), pieces, truncated=truncated)

    whole, *others = [read(pieces) for pieces in ways(text)]
    told = (family.name, text, prompt_end, truncated)
    assert all(other == whole for other in others), told
    assert not [marker for marker in family.markers if looks_like_control(marker) and marker in whole.visible], told
    if not talks_about_calls(family, text):
        assert not [tag for tag in tags_of(family) if tag in whole.visible], told
    assert all(name in TOOLS for name, _ in whole.calls), told
    return whole


def fuzz(seconds: float, seed: int) -> tuple[int, int]:
    """How many texts were read, and how many of them held a call."""
    dice, end, read, called = random.Random(seed), time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        family = dice.choice(FAMILIES_ONCE)
        prompt_end = dice.choice(("", "", "<think>\n", "[THINK]", "<|start|>assistant"))
        came = check(family, written(dice, family), prompt_end, dice.random() < 0.2)
        read, called = read + 1, called + bool(came.calls)
    return read, called


def test_nothing_that_is_written_breaks_a_filter() -> None:
    read, called = fuzz(SECONDS, seed=0)
    assert read > 100
    assert called > 10


@pytest.mark.acceptance
def test_nothing_that_is_written_in_ten_minutes_breaks_a_filter() -> None:
    read, called = fuzz(MINUTES * 60, seed=time.time_ns())
    print(f"\n{read} texts in {MINUTES} minutes, calls in {called}")


# ---------------------------------------------------------------- time


def units(family: Family) -> list[str]:
    """What a text may be made of that goes on and on."""
    tails = (
        " ",
        "{",
        '{"',
        '{"name": "',
        '{"name": "now", "arguments": {"a": "',
        "now",
        "now(a=",
        "<function=now>\n<parameter=a>",
    )
    openers = [opener.text + tail for opener in family.openers for tail in tails]
    starts = ['{"parameters": ', '{"name": "now"', "[now(a=", 'now\n{"', "now\n ```python\ntool_call(a="]
    return [*" \na<{[\"'`\\", *family.markers, *openers, *starts]


def seconds_for(read: Callable[[], object]) -> float:
    started = time.process_time()
    read()
    return time.process_time() - started


def growth(family: Family, unit: str, length: int) -> tuple[float, float]:
    """Seconds for ``length`` characters and for four times as many, fed one by one."""

    def read(characters: int) -> float:
        text = (unit * (characters // len(unit) + 1))[:characters]
        return seconds_for(lambda: outcome(ModelFilter(family, TOOLS), text))

    return read(length), read(4 * length)


def is_linear(family: Family, unit: str, length: int) -> bool:
    """Quadratic time makes four times the text take sixteen times as long, every time; a busy machine does so once."""
    for _ in range(4):
        short, long = growth(family, unit, length)
        if long < 10 * max(short, 0.005):
            return True
    return False


def test_time_is_linear() -> None:
    for family in FAMILIES_ONCE:
        assert not [unit for unit in units(family)[::5] if not is_linear(family, unit, 2_000)], family.name


@pytest.mark.acceptance
def test_how_time_grows() -> None:
    worst = sorted(
        (growth(family, unit, 5_000)[::-1], family.name, unit)
        for family in FAMILIES_ONCE
        for unit in units(family)[::2]
    )
    for (long, short), name, unit in worst[-10:]:
        print(f"\n20,000 characters {long:.2f} s, 5,000 {short:.2f} s: {name} {unit!r}", end="")
    assert all(is_linear(FAMILIES.get(name, ANY_FAMILY), unit, 5_000) for _, name, unit in worst[-50:])
