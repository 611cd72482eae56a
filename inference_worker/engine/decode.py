"""The decode loop: prefill in chunks, then token by token, over a cache that stays. Knows only token ids."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

import torch

from inference_worker.engine.attention import use_attention_for
from inference_worker.engine.constraint import Constraint
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kv_cache import KvLayer, KvPrecision, kept_precision, new_cache
from inference_worker.engine.prefix import Prefix
from inference_worker.engine.sampler import Sampler

if TYPE_CHECKING:
    from inference_worker.engine.memory import Measurement

PREFILL_CHUNK = 256
"""Tokens between two looks at ``cancel``: few enough to feel immediate, enough for efficient matrix products."""

FinishReason = Literal["stop", "length", "cancelled"]


class Decoder:
    """A model with the cache of the last conversation. One generation at a time uses it."""

    def __init__(
        self,
        model: Any,
        context: int,
        device: torch.device,
        path: str,
        kv_cache: KvPrecision = "16bit",
        measurement: Measurement | None = None,
        prefix: Prefix | None = None,
    ) -> None:
        """``path`` is only for naming the checkpoint in errors. ``measurement`` sees the first long prefill."""
        use_attention_for(model, device.type)
        self.path = path
        self.model = model
        self.context = context
        self.device = device
        self.prefix = prefix
        self._wanted = kv_cache
        self.cache = self.empty_cache()
        self.kv_cache = kept_precision(self.cache)
        self.can_crop = all(isinstance(layer, KvLayer) for layer in self.cache.layers)
        self.cached: list[int] = []
        """The ids whose keys and values the cache holds."""
        self.user: Generation | None = None
        self.last_only = last_only(model)
        self.measurement = measurement

    def empty_cache(self) -> Any:
        """A new cache for the whole context, behind the prefix if there is one."""
        length = self.prefix.length if self.prefix is not None else 0
        cache = new_cache(self.model.config, self.context + length, self._wanted)
        if self.prefix is not None:
            self.prefix.put_into(cache)
        return cache

    def reuse(self, ids: Sequence[int]) -> int:
        """Cut the cache back to the longest prefix it shares with ``ids``, always leaving one token to process."""
        shared = 0
        for mine, wanted in zip(self.cached, ids[:-1], strict=False):
            if mine != wanted:
                break
            shared += 1
        if (shared < len(self.cached) and not self.can_crop) or shared < self.read_at_once(ids):
            shared = 0
        if not shared:
            self.forget()
        elif shared < len(self.cached):
            self.cache.crop(shared - len(self.cached))
            del self.cached[shared:]
        return shared

    def forget(self) -> None:
        """Empty the cache; its memory is kept for the next conversation."""
        with torch.inference_mode():
            self.cache.reset()
            if self.prefix is not None:
                self.prefix.put_into(self.cache)
        self.cached.clear()

    def close(self) -> None:
        """Let go of weights and cache, whoever still holds a generation."""
        self.model = self.cache = self.user = None
        self.cached.clear()

    def process(self, ids: Sequence[int]) -> torch.Tensor:
        """Append ``ids`` to the cache; logits [vocabulary] after the last of them, in the model's own type."""
        try:
            logits = self.compute(ids, self.cache, len(self.cached), **self.last_only)[-1]
        except BaseException:
            self.forget()  # some layers have the new tokens, some do not
            raise
        self.cached.extend(ids)
        return logits

    def compute(self, ids: Sequence[int], cache: Any, first: int, **options: Any) -> torch.Tensor:
        """Logits [n, vocabulary] of ``ids``, the first of which is token number ``first`` of those in ``cache``."""
        tokens = torch.tensor([list(ids)], device=self.device)
        if self.prefix is not None:
            options["position_ids"] = torch.arange(first, first + len(ids), device=self.device).unsqueeze(0)
        with torch.inference_mode():
            output = self.model(input_ids=tokens, past_key_values=cache, use_cache=cache is not None, **options)
            return output.logits[0].to(self.device)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Run around a prefill: the first that is long enough shows how much memory this model takes."""
        if self.measurement is None:
            yield
            return
        with self.measurement.computing():
            yield
        if self.measurement.finish(len(self.cached), self.context):
            self.measurement = None

    def chunk_size(self, ids: Sequence[int], done: int) -> int:
        """How many of ``ids`` to prefill at once after ``done`` of them; recurrent layers take only a whole prompt."""
        remaining = len(ids) - done
        return min(max(PREFILL_CHUNK, self.read_at_once(ids) - done), remaining) if self.can_crop else remaining

    def read_at_once(self, ids: Sequence[int]) -> int:
        """Of a model that reads a question in both directions: how many of ``ids`` belong together; otherwise 0."""
        together = getattr(self.model, "context_end", None)
        return together(ids) if together is not None else 0


def last_only(model: Any) -> dict[str, int]:
    """Arguments for computing logits of the last token alone, which saves most of a prefill; few families lack them."""
    accepted = "logits_to_keep" in inspect.signature(model.forward).parameters
    return {"logits_to_keep": 1} if accepted else {}


class Generation(Iterator[int]):
    """The ids that follow a prompt, one at a time; the last may be a stop id. Close it, or just stop iterating.

    ``finish_reason`` is set before the last id is handed out, so that whoever receives it knows that it is the last.
    """

    def __init__(
        self,
        decoder: Decoder,
        ids: Sequence[int],
        sampler: Sampler,
        *,
        stop_ids: frozenset[int] = frozenset(),
        ends: Callable[[int], bool] | None = None,
        max_tokens: int | None = None,
        cancel: threading.Event | None = None,
        constraint: Constraint | None = None,
    ) -> None:
        """``ends`` is asked about every id and may end the generation: stop strings live there."""
        if not ids:
            raise ValueError("a generation needs at least one token to start from")
        if len(ids) >= decoder.context:
            raise EngineError("context_full", tokens=len(ids), context=decoder.context)
        self.finish_reason: FinishReason | None = None
        self.prompt_tokens = len(ids)
        self.reused_tokens = 0
        self.completion_tokens = 0
        self.prefill_seconds = 0.0
        self.decode_seconds = 0.0
        self._decoder = decoder
        self._prompt = list(ids)
        self._sampler = sampler
        self._stop_ids = stop_ids
        self._ends = ends
        room = decoder.context - len(ids)
        self._limit = room if max_tokens is None else min(room, max_tokens)
        self._cancel = cancel or threading.Event()
        self._constraint = constraint
        self._last: int | None = None
        decoder.user = self

    def __next__(self) -> int:
        if self.finish_reason is not None:
            raise StopIteration
        if self._decoder.user is not self:
            raise RuntimeError("another generation has taken over this model")
        logits = self._prefill() if self._last is None else self._step(self._last)
        if logits is None or self._cancel.is_set():
            self.finish_reason = "cancelled"
            raise StopIteration
        return self._choose(logits)

    def close(self) -> None:
        """End now; what is cached stays for the next generation."""
        if self.finish_reason is None:
            self.finish_reason = "cancelled"

    def _choose(self, logits: torch.Tensor) -> int:
        started = perf_counter()
        allowed = self._constraint.allowed() if self._constraint is not None else None
        with torch.inference_mode():
            token = self._sampler.choose(logits, allowed)
        if token is None:
            self._decoder.forget()
            raise EngineError(
                "broken_checkpoint",
                path=self._decoder.path,
                reason="the model computed values that are no finite numbers",
            )
        if self._constraint is not None:
            self._constraint.accept(token)
        self.decode_seconds += perf_counter() - started
        self._last = token
        self.completion_tokens += 1
        if token in self._stop_ids or (self._ends is not None and self._ends(token)):
            self.finish_reason = "stop"
        elif self.completion_tokens >= self._limit:
            self.finish_reason = "length"
        return token

    def _prefill(self) -> torch.Tensor | None:
        """Process what of the prompt is not cached; ``None`` if cancelled between two chunks."""
        started = perf_counter()
        done = self.reused_tokens = self._decoder.reuse(self._prompt)
        logits = None
        with self._decoder.measured():
            while done < len(self._prompt):
                if self._cancel.is_set():
                    return None
                size = self._decoder.chunk_size(self._prompt, done)
                logits = self._decoder.process(self._prompt[done : done + size])
                done += size
        self.prefill_seconds = perf_counter() - started
        return logits

    def _step(self, token: int) -> torch.Tensor | None:
        if self._cancel.is_set():
            return None
        started = perf_counter()
        logits = self._decoder.process((token,))
        self.decode_seconds += perf_counter() - started
        return logits
