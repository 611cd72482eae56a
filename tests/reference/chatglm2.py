"""ChatGLM2-6B, ChatGLM3-6B and their 32K forms: a forward pass over original tensor names, in plain fp32.

A referee for the product: it shares no code with it. Knows no files, no cache and no batches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from tests.reference.greedy import greedy
from tests.reference.prefix import past_of_layer, put_before

RopeRatio = Literal["base", "position"]


@dataclass(frozen=True)
class ChatGLM2:
    """``config`` has the original keys, ``weights`` the original names, in any floating type.

    ``rope_ratio`` of the configuration multiplies the base 10000 (ChatGLM3) or divides positions (ChatGLM2-6B-32K);
    the configuration does not say which, so the caller does.
    """

    config: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    ratio_of: RopeRatio = "base"

    def logits(self, ids: Sequence[int]) -> Tensor:
        """[n, padded_vocab_size] fp32 for n ids."""
        x = self._weight("embedding.word_embeddings.weight")[torch.tensor(list(ids))]
        for layer in range(self.config["num_layers"]):
            x = self._layer(f"encoder.layers.{layer}.", layer, x)
        return linear(self._norm("encoder.final_layernorm", x), self._weight("output_layer.weight"))

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        return greedy(self.logits, ids, count)

    def _layer(self, name: str, layer: int, x: Tensor) -> Tensor:
        x = x + self._attention(f"{name}self_attention.", layer, self._norm(f"{name}input_layernorm", x))
        h = linear(self._norm(f"{name}post_attention_layernorm", x), self._weight(f"{name}mlp.dense_h_to_4h.weight"))
        gate, up = h.chunk(2, dim=-1)
        return x + linear(silu(gate) * up, self._weight(f"{name}mlp.dense_4h_to_h.weight"))

    def _attention(self, name: str, layer: int, h: Tensor) -> Tensor:
        heads, groups = self.config["num_attention_heads"], self.config["multi_query_group_num"]
        channels, n = self.config["kv_channels"], h.shape[0]
        fused = linear(h, self._weight(f"{name}query_key_value.weight"), self._bias(f"{name}query_key_value.bias"))
        query, key, value = fused.split([heads * channels, groups * channels, groups * channels], dim=-1)
        query = self._rotate(query.reshape(n, heads, channels))
        key, value = self._rotate(key.reshape(n, groups, channels)), value.reshape(n, groups, channels)
        visible = torch.ones(n, n, dtype=torch.bool).tril()
        past = past_of_layer(self.weights, layer, groups, channels)
        key, value, visible = put_before(past, key, value, visible)
        key, value = (t.repeat_interleave(heads // groups, dim=1) for t in (key, value))
        scores = torch.einsum("qhc,khc->hqk", query, key) / math.sqrt(channels)
        shares = scores.masked_fill(~visible, float("-inf")).softmax(dim=-1)
        mixed = torch.einsum("hqk,khc->qhc", shares, value).reshape(n, heads * channels)
        return linear(mixed, self._weight(f"{name}dense.weight"))

    def _rotate(self, x: Tensor) -> Tensor:
        """Turn the adjacent pairs of the first half of each head's channels; ``x`` is [n, heads, channels]."""
        n, heads, channels = x.shape
        turned, rest = x.split([channels // 2, channels - channels // 2], dim=-1)
        even, odd = turned.reshape(n, heads, -1, 2).unbind(-1)
        angle = self._angles(n, channels // 2)[:, None]
        pairs = [even * angle.cos() - odd * angle.sin(), odd * angle.cos() + even * angle.sin()]
        return torch.cat([torch.stack(pairs, dim=-1).flatten(-2), rest], dim=-1)

    def _angles(self, n: int, channels: int) -> Tensor:
        """[n, channels / 2]: position times 1 / base^(2j / channels)."""
        ratio = float(self.config.get("rope_ratio", 1))
        base, divisor = (10000 * ratio, 1.0) if self.ratio_of == "base" else (10000.0, ratio)
        frequencies = 1 / base ** (torch.arange(0, channels, 2).float() / channels)
        return torch.outer(torch.arange(n).float() / divisor, frequencies)

    def _norm(self, name: str, x: Tensor) -> Tensor:
        """RMSNorm."""
        scale = (x.square().mean(dim=-1, keepdim=True) + self.config["layernorm_epsilon"]).rsqrt()
        return x * scale * self._weight(f"{name}.weight")

    def _weight(self, name: str) -> Tensor:
        return self.weights[f"transformer.{name}"].float()

    def _bias(self, name: str) -> Tensor | None:
        """``None`` where the configuration asks for no bias of the fused projection."""
        return self._weight(name) if f"transformer.{name}" in self.weights else None
