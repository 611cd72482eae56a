"""False starts, broken calls and ends of none: nothing of them is seen, and a good call behind a false start runs."""

from __future__ import annotations

import pytest

from inference_worker.tools.families import find_family
from inference_worker.tools.families.family import Opener
from inference_worker.tools.filter import Called, ModelEvent
from inference_worker.tools.model_filter import ModelFilter
from tests.tools.filtering import new_filter, outcome, visible
from tests.tools.test_families import NOW, PARIS, TOOLS, every_wire, read
from tests.tools.wires import WIRES, Wire

MARKED = {
    name: wire
    for name, wire in WIRES.items()
    if any(opener.text in wire.write([PARIS]) and opener.text[0] in "<[" for opener in find_family(wire.family).openers)
}
every_marked = pytest.mark.parametrize("wire", MARKED.values(), ids=MARKED.keys())


def opener_of(wire: Wire) -> Opener:
    """The one that the format begins with."""
    written = wire.write([PARIS])
    return min(
        (opener for opener in find_family(wire.family).openers if opener.text in written),
        key=lambda opener: (written.index(opener.text), -len(opener.text)),
    )


def tags(wire: Wire) -> list[str]:
    """Markers of calls; those of thinking are words of the answer where none can begin."""
    family = find_family(wire.family)
    thinking = {marker for pair in family.thinking for marker in (pair.open, pair.close)}
    return [tag for tag in (family.markers | family.remains) - thinking if tag[0] in "<["]


def seen(wire: Wire, text: str, truncated: bool = False) -> list[str]:
    came = outcome(new_filter(wire.family, TOOLS), list(text), truncated=truncated)
    return [tag for tag in tags(wire) if tag in came.visible]


def assert_nothing_raw(wire: Wire, text: str) -> None:
    for truncated in (False, True):
        assert seen(wire, text, truncated) == [], text


@every_marked
@pytest.mark.parametrize("between", ["", "\n", " "])
def test_a_call_behind_a_false_start_runs_and_no_marker_is_seen(wire: Wire, between: str) -> None:
    opener = opener_of(wire).text
    for text in (f"{opener}{between}{wire.write([PARIS])}", f"Hm. {opener * 2}{between}{wire.write([PARIS])}"):
        assert read(wire, text).calls == [PARIS]
        assert_nothing_raw(wire, text)


@every_marked
@pytest.mark.parametrize(
    "body", ["", "\n", "{name: now}", '{"name": oops', "[now]", "\n<x>no call</x>\n", '\n{"name": "now", "argu\n']
)
def test_a_broken_call_shows_no_marker_with_or_without_its_end_and_with_a_good_one_behind_it(
    wire: Wire, body: str
) -> None:
    opener = opener_of(wire)
    for end in {opener.end, ""}:
        for behind in ("", "\nhi", f"\n{wire.write([PARIS])}"):
            assert_nothing_raw(wire, f"{opener.text}{body}{end}{behind}")


@every_wire
def test_the_ends_of_a_call_that_never_began_are_not_seen(wire: Wire) -> None:
    family = find_family(wire.family)
    for end in family.remains - {*family.stops}:
        came = read(wire, f"{end}hi{end}")
        assert (came.calls, came.visible.strip()) == ([], "hi")
        if not wire.bare:
            assert read(wire, f"{end}\n{wire.write([PARIS])}").calls == [PARIS]


@every_marked
def test_no_marker_comes_about_where_another_one_was_left_out(wire: Wire) -> None:
    for tag in tags(wire):
        for other in tags(wire):
            if other[-1] != "=":  # a name behind it makes it a word
                assert tag not in seen(wire, f"{tag[:3]}{other}{tag[3:]}")


@pytest.mark.parametrize(
    "text",
    [
        "Between <tool_call> and </tool_call> stands JSON.",
        "In code: `</tool_call>` and `<tool_response>`.",
        "```\n</tool_call>\n<tool_response>\n```\n",
    ],
)
def test_ends_that_are_talked_about_are_words(text: str) -> None:
    assert read(WIRES["hermes"], text).visible == text


def test_an_opener_that_nothing_follows_is_told_as_a_call_that_was_cut_off() -> None:
    for text in ("Hm. <tool_call>", "Hm. <tool_call><tool_call>\n"):
        came = read(WIRES["hermes"], text)
        assert (came.visible, came.status) == ("Hm.", "truncated")


def test_a_call_can_be_read_behind_a_broken_one_where_ends_are_control_tokens() -> None:
    machine = ModelFilter(find_family("hermes"), TOOLS, control=("<tool_call>", "</tool_call>"))
    events: list[ModelEvent] = []
    for body in ("\noops\n", '\n{"name": "now", "arguments": {}}\n'):
        events += machine.feed("<tool_call>", control=True)
        events += machine.feed(body)
        events += machine.feed("</tool_call>", control=True)
    assert [event.name for event in events if isinstance(event, Called)] == [NOW[0]]
    assert visible(events) == ""
