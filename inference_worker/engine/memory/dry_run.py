"""One chunk of a prefill over a full cache, run on tensors without data: what it allocates is what the real one will.

Exact for every architecture whose code does not look at values, since it is that code that runs; the rest is left to a
formula. What torch's attention kernels allocate inside, which no dry run sees, is added by hand. Knows no weights'
precision: a quantized Linear gives results of the same shape as a floating one.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from inference_worker.engine.attention import use_attention_for
from inference_worker.engine.decode import PREFILL_CHUNK, last_only
from inference_worker.engine.kv_cache import KvLayer, KvPrecision, cache_tensors, new_cache
from inference_worker.engine.memory.limits import activation_bytes, cache_bytes_per_token

log = logging.getLogger(__name__)

SCORES_IN_MATH = 2
"""Copies of the scores [heads, queries, keys] alive at once where torch has no fused kernel (profiled, torch 2.13)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes: ``cache`` full of tokens, and ``activations``, the most that one chunk has alive beside it."""

    cache: int
    activations: int


def dry_run(model: Any, device_type: str, tokens: int, kv_cache: KvPrecision) -> Usage:
    """What prefilling ``tokens`` takes with ``model``, all of whose tensors are on the meta device."""
    use_attention_for(model, device_type)
    try:
        return _run(model, device_type, tokens, kv_cache)
    except (RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        # Code of the model's own that looks at values (some routers of experts) cannot run without any.
        log.debug("no dry run of %s: %s", type(model).__name__, error)
        dtype = model.dtype
        cache = tokens * cache_bytes_per_token(model.config, dtype, kv_cache)
        return Usage(cache, activation_bytes(model.config, dtype))


def _run(model: Any, device_type: str, tokens: int, kv_cache: KvPrecision) -> Usage:
    cache = new_cache(model.config, tokens, kv_cache)
    chunk = tokens
    if all(isinstance(layer, KvLayer) for layer in cache.layers) and not hasattr(model, "context_end"):
        chunk = min(PREFILL_CHUNK, tokens)
        for layer in cache.layers:
            layer.length = tokens - chunk
    ids = torch.zeros(1, chunk, dtype=torch.long, device="meta")
    live = _LiveBytes()
    with torch.inference_mode(), _AttentionKernel(device_type), live:
        output = model(input_ids=ids, past_key_values=cache, use_cache=True, **last_only(model))
    held = sum(tensor.untyped_storage().nbytes() for tensor in cache_tensors(cache))
    del output
    return Usage(held, max(0, live.peak - held))


class _LiveBytes(TorchDispatchMode):
    """Counts the bytes of all tensors made under it that are still alive, and the most there ever were."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.peak = 0
        self._seen: weakref.WeakSet[torch.UntypedStorage] = weakref.WeakSet()

    def __torch_dispatch__(
        self, function: Callable[..., Any], _types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        if storage in self._seen:
            return
        size = storage.nbytes()
        self._seen.add(storage)
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, size)

    def _forget(self, size: int) -> None:
        self.now -= size


class _AttentionKernel(TorchFunctionMode):
    """Stands in for ``scaled_dot_product_attention`` as it is on a device of the given type."""

    def __init__(self, device_type: str) -> None:
        super().__init__()
        self.device_type = device_type

    def __torch_function__(
        self, function: Callable[..., Any], _types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if function is not nn.functional.scaled_dot_product_attention:
            return function(*args, **(kwargs or {}))
        query, key, value, *_ = args
        mask = (kwargs or {}).get("attn_mask")
        inside = _inside_attention(query, key, value, mask, self.device_type)
        workspace = query.new_empty(inside, dtype=torch.uint8)
        output = query.new_empty(*query.shape[:-1], value.shape[-1])
        del workspace
        return output


def _inside_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, device_type: str
) -> int:
    """Bytes that torch allocates inside: the mask as numbers, and scores where there is no fused kernel."""
    mask_bytes = 0 if mask is None else mask.numel() * query.element_size()
    fused = query.shape[-1] == value.shape[-1] and device_type != "mps"
    if fused:
        return mask_bytes
    heads, queries, keys = query.shape[1], query.shape[2], key.shape[2]
    scores = SCORES_IN_MATH * heads * queries * keys
    return mask_bytes + (scores + heads * keys * key.shape[-1]) * query.element_size()
