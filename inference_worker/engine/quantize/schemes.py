"""The arithmetic of quantization, on plain tensors. Knows no modules, no kernels and no files.

A scheme turns fp32 rows of a matrix (one row an output of a Linear) into a few named tensors, its parts, and back.
Each row is quantized by itself, so that a matrix can be streamed in blocks of rows. The first part is always
``weight``; all parts have the rows of the matrix as their first dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import torch
from torch import nn

Precision = Literal["fp32", "bf16", "fp16", "int8", "int8-zero-point", "llm-int8", "int4"]
Parts = Mapping[str, torch.Tensor]

LARGEST = 127
SMALLEST_ABSMAX = 1e-30
"""Rows below this are zero for every purpose; 127 divided by less could overflow."""
OUTLIER_THRESHOLD = 6.0
"""Activations from this magnitude on are outliers (Dettmers et al. 2022, section 3)."""


class Scheme(Protocol):
    """How one precision stores a matrix [rows, columns]."""

    precision: Precision
    group: int
    """Columns that share a scale; 0: the whole row."""

    def empty(self, rows: int, columns: int, device: torch.device | str = "meta") -> dict[str, torch.Tensor]:
        """Parts of a matrix, not filled: part name -> tensor."""

    def quantize(self, block: torch.Tensor) -> dict[str, torch.Tensor]:
        """fp32 [n, columns] -> the parts of these n rows."""

    def dequantize(self, parts: Parts, columns: int | None = None) -> torch.Tensor:
        """The parts of n rows -> fp32 [n, columns]. ``columns`` cuts padding off where a scheme needed some."""

    def finite(self, parts: Parts) -> bool:
        """False where the source held NaN or infinities."""


class Absmax:
    """int8: symmetric, a scale a row. ``s = max|w| / 127``, ``q = round(w / s)``, ``w' = q * s``.

    As in LLM.int8(), Dettmers et al. 2022, section 2.1. Parts: ``weight`` int8 [rows, columns], ``scale`` fp32 [rows].
    """

    precision: Precision = "int8"
    group = 0

    def empty(self, rows: int, columns: int, device: torch.device | str = "meta") -> dict[str, torch.Tensor]:
        return {
            "weight": torch.empty(rows, columns, dtype=torch.int8, device=device),
            "scale": torch.empty(rows, dtype=torch.float32, device=device),
        }

    def quantize(self, block: torch.Tensor) -> dict[str, torch.Tensor]:
        weight, scale = quantize_rows(block)
        return {"weight": weight, "scale": scale}

    def dequantize(self, parts: Parts, columns: int | None = None) -> torch.Tensor:
        return (parts["weight"].float() * parts["scale"].float().unsqueeze(1))[:, :columns]

    def finite(self, parts: Parts) -> bool:
        return bool(parts["scale"].isfinite().all())


class LlmInt8(Absmax):
    """llm-int8: stored as int8; outlier columns of the activations are multiplied in 16 bit, the rest in int8.

    Dettmers et al. 2022, section 3. An activation of at least ``threshold`` makes its column an outlier.
    """

    precision: Precision = "llm-int8"

    def __init__(self, threshold: float = OUTLIER_THRESHOLD) -> None:
        self.threshold = threshold


class ZeroPoint:
    """int8-zero-point: asymmetric, a scale and a zero point a row; finer than absmax where a row is off centre.

    ``s = (max - min) / 255``, ``z = round(-min / s) - 128``, ``q = clamp(round(w / s) + z, -128, 127)``,
    ``w' = (q - z) * s`` (as in LLM.int8(), Dettmers et al. 2022, section 2.1, in whole numbers). Parts: ``weight``
    int8 [rows, columns], ``scale`` fp32 [rows], ``zero`` int32 [rows], which leaves the range of 8 bits where all
    values of a row have one sign.
    """

    precision: Precision = "int8-zero-point"
    group = 0

    def empty(self, rows: int, columns: int, device: torch.device | str = "meta") -> dict[str, torch.Tensor]:
        return {
            "weight": torch.empty(rows, columns, dtype=torch.int8, device=device),
            "scale": torch.empty(rows, dtype=torch.float32, device=device),
            "zero": torch.empty(rows, dtype=torch.int32, device=device),
        }

    def quantize(self, block: torch.Tensor) -> dict[str, torch.Tensor]:
        exact = block.float()
        low, high = exact.aminmax(dim=1)
        absmax = torch.maximum(high, -low)
        # A row of one value has no range; a step of its magnitude / 2^20 keeps zero points exact in fp32.
        scale = torch.maximum((high - low) / 255, absmax * 2**-20)
        scale = torch.where(absmax > SMALLEST_ABSMAX, scale, torch.where(absmax.isfinite(), 1.0, absmax))
        zero = (-low / scale).round() - 128
        weight = (exact / scale.unsqueeze(1)).round_().add_(zero.unsqueeze(1)).clamp_(-128, 127)
        return {"weight": weight.to(torch.int8), "scale": scale, "zero": zero.to(torch.int32)}

    def dequantize(self, parts: Parts, columns: int | None = None) -> torch.Tensor:
        centred = parts["weight"][:, :columns].float().sub_(parts["zero"].float().unsqueeze(1))
        return centred.mul_(parts["scale"].unsqueeze(1))

    def finite(self, parts: Parts) -> bool:
        return bool(parts["scale"].isfinite().all())


class Int4:
    """int4: asymmetric, a scale and a zero point for each group of neighbouring columns. ``w' = s * (q - z)``.

    ``s = (max - min) / 15`` with a range that always includes zero, ``z = round(-min / s)``,
    ``q = clamp(round(w / s) + z, 0, 15)``. Parts: ``weight`` uint8 [rows, columns / 2], byte j holds column 2j in its
    low and column 2j + 1 in its high four bits; ``scale`` fp16 and ``zero`` uint8 (0..16) [rows, groups].

    fp16 scales change the error of real weights by less than one part in a thousand (docs/precisions.md), take half the
    room, and are what GPTQ and ChatGLM files hold; with zero points up to 16, those files are held exactly.

    A group that does not divide the columns is replaced by 64 or 32 columns; where 32 does not either, the last
    group is padded with zeros. The group of stored parts is read off their shapes (:func:`int4_group`).
    """

    precision: Precision = "int4"

    def __init__(self, group: int = 128) -> None:
        """``group`` is even; 0: one for the whole row, as ChatGLM's own files have it."""
        self.group = group

    def empty(self, rows: int, columns: int, device: torch.device | str = "meta") -> dict[str, torch.Tensor]:
        group = self._group_for(columns)
        groups = -(-columns // group)
        return {
            "weight": torch.empty(rows, groups * group // 2, dtype=torch.uint8, device=device),
            "scale": torch.empty(rows, groups, dtype=torch.float16, device=device),
            "zero": torch.empty(rows, groups, dtype=torch.uint8, device=device),
        }

    def quantize(self, block: torch.Tensor) -> dict[str, torch.Tensor]:
        rows, columns = block.shape
        group = self._group_for(columns)
        exact = nn.functional.pad(block.float(), (0, -columns % group)).view(rows, -1, group)
        low, high = exact.amin(dim=2).clamp(max=0), exact.amax(dim=2).clamp(min=0)
        scale = ((high - low) / 15).half()
        step = torch.where(scale == 0, 1.0, scale.float())
        zero = (-low / step).round_().clamp_(0, 15)
        numbers = (exact / step.unsqueeze(2)).round_().add_(zero.unsqueeze(2)).clamp_(0, 15)
        packed = pack_nibbles(numbers.to(torch.uint8).view(rows, -1))
        return {"weight": packed, "scale": scale, "zero": zero.to(torch.uint8)}

    def dequantize(self, parts: Parts, columns: int | None = None) -> torch.Tensor:
        numbers = unpack_nibbles(parts["weight"]).float().view(len(parts["weight"]), -1, int4_group(parts))
        numbers.sub_(parts["zero"].unsqueeze(2)).mul_(parts["scale"].float().unsqueeze(2))
        return numbers.flatten(1)[:, :columns]

    def finite(self, parts: Parts) -> bool:
        """Also False for weights beyond about a million, whose scale fp16 cannot hold."""
        return bool(parts["scale"].isfinite().all())

    def _group_for(self, columns: int) -> int:
        if self.group == 0:
            return columns + columns % 2
        fitting = (group for group in (self.group, 64, 32) if group <= self.group and columns % group == 0)
        return next(fitting, min(self.group, 32))


def scheme_for(precision: str, group: int = 128) -> Scheme | None:
    """The scheme of ``precision``; ``None`` for the floating ones. ``group`` matters to int4 alone."""
    if precision == "int4":
        return Int4(group)
    schemes: dict[str, type[Scheme]] = {"int8": Absmax, "int8-zero-point": ZeroPoint, "llm-int8": LlmInt8}
    return schemes[precision]() if precision in schemes else None


def int4_group(parts: Parts) -> int:
    """Columns of a group in stored int4 parts."""
    return 2 * parts["weight"].shape[1] // parts["scale"].shape[1]


def pack_nibbles(numbers: torch.Tensor) -> torch.Tensor:
    """uint8 [rows, columns], values 0..15, an even number of columns -> uint8 [rows, columns / 2], even column low."""
    return numbers[:, 0::2] | numbers[:, 1::2] << 4


def unpack_nibbles(packed: torch.Tensor) -> torch.Tensor:
    """uint8 [rows, n] -> uint8 [rows, 2 n], values 0..15: what :func:`pack_nibbles` packed."""
    return torch.stack((packed & 15, packed >> 4), dim=2).flatten(1)


def quantize_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """``weight`` [rows, columns], any floating type -> int8 [rows, columns] and fp32 scales [rows], by absmax.

    Non-finite weights give non-finite scales: the caller looks at those.
    """
    exact = weight.float()
    absmax = exact.abs().amax(dim=1)
    # The quotient, not the scale, is what has to be exact: dividing by s = max / 127 rounds twice.
    factor = torch.where(absmax > SMALLEST_ABSMAX, LARGEST / absmax, torch.zeros_like(absmax))
    quantized = (exact * factor.unsqueeze(1)).round_().clamp_(-LARGEST, LARGEST).to(torch.int8)
    return quantized, absmax / LARGEST
