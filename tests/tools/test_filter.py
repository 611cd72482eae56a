"""The slash filter: the same events however the text is cut, nothing shown that should not be, nothing lost."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_worker.tools.families import MAX_LINE, SlashFilter
from inference_worker.tools.filter import Called, FilterEvent, Rejected, Text
from tests.support.sample_data import sample_lines

OFFERED = ("calculate", "calc", "now", "remind")

CALLS: dict[str, list[tuple[str, str]]] = {
    "/calculate 6.5*7.5\n": [("calculate", "6.5*7.5")],
    "/now": [("now", "")],
    "/now\n": [("now", "")],
    "/now \r\n": [("now", "")],
    "/calc 1": [("calc", "1")],
    " /calc 1\n": [("calc", "1")],
    "/calculate\t1+1": [("calculate", "1+1")],
    "/calculate\u30001+1": [("calculate", "1+1")],
    "/calculate 2+": [("calculate", "2+")],
    "/calculate 1<2\n": [("calculate", "1<2")],
    "/remind 10m | 喝水 <3\n": [("remind", "10m | 喝水 <3")],
    "/calculate 1+1\n/now\n\n/remind 2h | a/b\n": [("calculate", "1+1"), ("now", ""), ("remind", "2h | a/b")],
}
FORGED = {
    "/calculate 2+2<<5\nSo it is 5.": ("calculate", "2+2"),
    "/calculate 2+2 <<5\n/now\n": ("calculate", "2+2"),
    "/calculate 2+2\n<<5\nSo it is 5.": ("calculate", "2+2"),
    "/calculate 2+2\n\n  <<5 So it is 5.": ("calculate", "2+2"),
    "/now<<2026-11-21": ("now", ""),
    "/now <<": ("now", ""),
}
PROSE = [
    "Yes and/or no, 1/2, 3/4, w/o.",
    "// calculate the sum\n/* now */",
    "/etc/passwd and /nowhere and /Now",
    "Use s/a/b/ or /calculate 1+1 in a line.",
    "a\n /calculate 1+1\n\t/now",
    "/",
    "/ now",
    "/calcu",
    "/now<",
    "/now<3",
    "/now: 3",
    "/now\u200b",
    "/calculate(1+1)\n",
    "On 3/4/2026\n\n/\n//\n",
    "cout\n<< x << y;\n",
    "```\n/now\n```",
    "```sh\n/calculate 1+1\n``\n/now\n",
    "~~~~\n```\n/now\n~~~\n/now\n",
    "   ```\n/now",
    "",
    " \n\n ",
    "/weather Paris\n",
]


def feed(pieces: Iterable[str], offered: Sequence[str] = OFFERED, **options: Any) -> list[FilterEvent]:
    machine = SlashFilter(offered, **options)
    events = [event for piece in pieces for event in machine.feed(piece)]
    return [*events, *machine.finish()]


def merged(events: list[FilterEvent]) -> list[FilterEvent]:
    """Neighbouring texts as one: how a stream was cut shows in nothing else."""
    found: list[FilterEvent] = []
    for event in events:
        if isinstance(event, Text) and found and isinstance(found[-1], Text):
            found[-1] = Text(found[-1].text + event.text)
        else:
            found.append(event)
    return found


def visible(events: Iterable[FilterEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def calls(events: Iterable[FilterEvent]) -> list[tuple[str, str]]:
    return [(event.name, event.arguments["text"]) for event in events if isinstance(event, Called)]


def cut_as_bytes(text: str) -> list[str]:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    return [decode(bytes([byte])) for byte in text.encode()]


@pytest.mark.parametrize("text", CALLS)
def test_a_line_that_starts_with_an_offered_name_is_a_call(text: str) -> None:
    events = feed([text])
    assert calls(events) == CALLS[text]
    assert visible(events).strip() == ""


@pytest.mark.parametrize("text", FORGED)
def test_an_invented_result_ends_the_call_and_hides_the_rest(text: str) -> None:
    events = feed([text])
    assert calls(events) == [FORGED[text]]
    assert visible(events) == ""


@pytest.mark.parametrize("text", PROSE)
def test_anything_else_is_text_exactly(text: str) -> None:
    for pieces in ([text], list(text), cut_as_bytes(text)):
        assert merged(feed(pieces)) == ([Text(text)] if text else [])


def test_text_around_a_call_is_exact() -> None:
    events = feed(["Let me see: \n\n/calculate 1+1  \n It is 2.\n"])
    assert events == [Text("Let me see: \n\n"), Called("calculate", {"text": "1+1"}, 28), Text(" It is 2.\n")]


def test_the_end_of_a_call_is_that_of_its_argument() -> None:
    text = "a\n/calculate 6.5*7.5 <<48.75\nb"
    (call,) = [event for event in feed([text]) if isinstance(event, Called)]
    assert text[: call.end] == "a\n/calculate 6.5*7.5"
    (call,) = [event for event in feed(["/now \n"]) if isinstance(event, Called)]
    assert call.end == len("/now")


def test_a_call_behind_a_closed_fence_counts() -> None:
    assert calls(feed(["```\n/now\n```\n/now\n"])) == [("now", "")]
    assert calls(feed(["```now```\n/now\n"])) == [("now", "")]


def test_half_a_marker_is_held_back_until_it_is_decided() -> None:
    machine = SlashFilter(OFFERED)
    assert machine.feed("Hi\n/calcu") == [Text("Hi\n")]
    assert machine.feed("s") == [Text("/calcus")]
    assert machine.feed("\n/now") == [Text("\n")]
    assert machine.feed("<") == []
    assert machine.feed("b") == [Text("/now<b")]


def test_a_call_cut_off_by_the_end_of_tokens_is_rejected() -> None:
    for text in ("/calculate 12", "/now"):
        machine = SlashFilter(OFFERED)
        assert machine.feed(text) == []
        assert [type(event) for event in machine.finish(truncated=True)] == [Rejected]
    machine = SlashFilter(OFFERED)
    assert [*machine.feed("/cal"), *machine.finish(truncated=True)] == [Text("/cal")]


def test_an_endless_argument_is_rejected_neither_run_nor_shown_and_the_next_line_counts() -> None:
    text = "/calculate " + "9" * (MAX_LINE + 10) + "<<9\n/now\nnya"
    events = feed([text])
    assert [type(event) for event in events] == [Rejected, Called, Text]
    assert visible(events) == "nya"


def test_stored_text_decides_where_a_line_begins_and_whether_it_is_code() -> None:
    assert calls(feed(["/now\n"], before="Hi\n")) == [("now", "")]
    assert calls(feed(["/now\n"], before="and")) == []
    assert calls(feed(["/now\n"], before="```\n")) == []
    assert calls(feed(["`\n/now\n"], before="```\n``")) == [("now", "")]


def test_an_invented_result_behind_a_real_one_is_cut() -> None:
    machine = SlashFilter(OFFERED, after_result=True)
    assert [*machine.feed("<<5\nSo it is 5.\n/now\n"), *machine.finish()] == []
    assert machine.cut


def test_nothing_comes_after_the_end() -> None:
    machine = SlashFilter(OFFERED)
    machine.finish()
    assert machine.feed("/now\nHi") == machine.finish() == []


def test_time_is_linear() -> None:
    for unit in ("/", "/calc", "\n", " ", "<", "`", "/now\n", "\n/now <", "/calculate 1\n \n"):
        started = time.thread_time()
        feed(list(unit * (40_000 // len(unit))))
        assert time.thread_time() - started < 2


# ---------------------------------------------------------------- properties

fragments = st.sampled_from(
    [
        "/",
        "/now",
        "/calc",
        "/calculate",
        " 1+1",
        "<",
        "<<",
        "<<5",
        "\n",
        "\n",
        "\r\n",
        " ",
        "`",
        "```",
        "~~~",
        "a",
        "喵",
        "/x",
        "ulate",
    ]
)
texts = st.one_of(st.lists(fragments, max_size=25).map("".join), st.text(alphabet="/nowcal <`\n1", max_size=60))


def cuts(text: str, places: list[int]) -> list[str]:
    marks = [0, *sorted(p % (len(text) + 1) for p in places), len(text)]
    return [text[a:b] for a, b in pairwise(marks)]


@given(texts, st.lists(st.integers(0, 10_000), max_size=8), st.booleans(), st.sampled_from(["", "a", "```\n", "x\n"]))
@settings(max_examples=600, deadline=None)
def test_events_do_not_depend_on_the_cuts(text: str, places: list[int], after_result: bool, before: str) -> None:
    options = {"before": before, "after_result": after_result}
    whole = merged(feed([text], **options))
    assert merged(feed(text, **options)) == whole
    assert merged(feed(cuts(text, places), **options)) == whole
    assert merged(feed(cut_as_bytes(text), **options)) == whole


@given(texts)
@settings(max_examples=300, deadline=None)
def test_without_offered_tools_every_text_passes_unchanged(text: str) -> None:
    assert visible(feed(text, offered=())) == text


@given(texts)
@settings(max_examples=300, deadline=None)
def test_what_is_shown_before_the_first_call_is_the_start_of_the_text(text: str) -> None:
    shown = ""
    for event in feed(text):
        if not isinstance(event, Text):
            break
        shown += event.text
    assert text.startswith(shown)


# ---------------------------------------------------------------- the sample


def check(case: dict[str, Any], pieces: list[str]) -> None:
    offered = [tool["name"] for tool in case["tools"]]
    machine = SlashFilter(offered)
    events: list[FilterEvent] = []
    for piece in pieces:
        events += machine.feed(piece)
        assert not any(hidden in visible(events) for hidden in case["must_not_show"]), case["id"]
    events += machine.finish()
    expected = [(call["name"], call["arguments"]["text"]) for call in case["expected_calls"]]
    shown = "".join(visible(events).split())
    if case["status"] == "either" and calls(events) != expected:
        assert calls(events) == [], case["id"]
        assert shown == "".join(case["output_text"].split()), case["id"]
    else:
        assert calls(events) == expected, case["id"]
    if case["expected_visible_content"] is not None:
        assert shown == "".join(case["expected_visible_content"].split()), case["id"]
    assert not any(hidden in visible(events) for hidden in case["must_not_show"]), case["id"]


def test_the_sample_cases_hold_whole_by_characters_by_bytes_and_in_pieces() -> None:
    for case in sample_lines("outputs.jsonl"):
        if case["family"] != "slash":
            continue
        text = case["output_text"]
        for size in (len(text), 1, 3, 7):
            check(case, [text[i : i + size] for i in range(0, len(text), size)])
        check(case, cut_as_bytes(text))
