"""Where models come from, as the server sees it. The real one is imported only when somebody asks for a model.

Importing the engine takes seconds and may hold the interpreter; until then the worker answers without it, runs tools,
and starts fast. Knows no connection.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import Any, Protocol

from inference_worker.chat.generator import Generator
from inference_worker.protocol.messages import DeviceInfo, LoadModel, MemoryPlanned, PlanMemory

Progress = Callable[[int, int], None]
"""Bytes placed, bytes in all. May be called from any thread."""
Cancelled = Callable[[], bool]
"""Whether to stop. May be called from any thread."""


class Backend(Protocol):
    """Loads models and knows the machine. What cannot be done raises RequestError."""

    async def load(self, command: LoadModel, progress: Progress, cancelled: Cancelled) -> Generator:
        """The model, resident. Stops within one tensor once ``cancelled()`` is true, and then raises."""
        ...

    async def close(self, generator: Generator) -> None:
        """Give all memory of the model back."""
        ...

    async def plan(self, command: PlanMemory) -> MemoryPlanned: ...

    async def devices(self) -> tuple[DeviceInfo, ...]: ...


class LocalBackend:
    """Models on this machine, through :mod:`inference_worker.chat.local_generator`."""

    async def load(self, command: LoadModel, progress: Progress, cancelled: Cancelled) -> Generator:
        local = await _local_generator()
        generator: Generator = await local.load_generator(
            command.path, command.precision, command.device, command.context, progress, cancelled
        )
        return generator

    async def close(self, generator: Generator) -> None:
        await generator.close()  # type: ignore[attr-defined]

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        local = await _local_generator()
        plan: MemoryPlanned = await local.plan_memory(command)
        return plan

    async def devices(self) -> tuple[DeviceInfo, ...]:
        local = await _local_generator()
        devices: tuple[DeviceInfo, ...] = await local.list_devices()
        return devices


async def _local_generator() -> Any:
    """On a thread, so that pings are answered while torch is imported."""
    return await asyncio.to_thread(importlib.import_module, "inference_worker.chat.local_generator")
