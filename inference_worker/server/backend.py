"""Where models come from, as the server sees it: an interface, and the one that loads them on this machine.

torch is imported when somebody asks for a model, on a thread: until then the worker starts fast, answers and runs tools
without it. Knows no connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from inference_worker.chat import local_generator
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
    """Models on this machine."""

    async def load(self, command: LoadModel, progress: Progress, cancelled: Cancelled) -> Generator:
        return await local_generator.load_generator(command, progress, cancelled)

    async def close(self, generator: Generator) -> None:
        assert isinstance(generator, local_generator.LocalGenerator)
        await generator.close()

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        return await local_generator.plan_memory(command)

    async def devices(self) -> tuple[DeviceInfo, ...]:
        return await local_generator.list_devices()
