"""The engine: a checkpoint folder becomes a model that continues token ids. Knows neither the wire nor Qt.

    from inference_worker.engine import Sampling, load_model
    model = load_model("path/to/checkpoint", precision="int8", device="auto")
    generation = model.generate(ids, Sampling(temperature=0))
    reply = list(generation)  # ids; generation.finish_reason says why it ended

Names are resolved on first use, so that importing a part that needs no torch (errors, inference_thread) stays cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference_worker.engine.devices import list_devices
    from inference_worker.engine.errors import EngineError
    from inference_worker.engine.load import load_model
    from inference_worker.engine.memory import plan_memory
    from inference_worker.engine.model import Model
    from inference_worker.engine.sampler import Sampling

__all__ = ["EngineError", "Model", "Sampling", "list_devices", "load_model", "plan_memory"]

_HOMES = {
    "EngineError": "errors",
    "Model": "model",
    "Sampling": "sampler",
    "list_devices": "devices",
    "load_model": "load",
    "plan_memory": "memory",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
