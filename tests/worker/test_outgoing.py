"""Events that wait: nothing is lost, nothing waits for the reader, and the memory they take is bounded."""

from __future__ import annotations

import asyncio

import pytest

from inference_worker.protocol.messages import (
    Event,
    Finished,
    LoadProgress,
    PhaseChanged,
    ReasoningDelta,
    TextDelta,
)
from inference_worker.server.outgoing import DELTA_CHARS, WAITING_LIMIT, Outgoing, ReaderGoneError
from tests.support.asynchronous import bounded


async def everything(outgoing: Outgoing) -> list[Event]:
    """All that waits now."""
    outgoing.put(Finished(id="the end"))
    taken = list[Event]()
    while not taken or taken[-1] != Finished(id="the end"):
        taken += await outgoing.take()
    return taken[:-1]


@bounded
async def test_text_that_waits_is_merged_for_each_turn_and_never_across_another_event() -> None:
    outgoing = Outgoing()
    for event in (
        TextDelta("a", "1"),
        TextDelta("b", "x"),
        TextDelta("a", "2"),
        ReasoningDelta("b", "?"),
        ReasoningDelta("b", "!"),
        PhaseChanged("a", "tool"),
        TextDelta("b", "y"),
        TextDelta("a", "3"),
        TextDelta("a", "4"),
    ):
        outgoing.put(event)
    taken = await everything(outgoing)
    assert [event for event in taken if event.id == "a"] == [
        TextDelta("a", "12"),
        PhaseChanged("a", "tool"),
        TextDelta("a", "34"),
    ]
    assert [event for event in taken if event.id == "b"] == [
        TextDelta("b", "x"),
        ReasoningDelta("b", "?!"),
        TextDelta("b", "y"),
    ]


@bounded
async def test_of_the_progress_that_waits_only_the_latest_counts() -> None:
    outgoing = Outgoing()
    for done in range(1000):
        outgoing.put(LoadProgress("load", done, 1000))
    assert await everything(outgoing) == [LoadProgress("load", 999, 1000)]


@bounded
async def test_no_delta_grows_beyond_its_bound() -> None:
    outgoing = Outgoing()
    outgoing.put(TextDelta("a", "x" * (3 * DELTA_CHARS)))
    for _ in range(100):
        outgoing.put(TextDelta("a", "y" * 10_000))
    taken = await everything(outgoing)
    assert all(isinstance(event, TextDelta) and len(event.text) <= DELTA_CHARS for event in taken)
    text = "".join(event.text for event in taken if isinstance(event, TextDelta))
    assert text == "x" * (3 * DELTA_CHARS) + "y" * 1_000_000


@bounded
async def test_a_reader_waits_for_the_next_event_and_text_is_not_merged_into_what_it_has_taken() -> None:
    outgoing = Outgoing()
    taking = asyncio.ensure_future(outgoing.take())
    await asyncio.sleep(0)
    outgoing.put(TextDelta("a", "1"))
    assert await taking == [TextDelta("a", "1")]
    outgoing.put(TextDelta("a", "2"))
    assert await outgoing.take() == [TextDelta("a", "2")]


@bounded
async def test_a_reader_that_never_comes_is_given_up() -> None:
    outgoing = Outgoing()
    for number in range(WAITING_LIMIT):
        outgoing.put(Finished(str(number)))
    with pytest.raises(ReaderGoneError):
        outgoing.put(Finished("one too many"))


@bounded
async def test_what_waits_about_one_request_can_be_forgotten() -> None:
    outgoing = Outgoing()
    for event in (TextDelta("a", "1"), TextDelta("b", "x"), PhaseChanged("a", "tool"), TextDelta("b", "y")):
        outgoing.put(event)
    outgoing.drop("a")
    outgoing.put(TextDelta("a", "2"))
    assert await everything(outgoing) == [TextDelta("b", "xy"), TextDelta("a", "2")]
