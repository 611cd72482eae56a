"""ChatGLM-6B of March 2023, for inference: what transformers has no class for. Knows no files and no tokenizer.

Source: Du et al., "GLM: General Language Model Pretraining with Autoregressive Blank Infilling", 2022 (sections 2.1 and
2.2), and the published checkpoint's own conventions:

- Two rows of positions: the place in the text, and the place in the answer. An answer begins at ``<sop>`` and has the
  place in the text of the mask that it fills. Each row turns one half of a head.
- What stands before ``<sop>`` is seen by all (a bidirectional prefix), the answer is causal.
- Residuals are of the normalised values, times ``sqrt(2 * 28)``, whatever the number of layers.
- Rotary frequencies are rounded to fp16, in every type.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from inference_worker.engine.quiet import transformers

ALPHA = math.sqrt(2 * 28)
ROPE_BASE = 10000


class ChatGlm1Config(transformers.PreTrainedConfig):
    """Sizes and the three tokens that decide positions; ids as the checkpoint numbers them."""

    model_type = "chatglm1"

    vocab_size: int = 130528
    hidden_size: int = 4096
    intermediate_size: int = 16384
    num_hidden_layers: int = 28
    num_attention_heads: int = 32
    layer_norm_eps: float = 1e-5
    max_position_embeddings: int = 2048
    bos_token_id: int = 130004
    gmask_token_id: int = 130001
    mask_token_id: int = 130000


class Attention(nn.Module):
    """Rows of the fused projection: query, key and value of head 0, then of head 1, …"""

    def __init__(self, config: ChatGlm1Config, layer: int) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.layer = layer
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, h: torch.Tensor, turns: torch.Tensor, mask: torch.Tensor | None, cache: Any) -> torch.Tensor:
        """``h`` [1, n, hidden], ``turns`` complex [2, n, head / 4], ``mask`` bool [n, keys]."""
        one, n, hidden = h.shape
        fused = self.query_key_value(h).view(one, n, self.heads, 3 * (hidden // self.heads))
        query, key, value = (part.transpose(1, 2) for part in fused.chunk(3, dim=-1))
        query, key = _rotate(query, turns), _rotate(key, turns)
        if cache is not None:
            key, value = cache.update(key, value, self.layer)
        seen = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.dense(seen.transpose(1, 2).reshape(one, n, hidden))


class Mlp(nn.Module):
    def __init__(self, config: ChatGlm1Config) -> None:
        super().__init__()
        self.dense_h_to_4h = nn.Linear(config.hidden_size, config.intermediate_size)
        self.dense_4h_to_h = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense_4h_to_h(gelu(self.dense_h_to_4h(x), approximate="tanh"))


class Layer(nn.Module):
    def __init__(self, config: ChatGlm1Config, layer: int) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = Attention(config, layer)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = Mlp(config)

    def forward(self, x: torch.Tensor, turns: torch.Tensor, mask: torch.Tensor | None, cache: Any) -> torch.Tensor:
        h = self.input_layernorm(x)
        m = self.post_attention_layernorm(ALPHA * h + self.attention(h, turns, mask, cache))
        return ALPHA * m + self.mlp(m)


class ChatGlm1ForCausalLM(transformers.PreTrainedModel):
    """The language model; its head is its embedding. Batches of one.

    A prompt is read up to ``<sop>`` in one piece (:meth:`context_end`); later pieces rely on the positions of that.
    """

    config_class = ChatGlm1Config
    base_model_prefix = "model"
    _tied_weights_keys = {"lm_head.weight": "embed_tokens.weight"}  # noqa: RUF012 - the name and form transformers reads
    _supports_sdpa = True

    def __init__(self, config: ChatGlm1Config) -> None:
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config, number) for number in range(config.num_hidden_layers))
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.embed_tokens

    def get_output_embeddings(self) -> nn.Module:
        return self.lm_head

    def context_end(self, ids: Sequence[int]) -> int:
        """How many of ``ids`` see each other whole and have to be read at once, ``<sop>`` included."""
        return self._places(ids)[0] + 1

    def forward(
        self,
        input_ids: torch.Tensor,
        past_key_values: Any = None,
        use_cache: bool = True,
        position_ids: torch.Tensor | None = None,
        logits_to_keep: int = 0,
    ) -> Any:
        """``input_ids`` [1, n]; ``position_ids`` [1, n] count tokens of the text, 0 first, where a prefix is cached."""
        n = input_ids.shape[1]
        cached = past_key_values.get_seq_length() if past_key_values is not None else 0
        first = int(position_ids[0, 0]) if position_ids is not None else cached
        places = self._places(input_ids[0].tolist()) if first == 0 else past_key_values.places
        if past_key_values is not None:
            past_key_values.places = places  # of the prompt in this cache, for what will follow it
        x = self.embed_tokens(input_ids)
        turns = self._turns(torch.arange(first, first + n, device=x.device), *places)
        mask = _mask(n, first, cached - first, places[0], x.device)
        for layer in self.layers:
            x = layer(x, turns, mask, past_key_values if use_cache else None)
        logits = self.lm_head(self.norm(x[:, -logits_to_keep:] if logits_to_keep else x))
        return transformers.modeling_outputs.CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values)

    def _places(self, ids: Sequence[int]) -> tuple[int, int]:
        """Of ``<sop>`` and of the mask that it fills. Ids without them are one answer in place of their last."""
        ids, config = list(ids), self.config
        start = ids.index(config.bos_token_id) if config.bos_token_id in ids else len(ids) - 1
        mask = next((token for token in (config.gmask_token_id, config.mask_token_id) if token in ids), None)
        return start, ids.index(mask) if mask is not None else start

    def _turns(self, tokens: torch.Tensor, start: int, blank: int) -> torch.Tensor:
        """Rotations of both rows as complex numbers [2, n, head / 4] for the token numbers ``tokens`` [n]."""
        in_text = torch.where(tokens < start, tokens, blank)
        in_answer = (tokens - start + 1).clamp(min=0)
        half = self.config.hidden_size // self.config.num_attention_heads // 2
        exponents = torch.arange(0, half, 2, device=tokens.device).float() / half
        frequencies = (1 / ROPE_BASE**exponents).half().float()
        angles = torch.stack((in_text, in_answer)).float().unsqueeze(2) * frequencies
        return torch.polar(torch.ones_like(angles), angles)


def _mask(n: int, first: int, prefix: int, start: int, device: torch.device) -> torch.Tensor | None:
    """bool [n, prefix + first + n], true where a token sees a key; ``None`` where it sees all."""
    if n == 1:
        return None
    queries = torch.arange(first, first + n, device=device).unsqueeze(1)
    keys = torch.arange(-prefix, first + n, device=device)
    return (keys <= queries) | (keys < start)


def _rotate(x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Each half of a head by its own row of ``turns``; pairs are (j, j + half). ``x`` [1, heads, n, head]."""
    rotated = [_turn(half.float(), row) for half, row in zip(x.chunk(2, dim=-1), turns, strict=True)]
    return torch.cat(rotated, dim=-1).to(x.dtype)


def _turn(x: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
    low, high = x.chunk(2, dim=-1)
    cos, sin = row.real, row.imag
    return torch.cat((low * cos - high * sin, high * cos + low * sin), dim=-1)
