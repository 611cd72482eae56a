"""Kernels: each computes the product with what its scheme says the weights are, and never holds them all as floats."""

from __future__ import annotations

import pytest
import torch

from inference_worker.engine.kernels import block_rows, choose_kernel, cpu, fallback, integer, mixed, split
from inference_worker.engine.quantize.schemes import Absmax, Int4, LlmInt8, Scheme, ZeroPoint
from tests.support.largest_float import LargestFloat

CPU = torch.device("cpu")
SCHEMES: dict[str, Scheme] = {
    "int8": Absmax(),
    "zero-point": ZeroPoint(),
    "int4-128": Int4(128),
    "int4-32": Int4(32),
    "int4-row": Int4(0),
}
EXACT = {torch.float32: 1e-4, torch.bfloat16: 0.5, torch.float16: 0.5}


@pytest.mark.parametrize("rows", [1, 2, 63, 500])
@pytest.mark.parametrize("tokens", [1, 7])
@pytest.mark.parametrize("columns", [256, 100])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_the_chosen_kernel_agrees_with_the_dequantized_product(
    scheme: Scheme, dtype: torch.dtype, columns: int, tokens: int, rows: int
) -> None:
    torch.manual_seed(0)
    parts = scheme.quantize(torch.randn(rows, columns) + 0.5)
    x = torch.randn(tokens, columns).to(dtype)
    exact = x.float() @ scheme.dequantize(parts, columns).t()
    for kernel in (choose_kernel(scheme, CPU, dtype), fallback.make_kernel(scheme)):
        y = kernel(x, parts)
        assert y.dtype == dtype
        assert (y.float() - exact).abs().max() < EXACT[dtype]


@pytest.mark.parametrize("scheme", [Absmax(), ZeroPoint(), Int4(128)], ids=["int8", "zero-point", "int4"])
def test_a_row_longer_than_the_scratch_still_works(scheme: Scheme) -> None:
    columns = cpu.INT4_ELEMENTS + 8
    parts = scheme.quantize(torch.randn(2, columns))
    x = torch.randn(3, columns)
    exact = x @ scheme.dequantize(parts, columns).t()
    assert torch.allclose(choose_kernel(scheme, CPU, torch.float32)(x, parts), exact, rtol=1e-3, atol=1e-1)


@pytest.mark.parametrize("tokens", [1, 9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("scheme", [*SCHEMES.values(), LlmInt8()], ids=[*SCHEMES, "llm-int8"])
def test_no_kernel_ever_holds_the_whole_weight_in_floating_point(
    scheme: Scheme, dtype: torch.dtype, tokens: int
) -> None:
    parts = scheme.quantize(torch.randn(640, 640))
    x = torch.randn(tokens, 640, dtype=dtype)
    x[0] += 6.0  # for llm-int8: outliers in most columns
    kernel = choose_kernel(scheme, CPU, dtype)
    with LargestFloat() as watch:
        kernel(x, parts)
    assert 0 < watch.largest <= 640 * 640 / 2


def test_blocks_never_cover_a_whole_matrix() -> None:
    assert block_rows(2, 8, 10**9) == 1
    assert block_rows(3000, 256, 10**9) == 1500
    assert block_rows(3000, 256, 32768) == 128
    assert block_rows(10, 10**9, 32768) == 1


@pytest.mark.parametrize(
    "scheme", [Absmax(), ZeroPoint(), LlmInt8(), Int4()], ids=["int8", "zero-point", "llm", "int4"]
)
def test_other_devices_than_the_cpu_get_a_kernel_too(scheme: Scheme) -> None:
    assert callable(choose_kernel(scheme, torch.device("meta"), torch.float16))


needs_int8_products = pytest.mark.skipif(
    not integer.cpu_has_int8_products(), reason="this CPU has no exact int8 products"
)


@needs_int8_products
@pytest.mark.parametrize("scheme", [Absmax(), ZeroPoint()], ids=["int8", "zero-point"])
@pytest.mark.parametrize("tokens", [1, 2, 9])
@pytest.mark.parametrize("largest", [4.0, 1000.0])
def test_splitting_activations_into_digits_is_as_exact_as_fp32(scheme: Scheme, tokens: int, largest: float) -> None:
    torch.manual_seed(0)
    parts = scheme.quantize(torch.randn(1500, 2048) + 0.1)
    x = torch.randn(tokens, 2048).clamp(-4, 4)
    x[:, 9] = largest
    weight = scheme.dequantize(parts).double()
    assert weight.numel() > split.BLOCK_ELEMENTS
    error = (choose_kernel(scheme, CPU, torch.float32)(x, parts) - x.double() @ weight.t()).abs().max()
    # Each activation is off by at most 2.4e-7 of the largest; the sums in fp32 may lose as much again.
    assert error < 2 * 2.4e-7 * largest * weight.abs().sum(dim=1).max()


@needs_int8_products
def test_activations_of_zero_give_zero_however_they_are_split() -> None:
    parts = Absmax().quantize(torch.randn(600, 600))
    assert not choose_kernel(Absmax(), CPU, torch.float32)(torch.zeros(2, 600), parts).any()


@pytest.mark.parametrize(
    "product",
    [
        pytest.param(integer.choose_product(CPU), id="cpu"),
        # How it fills rows up and which shapes it takes, run on the CPU.
        pytest.param(integer.choose_product(torch.device("cuda")), id="cuda", marks=needs_int8_products),
        pytest.param(integer.choose_product(torch.device("mps")), id="mps"),
    ],
)
@pytest.mark.parametrize("tokens", [1, 2, 40])
@pytest.mark.parametrize("columns", [7, 1024, 1025, 5000])
@pytest.mark.parametrize("rows", [33, 64])
def test_products_of_whole_numbers_are_exact(product: integer.Product, rows: int, columns: int, tokens: int) -> None:
    a = torch.randint(-128, 128, (tokens, columns), dtype=torch.int8)
    weight = torch.randint(-128, 128, (rows, columns), dtype=torch.int8)
    a[0], weight[0], weight[1] = -128, -128, 127  # the largest sums there are
    expected = a.double() @ weight.double().t()
    assert torch.equal(product(a, weight).double(), expected)


def split_by_hand(x: torch.Tensor, parts: dict[str, torch.Tensor], threshold: float) -> torch.Tensor:
    """LLM.int8() as the paper writes it, in fp64."""
    outliers = [c for c in range(x.shape[1]) if (x[:, c].abs() >= threshold).any()]
    others = [c for c in range(x.shape[1]) if c not in outliers]
    weight, scale = parts["weight"].double(), parts["scale"].double()
    exact = (parts["weight"][:, outliers] * parts["scale"].unsqueeze(1)).half()  # from fp32, or ties fall differently
    y = x[:, outliers].half().double() @ exact.double().t()
    for row, values in enumerate(x[:, others].double()):
        step = values.abs().amax() / 127 if others else 0.0
        if step:
            y[row] += ((values / step).round() * step) @ (weight[:, others] * scale.unsqueeze(1)).t()
    return y


@pytest.mark.parametrize("outliers", [0, 1, 5, 64])
@pytest.mark.parametrize("tokens", [1, 6])
def test_llm_int8_multiplies_outlier_columns_in_16_bit_and_the_rest_in_int8(tokens: int, outliers: int) -> None:
    torch.manual_seed(outliers)
    parts = LlmInt8().quantize(torch.randn(50, 64))
    x = torch.randn(tokens, 64).clamp(-5, 5)
    x[0, :outliers] = torch.linspace(6.0, 80.0, outliers)
    y = choose_kernel(LlmInt8(), CPU, torch.float32)(x, parts)
    assert torch.allclose(y.double(), split_by_hand(x, parts, 6.0), rtol=1e-5, atol=1e-4)


def test_an_activation_of_exactly_the_threshold_is_an_outlier() -> None:
    parts = LlmInt8().quantize(torch.ones(4, 2))
    x = torch.tensor([[6.0, 0.01]])
    # Beside 6.0 in one int8 row, 0.01 would vanish.
    assert choose_kernel(LlmInt8(), CPU, torch.float32)(x, parts)[0, 0].item() == pytest.approx(6.01, abs=1e-4)
    assert choose_kernel(LlmInt8(6.5), CPU, torch.float32)(x, parts)[0, 0].item() == pytest.approx(6.0, abs=1e-4)


def test_outliers_beyond_the_range_of_fp16_keep_their_value() -> None:
    parts = LlmInt8().quantize(torch.ones(4, 2))
    y = choose_kernel(LlmInt8(), CPU, torch.float32)(torch.tensor([[1e6, 1.0]]), parts)
    assert y[0, 0].item() == pytest.approx(1e6 + 1)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_llm_int8_takes_16_bit_activations(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    parts = LlmInt8().quantize(torch.randn(50, 64))
    x = torch.randn(3, 64)
    x[:, 7] = 30
    y = mixed.make_kernel(6.0, CPU)(x.to(dtype), parts)
    assert y.dtype == dtype
    exact = x @ LlmInt8().dequantize(parts).t()
    assert (y.float() - exact).norm() < 0.02 * exact.norm()
