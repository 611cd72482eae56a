"""A transformers model as a referee, and the tiny models of native families that writers pack in other forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
import transformers
from torch import Tensor

from tests.reference.greedy import greedy


@dataclass(frozen=True)
class Native:
    """``model`` in fp32, asked without a cache."""

    model: Any

    @torch.no_grad()
    def logits(self, ids: Sequence[int]) -> Tensor:
        """[n, vocabulary] fp32 for n ids."""
        logits: Tensor = self.model(torch.tensor([list(ids)]), use_cache=False).logits[0]
        return logits

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        return greedy(self.logits, ids, count)


def tiny(
    family: Literal["llama", "qwen2"], *, hidden: int = 64, vocabulary: int = 300, seed: int = 0, **more: Any
) -> Any:
    """LlamaForCausalLM or Qwen2ForCausalLM in fp32, random, two layers, grouped heads; ``more`` goes to its config."""
    settings = {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": vocabulary - 1,
        "pad_token_id": None,
        **more,
    }
    classes = {
        "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
        "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM),
    }
    config, model = classes[family]
    made = model(config(**settings)).float().eval()
    _randomise(made, seed)
    return made


def with_weights(model: Any, weights: Mapping[str, Tensor]) -> Any:
    """A new model like ``model`` with ``weights``, none missing and none over, in fp32."""
    other = type(model)(model.config).float().eval()
    other.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, strict=True)
    return other


@torch.no_grad()
def _randomise(model: Any, seed: int) -> None:
    """Also norms and biases, which a fresh model has at one and zero."""
    random = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=random)
        if "norm" in name:
            weight.copy_(1 + 0.2 * noise)
        elif weight.ndim == 1:
            weight.copy_(0.2 * noise)
        elif "embed" in name:
            weight.copy_(noise)
        else:
            weight.copy_(1.5 * noise / weight.shape[1] ** 0.5)
