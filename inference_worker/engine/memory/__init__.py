"""What a model will take before it is loaded, whether that fits, and what it took: the formula learns from the peak.

``plan`` puts the parts together: weights from the skeleton (exact), cache and activations from a ``dry_run``, the rest
from what was ``measured`` after an earlier load, with the peak that ``watch`` saw. ``fit`` chooses a context that fits,
or refuses.
"""

from inference_worker.engine.memory.fit import fitting_context
from inference_worker.engine.memory.limits import choose_context, raise_out_of_memory
from inference_worker.engine.memory.measured import Measurement
from inference_worker.engine.memory.plan import Estimate, Plan, Planner, plan_memory

__all__ = [
    "Estimate",
    "Measurement",
    "Plan",
    "Planner",
    "choose_context",
    "fitting_context",
    "plan_memory",
    "raise_out_of_memory",
]
