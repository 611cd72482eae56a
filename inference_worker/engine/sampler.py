"""Choosing the next token from logits. Knows only token ids.

Order as in transformers: repetition penalty (Keskar et al. 2019, CTRL), temperature, top-k, top-p (Holtzman et al.
2019), min-p (Nguyen et al. 2024), then one draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch

NUCLEUS = 1024
"""Candidates looked at first for top-p: sorting 150,000 scores takes longer than a step of a small model."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``None`` means: the checkpoint's default (generation_config.json), else ours."""

    temperature: float | None = None
    """0 is greedy."""
    top_k: int | None = None
    """0 is off."""
    top_p: float | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    """``None`` draws differently each time."""
    max_tokens: int | None = None
    """Upper bound of generated tokens; ``None`` goes on until the context is full."""
    stop: tuple[str, ...] = ()
    """Texts that end the reply; they are not part of it."""

    def __post_init__(self) -> None:
        in_range = (
            (self.temperature is None or self.temperature >= 0)
            and (self.top_k is None or self.top_k >= 0)
            and (self.top_p is None or 0 <= self.top_p <= 1)
            and (self.min_p is None or 0 <= self.min_p <= 1)
            and (self.repetition_penalty is None or self.repetition_penalty > 0)
            and (self.max_tokens is None or self.max_tokens >= 1)
            and all(self.stop)
        )
        if not in_range:
            raise ValueError(f"out of range: {self}")

    def filled_from(self, defaults: Sampling) -> Sampling:
        """This, with what is ``None`` taken from ``defaults``."""
        missing = {f.name: getattr(defaults, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **missing)


OURS = Sampling(temperature=0.7, top_k=0, top_p=0.9, min_p=0.0, repetition_penalty=1.0)


def checkpoint_defaults(generation_config: Mapping[str, Any]) -> Sampling:
    """What a checkpoint asks for, ours for the rest. Values that make no sense are passed over one by one."""
    chosen = OURS
    for name in ("temperature", "top_k", "top_p", "min_p", "repetition_penalty"):
        value = generation_config.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                chosen = replace(chosen, **{name: value})  # type: ignore[arg-type]
            except ValueError:
                continue
    return replace(chosen, temperature=0.0) if generation_config.get("do_sample") is False else chosen


class Sampler:
    """Draws tokens for one generation: keeps its random state and which tokens have been seen."""

    def __init__(self, sampling: Sampling, seen: Iterable[int], vocabulary: int, device: torch.device) -> None:
        """``sampling`` must be filled; ``seen`` are the prompt's ids; logits will be [vocabulary] on ``device``."""
        self.sampling = sampling
        self.random = torch.Generator(device=device)
        if sampling.seed is None:
            self.random.seed()
        else:
            self.random.manual_seed(sampling.seed)
        self.seen: torch.Tensor | None = None
        if sampling.repetition_penalty not in (None, 1.0):
            self.seen = torch.zeros(vocabulary, dtype=torch.bool, device=device)
            self.seen[torch.tensor(sorted(set(seen)), dtype=torch.long, device=device)] = True

    def choose(self, logits: torch.Tensor, allowed: np.ndarray | None = None) -> int | None:
        """The next token for ``logits`` [vocabulary], or ``None`` where they are not numbers.

        ``allowed`` is bool [vocabulary], true somewhere; nothing else is chosen. ``None`` allows everything.
        """
        scores = logits.float()
        best = scores.max()
        if not best.isfinite():
            return None
        if self.seen is not None:
            penalty = self.sampling.repetition_penalty
            scores = torch.where(self.seen, torch.where(scores < 0, scores * penalty, scores / penalty), scores)
        if allowed is not None:
            scores = scores.masked_fill(~torch.from_numpy(allowed).to(scores.device), -torch.inf)
        token = self._greedy(scores) if not self.sampling.temperature else self._draw(scores)
        if self.seen is not None:
            self.seen[token] = True
        return token

    def _greedy(self, scores: torch.Tensor) -> int:
        return int(scores.argmax())

    def _draw(self, scores: torch.Tensor) -> int:
        scores = scores / self.sampling.temperature
        values, ids = candidates(scores, self.sampling)
        place = int(torch.multinomial(values.softmax(-1), 1, generator=self.random))
        return place if ids is None else int(ids[place])


def candidates(scores: torch.Tensor, sampling: Sampling) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The scores that may be drawn, of ``scores`` [vocabulary], and their ids (``None``: all, in order)."""
    top_k, top_p, min_p = sampling.top_k or 0, sampling.top_p or 0.0, sampling.min_p or 0.0
    if sampling.top_p is None or top_p >= 1.0:
        if not top_k:
            # Only min-p is left, and it needs no order.
            return (
                torch.where(scores >= scores.max() + math.log(min_p), scores, -torch.inf) if min_p else scores
            ), None
        values, ids = scores.topk(min(top_k, len(scores)))
    else:
        values, ids = _nucleus(scores, min(top_k or len(scores), len(scores)), top_k > 0, top_p)
    keep = int((values >= values[0] + math.log(min_p)).sum()) if min_p else len(values)
    return values[:keep], ids[:keep]


def _nucleus(scores: torch.Tensor, k: int, renormalize: bool, top_p: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest tokens that together reach ``top_p``, at least one, in falling order."""
    first = k if renormalize else min(k, NUCLEUS)
    values, ids = scores.topk(first)
    total = torch.logsumexp(values if renormalize else scores, -1)
    probabilities = (values - total).exp()
    if first < k and probabilities.sum() < top_p:
        values, ids = scores.sort(descending=True)
        probabilities = (values - total).exp()
    before = probabilities.cumsum(-1) - probabilities
    keep = max(1, int((before < top_p).sum()))
    return values[:keep], ids[:keep]
