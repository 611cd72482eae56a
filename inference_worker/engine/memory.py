"""What a checkpoint will take before it is loaded, from configuration and tensor headers alone. Reads no weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.decode import PREFILL_CHUNK
from inference_worker.engine.devices import free_memory, resolve_device
from inference_worker.engine.errors import EngineError
from inference_worker.engine.skeleton import PRECISIONS, Precision, build_skeleton, compute_dtype, read_config
from inference_worker.engine.weight_routes import plan_routes

DEFAULT_CONTEXT = 2048
"""Tokens, for a configuration that states no limit."""
CACHE_SHARE = 4
"""A context that nobody asked for may take one part in so many of the free memory."""
BASE_OVERHEAD = {"cpu": 32 * 2**20, "cuda": 600 * 2**20, "mps": 200 * 2**20}
"""Bytes beside weights, cache and activations: scratch buffers; on CUDA the driver's context (unproven)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes that one precision takes: ``weights`` exactly, ``cache`` for the whole context, ``overhead`` as a guess."""

    precision: Precision
    weights: int
    cache: int
    overhead: int
    fits: bool

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.overhead


@dataclass(frozen=True, slots=True)
class Plan:
    """Estimates for each precision, against ``free`` bytes on ``device`` now, for ``context`` tokens."""

    device: str
    free: int
    context: int
    estimates: tuple[Estimate, ...]


def plan_memory(path: str | Path, device: str = "auto", context: int = 0) -> Plan:
    """What each precision of the checkpoint in ``path`` takes. Raises what ``load_model`` raises before reading."""
    checkpoint = open_checkpoint(path)
    chosen = resolve_device(device)
    target = torch.device(chosen.device)
    config = read_config(checkpoint)
    tokens = choose_context(config, chosen.free, context)
    estimates: list[Estimate] = []
    for precision in PRECISIONS:
        try:
            skeleton = build_skeleton(checkpoint, precision, target)
        except EngineError:
            if precision != "int8":
                raise
            continue  # experts: every precision but this one
        if not estimates:
            plan_routes(skeleton, checkpoint)
        weights, dtype = skeleton.nbytes(), compute_dtype(precision, target)
        cache = tokens * cache_bytes_per_token(config, dtype)
        overhead = BASE_OVERHEAD.get(target.type, 0) + _activation_bytes(config, dtype)
        estimates.append(Estimate(precision, weights, cache, overhead, weights + cache + overhead <= chosen.free))
    return Plan(chosen.device, chosen.free, tokens, tuple(estimates))


def choose_context(config: Any, free: int, wanted: int) -> int:
    """Tokens of context: what is wanted or fits a share of ``free`` bytes, at most what the checkpoint offers."""
    text = config.get_text_config()
    limits = (getattr(text, name, None) for name in ("max_position_embeddings", "n_positions", "max_seq_len"))
    offered = next((limit for limit in limits if isinstance(limit, int) and limit > 0), DEFAULT_CONTEXT)
    if wanted > 0:
        return min(wanted, offered)
    affordable = free // CACHE_SHARE // cache_bytes_per_token(config, torch.float32)
    return min(offered, max(affordable, DEFAULT_CONTEXT))


def cache_bytes_per_token(config: Any, dtype: torch.dtype) -> int:
    """Bytes of keys and values of one token over all layers, held in ``dtype``."""
    text = config.get_text_config()
    heads = getattr(text, "num_attention_heads", None)
    if not heads:
        return 1  # no attention: a state of fixed size
    head_dim = getattr(text, "head_dim", None) or text.hidden_size // heads
    key_dim = getattr(text, "qk_head_dim", None) or head_dim
    value_dim = getattr(text, "v_head_dim", None) or head_dim
    groups = getattr(text, "num_key_value_heads", None) or heads
    return text.num_hidden_layers * groups * (key_dim + value_dim) * dtype.itemsize


def raise_out_of_memory(error: RuntimeError, device: torch.device) -> None:
    """Raise ``EngineError("out_of_memory")`` if that is what ``error`` says; else return."""
    text = str(error)
    if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in text:
        return
    asked = re.search(r"allocate ([\d.]+) ?(bytes|KiB|MiB|GiB)", text)
    unit = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    needed = int(float(asked[1]) * unit[asked[2]]) if asked else 0
    raise EngineError("out_of_memory", device=device, needed=needed, free=free_memory(device)) from error


def _activation_bytes(config: Any, dtype: torch.dtype) -> int:
    """Of one prefill chunk: residual, attention and MLP values of one layer, and the logits of one token."""
    text = config.get_text_config()
    inner = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    return PREFILL_CHUNK * (8 * text.hidden_size + 3 * inner) * dtype.itemsize + 4 * text.vocab_size
