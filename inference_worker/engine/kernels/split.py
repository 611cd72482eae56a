"""int8 weights times fp32 activations by the int8 products of the CPU: each activation is split into three int8 digits.

``x = s (d0 + d1 / 128 + d2 / 128^2)`` with ``s = max|x| / 127`` of its row, exact but for 2.4e-7 of the row's largest
activation, which is what fp32 sums lose anyway. Three products of whole numbers replace one in fp32, and the weights
never become floating. Only where :func:`integer.cpu_has_int8_products` says so.
"""

from __future__ import annotations

import torch

from inference_worker.engine.kernels import Kernel
from inference_worker.engine.quantize.schemes import LARGEST, SMALLEST_ABSMAX, Parts

BASE = 128
"""Of the digits: a power of two, so that splitting rounds nothing; the remainders stay within +-64."""
SMALL_ELEMENTS = 256 * 1024
"""Of a weight. Below, splitting the activations takes longer than converting the weights does."""
BLOCK_ELEMENTS = 2 * 2**20
"""2 MiB of weights: still in the cache when the second and third digit come; smaller blocks cost more calls."""


def make_int8_kernel(small: Kernel) -> Kernel:
    """A kernel that allocates only what is of the size of activations; weights of few elements go to ``small``."""
    weights_of_digits = torch.tensor([1.0, BASE, BASE**2]).view(3, 1, 1)

    def multiply(x: torch.Tensor, parts: Parts) -> torch.Tensor:
        weight, scale = parts["weight"], parts["scale"]
        if weight.numel() < SMALL_ELEMENTS:
            return small(x, parts)
        step = max(1, BLOCK_ELEMENTS // weight.shape[1])
        row_scale = x.abs().amax(dim=1, keepdim=True).clamp_(min=SMALLEST_ABSMAX).div_(LARGEST)
        digits = _digits(x / row_scale, weights_of_digits)
        y = x.new_empty(len(x), len(weight))
        for start in range(0, len(weight), step):
            sums = _products(digits, weight[start : start + step]).float()
            part = sums[0].add_(sums[1], alpha=1 / BASE).add_(sums[2], alpha=1 / BASE**2)
            torch.mul(part, scale[start : start + step], out=y[:, start : start + step])
        return y.mul_(row_scale)

    return multiply


def _digits(scaled: torch.Tensor, weights_of_digits: torch.Tensor) -> torch.Tensor:
    """``scaled`` fp32 [n, in], at most 127 -> int8 [3, n, in], the most significant digit first."""
    rounded = (scaled * weights_of_digits).round_()
    digits = torch.empty(rounded.shape, dtype=torch.int8)
    digits[0] = rounded[0]
    digits[1:] = torch.sub(rounded[1:], rounded[:-1], alpha=BASE)
    return digits


def _products(digits: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """int8 [3, n, in] times ``weight`` [out, in] -> int32 [3, n, out]."""
    count, rows, columns = digits.shape
    if rows > 1:
        return torch._int_mm(digits.view(count * rows, columns), weight.t()).view(count, rows, -1)
    # One row at a time takes a way through torch that reads the weights as they lie; several rows repack them.
    return torch.stack([torch._int_mm(digit, weight.t()) for digit in digits])
