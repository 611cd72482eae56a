"""Crashes in the middle of a reply: the person sees what was written, and Continue goes on from there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.desktop.parts.app import App
from tests.desktop.parts.chat import ANSWER_SECONDS, Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually

RATE: Final = 50.0
REPLY: Final = " ".join(f"w{n:03}" for n in range(300))
ATTEMPTS: Final = 10
"""The small model answers in a blink; so often may a kill come too late."""
SOME: Final = 40
"""Characters after which the reply counts as being in its middle."""


@pytest.fixture
def talking(new_app: Callable[[], App], reader: ScreenReader) -> Chat:
    """A program in the middle of a long reply."""
    app = new_app()
    app.use_script(rate=RATE, default=REPLY)
    app.start()
    chat = Chat(app, reader)
    chat.write_and_send("Tell me something long.")
    chat.growing_reply(SOME)
    return chat


def test_the_embedded_model_goes_on_after_kill_9_of_its_worker(embedded: App, reader: ScreenReader) -> None:
    embedded.expected.append("worker")
    embedded.start()
    chat = Chat(embedded, reader)
    eventually(lambda: "is resident" in embedded.log, "the model is loaded", ANSWER_SECONDS)
    for attempt in range(1, ATTEMPTS + 1):
        chat.write_and_send("Tell me about yourself.")
        eventually(lambda n=attempt: len(chat.messages()) == 2 * n, "the reply has begun")
        os.kill(embedded.workers[0].pid, signal.SIGKILL)
        ended = eventually(lambda: chat.ended_reply(), "the reply has ended")
        if ended.status != "complete":  # else the small model was faster than the signal
            break
    chat.button("Continue|Try again")
    whole = eventually(lambda: chat.whole_reply(), "the reply is complete", ANSWER_SECONDS)
    assert whole.text.startswith(ended.text)
    assert whole.text.strip()


def continue_to_the_end(chat: Chat) -> None:
    """Press Continue; the same message is completed, word for word."""
    chat.button("Continue")
    reply = chat.finished_reply()
    assert reply.text == REPLY
    assert [m.role for m in chat.messages()] == ["user", "assistant"]


def test_after_kill_9_of_the_worker_a_card_says_so_and_continue_completes_the_reply(
    talking: Chat, picture: Callable[[str], Path]
) -> None:
    talking.app.expected.append("worker")
    os.kill(talking.app.workers[0].pid, signal.SIGKILL)
    eventually(lambda: "Continue" in talking.shown_names(), "Continue is offered")
    picture("worker-lost")
    stored = talking.messages()[-1]
    assert stored.status != "complete"
    assert REPLY.startswith(stored.text)
    assert len(stored.text) >= SOME
    continue_to_the_end(talking)


def test_after_kill_9_of_the_program_nothing_lives_on_and_a_restart_shows_the_interrupted_reply(
    talking: Chat, picture: Callable[[str], Path]
) -> None:
    app = talking.app
    assert app.workers
    app.kill_9()
    app.nothing_left()
    app.start()
    eventually(lambda: talking.messages()[-1].status == "interrupted", "the reply is marked as interrupted")
    open_latest_conversation(talking)
    eventually(lambda: "Continue" in talking.shown_names(), "Continue is offered")
    assert REPLY.startswith(talking.shown_reply())
    picture("interrupted")
    continue_to_the_end(talking)


def open_latest_conversation(chat: Chat) -> None:
    """Choose the first row of the list, should the start have opened an empty conversation."""
    chat.window()
    if not chat.shown_reply():
        row = chat.reader.find(chat.app.pid, "Tell me something long.*", "list item")
        chat.click(row)
