"""llm-int8 against bitsandbytes, whose authors invented it."""

from __future__ import annotations

import logging
from types import ModuleType

import pytest
import torch

from inference_worker.engine.kernels import choose_kernel
from inference_worker.engine.quantize.schemes import LlmInt8


@pytest.fixture(scope="module")
def operations() -> ModuleType:
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # says that CPU kernels for 4 bit are not installed
    pytest.importorskip("bitsandbytes", reason="bitsandbytes has no build for this platform")
    return torch.ops.bitsandbytes


def by_bitsandbytes(operations: ModuleType, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Its own quantization of both factors, its own product, threshold 6.0; fp32 as its CPU path allows."""
    quantized_weight, weight_absmax, _ = operations.int8_vectorwise_quant(weight.clone(), 0.0)
    quantized_x, x_absmax, outliers = operations.int8_vectorwise_quant(x.clone(), 6.0)
    y, _ = operations.int8_mixed_scaled_mm(x, quantized_x, quantized_weight, x_absmax, weight_absmax, outliers)
    return y


def make_inputs(tokens: int, outliers: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(tokens + outliers)
    # fp16 values, so that bitsandbytes, which expects these, and ours start from the same numbers.
    weight = torch.randn(96, 128).half().float()
    x = torch.randn(tokens, 128).clamp(-5, 5).half().float()
    x[:, :outliers] = torch.linspace(6.0, 60.0, outliers).half().float()
    return x, weight


def test_weights_are_quantized_as_bitsandbytes_does(operations: ModuleType) -> None:
    _, weight = make_inputs(1, 0)
    quantized, absmax, _ = operations.int8_vectorwise_quant(weight.clone(), 0.0)
    parts = LlmInt8().quantize(weight)
    assert torch.equal(parts["weight"], quantized)
    assert torch.allclose(parts["scale"] * 127, absmax)


@pytest.mark.parametrize("tokens", [1, 5, 40])
@pytest.mark.parametrize("outliers", [0, 1, 7])
def test_products_are_those_of_bitsandbytes(operations: ModuleType, tokens: int, outliers: int) -> None:
    x, weight = make_inputs(tokens, outliers)
    expected = by_bitsandbytes(operations, x, weight)
    y = choose_kernel(LlmInt8(), torch.device("cpu"), torch.float32)(x, LlmInt8().quantize(weight))
    # Its constant for 1 / 127^2 is 1.8e-5 too large; and its outlier product is fp32 here, where ours rounds to fp16.
    assert (y - expected).norm() < (3e-4 if outliers else 3e-5) * expected.norm()


def test_where_only_some_values_of_a_column_are_outliers_both_stay_as_close_to_the_exact_product(
    operations: ModuleType,
) -> None:
    """Ours scales a row by what is left after whole columns went, as in the paper; theirs by all values below 6.0."""
    x, weight = make_inputs(20, 0)
    x[3, 5], x[11, 90] = 40.0, -25.0
    exact = x @ LlmInt8().dequantize(LlmInt8().quantize(weight)).t()
    y = choose_kernel(LlmInt8(), torch.device("cpu"), torch.float32)(x, LlmInt8().quantize(weight))
    theirs = by_bitsandbytes(operations, x, weight)
    assert (y - exact).norm() < 1.1 * (theirs - exact).norm()
    assert (y - theirs).norm() < 0.01 * exact.norm()
