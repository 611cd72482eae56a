"""A conversation as rounds of one question and one answer, for formats that know nothing else. Knows no tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference_worker.engine.tokenizers.base import Message


@dataclass(slots=True)
class Round:
    question: str
    answer: str | None = None
    """``None`` until there is one."""


def content_of(message: Message) -> str:
    """The text of a message; ``ValueError`` for content that is no text, such as pictures."""
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        raise ValueError("this model's format takes text only")
    return content or ""


def as_rounds(messages: Sequence[Message], *, asked: bool = False) -> tuple[str, list[Round]]:
    """System text and rounds. Messages of one side in a row are joined by an empty line.

    An answer without a question gets an empty one, and so does a last round that is to be answered (``asked``) but is
    already. Raises ``ValueError`` for roles that such a format has no place for.
    """
    system: list[str] = []
    rounds: list[Round] = []
    for message in messages:
        role, content = message.get("role"), content_of(message)
        if role == "system":
            system.append(content)
        elif role == "user":
            _ask(rounds, content)
        elif role == "assistant":
            _answer(rounds, content)
        else:
            raise ValueError(f"this model's format has no role {role!r}")
    if asked and (not rounds or rounds[-1].answer is not None):
        rounds.append(Round(""))
    return "\n\n".join(filter(None, system)), rounds


def with_system_in_question(messages: Sequence[Message], *, asked: bool = False) -> list[Round]:
    """Rounds with the system text before the first question and an empty line, for formats without a place for it."""
    system, rounds = as_rounds(messages, asked=asked)
    if system:
        rounds = rounds or [Round("")]
        rounds[0].question = "\n\n".join(filter(None, [system, rounds[0].question]))
    return rounds


def check_open_end(messages: Sequence[Message]) -> None:
    """``ValueError`` where the last message cannot be left open."""
    if not messages or messages[-1].get("role") != "assistant":
        raise ValueError("only a reply can be gone on with")


def _ask(rounds: list[Round], content: str) -> None:
    if rounds and rounds[-1].answer is None:
        rounds[-1].question += "\n\n" + content
    else:
        rounds.append(Round(content))


def _answer(rounds: list[Round], content: str) -> None:
    if not rounds:
        rounds.append(Round(""))
    before = rounds[-1].answer
    rounds[-1].answer = content if before is None else before + "\n\n" + content
