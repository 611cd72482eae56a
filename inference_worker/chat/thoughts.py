"""Tells thoughts from the answer, for a model that thinks but was not trained for tools. Knows no call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference_worker.chat.call_grammar import Before, thoughts_before
from inference_worker.chat.round_trip import PROMPT_END, marker_ids, open_filter
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.tools.families.family import Family, Thinking
from inference_worker.tools.model_filter import ModelFilter


class Thoughts:
    """Of one loaded checkpoint."""

    def __init__(self, tokenizer: ChatTokenizer, pairs: Sequence[Thinking]) -> None:
        self._tokenizer = tokenizer
        self._family = Family("thoughts", thinking=tuple(pairs))
        markers = marker_ids(tokenizer, self._family).items()
        self.markers: Mapping[int, str] = {token: name for token, name in markers if name in self._family.markers}
        """Ids that a stream hands out as markers, not as text."""

    def open_filter(self, prompt: Sequence[int]) -> ModelFilter:
        """The filter of a reply that follows ``prompt``, up to the first text."""
        return open_filter(self._tokenizer, self._family, {}, prompt)

    def begins(self, prompt: Sequence[int]) -> bool:
        """Whether ``prompt`` has begun to think for the model."""
        return self._opened(prompt) is not None

    def before(self, prompt: Sequence[int]) -> Before:
        """What may stand before a call behind ``prompt``."""
        ids = {name: token for token, name in self.markers.items()}
        return thoughts_before(ids, self._family.thinking, self._opened(prompt))

    def _opened(self, prompt: Sequence[int]) -> Thinking | None:
        end = self._tokenizer.decode(list(prompt[-PROMPT_END:])).rstrip()
        return next((pair for pair in self._family.thinking if end.endswith(pair.open.rstrip())), None)
