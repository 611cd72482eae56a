"""The persona that ships, and what a model gets to see of a conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import TextPart
from nyanko_desktop.assets import persona_file
from nyanko_desktop.conversations.models import Author, Reply, StoredMessage
from nyanko_desktop.personas.persona import load_persona
from nyanko_desktop.personas.prompt import LARGEST_HISTORY, prompt

NOW = datetime(2026, 11, 21).astimezone()


def message(id: int, role: Author, text: str, reply: Reply | None = None) -> StoredMessage:
    return StoredMessage(id, 1, role, (TextPart(text),), "complete", NOW, reply or Reply())


def exchanges(count: int, text: str = "x" * 88) -> list[StoredMessage]:
    """Messages 1, 2, 3, …, the person's first."""
    return [message(i + 1, "assistant" if i % 2 else "user", text) for i in range(2 * count)]


def test_nyanko_speaks_both_languages_and_falls_back_to_english() -> None:
    nyanko = load_persona(persona_file("nyanko"))
    assert nyanko.name_in("zh_CN") == "喵酱"
    assert nyanko.name_in("fr") == "Nyanko"
    assert "喵酱" in nyanko.system_in("zh_CN")
    assert nyanko.system_in("en").startswith("You are Nyanko")
    assert "\n" not in nyanko.system_in("zh_CN")


def test_a_persona_with_a_slip_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[name]\nen = "A"\n')
    with pytest.raises(msgspec.MsgspecError, match="system"):
        load_persona(tmp_path / "p.toml")


def test_the_stable_part_comes_first_and_generated_ids_go_along() -> None:
    reply = Reply(ids=(1, 2), ids_model="abc")
    messages = prompt("You are Nyanko.", [message(1, "user", "hi"), message(2, "assistant", "hello", reply)]).messages
    assert [m.role for m in messages] == ["system", "user", "assistant"]
    assert (messages[2].ids, messages[2].ids_model) == ((1, 2), "abc")
    assert prompt("", []).messages == ()


@pytest.mark.parametrize("system", ["", "You are Nyanko."])
def test_a_window_is_a_stored_message_here_and_an_index_in_the_worker(system: str) -> None:
    sent = prompt(system, exchanges(3))
    assert sent.messages[sent.index_of(5)].role == "user"
    assert sent.window_start(sent.index_of(5)) == 5
    assert (sent.index_of(0), sent.window_start(0), sent.oldest) == (0, 0, 0)


def test_a_window_that_began_with_a_message_that_is_gone_begins_with_the_next_one() -> None:
    messages = [m for m in exchanges(4) if m.id not in (3, 4)]
    sent = prompt("You are Nyanko.", messages)
    assert sent.window_start(sent.index_of(3)) == 5
    assert sent.index_of(99) == 0


def test_only_the_newest_exchanges_of_a_huge_conversation_are_sent_and_the_oldest_of_them_is_named() -> None:
    quarter = "x" * (LARGEST_HISTORY // 4)
    sent = prompt("You are Nyanko.", exchanges(3, quarter)[:5])
    assert sent.stored == (0, 3, 4, 5)
    assert (sent.oldest, sent.window_start(0)) == (3, 3)


def test_a_question_that_was_too_long_is_not_sent_again_but_one_whose_reply_was_cut_short_is() -> None:
    full = Reply(error=WireError(ErrorCode.CONTEXT_FULL))
    unread = replace(message(4, "assistant", ""), parts=(), reply=full)
    cut = message(6, "assistant", "It is", full)
    asked = [message(i, "user", "?") for i in (3, 5, 7)]
    sent = prompt("", [*exchanges(1), asked[0], unread, asked[1], cut, asked[2]])
    assert (sent.stored, sent.oldest) == ((1, 2, 5, 6, 7), 0)


def test_the_last_question_is_sent_however_long_it_is() -> None:
    sent = prompt("", [*exchanges(1), message(3, "user", "x" * (LARGEST_HISTORY + 1))])
    assert sent.stored == (3,)
