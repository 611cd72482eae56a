"""Muon: momentum whose matrix updates are made orthogonal by a Newton-Schulz iteration. Knows no model.

Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. torch has one too, but it
iterates in bfloat16, which is 35 times slower than float32 on the CPUs this model is trained on.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


def orthogonalized(matrix: torch.Tensor) -> torch.Tensor:
    """A matrix with the singular vectors of ``matrix`` and singular values near 1; same shape, float32."""
    a, b, c = _COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """For the matrices inside the layers; embeddings and norms belong to AdamW."""

    def __init__(self, parameters: Iterable[torch.Tensor], *, lr: float, momentum: float = 0.95, decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    def step(self, closure: None = None) -> None:
        """One update. ``closure`` is part of torch's interface and not supported."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        with torch.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._update(parameter, group)

    def _update(self, parameter: torch.Tensor, group: dict[str, float]) -> None:
        state = self.state[parameter]
        buffer = state.setdefault("momentum", torch.zeros_like(parameter))
        buffer.lerp_(parameter.grad, 1 - group["momentum"])
        update = orthogonalized(parameter.grad.lerp(buffer, group["momentum"]))
        rows, columns = parameter.shape
        parameter.mul_(1 - group["lr"] * group["decay"])
        parameter.add_(update, alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)
