"""Listeners come, leave while they are told, and leave twice."""

from __future__ import annotations

from collections.abc import Callable

from nyanko_desktop.listeners import Listeners


def test_all_hear_in_the_order_in_which_they_came() -> None:
    heard: list[str] = []
    listeners: Listeners[str] = Listeners()
    listeners.add(lambda news: heard.append(f"one {news}"))
    listeners.add(lambda news: heard.append(f"other {news}"))
    listeners.tell("a")
    assert heard == ["one a", "other a"]


def test_one_function_may_listen_twice_and_leave_once() -> None:
    heard: list[str] = []
    listeners: Listeners[str] = Listeners()
    listeners.add(heard.append)
    leave = listeners.add(heard.append)
    leave()
    leave()
    listeners.tell("a")
    assert heard == ["a"]


def test_whoever_was_ended_in_the_middle_of_the_telling_hears_no_more() -> None:
    heard: list[str] = []
    listeners: Listeners[[]] = Listeners()
    leaves: list[Callable[[], None]] = []
    listeners.add(lambda: leaves[0]())
    leaves.append(listeners.add(lambda: heard.append("late")))
    listeners.tell()
    assert heard == []


def test_a_listener_that_comes_in_the_middle_hears_the_next_news() -> None:
    heard: list[str] = []
    listeners: Listeners[str] = Listeners()
    listeners.add(lambda _: listeners.add(heard.append))
    listeners.tell("a")
    assert heard == []
    listeners.tell("b")
    assert heard == ["b"]
