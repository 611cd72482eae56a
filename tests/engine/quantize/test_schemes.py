"""The arithmetic of each scheme: the worked numbers of its definition, its bound on the error, and awkward rows."""

from __future__ import annotations

import pytest
import torch

from inference_worker.engine.quantize.schemes import (
    Absmax,
    Int4,
    LlmInt8,
    Scheme,
    ZeroPoint,
    int4_group,
    pack_nibbles,
    scheme_for,
    unpack_nibbles,
)

SCHEMES: dict[str, Scheme] = {
    "int8": Absmax(),
    "zero-point": ZeroPoint(),
    "llm-int8": LlmInt8(),
    "int4-128": Int4(128),
    "int4-64": Int4(64),
    "int4-32": Int4(32),
    "int4-row": Int4(0),
}
EXAMPLE = [2.1, 3.1, 2.5, 3.7, 3.3]

every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def round_trip(scheme: Scheme, weight: torch.Tensor) -> torch.Tensor:
    return scheme.dequantize(scheme.quantize(weight), weight.shape[1])


def test_absmax_gives_the_worked_numbers() -> None:
    parts = Absmax().quantize(torch.tensor([EXAMPLE]))
    assert parts["weight"].tolist() == [[72, 106, 86, 127, 113]]
    back = Absmax().dequantize(parts)[0].tolist()
    assert back == pytest.approx([2.0976, 3.0882, 2.5055, 3.7000, 3.2921], abs=5e-5)


def test_absmax_gives_each_row_its_own_scale() -> None:
    parts = Absmax().quantize(torch.tensor([[1.0, -2.0], [-400.0, 100.0]]))
    assert parts["weight"].tolist() == [[64, -127], [-127, 32]]
    assert parts["scale"].tolist() == pytest.approx([2 / 127, 400 / 127])


def test_zero_point_follows_its_definition_and_uses_all_256_values() -> None:
    # s = 1.6 / 255, z = round(-2.1 / s) - 128 = -335 - 128. A fixed factor of 127 would give 267 for 2.1: not 8 bits.
    parts = ZeroPoint().quantize(torch.tensor([EXAMPLE]))
    assert parts["scale"].tolist() == pytest.approx([1.6 / 255])
    assert parts["zero"].tolist() == [-463]
    assert parts["weight"].tolist() == [[-128, 31, -65, 127, 63]]
    back = ZeroPoint().dequantize(parts)[0].tolist()
    assert back == pytest.approx([335 * 1.6 / 255, 494 * 1.6 / 255, 398 * 1.6 / 255, 590 * 1.6 / 255, 526 * 1.6 / 255])


def test_zero_point_is_finer_than_absmax_where_a_row_is_not_centred_on_zero() -> None:
    weight = torch.linspace(2.0, 4.0, 999).unsqueeze(0)
    errors = [(round_trip(scheme, weight) - weight).abs().max() for scheme in (ZeroPoint(), Absmax())]
    assert errors[0] < errors[1] / 3


def test_int4_gives_hand_computed_numbers() -> None:
    # Range -2..5.5, step 0.5, zero point 4; 1.3 rounds to 3 steps.
    parts = Int4(32).quantize(torch.tensor([[-2.0, 5.5, 0.0, 1.3] * 8]))
    assert parts["scale"].tolist() == [[0.5]]
    assert parts["zero"].tolist() == [[4]]
    assert unpack_nibbles(parts["weight"])[0, :4].tolist() == [0, 15, 4, 7]
    assert Int4(32).dequantize(parts)[0, :4].tolist() == [-2.0, 5.5, 0.0, 1.5]


def test_the_even_column_lies_in_the_low_four_bits() -> None:
    packed = pack_nibbles(torch.tensor([[1, 15, 0, 8]], dtype=torch.uint8))
    assert packed.tolist() == [[0xF1, 0x80]]
    assert unpack_nibbles(packed).tolist() == [[1, 15, 0, 8]]


def test_int4_gives_each_group_its_own_scale() -> None:
    weight = torch.cat((torch.full((1, 32), 15.0), torch.full((1, 32), -30.0)), dim=1)
    parts = Int4(32).quantize(weight)
    assert parts["scale"].tolist() == [[1.0, 2.0]]
    assert parts["zero"].tolist() == [[0, 15]]
    assert torch.equal(Int4(32).dequantize(parts), weight)


@pytest.mark.parametrize(
    ("columns", "asked", "used", "stored"),
    [
        (256, 128, 128, 256),
        (192, 128, 64, 192),
        (96, 128, 32, 96),
        (96, 64, 32, 96),
        (128, 32, 32, 128),
        (100, 128, 32, 128),
        (33, 64, 32, 64),
        (7, 0, 8, 8),
        (300, 0, 300, 300),
    ],
)
def test_int4_takes_a_group_that_divides_the_columns_or_else_pads(
    columns: int, asked: int, used: int, stored: int
) -> None:
    weight = torch.randn(3, columns)
    parts = Int4(asked).quantize(weight)
    assert int4_group(parts) == used
    assert parts["weight"].shape == (3, stored // 2)
    assert Int4(asked).dequantize(parts, columns).shape == weight.shape
    assert not Int4(asked).dequantize(parts)[:, columns:].any()


def test_int4_holds_symmetric_files_and_those_with_a_zero_point_of_16_exactly() -> None:
    numbers = torch.randint(0, 16, (4, 64), dtype=torch.uint8)
    scale = torch.rand(4, 2).half()
    zero = torch.tensor([[8, 8], [16, 1], [0, 16], [8, 3]], dtype=torch.uint8)
    back = Int4(32).dequantize({"weight": pack_nibbles(numbers), "scale": scale, "zero": zero})
    expected = (numbers.view(4, 2, 32).float() - zero.unsqueeze(2).float()) * scale.unsqueeze(2).float()
    assert torch.equal(back, expected.view(4, 64))


@pytest.mark.parametrize("columns", [256, 48, 33])
@every_scheme
def test_the_error_is_at_most_half_a_step(scheme: Scheme, columns: int) -> None:
    weight = torch.randn(64, columns)
    parts = scheme.quantize(weight)
    step = parts["scale"].float().view(64, -1)
    width = -(-columns // step.shape[1]) if step.shape[1] == 1 else int4_group(parts)
    steps = step.repeat_interleave(width, dim=1)[:, :columns]
    # An int4 zero point is rounded as well, so that an end of the range may be half a step off.
    slack = 1.02 if "int4" in scheme.precision else 0.5001
    assert ((scheme.dequantize(parts, columns) - weight).abs() <= steps * slack).all()


@every_scheme
def test_rows_of_zeros_and_of_denormals_become_zero(scheme: Scheme) -> None:
    assert round_trip(scheme, torch.tensor([[0.0, 0.0], [1e-42, -1e-42]])).abs().max() < 1e-40


@pytest.mark.parametrize("scheme", [Absmax(), ZeroPoint()], ids=["int8", "zero-point"])
def test_a_row_of_one_value_comes_back_exactly(scheme: Scheme) -> None:
    weight = torch.tensor([[5.0] * 4, [-3.0] * 4])
    assert torch.equal(round_trip(scheme, weight), weight)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@every_scheme
def test_values_that_are_no_numbers_are_noticed(scheme: Scheme, bad: float) -> None:
    weight = torch.randn(4, 64)
    assert scheme.finite(scheme.quantize(weight))
    weight[2, 40] = bad
    assert not scheme.finite(scheme.quantize(weight))


@pytest.mark.parametrize("columns", [256, 33])
@every_scheme
def test_blocks_of_rows_give_what_the_whole_matrix_gives(scheme: Scheme, columns: int) -> None:
    weight = torch.randn(10, columns)
    streamed = scheme.empty(10, columns, "cpu")
    for start in (0, 4, 8):
        for name, values in scheme.quantize(weight[start : start + 4]).items():
            streamed[name][start : start + 4] = values
    whole = scheme.quantize(weight)
    assert list(streamed) == list(whole)
    assert next(iter(whole)) == "weight"
    assert all(streamed[name].dtype == whole[name].dtype for name in whole)
    assert all(torch.equal(streamed[name], whole[name]) for name in whole)


@pytest.mark.parametrize("precision", ["int8", "int8-zero-point", "llm-int8", "int4"])
def test_a_scheme_is_found_by_its_precision(precision: str) -> None:
    scheme = scheme_for(precision, group=64)
    assert scheme is not None
    assert scheme.precision == precision
    assert scheme.group == (64 if precision == "int4" else 0)


def test_floating_precisions_have_no_scheme() -> None:
    assert [scheme_for(precision) for precision in ("fp32", "bf16", "fp16")] == [None, None, None]
