"""One model over several devices, only where a person chose that: which module lies where, and what it costs.

The map has the form of accelerate's device maps. A layer is never cut. Each step of decoding brings what lies on the
CPU over the bus again, which is what the milliseconds say. Nothing here loads weights or runs them: ``dispatch`` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
ELSEWHERE = ("cpu",)
"""Places from which weights are brought for each step."""


@dataclass(frozen=True, slots=True)
class SplitMap:
    """Where the modules go. ``rate`` is bytes a second from the CPU to the first device, 0 if it was not measured."""

    modules: Mapping[str, str]
    """Module path -> device, as torch names it."""
    nbytes: Mapping[str, int]
    """Device -> bytes of weights on it, each tensor once."""
    rate: float
    first: str = ""
    """The device that computes what lies elsewhere."""

    @property
    def bytes_elsewhere(self) -> int:
        """Bytes that each step brings over the bus."""
        return sum(size for device, size in self.nbytes.items() if device in ELSEWHERE)

    @property
    def milliseconds_per_token(self) -> float:
        """What bringing them costs at least; 0 if all lies on cards, or nothing was measured."""
        return 1000 * self.bytes_elsewhere / self.rate if self.rate else 0.0

    def place(self, name: str) -> torch.device:
        """Where the tensor ``name``, as a state dict names it, lies."""
        block = name
        while block and block not in self.modules:
            block = block.rpartition(".")[0]
        return torch.device(self.modules[block])

    def executor(self, block: str) -> torch.device:
        """Where ``block`` computes."""
        device = self.modules[block]
        return torch.device(self.first if device in ELSEWHERE else device)

    def in_words(self) -> str:
        """For people, in plain English: what lies where, and what that costs."""
        places = ", ".join(f"{size / 2**20:.0f} MiB on {device}" for device, size in self.nbytes.items())
        if not self.bytes_elsewhere:
            return f"split as chosen: {places}"
        cost = f"at {self.rate / 1e9:.1f} GB/s (measured), each token takes {self.milliseconds_per_token:.0f} ms more"
        return f"split as chosen: {places}; {cost}"


def plan_split(skeleton: Skeleton, budgets: Mapping[str, int], rate: float = 0.0) -> SplitMap:
    """Spread ``skeleton`` over ``budgets``: device -> bytes of weights it may hold, in order of preference.

    Devices are as torch names them (``cuda:0``), and ``cpu``. Blocks go to the devices in the order in which they
    compute. Where some stay on the CPU, the first device keeps room to bring the largest of them over. Raises
    ``EngineError("out_of_memory")``, with the sum of the budgets, if all together are too small.
    """
    sizes = _block_bytes(skeleton.model)
    first = next(iter(budgets))
    ties = _ties(skeleton.model, sizes)
    placed = _fill(sizes, ties, budgets)
    if placed is not None and first not in ELSEWHERE and set(placed.values()) & set(ELSEWHERE):
        placed = _fill(sizes, ties, {**budgets, first: max(0, budgets[first] - max(sizes.values()))})
    if placed is None:
        places, free = "+".join(budgets), sum(budgets.values())
        raise EngineError("out_of_memory", device=places, needed=skeleton.nbytes(), free=free)
    totals: defaultdict[str, int] = defaultdict(int)
    for name, device in placed.items():
        totals[device] += sizes[name]
    return SplitMap(placed, dict(totals), rate, first)


def split_budgets(devices: Sequence[Device], beside: int) -> dict[str, int]:
    """Bytes of weights that each of ``devices`` may hold; ``beside`` is kept on each for cache and activations."""
    return {one.device: max(0, one.free - beside) for one in devices}


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


def _fill(sizes: Mapping[str, int], ties: Mapping[str, str], budgets: Mapping[str, int]) -> dict[str, str] | None:
    """Block -> device, each device filled before the next is begun; ``None`` if the last one overflows.

    A block that shares tensors with an earlier one, as ``ties`` says, lies beside it.
    """
    devices = list(budgets.items())
    placed: dict[str, str] = {}
    used = 0
    for name, size in sizes.items():
        if name in ties:
            placed[name] = placed[ties[name]]
            continue
        while devices and used + size > devices[0][1]:
            devices.pop(0)
            used = 0
        if not devices:
            return None
        placed[name] = devices[0][0]
        used += size
    return placed


def _ties(model: nn.Module, blocks: Iterable[str]) -> dict[str, str]:
    """Block -> the first block that holds one of its tensors, where that is another."""
    owners: dict[int, str] = {}
    ties: dict[str, str] = {}
    for name in blocks:
        module = model.get_submodule(name)
        for tensor in (*module.parameters(), *module.buffers()):
            if owners.setdefault(id(tensor), name) != name:
                ties[name] = owners[id(tensor)]
    return ties


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
    """Modules that are not cut: members of lists, which the layers are, those that the model's code names, and whatever
    lies beside them."""
    own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    if own or type(module).__name__ in whole:
        yield path, module
        return
    for name, child in module.named_children():
        child_path = f"{path}.{name}" if path else name
        if isinstance(module, nn.ModuleList):
            yield child_path, child
        else:
            yield from _blocks(child, child_path, whole)
