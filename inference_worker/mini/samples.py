"""Dialogues as training samples: token ids, and what the model should have written at each place. Knows no model."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenizers import Tokenizer

from inference_worker.mini.corpus.dialogue import Call, Dialogue, Exchange
from inference_worker.mini.tokenizer import ASSISTANT, USER, id_of

IGNORED = -100
"""Label of a place where nothing is to be learned: the person's words and the results of tools."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One dialogue; ``labels[i]`` is the id that should follow ``ids[: i + 1]``, or :data:`IGNORED`."""

    ids: list[int]
    labels: list[int]


class Encoder:
    """Turns dialogues into samples with the same pieces of text, cut the same way, as a live turn uses."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._user = id_of(tokenizer, USER)
        self._assistant = id_of(tokenizer, ASSISTANT)
        self._newline = self._encode("\n")[0]

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def sample(self, dialogue: Dialogue) -> Sample:
        """The whole dialogue as one sample; learned are the replies only, each up to the token that ends it."""
        ids: list[int] = []
        labels: list[int] = []
        for exchange in dialogue:
            self._add_given([self._user, *self._encode(exchange.person)], ids, labels)
            self._add_reply(exchange, ids, labels)
        return Sample(ids, labels)

    def _add_given(self, given: list[int], ids: list[int], labels: list[int]) -> None:
        ids.extend(given)
        labels.extend([IGNORED] * len(given))

    def _add_reply(self, exchange: Exchange, ids: list[int], labels: list[int]) -> None:
        """Within a reply the label of each place is the next written token; a call line ends with a newline that the
        turn replaces by the result, so the newline is a label and never an input there."""
        ids.append(self._assistant)
        labels.append(IGNORED)
        for piece in exchange.reply:
            written = self._encode(piece.line if isinstance(piece, Call) else piece)
            labels[-1:] = written[:1]
            ids.extend(written)
            labels.extend([*written[1:], IGNORED])
            if isinstance(piece, Call):
                labels[-1] = self._newline
                self._add_given(self._encode(f" <<{piece.result}\n"), ids, labels)
        labels[-1] = self._user


def batches(
    draw: Callable[[random.Random], Dialogue],
    encoder: Encoder,
    *,
    seed: int,
    tokens: int,
    longest: int,
    pool: int = 1536,
) -> Iterator[list[Sample]]:
    """Endless batches of at most ``tokens`` padded tokens, samples of like length together, none above ``longest``.

    Batch ``n`` depends on ``seed`` and ``n`` alone through its pool, so a resumed run goes on with fresh samples.
    """
    number = 0
    while True:
        rng = random.Random(f"{seed}/{number}")
        samples = [s for s in (encoder.sample(draw(rng)) for _ in range(pool)) if len(s.ids) <= longest]
        samples.sort(key=lambda s: len(s.ids))
        cut = list(_cut(samples, tokens))
        rng.shuffle(cut)
        yield from cut
        number += 1


def _cut(samples: list[Sample], tokens: int) -> Iterator[list[Sample]]:
    batch: list[Sample] = []
    for sample in samples:
        if batch and (len(batch) + 1) * len(sample.ids) > tokens:
            yield batch
            batch = []
        batch.append(sample)
    if batch:
        yield batch
