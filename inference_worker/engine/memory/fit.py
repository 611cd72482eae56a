"""What happens where a plan does not fit: a context that does, or a refusal that says what would. Reads no weights."""

from __future__ import annotations

from inference_worker.engine.errors import EngineError
from inference_worker.engine.memory.plan import Estimate, Planner
from inference_worker.engine.quantize.schemes import Precision
from inference_worker.engine.skeleton import PRECISIONS


def fitting_context(planner: Planner, precision: Precision, tokens: int, *, shorter: bool) -> int:
    """``tokens`` if that many fit, or, where ``shorter`` is allowed, the most that do.

    Said before anything is read: on a CPU the alternative is a machine that swaps, or a killed process. Raises
    ``EngineError("out_of_memory")``, which names the context that fits and the widest precision that does, if any.
    """
    if planner.certainly_fits(precision, tokens):
        return tokens
    estimate = planner.estimate(precision, tokens)
    if estimate.fits:
        return tokens
    if shorter and estimate.largest_context:
        return estimate.largest_context
    raise EngineError(
        "out_of_memory",
        device=planner.device.device,
        needed=estimate.total,
        free=planner.device.free,
        **_nearest(planner, estimate, tokens),
    )


def _nearest(planner: Planner, estimate: Estimate, tokens: int) -> dict[str, object]:
    """The parameters ``context``, with which the precision fits, and ``precision``, which fits with this context."""
    named: dict[str, object] = {}
    if estimate.largest_context:
        named["context"] = estimate.largest_context
    others = (one for one in PRECISIONS if one != estimate.precision)
    narrower = next((one for one in others if planner.estimate(one, tokens).fits), None)
    if narrower is not None:
        named["precision"] = narrower
    return named
