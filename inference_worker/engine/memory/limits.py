"""Bounds of a context, closed formulas from a configuration alone, and what running out of memory looks like."""

from __future__ import annotations

import re
from typing import Any

import torch

from inference_worker.engine.decode import PREFILL_CHUNK
from inference_worker.engine.devices import free_memory
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kv_cache import KvPrecision

DEFAULT_CONTEXT = 2048
"""Tokens, for a configuration that states no limit."""
CACHE_SHARE = 4
"""A context that nobody asked for may take one part in so many of the free memory."""
SCALE_BYTES = 2
"""Of an int8 cache, for each token and head, of keys and again of values."""


def offered_context(config: Any) -> int:
    """Tokens that a checkpoint was made for."""
    text = config.get_text_config()
    limits = (getattr(text, name, None) for name in ("max_position_embeddings", "n_positions", "max_seq_len"))
    return next((limit for limit in limits if isinstance(limit, int) and limit > 0), DEFAULT_CONTEXT)


def choose_context(config: Any, free: int, wanted: int, kv_cache: KvPrecision = "16bit", prefix: int = 0) -> int:
    """Tokens of context: what is wanted or fits a share of ``free`` bytes, at most what the checkpoint offers.

    ``prefix`` is the tokens of a learned prefix, which take room in the cache, but none of the context.
    """
    offered = offered_context(config)
    if wanted > 0:
        return min(wanted, offered)
    affordable = free // CACHE_SHARE // cache_bytes_per_token(config, torch.float32, kv_cache) - prefix
    return min(offered, max(affordable, DEFAULT_CONTEXT))


def cache_bytes_per_token(config: Any, dtype: torch.dtype, kv_cache: KvPrecision = "16bit") -> int:
    """Bytes of keys and values of one token over all layers, held in ``dtype`` or as int8; at least 1."""
    text = config.get_text_config()
    heads = getattr(text, "num_attention_heads", None)
    if not heads:
        return 1  # no attention: a state of fixed size
    head_dim = getattr(text, "head_dim", None) or text.hidden_size // heads
    key_dim = getattr(text, "qk_head_dim", None) or head_dim
    value_dim = getattr(text, "v_head_dim", None) or head_dim
    groups = getattr(text, "num_key_value_heads", None) or heads
    floating: int = groups * (key_dim + value_dim) * dtype.itemsize
    if kv_cache == "16bit":
        return int(text.num_hidden_layers * floating)
    stored = groups * (key_dim + value_dim + 2 * SCALE_BYTES)
    return int(text.num_hidden_layers * stored + floating)


def activation_bytes(config: Any, dtype: torch.dtype) -> int:
    """Of one prefill chunk, roughly: residual, attention and MLP values of one layer."""
    text = config.get_text_config()
    inner = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    return int(PREFILL_CHUNK * (8 * text.hidden_size + 3 * inner) * dtype.itemsize)


def raise_out_of_memory(error: RuntimeError, device: torch.device) -> None:
    """Raise ``EngineError("out_of_memory")`` if that is what ``error`` says; else return."""
    text = str(error)
    if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in text:
        return
    asked = re.search(r"allocate ([\d.]+) ?(bytes|KiB|MiB|GiB)", text)
    unit = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    needed = int(float(asked[1]) * unit[asked[2]]) if asked else 0
    raise EngineError("out_of_memory", device=device, needed=needed, free=free_memory(device)) from error
