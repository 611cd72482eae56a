"""Greedy decoding by recomputing the whole sequence for each token: slow, and without a cache that could be wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor


def greedy(logits: Callable[[Sequence[int]], Tensor], ids: Sequence[int], count: int) -> list[int]:
    """The ``count`` ids of highest logit after ``ids``, one after the other; ends at no stop id.

    ``logits`` maps n ids to [n, vocabulary] fp32.
    """
    sequence = list(ids)
    for _ in range(count):
        sequence.append(int(logits(sequence)[-1].argmax()))
    return sequence[len(ids) :]
