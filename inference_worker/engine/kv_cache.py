"""Keys and values of the tokens seen so far, in buffers that grow and can be cut back; transformers' models use them.

Sliding-window layers are kept whole (the model's mask hides what is out of the window), so that any prefix can be used
again.
"""

from __future__ import annotations

from typing import Any

import torch

from inference_worker.engine.quiet import cache_utils

SMALLEST = 256
"""Tokens of the first allocation; then the buffers double, so that growing costs little."""
ATTENTION = frozenset({"full_attention", "sliding_attention", "chunked_attention"})


class KvLayer(cache_utils.CacheLayerMixin):
    """Keys and values of one layer, [1, heads, capacity, head_dim]; the model sees views of the part in use."""

    is_croppable = True
    is_sliding = False
    supports_early_init = False

    def __init__(self, context: int) -> None:
        super().__init__()
        self.context = context
        self.length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.keys = key_states.new_empty(*key_states.shape[:2], 0, key_states.shape[3])
        self.values = value_states.new_empty(*value_states.shape[:2], 0, value_states.shape[3])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append states [1, heads, n, head_dim] and return all of them, as views."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start, end = self.length, self.length + key_states.shape[2]
        if end > self.keys.shape[2]:
            self._grow(end)
        keys, values = self.keys[:, :, :end], self.values[:, :, :end]
        keys[:, :, start:] = key_states
        values[:, :, start:] = value_states
        self.length = end
        return keys, values

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last ``-tokens_to_remove`` tokens (transformers gives a negative number)."""
        self.length = max(0, self.length - abs(tokens_to_remove))

    def reset(self) -> None:
        self.length = 0

    def get_seq_length(self) -> int:
        return self.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_max_length(self) -> int:
        return self.context

    def _grow(self, needed: int) -> None:
        capacity = max(needed, SMALLEST, min(2 * self.keys.shape[2], self.context))
        self.keys = self._copied(self.keys, capacity)
        self.values = self._copied(self.values, capacity)

    def _copied(self, states: torch.Tensor, capacity: int) -> torch.Tensor:
        larger = states.new_empty(*states.shape[:2], capacity, states.shape[3])
        larger[:, :, : self.length] = states[:, :, : self.length]
        return larger


def new_cache(config: Any, context: int) -> Any:
    """An empty cache for ``context`` tokens; with recurrent layers transformers' own, which cannot be cut back."""
    layer_types, _ = cache_utils.get_layer_types_and_kwargs(config.get_text_config(decoder=True))
    if set(layer_types) <= ATTENTION:
        return cache_utils.Cache(layers=[KvLayer(context) for _ in layer_types])
    return cache_utils.DynamicCache(config=config)
