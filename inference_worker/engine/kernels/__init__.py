"""Products with int8 weights: one function for each kind of device, chosen once at load."""

from __future__ import annotations

from collections.abc import Callable

import torch

Kernel = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""``kernel(x [n, in] floating, weight [out, in] int8, scale [out] fp32) -> [n, out]`` in the type of ``x``.

No floating tensor as large as the weight may exist while it runs.
"""


def choose_kernel(device: torch.device, dtype: torch.dtype) -> Kernel:
    """The fastest kernel for activations of ``dtype`` on ``device``, with a scratch buffer of its own."""
    from inference_worker.engine.kernels import cpu, fallback

    if device.type == "cpu" and dtype == torch.float32:
        return cpu.make_kernel()
    return fallback.make_kernel(device, dtype)


def block_rows(rows: int, columns: int, elements: int) -> int:
    """Rows of a block of at most ``elements`` values (at least one row), and of at most half the matrix."""
    return max(1, min(elements // columns, (rows + 1) // 2))
