"""int8 weights times fp32 activations on the CPU: a block of rows becomes fp32 in a small buffer, then one product.

Why not torch's own ``_weight_int8pack_mm``: it is fast only with bf16 activations, whose rounding is as coarse as int8
itself; with fp32 ones it is scalar code.
"""

from __future__ import annotations

import torch

from inference_worker.engine.kernels import Kernel, block_rows
from inference_worker.engine.quantize.schemes import Parts

ONE_THREAD_ELEMENTS = 128 * 1024
"""512 KiB: what fits the L2 cache; larger blocks are no faster, smaller ones cost more calls."""
THREADED_ELEMENTS = 32 * 1024
"""From more than this torch wakes other threads for a copy, which for one activation row costs more than it gains."""
PREFILL_ELEMENTS = 256 * 1024
"""1 MiB: with many activation rows the product dominates, and larger blocks suit it better."""


def make_int8_kernel() -> Kernel:
    """A kernel with its own scratch of 1 MiB; one inference thread uses it at a time."""
    scratch = torch.empty(PREFILL_ELEMENTS, dtype=torch.float32)

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        weight = parts["weight"]
        rows, columns = weight.shape
        step = block_rows(rows, columns, _elements(len(x)))
        room = scratch if step * columns <= len(scratch) else torch.empty(step * columns)
        y = x.new_empty(len(x), rows)
        for block, part in zip(weight.split(step), y.split(step, dim=1), strict=True):
            exact = room[: block.numel()].view_as(block).copy_(block)
            torch.mm(x, exact.t(), out=part)
        return y.mul_(parts["scale"])

    return multiply


def _elements(activation_rows: int) -> int:
    """The size of a block."""
    if activation_rows > 1:
        return PREFILL_ELEMENTS
    return ONE_THREAD_ELEMENTS if torch.get_num_threads() == 1 else THREADED_ELEMENTS
