"""int8 weights times fp32 activations on the CPU: a block of rows becomes fp32 in a small buffer, then one product.

Why not torch's own ``_weight_int8pack_mm``: it is fast only with bf16 activations, whose rounding is as coarse as int8
itself; with fp32 ones it is scalar code.
"""

from __future__ import annotations

import torch

from inference_worker.engine.kernels import Kernel, block_rows

DECODE_ELEMENTS = 32 * 1024
"""128 KiB stay in the L2 cache and below the size from which torch wakes other threads for a copy, at a loss."""
PREFILL_ELEMENTS = 256 * 1024
"""1 MiB: with many activation rows the product dominates, and larger blocks suit it better."""


def make_kernel() -> Kernel:
    """A kernel with its own scratch of 1 MiB; one inference thread uses it at a time."""
    scratch = torch.empty(PREFILL_ELEMENTS, dtype=torch.float32)

    def multiply(x: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        rows, columns = weight.shape
        step = block_rows(rows, columns, DECODE_ELEMENTS if len(x) == 1 else PREFILL_ELEMENTS)
        room = scratch if step * columns <= len(scratch) else torch.empty(step * columns)
        y = x.new_empty(len(x), rows)
        for block, part in zip(weight.split(step), y.split(step, dim=1), strict=True):
            exact = room[: block.numel()].view_as(block).copy_(block)
            torch.mm(x, exact.t(), out=part)
        return y.mul_(scale)

    return multiply
