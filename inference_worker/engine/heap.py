"""How the C library hands freed memory back. Only glibc is told anything; elsewhere nothing happens."""

from __future__ import annotations

import ctypes
import platform
from functools import cache

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
LARGE = 2**20
"""Bytes from which a block is mapped by itself, and so given back at once."""
KEPT = 16 * 2**20
"""Bytes of free heap that are kept for small blocks."""


@cache
def give_large_blocks_back() -> None:
    """Once a process: return large blocks to the system when they are freed.

    glibc raises the limit up to 32 MiB by itself, as blocks come and go. The blocks of a weight that is quantized then
    lie between parts that stay, and a load leaves up to 130 MB of holes behind (measured: docs/memory.md).
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_MMAP_THRESHOLD, LARGE)
    mallopt(M_TRIM_THRESHOLD, KEPT)
