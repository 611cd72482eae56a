"""LLM.int8(): a product split in two (Dettmers et al. 2022, section 3), on any device, from stock torch operations.

Columns of the activations that hold a value of at least the threshold are multiplied with dequantized weights in 16
bit. In the others each row of activations becomes int8 by absmax, and the product is one of whole numbers.

Of fp32 activations (the CPU) both factors of an outlier product are rounded to fp16, and sums are kept in fp32, as a
GPU does inside one fp16 product; a value that fp16 cannot hold stays as it is. 16-bit activations keep their type.
"""

from __future__ import annotations

import torch

from inference_worker.engine.kernels import Kernel, block_rows
from inference_worker.engine.kernels.integer import choose_product
from inference_worker.engine.quantize.schemes import Parts, quantize_rows

ELEMENTS = 128 * 1024
"""Values of outlier columns that are in floating point at once."""


def make_kernel(threshold: float, device: torch.device) -> Kernel:
    """A kernel that treats activations from ``threshold`` on as outliers."""
    product = choose_product(device)

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        outlying = (x.abs() >= threshold).any(dim=0)
        columns = outlying.nonzero().squeeze(1)
        quantized, scale = quantize_rows(x.masked_fill(outlying, 0) if len(columns) else x)
        y = product(quantized, parts["weight"]).float().mul_(scale.unsqueeze(1)).mul_(parts["scale"])
        if len(columns):
            _add_outliers(y, x[:, columns], parts, columns)
        return y.to(x.dtype)

    return multiply


def _add_outliers(y: torch.Tensor, x: torch.Tensor, parts: Parts, columns: torch.Tensor) -> None:
    """Add to ``y`` fp32 [n, out] the product of ``x`` [n, outliers] with those ``columns`` of the weight."""
    weight, scale = parts["weight"], parts["scale"]
    rounded = _to_half(x)
    step = block_rows(len(weight), len(columns), ELEMENTS)
    for start in range(0, len(weight), step):
        rows = slice(start, start + step)
        block = _to_half((weight[rows, columns].float() * scale[rows].unsqueeze(1)).to(x.dtype))
        y[:, rows] += rounded @ block.t()


def _to_half(values: torch.Tensor) -> torch.Tensor:
    """fp32 values as fp16 would hold them, still fp32; values of 16 bit unchanged."""
    if values.dtype != torch.float32:
        return values
    rounded = values.half().float()
    return torch.where(rounded.isfinite(), rounded, values)
