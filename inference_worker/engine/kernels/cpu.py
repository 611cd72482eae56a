"""Quantized weights times fp32 activations on the CPU: a block of rows becomes fp32 in a small buffer, then a product.

Why not torch's own ``_weight_int8pack_mm``: it is fast only with bf16 activations, whose rounding is as coarse as int8
itself; with fp32 ones it is scalar code.
"""

from __future__ import annotations

import torch
from torch import nn

from inference_worker.engine.kernels import Kernel, block_rows
from inference_worker.engine.quantize.schemes import Parts, int4_group

ONE_THREAD_ELEMENTS = 128 * 1024
"""512 KiB: what fits the L2 cache; larger blocks are no faster, smaller ones cost more calls."""
THREADED_ELEMENTS = 32 * 1024
"""From more than this torch wakes other threads for a copy, which for one activation row costs more than it gains."""
PREFILL_ELEMENTS = 256 * 1024
"""1 MiB: with many activation rows the product dominates, and larger blocks suit it better."""
INT4_ELEMENTS = 1024 * 1024
"""4 MiB: unpacking takes a dozen calls a block, which cost more than leaving the L2 cache does. Measured with one row
and one thread: 127 ms in blocks of 128K values, 68 in these, 127 in blocks four times as large."""

LOW_BITS, FOUR = torch.tensor(15, dtype=torch.uint8), torch.tensor(4, dtype=torch.uint8)
"""Tensors, because torch makes one of a plain number at each call."""


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


def make_zero_point_kernel(multiply_int8: Kernel) -> Kernel:
    """A kernel for int8, and what the zero points take off: ``x (q - z)^T s = x q^T s - sum(x) (z s)^T``."""

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        offset = parts["zero"] * parts["scale"]
        return multiply_int8(x, parts).addr_(x.sum(dim=1), offset, alpha=-1)

    return multiply


def make_int4_kernel() -> Kernel:
    """A kernel with its own scratch of 4.5 MiB. Zero points are taken off per group, from the sums of activations.

    A block is unpacked into two halves, all even columns and all odd ones, because writing every second value is slow;
    the activations, which are few, are brought into the same order.
    """
    scratch = torch.empty(INT4_ELEMENTS, dtype=torch.float32)
    nibbles = torch.empty(INT4_ELEMENTS // 2, dtype=torch.uint8)

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        weight, scale, group = parts["weight"], parts["scale"], int4_group(parts)
        rows, half = weight.shape
        groups = scale.shape[1]
        padded = nn.functional.pad(x, (0, 2 * half - x.shape[1]))
        sums = padded.view(len(x), groups, group).sum(dim=2)
        even, odd = padded[:, 0::2].contiguous(), padded[:, 1::2].contiguous()
        step = block_rows(rows, 2 * half, INT4_ELEMENTS)
        fits = step * 2 * half <= len(scratch)
        room = scratch if fits else torch.empty(step * 2 * half)
        bits = nibbles if fits else torch.empty(step * half, dtype=torch.uint8)
        y = x.new_empty(len(x), rows)
        for start in range(0, rows, step):
            block, out = weight[start : start + step], y[:, start : start + step]
            factor = scale[start : start + step].float()
            exact = _unpack(block, room, bits).view(2, len(block), groups, -1).mul_(factor.unsqueeze(2)).flatten(2)
            torch.mm(even, exact[0].t(), out=out)
            out.addmm_(odd, exact[1].t())
            out.addmm_(sums, factor.mul_(parts["zero"][start : start + step]).t(), alpha=-1)
        return y

    return multiply


def _unpack(block: torch.Tensor, room: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
    """uint8 [n, half] -> fp32 [2, n, half] in ``room``: the low four bits, and the high ones."""
    exact = room[: 2 * block.numel()].view(2, *block.shape)
    part = bits[: block.numel()].view_as(block)
    exact[0].copy_(torch.bitwise_and(block, LOW_BITS, out=part))
    exact[1].copy_(torch.bitwise_right_shift(block, FOUR, out=part))
    return exact


def _elements(activation_rows: int) -> int:
    """The size of a block."""
    if activation_rows > 1:
        return PREFILL_ELEMENTS
    return ONE_THREAD_ELEMENTS if torch.get_num_threads() == 1 else THREADED_ELEMENTS
