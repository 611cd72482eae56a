"""How much of each topic the corpus holds. Pure Python; knows no token and no model."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from inference_worker.mini.corpus import (
    arithmetic,
    chat_en,
    chat_zh,
    clock,
    names_en,
    names_zh,
    refusals_en,
    refusals_zh,
    reminders,
)
from inference_worker.mini.corpus.dialogue import Call, Dialogue

CORPUS_VERSION = "2"
"""Raised with every change to the frames; the shipped checkpoint names the one that made it."""


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def _said_in_chinese(sample: Callable[[random.Random], Dialogue]) -> Callable[[random.Random], Dialogue]:
    """``sample`` without dialogues whose first words are latin only ("hi", "bye"): those are answered in English."""

    def draw_again(rng: random.Random) -> Dialogue:
        while True:
            dialogue = sample(rng)
            if _has_chinese(dialogue[0].person):
                return dialogue

    return draw_again


_names_zh = _said_in_chinese(names_zh.sample)
_TOPICS: tuple[tuple[int, Callable[[random.Random], Dialogue]], ...] = (
    (14, arithmetic.sample_en),
    (15, arithmetic.sample_zh),
    (26, chat_en.sample),
    (22, _said_in_chinese(chat_zh.sample)),
    (4, names_en.sample),
    (4, _names_zh),
    (4, refusals_en.sample),
    (4, _said_in_chinese(refusals_zh.sample)),
    (4, reminders.sample_en),
    (4, reminders.sample_zh),
    (1, clock.sample_en),
    (1, clock.sample_zh),
)
_WEIGHTS = [weight for weight, _ in _TOPICS]
_NAMELESS = [0 if topic in (names_en.sample, _names_zh) else weight for weight, topic in _TOPICS]
"""For what comes before in a longer chat: "you have not told me yet" must stay true."""
_LONG_CHATS = 0.07
"""Share of dialogues that follow on others, so that what came before does not confuse the model."""


def draw(rng: random.Random) -> Dialogue:
    """One dialogue of any topic, now and then at the end of a longer chat."""
    before = rng.randint(1, 5) if rng.random() < _LONG_CHATS else 0
    topics = [*rng.choices(_TOPICS, _NAMELESS, k=before), *rng.choices(_TOPICS, _WEIGHTS)]
    return tuple(exchange for _, topic in topics for exchange in topic(rng))


def texts(rng: random.Random, count: int) -> Iterator[str]:
    """The texts of ``count`` dialogues, for the tokenizer to learn from."""
    for _ in range(count):
        for exchange in draw(rng):
            yield exchange.person
            for piece in exchange.reply:
                yield f"{piece.line} <<{piece.result}\n" if isinstance(piece, Call) else piece
