"""The int8 and int4 files that ChatGLM's authors published: a weight in whole numbers beside one fp16 scale a row.

int8 is [out, in]. int4 is [out, in / 2], the even column in the high four bits, both in two's complement. The weight is
``q * scale``: symmetric, no zero point, no groups. Kept as it is where the chosen precision is the file's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.quantize.schemes import Parts, Scheme

SCALE = "_scale"
"""Behind the name of the weight."""
ZERO_BYTE = 8
"""Added to a four-bit number to make it unsigned: our int4 then holds the same value with this zero point."""


class ScaledRows(StoredTensor):
    """Such a weight as the floating [out, in] that it stands for."""

    def __init__(self, weight: StoredTensor, scale: StoredTensor, bits: int) -> None:
        rows, stored = weight.shape
        super().__init__(weight.name, weight.file, "F32", (rows, stored * 8 // bits), weight.start, weight.nbytes)
        self.nbytes += scale.nbytes
        self._weight, self._scale, self.bits = weight, scale, bits

    def read(self) -> torch.Tensor:
        return self.rows(0, self.shape[0])

    def rows(self, start: int, stop: int) -> torch.Tensor:
        """fp32, as the original computes it on a CPU."""
        numbers = self._weight.rows(start, stop)
        if self.bits == 4:
            numbers = torch.stack((numbers >> 4, numbers << 4 >> 4), dim=2).flatten(1)
        return numbers.float() * self._scale.rows(start, stop).float().unsqueeze(1)

    def parts(self, scheme: Scheme) -> Parts | None:
        if self.bits == 8 and scheme.precision in ("int8", "llm-int8"):
            return {"weight": self._weight.read(), "scale": self._scale.read().float()}
        if self.bits == 4 and scheme.precision == "int4":
            return self._as_int4(scheme)
        return None

    def _as_int4(self, scheme: Scheme) -> Parts | None:
        """The same numbers in our order; the one scale of a row stands for each of its groups."""
        rows, columns = self.shape
        wanted = scheme.empty(rows, columns)
        if wanted["weight"].shape[1] * 2 != columns:
            return None
        stored = self._weight.read().view(torch.uint8)
        packed = (stored >> 4 ^ ZERO_BYTE) | (stored & 15 ^ ZERO_BYTE) << 4
        scale = self._scale.read().half().unsqueeze(1).expand_as(wanted["scale"]).contiguous()
        zero = torch.full(wanted["zero"].shape, ZERO_BYTE, dtype=torch.uint8)
        return {"weight": packed, "scale": scale, "zero": zero}


def dequantizable(stored: Mapping[str, StoredTensor], inputs: Mapping[str, int]) -> tuple[dict[str, StoredTensor], int]:
    """Weights that have a scale become :class:`ScaledRows`, the rest stays; and the bits (0: nothing is quantized).

    ``inputs`` has the columns of each weight by the end of its name. Raises ``EngineError("broken_checkpoint")`` for
    whole numbers without a scale and for sizes that fit neither 8 nor 4 bits.
    """
    found: dict[str, StoredTensor] = {}
    bits = 0
    for name, tensor in stored.items():
        scale = stored.get(name + SCALE)
        if scale is not None:
            one = ScaledRows(tensor, scale, _bits(tensor, inputs))
            found[name], bits = one, one.bits
        elif tensor.dtype == "I8":
            raise broken(tensor.file, f"{name} is quantized, but {name}{SCALE} is missing")
        elif not name.endswith(f".weight{SCALE}"):
            found[name] = tensor
    return found, bits


def _bits(tensor: StoredTensor, inputs: Mapping[str, int]) -> int:
    columns = next((count for end, count in inputs.items() if tensor.name.endswith(end)), 0)
    for bits in (8, 4):
        if len(tensor.shape) == 2 and columns and tensor.shape[1] * 8 == columns * bits:
            return bits
    raise broken(
        tensor.file, f"{tensor.name} has the shape {tensor.shape}, which is neither int8 nor int4 of {columns}"
    )
