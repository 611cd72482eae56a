"""Numbers and states as a person reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec
import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.worker.state import WorkerState
from tests.ui.views import MODEL, resident
from ui import format, status
from ui.theme import LIGHT


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 ms"), (0.0021, "2 ms"), (0.0994, "99 ms"), (0.21, "0.2 s"), (12.4, "12 s"), (75, "1 min 15 s")],
)
def test_durations(seconds: float, words: str) -> None:
    assert format.duration(seconds) == words


def test_bytes_and_rates() -> None:
    assert format.size(6.9 * 2**30) == "6.9 GB"
    assert format.rate(62, 2.0) == "31 tokens/s"
    assert format.rate(3, 2.0) == "1.5 tokens/s"
    assert format.rate(3, 0.0) == ""


def test_a_place_below_home_is_told_as_people_write_it() -> None:
    assert format.place("/home/lin/models/glm", "/home/lin") == "~/models/glm"
    assert format.place("/home/linda/glm", "/home/lin") == "/home/linda/glm"
    assert format.place("", "/home/lin") == ""


def test_a_conversation_stands_under_the_day_of_the_persons_clock() -> None:
    today = date(2026, 11, 21)
    at = datetime(2026, 11, 21, 0, 1)
    assert [format.age(at - timedelta(days=d), today) for d in (0, 1, 6, 7)] == ["today", "week", "week", "older"]


def test_the_pill_tells_device_precision_and_bytes() -> None:
    assert status.pill_words(resident("answering")) == "CPU · int8 · 6.7 GB"
    assert status.tray_words(resident("answering")) == "answering · CPU · int8 · 6.7 GB"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (WorkerState("asleep"), "asleep"),
        (WorkerState("empty"), "asleep"),
        (WorkerState("starting"), "waking up"),
        (WorkerState("loading", progress=0.414), "loading 41 %"),
        (resident(), "idle"),
        (resident("queued"), "waiting"),
        (resident("prefill"), "thinking"),
        (resident("tool"), "using a tool"),
        (WorkerState("failed", error=WireError(ErrorCode.DISK_FULL)), "trouble: The disk is full"),
        (WorkerState("failed"), "trouble: unknown"),
    ],
)
def test_each_state_in_two_words(state: WorkerState, words: str) -> None:
    assert status.state_words(state) == words
    assert status.dot_color(state, LIGHT).startswith("#")
    status.why(state)


def test_weights_that_lie_elsewhere_are_not_hidden() -> None:
    split = replace(resident(), model=msgspec.structs.replace(MODEL, bytes_elsewhere=2**30))
    assert "1.0 GB of it are on other devices" in status.why(split)
    assert status.pill_words(split).endswith("7.7 GB")
