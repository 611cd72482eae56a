"""Quantized weights times activations on any device and in any floating type, from stock torch operations.

Run on the CPU in every floating type; on CUDA and MPS unproven. Each block is scaled before the product, because int8
values times half-precision activations overflow fp16 sums.
"""

from __future__ import annotations

import torch

from inference_worker.engine.kernels import Kernel, block_rows
from inference_worker.engine.quantize.schemes import Parts, Scheme

ELEMENTS = 4 * 2**20
"""8 MiB in half precision: few launches for each weight, little memory beside it."""


def make_int8_kernel(device: torch.device, dtype: torch.dtype) -> Kernel:
    """A kernel with a scratch buffer that grows to what the largest weight needs, at most ``ELEMENTS``."""
    scratch = torch.empty(0, dtype=dtype, device=device)

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        nonlocal scratch
        weight, scale = parts["weight"], parts["scale"]
        rows, columns = weight.shape
        step = block_rows(rows, columns, ELEMENTS)
        if len(scratch) < step * columns:
            scratch = torch.empty(step * columns, dtype=dtype, device=device)
        y = x.new_empty(len(x), rows)
        row_scale = scale.to(dtype).unsqueeze(1)
        for block, factor, part in zip(weight.split(step), row_scale.split(step), y.split(step, dim=1), strict=True):
            exact = scratch[: block.numel()].view_as(block).copy_(block).mul_(factor)
            torch.mm(x, exact.t(), out=part)
        return y

    return multiply


def make_kernel(scheme: Scheme) -> Kernel:
    """A kernel for any scheme: each block is dequantized in fp32 and rounded to the type of the activations."""

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        rows, columns = len(parts["weight"]), x.shape[1]
        step = block_rows(rows, columns, ELEMENTS)
        y = x.new_empty(len(x), rows)
        for start in range(0, rows, step):
            block = scheme.dequantize({name: part[start : start + step] for name, part in parts.items()}, columns)
            torch.mm(x, block.to(x.dtype).t(), out=y[:, start : start + step])
        return y

    return multiply
