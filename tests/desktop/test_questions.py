"""A person asks, and the embedded model answers: the shipped program, worker and model, with nothing replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually


def test_a_typed_question_is_answered_with_a_tool_card_and_the_right_number(
    embedded: App, reader: ScreenReader, picture: Callable[[str], Path]
) -> None:
    embedded.start()
    chat = Chat(embedded, reader)
    chat.type_and_send("What's 6.5*7.5?")
    reply = chat.finished_reply()
    assert [(call["name"], call["result"]) for call in reply.calls] == [("calculate", "48.75")]
    assert "48.75" in reply.text
    cards = eventually(lambda: reader.look(embedded.pid, r".* 48\.75 computed by a tool.*"), "a tool card shows")
    assert len(cards) == 1
    assert "/calculate" not in chat.shown_reply()
    assert "48.75" in chat.shown_reply()
    picture("chat-english")


def test_a_second_question_in_the_same_conversation_uses_the_cache(embedded: App, reader: ScreenReader) -> None:
    embedded.start()
    chat = Chat(embedded, reader)
    chat.write_and_send("Hello! My name is Mia.")
    first = chat.finished_reply(1)
    chat.write_and_send("Who are you?")
    second = chat.finished_reply(2)
    assert first.conversation == second.conversation
    assert second.text.strip()
    assert second.reused_tokens > 0
