"""Calls in elements, as MiniMax M3 writes them: what is a list and what an object, and which slips are read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.filtering import Outcome, new_filter, outcome, ways

NS = "]<]minimax[>["
TEXT = {"type": "string"}
PLACE = {"type": "object", "properties": {"city": TEXT, "zip": {"type": "integer"}, "item": TEXT}}
TOOLS: dict[str, Any] = {
    "order": {
        "type": "object",
        "properties": {
            "note": TEXT,
            "count": {"type": "integer"},
            "place": PLACE,
            "perhaps": {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "null"}]},
            "tags": {"type": "array", "items": TEXT},
            "goods": {"type": "array", "items": {"type": "object", "properties": {"sku": TEXT, "qty": {"type": "integer"}}}},
            "anything": {},
        },
        "$defs": {"place": PLACE},
    },
    "now": {"type": "object", "properties": {}},
}  # fmt: skip


def read(text: str) -> Outcome:
    whole, *others = [outcome(new_filter("minimax-m3", TOOLS), pieces) for pieces in ways(text)]
    assert all(other == whole for other in others)
    return whole


def tag(name: str, inside: str) -> str:
    return f"{NS}<{name}>{inside}{NS}</{name}>"


def call(*arguments: str, name: str = "order") -> str:
    return f'{NS}<tool_call>\n{NS}<invoke name="{name}">{"".join(arguments)}{NS}</invoke>\n{NS}</tool_call>'


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (tag("note", "007"), "007"),
        (tag("note", ""), ""),
        (tag("note", "a <b>c</b> && {d} </note]"), "a <b>c</b> && {d} </note]"),
        (tag("note", "\n two lines\n"), "\n two lines\n"),
        (tag("count", "42"), 42),
        (tag("place", tag("city", "018956") + tag("zip", "18956")), {"city": "018956", "zip": 18956}),
        (tag("place", "\n" + tag("city", "Rome") + "\n"), {"city": "Rome"}),
        (tag("place", tag("item", "a")), {"item": "a"}),
        (tag("place", ""), {}),
        (tag("perhaps", tag("zip", "7")), {"zip": 7}),
        (tag("perhaps", "null"), None),
        (tag("tags", tag("item", "1") + tag("item", "a")), ["1", "a"]),
        (tag("tags", tag("item", "a")), ["a"]),
        (tag("tags", ""), []),
        (tag("tags", '["a", "b"]'), ["a", "b"]),
        (tag("goods", tag("item", tag("sku", "1") + tag("qty", "2"))), [{"sku": "1", "qty": 2}]),
        (tag("anything", tag("item", "1") + tag("item", "b")), [1, "b"]),
        (tag("anything", tag("a", tag("item", "true"))), {"a": [True]}),
        (tag("anything", ""), ""),
    ],
)
def test_the_schema_tells_lists_from_objects(argument: str, value: Any) -> None:
    came = read(call(argument))
    key = argument.removeprefix(f"{NS}<").partition(">")[0]
    assert (came.calls, came.visible, came.status) == ([("order", {key: value})], "", "calls")


@pytest.mark.parametrize(
    ("argument", "status"),
    [
        (tag("note", "a") + tag("note", "b"), "malformed"),
        (tag("place", tag("city", "a") + tag("city", "b")), "malformed"),
        (tag("place", tag("item", "a") + tag("item", "b")), "rejected"),
        (tag("place", "in " + tag("city", "Rome")), "malformed"),
        (tag("tags", tag("tag", "a")), "rejected"),
        (tag("count", "many"), "rejected"),
        (tag("colour", "red"), "rejected"),
        ("city: Rome", "malformed"),
        (f"{NS}<note>a{NS}</other>", "malformed"),
        (tag("", "a"), "malformed"),
        (tag("a", "") * 2, "malformed"),
        (f"{NS}<place>" * 70, "malformed"),
    ],
)
def test_what_cannot_be_meant_does_not_run(argument: str, status: str) -> None:
    came = read(call(argument))
    assert (came.calls, came.visible, came.status) == ([], "", status)


@pytest.mark.parametrize(
    "text",
    [
        call(name="now"),
        f'<tool_call>\n{NS}<invoke name="now">{NS}</invoke>\n{NS}</tool_call>',
        f'{NS}<invoke name="now">{NS}</invoke>',
        f'{NS}<tool_call>{NS}<invoke name="now">{NS}{NS}</invoke>{NS}</tool_call>',
        f'{NS}<tool_call><invoke name="now"></invoke></tool_call>',
        f"{NS}<tool_call>{NS}<invoke name='now'/>{NS}</tool_call>",
        f"<mm:think>{call(name='order')}</mm:think>\n\n{call(name='now')}[e~[",
    ],
)
def test_a_slip_in_the_marks_does_no_harm(text: str) -> None:
    came = read(text)
    assert (came.calls, came.visible) == ([("now", {})], "")


def test_an_end_tag_without_its_mark_is_read_where_nothing_else_is_left() -> None:
    came = read(call(f"{NS}<note>字节 AI</note>", tag("count", "6")))
    assert came.calls == [("order", {"note": "字节 AI", "count": 6})]


def test_left_overs_are_not_seen_and_the_plain_tag_may_be_talked_about() -> None:
    assert read(f"a {NS} b").visible.split() == ["a", "b"]
    assert read(f"{NS}</invoke>{NS}</tool_call> Hm.").visible == "Hm."
    assert read("The <tool_call> tag begins a call.").visible == "The <tool_call> tag begins a call."
    came = read(f"Let me see.\n{NS}<argv>{NS}<item>cmd{NS}</item>")
    assert (came.calls, NS in came.visible) == ([], False)
