"""Runs a model that is split over devices: each block computes where the map says, and inputs follow it there.

Blocks that lie on the CPU compute on the first card: their tensors are copied there for the call and dropped after it.
accelerate's own hooks would do this tensor by tensor and empty the card's cache after each one; here a block is the
unit, as it is in the map. Moving between two cards is unproven: no machine with two was at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import nn

from inference_worker.engine.kernels import Kernel, choose_kernel
from inference_worker.engine.quantize.linear import QuantizedLinear
from inference_worker.engine.split import ELSEWHERE, SplitMap


def dispatch(model: nn.Module, split: SplitMap, dtype: torch.dtype) -> None:
    """Make ``model``, whose tensors lie where ``split`` says, run over all its devices. It computes in ``dtype``."""
    kernels: dict[tuple[int, torch.device], Kernel] = {}
    for name, place in split.modules.items():
        block, device = model.get_submodule(name), split.executor(name)
        for module in block.modules():
            if isinstance(module, QuantizedLinear):
                key = (id(module.scheme), device)
                if key not in kernels:  # it keeps room of its own on its device
                    kernels[key] = choose_kernel(module.scheme, device, dtype)
                module.kernel = kernels[key]
        visits = _Visits(device, _tensors(block) if place in ELSEWHERE else [])
        block.register_forward_pre_hook(visits.begin, with_kwargs=True)
        block.register_forward_hook(visits.end, always_call=True)


@dataclass
class _Visits:
    """The calls of one block on ``device``, with the ``guests`` among its tensors: owner, name, tensor on the CPU."""

    device: torch.device
    guests: list[tuple[dict[str, Any], str, torch.Tensor]]
    there: dict[int, torch.Tensor] = field(default_factory=dict)

    def begin(self, _module: nn.Module, args: Any, kwargs: Any) -> tuple[Any, Any]:
        for owner, name, tensor in self.guests:
            if id(tensor) not in self.there:  # tied tensors travel once
                self.there[id(tensor)] = _copy_to(tensor, self.device)
            owner[name] = self.there[id(tensor)]
        return send_to_device(args, self.device), send_to_device(kwargs, self.device)

    def end(self, _module: nn.Module, _args: Any, _output: Any) -> None:
        for owner, name, tensor in self.guests:
            owner[name] = tensor
        self.there.clear()


def _tensors(block: nn.Module) -> list[tuple[dict[str, Any], str, torch.Tensor]]:
    return [
        (owner, name, tensor)
        for module in block.modules()
        for owner in (module._parameters, module._buffers)
        for name, tensor in owner.items()
        if tensor is not None
    ]


def _copy_to(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    copied = tensor.detach().to(device, copy=True)
    return nn.Parameter(copied, requires_grad=False) if isinstance(tensor, nn.Parameter) else copied
