"""The devices of this machine: which exist, which work with this torch, how much memory is free. CUDA, MPS unproven."""

from __future__ import annotations

import platform
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import torch

from inference_worker.engine.errors import EngineError

SPLIT = "split"
CPU_INFO = Path("/proc/cpuinfo")
WHEEL_INDEX = "https://download.pytorch.org/whl"
WHEELS = (
    ((5, 0), (7, 2), "cu126"),  # Maxwell, Pascal, Volta
    ((7, 5), (12, 1), "cu130"),  # Turing to Blackwell
)
"""Oldest and newest compute capability, and the newest wheel index whose builds run on them all.

Builds for CUDA 12.6 hold sm_50 60 70 75 80 86 90 (they are the last with the first three: CUDA 13 cannot make them, and
12.8 left them out); builds for CUDA 13.0 hold sm_75 80 86 90 100 120 and, on Linux, PTX of the last. Machine code runs
on cards of the same major version: the P102-100, 6.1, runs sm_60. Sources: PyTorch's RELEASE.md, "PyTorch CUDA Support
Matrix", and its issues 157517 (2.8), 172352 (2.11) and 190385, which plans to end 12.6 with torch 2.15.
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One device with its memory in bytes now; ``problem`` says why it cannot be used, in plain English."""

    device: str
    """As torch names it: ``cpu``, ``cuda:0``, ``mps``."""
    name: str
    total: int
    free: int
    problem: str = ""
    parts: tuple[Device, ...] = ()
    """Of ``split``: the devices that share the model, the one that computes most first; otherwise empty."""

    @property
    def main(self) -> str:
        """Where ids go in and logits come out, as torch names it."""
        return self.parts[0].device if self.parts else self.device


def list_devices(cuda: Any = torch.cuda) -> list[Device]:
    """Every device in order of preference: CUDA cards, MPS, CPU. ``cuda`` is torch's module or one like it."""
    return [*_cuda_devices(cuda), *_mps_devices(), _cpu_device()]


def resolve_device(wanted: str | Device, devices: Sequence[Device] | None = None) -> Device:
    """The one of ``devices`` (of this machine) for ``wanted``; a Device is that one.

    ``auto`` is the first usable one, ``split`` all cards and the CPU as one. Raises
    ``EngineError("unsupported_device")``, also for a Device that has a problem.
    """
    if isinstance(wanted, Device):
        devices, wanted = [wanted], wanted.device
        if devices[0].parts:
            return devices[0]
    devices = list_devices() if devices is None else devices
    if wanted == "auto":
        return next(device for device in devices if not device.problem)
    if wanted == SPLIT:
        return _together(devices)
    name = "cuda:0" if wanted == "cuda" else wanted
    found = next((device for device in devices if device.device == name), None)
    if found is None:
        known = ", ".join(device.device for device in devices)
        raise EngineError("unsupported_device", device=wanted, reason=f"this machine has {known}")
    if found.problem:
        raise EngineError("unsupported_device", device=wanted, reason=found.problem)
    return found


def _together(devices: Sequence[Device]) -> Device:
    """All usable cards, that with the most free memory first, and the CPU."""
    cards = [one for one in devices if one.device.startswith("cuda:") and not one.problem]
    if not cards:
        known = ", ".join(f"{one.device} ({one.problem})" if one.problem else one.device for one in devices)
        reason = f"a model can be split only where a CUDA card works; this machine has {known}"
        raise EngineError("unsupported_device", device=SPLIT, reason=reason)
    cards.sort(key=lambda card: card.free, reverse=True)
    parts = (*cards, *(one for one in devices if one.device == "cpu"))
    names = " + ".join(part.name for part in parts)
    return Device(SPLIT, names, sum(part.total for part in parts), sum(part.free for part in parts), parts=parts)


def free_memory(device: torch.device) -> int:
    """Bytes that can be allocated on ``device`` now."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return max(0, torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return int(psutil.virtual_memory().available)


def capability_problem(capability: tuple[int, int], built_for: list[str]) -> str:
    """Empty if a torch built for ``built_for`` (``sm_86``, ``compute_90``) runs on a card of ``capability``.

    Machine code (sm) runs on the same major version with an equal or higher minor one; PTX (compute) on newer cards.
    Builds for AMD cards (``gfx1100``) are not judged.
    """
    if any(entry.startswith("gfx") for entry in built_for):
        return ""
    for entry in built_for:
        match = re.match(r"(sm|compute)_(\d+)(\d)", entry)
        if match is None:
            continue
        version = (int(match[2]), int(match[3]))
        if version <= capability and (match[1] == "compute" or version[0] == capability[0]):
            return ""
    known = " ".join(built_for) or "no card"
    name = f"{capability[0]}.{capability[1]}"
    return f"this build of torch has no code for compute capability {name} (it has {known}); {_advice(capability)}"


def wheel_for(capability: tuple[int, int]) -> str:
    """Name of torch's wheel index for a card of ``capability``, as ``cu126``; empty where none is made any more."""
    return next((index for oldest, newest, index in WHEELS if oldest <= capability <= newest), "")


def _advice(capability: tuple[int, int]) -> str:
    index = wheel_for(capability)
    if index:
        return f"install torch from {WHEEL_INDEX}/{index}"
    if capability < WHEELS[0][0]:
        return "no current torch is built for a card this old: choose the CPU, or another card"
    return f"install the newest torch from {WHEEL_INDEX}/{WHEELS[-1][2]}, which may be built for it"


def _cuda_devices(cuda: Any) -> list[Device]:
    if not cuda.is_available():
        return []
    with warnings.catch_warnings():  # torch warns of cards that it has no code for; here that becomes their problem
        warnings.simplefilter("ignore")
        return [_cuda_device(cuda, index) for index in range(cuda.device_count())]


def _cuda_device(cuda: Any, index: int) -> Device:
    properties = cuda.get_device_properties(index)
    problem = capability_problem((properties.major, properties.minor), cuda.get_arch_list())
    free = 0 if problem else free_memory(torch.device("cuda", index))
    return Device(f"cuda:{index}", properties.name, properties.total_memory, free, problem)


def _mps_devices() -> list[Device]:
    if not torch.backends.mps.is_available():
        return []
    return [Device("mps", "Apple GPU", torch.mps.recommended_max_memory(), free_memory(torch.device("mps")))]


def _cpu_device() -> Device:
    memory = psutil.virtual_memory()
    return Device("cpu", _cpu_name(), int(memory.total), int(memory.available))


def _cpu_name() -> str:
    if CPU_INFO.is_file():
        match = re.search(r"^model name\s*:\s*(.+)$", CPU_INFO.read_text(encoding="utf-8", errors="replace"), re.M)
        if match:
            return match[1].strip()
    return platform.processor() or "CPU"
