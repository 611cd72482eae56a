"""The persona that ships, and what a model gets to see of a conversation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from inference_worker.protocol.messages import TextPart, Usage
from nyanko_desktop.assets import persona_file
from nyanko_desktop.conversations.models import Author, Reply, StoredMessage
from nyanko_desktop.personas.persona import load_persona
from nyanko_desktop.personas.prompt import estimate_tokens, prompt, smaller_window

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
    messages = prompt("You are Nyanko.", [message(1, "user", "hi"), message(2, "assistant", "hello", reply)], 0)
    assert [m.role for m in messages] == ["system", "user", "assistant"]
    assert (messages[2].ids, messages[2].ids_model) == ((1, 2), "abc")
    assert prompt("", [], 0) == ()


def test_the_window_hides_what_is_older() -> None:
    assert [m.role for m in prompt("", exchanges(3), 5)] == ["user", "assistant"]


def test_tokens_are_what_was_counted_and_a_guess_for_the_rest() -> None:
    messages = [
        *exchanges(1),
        message(3, "assistant", "y", Reply(usage=Usage(100, 0, 50))),
        message(4, "user", "z" * 288),
    ]
    assert estimate_tokens(messages, 0) == 150 + 100
    assert estimate_tokens(exchanges(1), 0) == round(200 / 3)


def test_a_full_window_drops_to_about_60_percent_at_the_persons_turn() -> None:
    messages = exchanges(10)
    start = smaller_window(messages, 0, tokens=1000, context=1000)
    assert start == 9
    assert messages[start - 1].role == "user"


def test_a_window_always_keeps_the_last_question() -> None:
    assert smaller_window(exchanges(3), 0, tokens=100_000, context=1000) == 5
    assert smaller_window(exchanges(3), 5, tokens=100_000, context=1000) is None
    assert smaller_window([message(1, "user", "long")], 0, tokens=2000, context=1000) is None
