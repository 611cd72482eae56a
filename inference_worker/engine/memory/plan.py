"""What a checkpoint will take before it is loaded, from configuration and tensor headers alone. Reads no weights.

Weights are counted on the skeleton and cache and activations in a dry run. What remains, the runtime's own memory, is a
guess until a load of the same kind has been measured; then it is whatever was missing from the formula that time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.decode import PREFILL_CHUNK
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kv_cache import KvPrecision
from inference_worker.engine.memory.dry_run import Usage, dry_run
from inference_worker.engine.memory.limits import (
    activation_bytes,
    cache_bytes_per_token,
    choose_context,
    offered_context,
)
from inference_worker.engine.memory.measured import Record, find, key_of
from inference_worker.engine.quantize.schemes import Precision
from inference_worker.engine.skeleton import PRECISIONS, Skeleton, build_skeleton, read_config
from inference_worker.engine.split import SplitMap, plan_split, split_budgets
from inference_worker.engine.weight_routes import plan_routes

SMALLEST_CONTEXT = 512
"""Tokens: with less there is no conversation, and a plan says that the model does not fit. Two chunks of a prefill: the
first has no attention mask, and from the second on memory is linear."""
RUNTIME = {"cpu": 36 * 2**20, "cuda": 200 * 2**20, "mps": 200 * 2**20}
"""Bytes beside weights, cache and activations. CPU: what importing and running a model leaves in the process
(docs/memory.md); others: workspaces and code of the libraries (unproven; the driver's own part is gone from the free
memory before a plan can ask for it)."""
SAMPLING_COPIES = 8
"""Of the fp32 logits of one token, while the next is chosen."""
_FLOATING: dict[torch.dtype, Precision] = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
QUANTIZING = 40 * 2**20
"""Bytes of blocks of a weight in floating point while it is quantized during a load."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes that one precision takes: ``weights`` exactly, ``cache`` for the whole context, ``overhead`` all else."""

    precision: Precision
    weights: int
    cache: int
    overhead: int
    fits: bool
    largest_context: int = 0
    """Tokens of context that would fit, at most what the checkpoint offers; 0 if none worth having does."""
    measured: bool = False
    """``overhead`` comes from an earlier load of this kind, not from a formula."""

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.overhead


@dataclass(frozen=True, slots=True)
class Plan:
    """Estimates for each precision, against ``free`` bytes on ``device`` now, for ``context`` tokens."""

    device: str
    free: int
    context: int
    estimates: tuple[Estimate, ...]


def plan_memory(
    path: str | Path,
    device: str | Device = "auto",
    context: int = 0,
    *,
    group: int = 128,
    kv_cache: KvPrecision = "16bit",
    cache: Path | None = None,
) -> Plan:
    """What each precision of the checkpoint in ``path`` takes, corrected by what ``cache`` has measured.

    ``group`` is the columns of an int4 weight that share a scale. Raises what ``load_model`` raises before reading.
    """
    checkpoint = open_checkpoint(path)
    planner = Planner(checkpoint, resolve_device(device), group, kv_cache, cache)
    plan_routes(planner.skeleton("fp32"), checkpoint)
    return planner.plan(context)


class Planner:
    """What one checkpoint takes on one device. ``free`` is what the device had when it was looked at."""

    def __init__(
        self, checkpoint: Checkpoint, device: Device, group: int, kv_cache: KvPrecision, cache: Path | None
    ) -> None:
        self.checkpoint = checkpoint
        self.device = device
        self.config = read_config(checkpoint)
        self.prefix = checkpoint.prefix.shape[0] if checkpoint.prefix is not None else 0
        """Tokens that a learned prefix takes in the cache, beside the context."""
        self._group = group
        self._kv_cache: KvPrecision = kv_cache
        self._cache = cache
        self._target = torch.device(device.main)
        self.skeletons: dict[Precision, Skeleton] = {}
        """Those that exist by now; whoever has built one already puts it here."""
        self._runs = _Runs(self)

    def key(self, precision: Precision) -> str:
        """What a measurement of ``precision`` is kept under."""
        return key_of(self.checkpoint, precision, self._group, self._kv_cache, self.device.name)

    def skeleton(self, precision: Precision) -> Skeleton:
        if precision not in self.skeletons:
            self.skeletons[precision] = build_skeleton(self.checkpoint, precision, self._target, group=self._group)
        return self.skeletons[precision]

    def context(self, wanted: int) -> int:
        """Tokens, 0 for what the checkpoint offers, as ``choose_context`` bounds it."""
        return choose_context(self.config, self.device.free, wanted, self._kv_cache, self.prefix)

    def plan(self, wanted: int) -> Plan:
        tokens = self.context(wanted)
        estimates = tuple(self.estimate(precision, tokens) for precision in PRECISIONS)
        return Plan(self.device.device, self.device.free, tokens, estimates)

    def estimate(self, precision: Precision, tokens: int) -> Estimate:
        found = self._formula(precision).estimate(tokens, offered_context(self.config), self.device.free)
        if self.device.parts and found.fits:
            with suppress(EngineError):
                self.split(found)
                return found
            return replace(found, fits=False)
        return found

    def split(self, estimate: Estimate, rate: float = 0.0) -> SplitMap:
        """The map of a model that takes ``estimate``. Every device keeps room for the whole cache and all overhead.

        ``rate`` is measured bytes a second. Raises ``EngineError("out_of_memory")``.
        """
        budgets = split_budgets(self.device.parts, estimate.cache + estimate.overhead)
        return plan_split(self.skeleton(estimate.precision), budgets, rate)

    def certainly_fits(self, precision: Precision, tokens: int) -> bool:
        """Without a dry run, which takes a second: as if all tokens went through the model at once."""
        if self.device.parts:
            return False
        skeleton = self.skeleton(precision)
        cache = (tokens + self.prefix) * cache_bytes_per_token(self.config, skeleton.dtype)
        chunks = 1 + tokens // PREFILL_CHUNK
        activations = chunks * activation_bytes(self.config, skeleton.dtype) + RUNTIME.get(self._target.type, 0)
        return skeleton.nbytes() + cache + activations + QUANTIZING <= self.device.free

    def dry_run(self, dtype: torch.dtype, tokens: int) -> Usage:
        model = self.skeleton(_FLOATING[dtype]).model
        return dry_run(model, self._target.type, tokens + self.prefix, self._kv_cache)

    def _formula(self, precision: Precision) -> _Formula:
        skeleton = self.skeleton(precision)
        prefix = prod(self.checkpoint.prefix.shape) * skeleton.dtype.itemsize if self.checkpoint.prefix else 0
        record = find(self._cache, self.key(precision))
        weights = skeleton.nbytes() + prefix
        return _Formula(weights, skeleton.dtype, precision, self._target.type, self._runs, self.config, record)


@dataclass
class _Runs:
    """Dry runs by width of type and tokens, each done once: types of the same width take the same memory."""

    planner: Planner
    done: dict[tuple[int, int], Usage] = field(default_factory=dict)

    def usage(self, dtype: torch.dtype, tokens: int) -> Usage:
        key = (dtype.itemsize, tokens)
        if key not in self.done:
            self.done[key] = self.planner.dry_run(dtype, tokens)
        return self.done[key]

    def between(self, dtype: torch.dtype, low: int, high: int) -> Callable[[int], Usage]:
        """Usage for numbers of tokens from ``low`` to ``high``, without more runs.

        Each tensor's size is linear in the tokens, so the peak over all moments is convex: a straight line between two
        runs is never too low.
        """
        first, last = self.usage(dtype, low), self.usage(dtype, high)

        def line(tokens: int) -> Usage:
            share = (tokens - low) / max(1, high - low)
            cache = first.cache + share * (last.cache - first.cache)
            return Usage(round(cache), round(first.activations + share * (last.activations - first.activations)))

        return line


@dataclass
class _Formula:
    """The memory one precision takes for any number of tokens."""

    weights: int
    dtype: torch.dtype
    precision: Precision
    device_type: str
    runs: _Runs
    config: Any
    record: Record | None

    def estimate(self, tokens: int, offered: int, free: int) -> Estimate:
        usage = self.runs.usage(self.dtype, tokens)
        correction = self._correction()
        overhead = self._overhead(usage, correction)
        fits = self.weights + usage.cache + overhead <= free
        largest = self._largest(tokens, offered, free, correction, fits)
        measured = self.record is not None
        return Estimate(self.precision, self.weights, usage.cache, overhead, fits, largest, measured)

    def _overhead(self, usage: Usage, correction: int) -> int:
        """Computing, or what loading takes before there is a cache, if that is more."""
        return max(0, self._computing(usage) + correction, self._loading() - self.weights - usage.cache)

    def _computing(self, usage: Usage) -> int:
        sampling = SAMPLING_COPIES * 4 * int(self.config.get_text_config().vocab_size)
        return RUNTIME.get(self.device_type, 0) + usage.activations + sampling

    def _loading(self) -> int:
        """The peak of a load: measured, or the weights and the blocks of one that is quantized."""
        if self.record is not None:
            return self.record.loading
        blocks = QUANTIZING if self.precision not in ("fp32", "bf16", "fp16") else 0
        return self.weights + blocks + RUNTIME.get(self.device_type, 0)

    def _correction(self) -> int:
        """What the formula lacked when it was measured. Only on a CPU, room that no token has reached takes none."""
        if self.record is None:
            return 0
        usage = self.runs.usage(self.dtype, self.record.tokens)
        if self.device_type != "cpu":
            usage = Usage(self.runs.usage(self.dtype, self.record.context).cache, usage.activations)
        return self.record.peak - self.weights - usage.cache - self._computing(usage)

    def _largest(self, tokens: int, offered: int, free: int, correction: int, fits: bool) -> int:
        """The most tokens that fit, by bisection."""
        smallest = min(SMALLEST_CONTEXT, offered)
        low, high = (max(tokens, smallest), offered) if fits else (min(smallest, tokens), tokens)
        line = (
            self.runs.between(self.dtype, low, high) if low < high else lambda count: self.runs.usage(self.dtype, count)
        )

        def fitting(count: int) -> bool:
            usage = line(count)
            return self.weights + usage.cache + self._overhead(usage, correction) <= free

        if not fitting(low):
            return tokens if fits else 0
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fitting(middle) else (low, middle - 1)
        return low
