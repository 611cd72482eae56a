"""Learned keys and values that stand before every prompt (P-Tuning v2), in the form that the cache takes.

Tokens keep the positions that they have without a prefix; every token sees all of it. Source: Liu et al., "P-Tuning
v2", 2022, section 3, and how the published ChatGLM code reads its own checkpoints.
"""

from __future__ import annotations

from typing import Any

import torch


class Prefix:
    """Keys and values of each layer, [1, heads, length, head_dim]."""

    def __init__(self, rows: torch.Tensor, config: Any, device: torch.device, dtype: torch.dtype) -> None:
        """``rows`` [length, layers * 2 * heads * head_dim]: key of layer 0, value of layer 0, key of layer 1, …"""
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        blocks = rows.to(device, dtype).view(len(rows), 2 * config.num_hidden_layers, heads, -1)
        states = blocks.permute(1, 2, 0, 3).unsqueeze(1)
        self.length = len(rows)
        self.nbytes = states.nbytes
        self._layers = list(zip(states[0::2], states[1::2], strict=True))

    def put_into(self, cache: Any) -> None:
        """Make the prefix the first tokens of an empty cache."""
        for layer, (keys, values) in enumerate(self._layers):
            cache.update(keys, values, layer)
