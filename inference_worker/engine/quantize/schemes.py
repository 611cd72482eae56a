"""The arithmetic of quantization, on plain tensors. Knows no modules and no files.

Symmetric absmax, 8 bit, per row (per output of a Linear): ``s = max|w| / 127``, ``q = round(w / s)``, ``w' = q * s``
(as in LLM.int8(), Dettmers et al. 2022, section 2.1).
"""

from __future__ import annotations

import torch

LARGEST = 127
SMALLEST_ABSMAX = 1e-30
"""Rows below this are zero for every purpose; 127 divided by less could overflow."""


def quantize_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """``weight`` [rows, columns], any floating type -> int8 [rows, columns] and fp32 scales [rows].

    Non-finite weights give non-finite scales: the caller looks at those.
    """
    exact = weight.float()
    absmax = exact.abs().amax(dim=1)
    # The quotient, not the scale, is what has to be exact: dividing by s = max / 127 rounds twice.
    factor = torch.where(absmax > SMALLEST_ABSMAX, LARGEST / absmax, torch.zeros_like(absmax))
    quantized = (exact * factor.unsqueeze(1)).round_().clamp_(-LARGEST, LARGEST).to(torch.int8)
    return quantized, absmax / LARGEST


def dequantize_rows(quantized: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The fp32 weights that ``quantized`` stands for; for tests and reports, never during decode."""
    return quantized.float() * scale.float().unsqueeze(1)
