"""``kill -9`` of the worker or of the program at random moments of a reply: nothing but the last second is ever lost."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Final

import pytest

from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.stored import Stored, integrity
from tests.desktop.parts.waiting import eventually

RATE: Final = 50.0
"""Words a second of the scripted worker."""
REPLY: Final = " ".join(f"w{n:03}" for n in range(400))
LATEST: Final = 5.0
"""Seconds after the question in which the kill falls; the reply takes 8."""
SECOND_OF_TEXT: Final = round(RATE * len("w000 "))
"""Characters that may be lost."""


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=[pytest.mark.acceptance, pytest.mark.timeout(1800)])])
def test_random_kills_lose_no_turn_and_at_most_one_second_of_text(
    scripted: App, reader: ScreenReader, rounds: int
) -> None:
    scripted.use_script(rate=RATE, default=REPLY)
    scripted.expected.append("worker")
    chat = Chat(scripted, reader)
    worst = 0
    for number in range(1, rounds + 1):
        lost = one_round(chat, number, random.Random(number))
        worst = max(worst, lost)
    print(f"\n{rounds} kills; at most {worst} characters lost, {worst / SECOND_OF_TEXT:.2f} s of text")
    assert worst <= SECOND_OF_TEXT


def one_round(chat: Chat, number: int, chance: random.Random) -> int:
    """Ask, kill, look: characters that a person had seen and that are gone."""
    app, question = chat.app, f"question {number}"
    if not app.running:
        app.start()
    chat.button("New conversation")
    chat.write_and_send(question)
    eventually(lambda: chat.messages()[-2:-1] and chat.messages()[-2].text == question, "the question is stored")
    moment, victim = chance.uniform(0.0, LATEST), "program" if number % 2 else "worker"
    time.sleep(moment)  # the moment itself is what is tested
    seen = chat.shown_reply()
    if victim == "program":
        app.kill_9()
        app.nothing_left()
        app.start()
    else:
        for worker in app.workers:
            os.kill(worker.pid, signal.SIGKILL)
    reply = eventually(lambda: ended_reply(chat, number), f"the reply of round {number} has ended").text
    questions = [m.text for m in chat.messages() if m.role == "user"]
    assert questions == [f"question {n}" for n in range(1, number + 1)]
    assert integrity(app.profile) == "ok"
    assert REPLY.startswith(reply)
    print(f"round {number}: {victim} after {moment:.2f} s, {len(seen)} characters seen, {len(reply)} kept")
    return max(0, len(seen) - len(reply))


def ended_reply(chat: Chat, number: int) -> Stored | None:
    """The last reply once it no longer grows; every question has one."""
    replies = [m for m in chat.messages() if m.role == "assistant"]
    if len(replies) != number or replies[-1].status == "streaming":
        return None
    assert replies[-1].status in ("interrupted", "failed")
    return replies[-1]
