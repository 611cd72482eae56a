"""P-Tuning v2: the learned keys and values that stand before every sequence. Knows no model and no file.

What the originals do, read in public copies of their code (never run here): ``get_prompt``, ``get_masks``,
``get_position_ids`` and ``prepare_inputs_for_generation`` of modeling_chatglm.py in czk1997/chatglm3-copy (ChatGLM3,
456aa87), syjjhl/chatglm2-6b (ChatGLM2, 8fd7fba) and greensheng/chatglm-6b (v1, 8b7d335).

- A row of the embedding is [layers * 2, heads, channels]: key of layer 0, value of layer 0, key of layer 1, … ChatGLM2/3
  have one head a group (``multi_query_group_num``), v1 has all its heads.
- Keys are used as stored: they are put before the keys that have been rotated already.
- Every token sees the whole prefix; among themselves tokens see what they see without one.
- Positions are NOT shifted: the tokens have 0 … n-1 (v1: its two rows) as if there were no prefix. The originals even
  subtract ``pre_seq_len`` from the length of the cache before they count positions on (``stream_chat``).
- Each embedded value is cast to the type of the token embeddings. Dropout is off outside training.
- With ``prefix_projection`` the embedding feeds a two-layer tanh network first; that form is not covered here.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

WEIGHT = "transformer.prefix_encoder.embedding.weight"


def past_of_layer(weights: Mapping[str, Tensor], layer: int, heads: int, channels: int) -> tuple[Tensor, Tensor] | None:
    """Key and value of ``layer``, each [pre_seq_len, heads, channels] fp32; ``None`` for a model without a prefix."""
    if WEIGHT not in weights:
        return None
    rows = weights[WEIGHT].float()
    blocks = rows.reshape(rows.shape[0], -1, heads, channels)
    return blocks[:, 2 * layer], blocks[:, 2 * layer + 1]


def put_before(past: tuple[Tensor, Tensor] | None, key: Tensor, value: Tensor, visible: Tensor) -> tuple[Tensor, ...]:
    """``key`` and ``value`` [n, heads, channels] and ``visible`` [n, n] with the prefix in front of their key axis."""
    if past is None:
        return key, value, visible
    seen = torch.ones(visible.shape[0], past[0].shape[0], dtype=torch.bool)
    return torch.cat([past[0], key]), torch.cat([past[1], value]), torch.cat([seen, visible], dim=1)
