"""Products with quantized weights: one function for each scheme and kind of device, chosen once at load."""

from __future__ import annotations

from collections.abc import Callable

import torch

from inference_worker.engine.quantize.schemes import Absmax, Int4, LlmInt8, Parts, Scheme, ZeroPoint

Kernel = Callable[[torch.Tensor, Parts], torch.Tensor]
"""``kernel(x [n, in] floating, parts of a matrix [out, in]) -> [n, out]`` in the type of ``x``.

No floating tensor as large as the matrix may exist while it runs.
"""


def choose_kernel(scheme: Scheme, device: torch.device, dtype: torch.dtype) -> Kernel:
    """The fastest kernel for weights of ``scheme`` and activations of ``dtype`` on ``device``, with its own scratch."""
    from inference_worker.engine.kernels import fallback, mixed

    if isinstance(scheme, LlmInt8):
        return mixed.make_kernel(scheme.threshold, device)
    if device.type == "cpu" and dtype == torch.float32:
        return _fp32_cpu_kernel(scheme)
    if isinstance(scheme, Absmax):
        return fallback.make_int8_kernel(device, dtype)
    return fallback.make_kernel(scheme)


def _fp32_cpu_kernel(scheme: Scheme) -> Kernel:
    from inference_worker.engine.kernels import cpu, fallback, integer, split

    if isinstance(scheme, Int4):
        return cpu.make_int4_kernel()
    int8 = cpu.make_int8_kernel()
    if integer.cpu_has_int8_products():
        int8 = split.make_int8_kernel(int8)
    if isinstance(scheme, ZeroPoint):
        return cpu.make_zero_point_kernel(int8)
    return int8 if isinstance(scheme, Absmax) else fallback.make_kernel(scheme)


def block_rows(rows: int, columns: int, elements: int) -> int:
    """Rows of a block of at most ``elements`` values (at least one row), and of at most half the matrix."""
    return max(1, min(elements // columns, (rows + 1) // 2))
