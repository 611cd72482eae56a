"""Whole models in fewer bits: what is quantized, what it computes, and that no weight ever becomes floating as a whole."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from inference_worker.engine import Sampling, load_model
from inference_worker.engine.quantize.linear import QuantizedEmbedding, QuantizedLinear, QuantizedWeight
from inference_worker.engine.quantize.schemes import Absmax


class _LargestFloat(TorchDispatchMode):
    """Remembers the largest floating tensor that any operation makes."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.is_floating_point():
            self.largest = max(self.largest, result.numel())
        return result


@pytest.mark.parametrize("family", ["glm", "llama"])
def test_no_whole_weight_exists_in_floating_point_during_decode(tiny, family: str) -> None:
    model = load_model(tiny(family).path, "int8", "cpu")
    watch, seen = _LargestFloat(), []

    def begin(*_: object) -> None:
        watch.largest = 0

    def end(module: QuantizedWeight, *_: object) -> None:
        seen.append(watch.largest / module.weight.numel())

    for module in model._decoder.model.modules():
        if isinstance(module, QuantizedWeight):
            module.register_forward_pre_hook(begin)
            module.register_forward_hook(end)
    with watch:
        list(model.generate([5, 6, 7], Sampling(temperature=0, max_tokens=4)))
    assert len(seen) > 40
    assert 0 < max(seen) <= 0.6


def test_int8_covers_every_linear_and_a_tied_embedding_shares_the_matrix_of_its_head(tiny) -> None:
    module = load_model(tiny("glm").path, "int8", "cpu")._decoder.model
    assert not [m for m in module.modules() if isinstance(m, torch.nn.Linear)]
    embedding = module.get_input_embeddings()
    assert isinstance(embedding, QuantizedEmbedding)
    assert embedding.weight is module.lm_head.weight


def test_an_untied_embedding_is_quantized_by_itself(tiny) -> None:
    module = load_model(tiny("llama").path, "int8", "cpu")._decoder.model
    embedding = module.get_input_embeddings()
    assert isinstance(embedding, QuantizedEmbedding)
    assert isinstance(module.lm_head, QuantizedLinear)
    assert embedding.weight is not module.lm_head.weight


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_int8_logits_are_those_of_the_dequantized_model(tiny, family: str) -> None:
    reference = type(tiny(family).reference)(tiny(family).reference.config).eval()
    reference.load_state_dict(tiny(family).reference.state_dict())
    with torch.no_grad():
        for module in reference.modules():
            if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
                module.weight.copy_(Absmax().dequantize(Absmax().quantize(module.weight)))
        ids = list(range(3, 40))
        expected = reference(torch.tensor([ids])).logits[0].numpy()
    assert abs(load_model(tiny(family).path, "int8", "cpu").logits(ids) - expected).max() < 2e-3
