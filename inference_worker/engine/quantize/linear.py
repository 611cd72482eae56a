"""Modules whose weights are quantized: a Linear and an Embedding. They know neither the arithmetic nor how a product
is computed: the one is their scheme's, the other their kernel's.

Both are built on the meta device and filled by the loader, part by part.
"""

from __future__ import annotations

import torch
from torch import nn

from inference_worker.engine.kernels import Kernel
from inference_worker.engine.quantize.schemes import Parts, Scheme


class QuantizedWeight(nn.Module):
    """A matrix [rows, columns], held as the parts of ``scheme``: one buffer each, under the name of the part."""

    weight: torch.Tensor
    scale: torch.Tensor

    def __init__(self, scheme: Scheme, rows: int, columns: int) -> None:
        super().__init__()
        self.scheme = scheme
        self.rows = rows
        self.columns = columns
        for name, part in scheme.empty(rows, columns).items():
            self.register_buffer(name, part)

    @property
    def parts(self) -> dict[str, torch.Tensor]:
        """Part name -> tensor, ``weight`` first."""
        return {name: part for name, part in self._buffers.items() if part is not None}

    def set_parts(self, parts: Parts) -> None:
        """Take ``parts`` as they are, without a copy, so that several modules may share them."""
        for name, part in parts.items():
            setattr(self, name, part)


class QuantizedLinear(QuantizedWeight):
    """``x @ dequantized.T + bias``: x [..., in] -> [..., out], both in the floating type the model computes in.

    The floating weight never exists as a whole: the kernel works on blocks of rows. An ``adapter``, where one is set,
    is a module [..., in] -> [..., out] whose result is added: the low-rank side path of a fine-tuned model.
    """

    def __init__(self, scheme: Scheme, rows: int, columns: int, bias: nn.Parameter | None, kernel: Kernel) -> None:
        super().__init__(scheme, rows, columns)
        self.bias = bias
        self.kernel = kernel
        self.adapter: nn.Module | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.kernel(x.reshape(-1, x.shape[-1]), self._buffers).view(*x.shape[:-1], self.rows)
        if self.bias is not None:
            y += self.bias
        if self.adapter is not None:
            y += self.adapter(x)
        return y


class QuantizedEmbedding(QuantizedWeight):
    """Token embedding, ids [...] -> [..., columns] in ``dtype``. Only the rows looked up become floating."""

    def __init__(self, scheme: Scheme, rows: int, columns: int, dtype: torch.dtype) -> None:
        super().__init__(scheme, rows, columns)
        self.dtype = dtype

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        found = {name: part[ids.flatten()] for name, part in self.parts.items()}
        return self.scheme.dequantize(found, self.columns).to(self.dtype).view(*ids.shape, self.columns)
