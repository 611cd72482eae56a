"""MOSS (CodeGen): a forward pass over original tensor names, in plain fp32.

A referee for the product: it shares no code with it. Knows no files, no cache and no batches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear

from tests.reference.greedy import greedy

BLOCKS = 4
"""The fused projection has the rows of four machines one after the other, each with its queries, values, keys."""


@dataclass(frozen=True)
class Moss:
    """``config`` has the original keys, ``weights`` the original names, unpacked, in any floating type."""

    config: Mapping[str, Any]
    weights: Mapping[str, Tensor]

    def logits(self, ids: Sequence[int]) -> Tensor:
        """[n, vocab_size] fp32 for n ids."""
        x = self._weight("transformer.wte.weight")[torch.tensor(list(ids))]
        for layer in range(self.config["n_layer"]):
            h = self._norm(f"transformer.h.{layer}.ln_1", x)
            x = x + self._attention(f"transformer.h.{layer}.attn.", h) + self._mlp(f"transformer.h.{layer}.mlp.", h)
        return self._linear("lm_head", self._norm("transformer.ln_f", x))

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        return greedy(self.logits, ids, count)

    def _attention(self, name: str, h: Tensor) -> Tensor:
        n, width = h.shape
        heads = self.config["n_head"]
        channels = width // heads
        blocks = linear(h, self._weight(f"{name}qkv_proj.weight")).reshape(n, BLOCKS, 3, heads // BLOCKS, channels)
        query, value, key = (part.reshape(n, heads, channels) for part in blocks.unbind(dim=2))
        query, key = self._rotate(query), self._rotate(key)
        scores = torch.einsum("qhc,khc->hqk", query, key) / math.sqrt(channels)
        hidden = torch.ones(n, n, dtype=torch.bool).triu(1)
        shares = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
        return linear(
            torch.einsum("hqk,khc->qhc", shares, value).reshape(n, width), self._weight(f"{name}out_proj.weight")
        )

    def _rotate(self, x: Tensor) -> Tensor:
        """Turn the adjacent pairs of the first ``rotary_dim`` channels of each head; ``x`` is [n, heads, channels]."""
        n, heads, channels = x.shape
        width = self.config["rotary_dim"]
        turned, rest = x.split([width, channels - width], dim=-1)
        even, odd = turned.reshape(n, heads, -1, 2).unbind(-1)
        angle = torch.outer(torch.arange(n).float(), 1 / 10000 ** (torch.arange(0, width, 2).float() / width))[:, None]
        pairs = [even * angle.cos() - odd * angle.sin(), odd * angle.cos() + even * angle.sin()]
        return torch.cat([torch.stack(pairs, dim=-1).flatten(-2), rest], dim=-1)

    def _mlp(self, name: str, h: Tensor) -> Tensor:
        return self._linear(f"{name}fc_out", gelu(self._linear(f"{name}fc_in", h), approximate="tanh"))

    def _norm(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return layer_norm(x, x.shape[-1:], weight, bias, self.config["layer_norm_epsilon"])

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return linear(x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))

    def _weight(self, name: str) -> Tensor:
        return self.weights[name].float()
