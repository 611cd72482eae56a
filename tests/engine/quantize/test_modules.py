"""The modules around kernels: bias, shapes, the low-rank side path, and looking rows up."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from inference_worker.engine.kernels import choose_kernel
from inference_worker.engine.quantize.linear import QuantizedEmbedding, QuantizedLinear
from inference_worker.engine.quantize.schemes import Absmax, Int4, LlmInt8, Scheme, ZeroPoint

CPU = torch.device("cpu")
SCHEMES: dict[str, Scheme] = {"int8": Absmax(), "zero-point": ZeroPoint(), "llm-int8": LlmInt8(), "int4": Int4(32)}

every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


class LowRank(nn.Module):
    """A LoRA side path of rank 4: ``x A^T B^T``."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.down = nn.Linear(columns, 4, bias=False)
        self.up = nn.Linear(4, rows, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.up(self.down(x))


def make_linear(scheme: Scheme, weight: torch.Tensor, bias: torch.Tensor | None = None) -> QuantizedLinear:
    kernel = choose_kernel(scheme, CPU, torch.float32)
    parameter = None if bias is None else nn.Parameter(bias, requires_grad=False)
    linear = QuantizedLinear(scheme, *weight.shape, parameter, kernel)
    linear.set_parts(scheme.quantize(weight))
    return linear


@every_scheme
def test_parts_are_buffers_on_the_meta_device_until_they_are_filled(scheme: Scheme) -> None:
    linear = QuantizedLinear(scheme, 6, 64, None, choose_kernel(scheme, CPU, torch.float32))
    empty = scheme.empty(6, 64)
    assert list(linear.parts) == list(empty) == [name for name, _ in linear.named_buffers()]
    assert all(part.is_meta for part in linear.parts.values())


@every_scheme
@torch.inference_mode()
def test_a_linear_keeps_leading_dimensions_and_adds_its_bias(scheme: Scheme) -> None:
    torch.manual_seed(0)
    weight, bias = torch.randn(6, 64), torch.randn(6)
    x = torch.randn(2, 3, 64).clamp(-5, 5)
    y = make_linear(scheme, weight, bias)(x)
    assert y.shape == (2, 3, 6)
    expected = x @ scheme.dequantize(scheme.quantize(weight)).t() + bias
    assert (y - expected).abs().max() < (0.3 if scheme.precision == "llm-int8" else 1e-4)


@every_scheme
@torch.inference_mode()
def test_an_adapter_is_added_to_the_product(scheme: Scheme) -> None:
    torch.manual_seed(0)
    linear, x = make_linear(scheme, torch.randn(6, 64), torch.randn(6)), torch.randn(2, 3, 64)
    plain = linear(x)
    adapter = LowRank(6, 64)
    linear.adapter = adapter
    assert torch.allclose(linear(x), plain + adapter(x), atol=1e-6)
    assert adapter(x).abs().max() > 0.01
    linear.adapter = None
    assert torch.equal(linear(x), plain)


@every_scheme
@pytest.mark.parametrize("columns", [64, 33])
def test_an_embedding_gives_the_dequantized_rows(scheme: Scheme, columns: int) -> None:
    weight = torch.randn(9, columns)
    embedding = QuantizedEmbedding(scheme, 9, columns, torch.float16)
    embedding.set_parts(scheme.quantize(weight))
    ids = torch.tensor([[3, 0], [8, 3]])
    expected = scheme.dequantize(scheme.quantize(weight), columns).half()[ids]
    assert torch.equal(embedding(ids), expected)
