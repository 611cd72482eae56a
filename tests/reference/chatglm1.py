"""ChatGLM-6B, the first one: a forward pass over original tensor names, in plain fp32.

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
from tests.reference.prefix import past_of_layer, put_before

LAYERS_IN_ALPHA = 28
"""The original never tells a block how many layers there are, so alpha is that of the published model."""


def positions(ids: Sequence[int], config: Mapping[str, Any]) -> Tensor:
    """[2, n]: the place in the text, and the place in the answer (0 before it)."""
    context = list(ids).index(config["bos_token_id"])
    mask = config["gmask_token_id"] if config["gmask_token_id"] in ids else config["mask_token_id"]
    answer = len(ids) - context
    rows = [[*range(context)] + [list(ids).index(mask)] * answer, [0] * context + [*range(1, answer + 1)]]
    return torch.tensor(rows)


def visible(ids: Sequence[int], config: Mapping[str, Any]) -> Tensor:
    """[n, n] bool, rows are queries: everything before <sop> is seen by all, the rest is causal."""
    mask = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    mask[:, : list(ids).index(config["bos_token_id"])] = True
    return mask


@dataclass(frozen=True)
class ChatGLM1:
    """``config`` has the original keys, ``weights`` the original names, in any floating type; ids hold <sop> and a mask.

    ``causal``, ``alpha_layers`` and ``exact_frequencies`` make it wrong on purpose, for tests of the referee.
    """

    config: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    causal: bool = False
    alpha_layers: int = LAYERS_IN_ALPHA
    exact_frequencies: bool = False

    def logits(self, ids: Sequence[int]) -> Tensor:
        """[n, vocab_size] fp32 for n ids; the head is the embedding, whatever ``lm_head.weight`` of the file says."""
        embedding = self._weight("word_embeddings.weight")
        x, where = embedding[torch.tensor(list(ids))], positions(ids, self.config)
        mask = visible(ids, self.config)
        mask = mask.tril() if self.causal else mask
        for layer in range(self.config["num_layers"]):
            x = self._layer(f"layers.{layer}.", layer, x, where, mask)
        return linear(self._norm("final_layernorm", x), embedding)

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        return greedy(self.logits, ids, count)

    def _layer(self, name: str, layer: int, x: Tensor, where: Tensor, mask: Tensor) -> Tensor:
        """Residuals are of the *normalised* values, times alpha = sqrt(2 * 28)."""
        alpha = math.sqrt(2 * self.alpha_layers)
        h = self._norm(f"{name}input_layernorm", x)
        x = alpha * h + self._attention(f"{name}attention.", layer, h, where, mask)
        m = self._norm(f"{name}post_attention_layernorm", x)
        inner = gelu(self._linear(f"{name}mlp.dense_h_to_4h", m), approximate="tanh")
        return alpha * m + self._linear(f"{name}mlp.dense_4h_to_h", inner)

    def _attention(self, name: str, layer: int, h: Tensor, where: Tensor, mask: Tensor) -> Tensor:
        """Rows of the fused projection: q, k and v of head 0, then of head 1, …"""
        n, heads = h.shape[0], self.config["num_attention_heads"]
        channels = h.shape[1] // heads
        query, key, value = self._linear(f"{name}query_key_value", h).reshape(n, heads, 3 * channels).chunk(3, dim=-1)
        query, key = self._rotate(query, where), self._rotate(key, where)
        past = past_of_layer(self.weights, layer, heads, channels)
        key, value, mask = put_before(past, key, value, mask)
        scores = torch.einsum("qhc,khc->hqk", query, key) / math.sqrt(channels)
        shares = scores.masked_fill(~mask, -10000.0).softmax(dim=-1)
        return self._linear(f"{name}dense", torch.einsum("hqk,khc->qhc", shares, value).reshape(n, -1))

    def _rotate(self, x: Tensor, where: Tensor) -> Tensor:
        """The first half of a head turns with row 0 of ``where``, the second with row 1; ``x`` is [n, heads, channels]."""
        return torch.cat([self._turn(half, row) for half, row in zip(x.chunk(2, dim=-1), where, strict=True)], dim=-1)

    def _turn(self, x: Tensor, place: Tensor) -> Tensor:
        """Pairs are (j, j + half)."""
        angle = torch.outer(place.float(), self._frequencies(x.shape[-1]))[:, None]
        low, high = x.chunk(2, dim=-1)
        return torch.cat([low * angle.cos() - high * angle.sin(), high * angle.cos() + low * angle.sin()], dim=-1)

    def _frequencies(self, channels: int) -> Tensor:
        """Rounded to fp16, as the original does at construction, whatever type the weights have."""
        frequencies = 1 / 10000 ** (torch.arange(0, channels, 2).float() / channels)
        return frequencies if self.exact_frequencies else frequencies.half().float()

    def _norm(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return layer_norm(x, x.shape[-1:], weight, bias, self.config["layernorm_epsilon"])

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return linear(x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))

    def _weight(self, name: str) -> Tensor:
        return self.weights[f"transformer.{name}"].float()
