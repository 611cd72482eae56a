"""Exact products of int8 matrices, from stock torch operations. Knows no scales and no schemes.

Run on the CPU in both ways; on CUDA and MPS unproven.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from inference_worker.engine.kernels import block_rows

Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""``product(a [n, in] int8, weight [out, in] int8) -> a @ weight.T`` int32 [n, out], exact."""

EXACT_COLUMNS = 2**24 // 128**2
"""1024: a sum of so many products of two int8 values is a whole number that fp32 holds exactly."""
ELEMENTS = {"cpu": 128 * 1024}
"""Values of a weight that are in fp32 at once: the L2 cache of a CPU; elsewhere few launches."""
OTHER_ELEMENTS = 4 * 2**20
CUDA_ROWS = 32
"""``_int_mm`` on CUDA takes more than 16 rows; fewer are filled up with zeros."""


def choose_product(device: torch.device) -> Product:
    """The fastest product on ``device``."""
    if device.type == "cuda":
        return _cuda_product
    return _native_product if device.type == "cpu" and cpu_has_int8_products() else blocked_product


@cache
def cpu_has_int8_products() -> bool:
    """Whether this CPU multiplies int8 in hardware, and torch does so exactly: older ones saturate sums at 16 bit."""
    supported = getattr(torch.cpu, "_is_vnni_supported", None)
    if supported is None or not supported():
        return False
    for rows in (1, 40):  # torch takes different ways for one row and for many
        a = torch.full((rows, 1024), -128, dtype=torch.int8)
        weight = torch.tensor([[-128], [127]], dtype=torch.int8).expand(2, 1024).contiguous()
        if _native_product(a, weight).tolist() != [[128 * 128 * 1024, -128 * 127 * 1024]] * rows:
            return False
    return True


def blocked_product(a: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """On any device: fp32 products of so few columns that every sum stays exact, added up as whole numbers."""
    rows, columns = weight.shape
    step = block_rows(rows, min(columns, EXACT_COLUMNS), ELEMENTS.get(weight.device.type, OTHER_ELEMENTS))
    exact = a.float()
    y = torch.zeros(len(a), rows, dtype=torch.int32, device=a.device)
    for start in range(0, rows, step):
        for left in range(0, columns, EXACT_COLUMNS):
            block = weight[start : start + step, left : left + EXACT_COLUMNS].float()
            y[:, start : start + step] += (exact[:, left : left + EXACT_COLUMNS] @ block.t()).to(torch.int32)
    return y


def _native_product(a: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return torch._int_mm(a, weight.t())


def _cuda_product(a: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    if weight.shape[0] % 8 or weight.shape[1] % 8:
        return blocked_product(a, weight)
    missing = max(0, CUDA_ROWS - len(a))
    return torch._int_mm(torch.nn.functional.pad(a, (0, 0, 0, missing)), weight.t())[: len(a)]
