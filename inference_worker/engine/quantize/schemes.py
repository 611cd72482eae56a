"""The arithmetic of quantization, on plain tensors. Knows no modules, no kernels and no files.

A scheme turns fp32 rows of a matrix (one row an output of a Linear) into a few named tensors, its parts, and back.
Each row is quantized by itself, so that a matrix can be streamed in blocks of rows. The first part is always
``weight``; all parts have the rows of the matrix as their first dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import torch

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


def scheme_for(precision: str, group: int = 128) -> Scheme | None:  # noqa: ARG001
    """The scheme of ``precision``; ``None`` for the floating ones. ``group`` matters to int4 alone."""
    if precision == "int8":
        return Absmax()
    return None


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
