"""One model over several devices, only where a person chose that: which module lies where, and what it costs.

The map has the form that accelerate's ``dispatch_model`` takes. A layer is never cut. Each step of decoding brings what
lies on the CPU over the bus again, which is what the milliseconds say. Planning is tested with made-up budgets; running
over GPUs is unproven, and nothing here loads weights or dispatches them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import nn

from inference_worker.engine.devices import Device
from inference_worker.engine.errors import EngineError
from inference_worker.engine.skeleton import Skeleton

COPY_BYTES = 64 * 2**20
"""Of the block whose copy is timed: long enough for the rate not to depend on the start."""
COPIES = 5
ELSEWHERE = ("cpu", "disk", "meta")
"""Places from which weights are brought for each step."""


@dataclass(frozen=True, slots=True)
class SplitMap:
    """Where the modules go. ``rate`` is bytes a second from the CPU to the first device, 0 if it was not measured."""

    modules: Mapping[str, str]
    """Module path -> device, as torch names it."""
    nbytes: Mapping[str, int]
    """Device -> bytes of weights on it, each tensor once."""
    rate: float

    @property
    def bytes_elsewhere(self) -> int:
        """Bytes that each step brings over the bus."""
        return sum(size for device, size in self.nbytes.items() if device in ELSEWHERE)

    @property
    def milliseconds_per_token(self) -> float:
        """What bringing them costs at least; 0 if all lies on cards, or nothing was measured."""
        return 1000 * self.bytes_elsewhere / self.rate if self.rate else 0.0


def plan_split(skeleton: Skeleton, budgets: Mapping[str, int], rate: float = 0.0) -> SplitMap:
    """Spread ``skeleton`` over ``budgets``: device -> bytes of weights it may hold, in order of preference.

    Devices are as torch names them (``cuda:0``), and ``cpu``. Blocks go to the devices in the order in which they
    compute. Where some stay on the CPU, the first device keeps room to bring the largest of them over. Raises
    ``EngineError("out_of_memory")``, with the sum of the budgets, if all together are too small.
    """
    sizes = _block_bytes(skeleton.model)
    first = next(iter(budgets))
    placed = _fill(sizes, budgets)
    if placed is not None and first not in ELSEWHERE and set(placed.values()) & set(ELSEWHERE):
        placed = _fill(sizes, {**budgets, first: max(0, budgets[first] - max(sizes.values()))})
    if placed is None:
        places, free = "+".join(budgets), sum(budgets.values())
        raise EngineError("out_of_memory", device=places, needed=skeleton.nbytes(), free=free)
    totals: defaultdict[str, int] = defaultdict(int)
    for name, device in placed.items():
        totals[device] += sizes[name]
    return SplitMap(placed, dict(totals), rate)


def split_budgets(devices: list[Device], beside: int) -> dict[str, int]:
    """Bytes of weights that each usable card and then the CPU may hold; ``beside`` is kept on each card for the rest.

    Cards stand in the order of their free memory, the largest first.
    """
    cards = [one for one in devices if one.device.startswith("cuda:") and not one.problem]
    cards.sort(key=lambda card: card.free, reverse=True)
    budgets = {card.device: max(0, card.free - beside) for card in cards}
    return budgets | {one.device: max(0, one.free - beside) for one in devices if one.device == "cpu"}


def transfer_rate(device: torch.device) -> float:
    """Bytes a second from the CPU's memory to ``device``: the best of a few timed copies of pageable memory."""
    source = torch.empty(COPY_BYTES, dtype=torch.uint8).fill_(1)
    target = torch.empty(COPY_BYTES, dtype=torch.uint8, device=device)
    best = 0.0
    for _ in range(COPIES):
        _wait_for(device)
        started = perf_counter()
        target.copy_(source)
        _wait_for(device)
        best = max(best, COPY_BYTES / (perf_counter() - started))
    return best


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _fill(sizes: Mapping[str, int], budgets: Mapping[str, int]) -> dict[str, str] | None:
    """Block -> device, each device filled before the next is begun; ``None`` if the last one overflows."""
    devices = list(budgets.items())
    placed: dict[str, str] = {}
    used = 0
    for name, size in sizes.items():
        while devices and used + size > devices[0][1]:
            devices.pop(0)
            used = 0
        if not devices:
            return None
        placed[name] = devices[0][0]
        used += size
    return placed


def _block_bytes(model: nn.Module) -> dict[str, int]:
    """Path of each block -> bytes of its tensors; one that several share counts for the first of them."""
    counted: set[int] = set()
    sizes: dict[str, int] = {}
    for name, block in _blocks(model, "", frozenset(getattr(model, "_no_split_modules", None) or ())):
        tensors = {id(tensor): tensor.nbytes for tensor in [*block.parameters(), *block.buffers()]}
        sizes[name] = sum(size for key, size in tensors.items() if key not in counted)
        counted |= tensors.keys()
    return sizes


def _blocks(module: nn.Module, path: str, whole: frozenset[str]) -> Iterator[tuple[str, nn.Module]]:
    """Modules that are not cut: the layers, as the model's code names them, and whatever lies beside them."""
    own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    if own or type(module).__name__ in whole:
        yield path, module
        return
    for name, child in module.named_children():
        yield from _blocks(child, f"{path}.{name}" if path else name, whole)
