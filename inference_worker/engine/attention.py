"""Attention of several query heads over one key head without copying keys and values, where torch can do that.

transformers repeats keys and values for each query head whenever there is a mask, that is, for each chunk of a prefill
but the first: at 8,192 tokens of a model with 3 query heads to a key head, six times the memory of that layer's keys.
torch's CPU kernel needs no copies; its CUDA ones would fall back to a slow one, so other devices keep transformers'.
Knows no weights and no cache.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from inference_worker.engine.quiet import masking_utils, modeling_utils, sdpa_attention

GROUPED = "nyanko_grouped_sdpa"


def use_attention_for(model: Any, device_type: str) -> None:
    """Make ``model``, which will run on a device of this type (``cpu``, ``cuda``, ``mps``), attend as suits it."""
    config = model.config.get_text_config(decoder=True)
    # Older classes look at the name itself and would take another way for one that they do not know.
    exchangeable = getattr(model, "_supports_attention_backend", False)
    if device_type == "cpu" and exchangeable and config._attn_implementation == "sdpa":
        config._attn_implementation = GROUPED


def _grouped_attention(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers' ``sdpa_attention_forward``: query [1, heads, n, dim], key [1, key heads, all, dim]."""
    special = any(options.get(name) is not None for name in ("position_bias", "softcap", "cache"))
    if attention_mask is None or special or key.shape[1] == query.shape[1]:
        result: tuple[torch.Tensor, None] = sdpa_attention.sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return result
    output = nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, scale=scaling, enable_gqa=True
    )
    return output.transpose(1, 2).contiguous(), None


modeling_utils.ALL_ATTENTION_FUNCTIONS.register(GROUPED, _grouped_attention)
masking_utils.ALL_MASK_ATTENTION_FUNCTIONS.register(GROUPED, masking_utils.sdpa_mask)
