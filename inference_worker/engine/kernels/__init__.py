"""Products with quantized weights: one function for each scheme and kind of device, chosen once at load."""

from __future__ import annotations

from collections.abc import Callable

import torch

from inference_worker.engine.quantize.schemes import Parts, Scheme

Kernel = Callable[[torch.Tensor, Parts], torch.Tensor]
"""``kernel(x [n, in] floating, parts of a matrix [out, in]) -> [n, out]`` in the type of ``x``.

No floating tensor as large as the matrix may exist while it runs.
"""


def choose_kernel(scheme: Scheme, device: torch.device, dtype: torch.dtype) -> Kernel:
    """The fastest kernel for weights of ``scheme`` and activations of ``dtype`` on ``device``, with its own scratch."""
    from inference_worker.engine.kernels import cpu, fallback

    if scheme.precision != "int8":
        raise NotImplementedError(scheme.precision)
    if device.type == "cpu" and dtype == torch.float32:
        return cpu.make_int8_kernel()
    return fallback.make_int8_kernel(device, dtype)


def block_rows(rows: int, columns: int, elements: int) -> int:
    """Rows of a block of at most ``elements`` values (at least one row), and of at most half the matrix."""
    return max(1, min(elements // columns, (rows + 1) // 2))
