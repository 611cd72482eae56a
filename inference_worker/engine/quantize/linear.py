"""Modules whose weights are int8: a Linear and an Embedding. They know their kernel as a function, not how it works.

Both are built on the meta device and filled by the loader, row block by row block.
"""

from __future__ import annotations

import torch
from torch import nn

from inference_worker.engine.kernels import Kernel


class Int8Weight(nn.Module):
    """An int8 matrix [rows, columns] with one fp32 scale a row (:func:`schemes.quantize_rows`)."""

    weight: torch.Tensor
    scale: torch.Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.empty(rows, columns, dtype=torch.int8, device="meta"))
        self.register_buffer("scale", torch.empty(rows, dtype=torch.float32, device="meta"))


class Int8Linear(Int8Weight):
    """``x @ (weight * scale).T + bias``: x [..., in] -> [..., out], both in the floating type the model computes in.

    The floating weight never exists as a whole: the kernel works on blocks of rows.
    """

    def __init__(self, rows: int, columns: int, bias: nn.Parameter | None, kernel: Kernel) -> None:
        super().__init__(rows, columns)
        self.bias = bias
        self.kernel = kernel

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.kernel(x.reshape(-1, x.shape[-1]), self.weight, self.scale)
        if self.bias is not None:
            y += self.bias
        return y.view(*x.shape[:-1], y.shape[-1])


class Int8Embedding(Int8Weight):
    """Token embedding that shares its int8 matrix with a tied lm_head: ids [...] -> [..., columns] in ``dtype``."""

    def __init__(self, rows: int, columns: int, dtype: torch.dtype) -> None:
        super().__init__(rows, columns)
        self.dtype = dtype

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return (self.weight[ids] * self.scale[ids].unsqueeze(-1)).to(self.dtype)
