"""Checkpoint -> resident model, one stored tensor at a time, and where it is quantized only blocks of its rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.copy_folder import open_copy
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.devices import Device, resolve_device
from inference_worker.engine.dispatch import dispatch
from inference_worker.engine.errors import LoadCancelled
from inference_worker.engine.heap import give_large_blocks_back
from inference_worker.engine.kv_cache import KvPrecision
from inference_worker.engine.memory import Measurement, Planner, fitting_context, raise_out_of_memory
from inference_worker.engine.model import Model
from inference_worker.engine.prefix import Prefix
from inference_worker.engine.quantize.copies import find_copy
from inference_worker.engine.quantize.linear import QuantizedWeight
from inference_worker.engine.quantize.schemes import Int4, Parts, Precision, Scheme, int4_group
from inference_worker.engine.skeleton import Skeleton, build_skeleton
from inference_worker.engine.split import SplitMap, transfer_rate
from inference_worker.engine.threads import use_threads_for
from inference_worker.engine.tokenizers.load import load_tokenizer
from inference_worker.engine.weight_routes import Route, plan_routes

BLOCK_ELEMENTS = 4 * 2**20
"""Values of a weight that are in floating point at once while it is quantized: 16 MiB in fp32."""

Place = Callable[[str], torch.device]
"""Where the tensor of that name lies."""
Progress = Callable[[int, int], None]
"""``progress(done_bytes, total_bytes)`` of the stored weights, called on the loading thread."""


def load_model(
    path: str | Path,
    precision: Precision = "int8",
    device: str | Device = "auto",
    *,
    context: int = 0,
    group: int = 128,
    kv_cache: KvPrecision = "16bit",
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    cache: Path | None = None,
) -> Model:
    """Make the checkpoint in the folder ``path`` resident on ``device``.

    ``device`` is as torch names it, or ``auto``: the first usable CUDA card, then MPS, then CPU; or ``split``: layers
    over all cards and the CPU, which nothing but this word brings about, and which a note tells; or one of
    ``list_devices``. ``context`` is in tokens; 0 takes what the checkpoint offers, bounded by memory; ``group`` the
    columns of an int4 weight that share a scale: 128, 64 or 32. A quantized copy in the folder ``cache`` is loaded
    instead of quantizing, and a note says so; the peak of the load and of the first long prefill is kept there for the
    next plan. ``cancel`` is looked at before each tensor and ends the load with :class:`LoadCancelled`. Raises
    :class:`EngineError` for everything a person can act on.
    """
    original = open_checkpoint(path)
    checkpoint = _copy_or(original, find_copy(cache, original, precision, group))
    checkpoint.read_ahead()
    chosen = resolve_device(device)
    target = torch.device(chosen.main)
    planner = Planner(original, chosen, group, kv_cache, cache)
    measurement = Measurement(cache, planner.key(precision), target) if cache and not chosen.parts else None
    with measurement.loading() if measurement is not None else nullcontext():
        skeleton = build_skeleton(checkpoint, precision, target, group=group)
        routes = plan_routes(skeleton, checkpoint)
        tokenizer = load_tokenizer(original)
        planner.skeletons[precision] = skeleton
        tokens = fitting_context(planner, precision, planner.context(context), shorter=context <= 0)
        use_threads_for(skeleton.nbytes())
        give_large_blocks_back()
        split = _plan_split(planner, precision, tokens) if chosen.parts else None
        place = split.place if split is not None else lambda _name: target
        try:
            _Filler(skeleton, place, progress, cancel).fill(routes, checkpoint)
            _compute_buffers(skeleton.model, place)
            prefix = _read_prefix(skeleton, checkpoint, target)
        except RuntimeError as error:
            raise_out_of_memory(error, target)
            raise
    if split is not None:
        dispatch(skeleton.model, split, skeleton.dtype)
        skeleton.notes += (split.in_words(),)
    if checkpoint is not original:
        skeleton.notes += (f"loaded from the quantized copy in {checkpoint.path}",)
    used = _group_in(skeleton.model)
    return Model(skeleton, original, tokenizer, precision, chosen, tokens, used, prefix, kv_cache, measurement, split)


def _group_in(model: nn.Module) -> int:
    """Columns that share a scale in the largest int4 weight, which stored files may have chosen; 0 without any."""
    weights = (module for module in model.modules() if isinstance(module, QuantizedWeight))
    grouped = [weight for weight in weights if isinstance(weight.scheme, Int4)]
    largest = max(grouped, key=lambda weight: weight.rows * weight.columns, default=None)
    return int4_group(largest.parts) if largest is not None else 0


def _copy_or(original: Checkpoint, copy: Path | None) -> Checkpoint:
    """Weights come from the copy; tokenizer, defaults and name stay those of the original."""
    if copy is None:
        return original
    original.close()
    return open_copy(copy)


def _read_prefix(skeleton: Skeleton, checkpoint: Checkpoint, device: torch.device) -> Prefix | None:
    if checkpoint.prefix is None:
        return None
    try:
        return Prefix(checkpoint.prefix.read(), skeleton.model.config, device, skeleton.dtype)
    finally:
        checkpoint.close()


def _plan_split(planner: Planner, precision: Precision, tokens: int) -> SplitMap:
    rate = transfer_rate(torch.device(planner.device.main))
    return planner.split(planner.estimate(precision, tokens), rate)


class _Filler:
    """Puts stored tensors into a skeleton, each where ``place`` says of its name."""

    def __init__(
        self, skeleton: Skeleton, place: Place, progress: Progress | None, cancel: threading.Event | None
    ) -> None:
        self.skeleton = skeleton
        self.place = place
        self.report = progress or (lambda _done, _total: None)
        self.cancel = cancel or threading.Event()

    def fill(self, routes: list[Route], checkpoint: Checkpoint) -> None:
        done, total = 0, sum(route.nbytes for route in routes)
        try:
            for route in routes:
                self.report(done, total)
                if self.cancel.is_set():
                    raise LoadCancelled
                self._place(route)
                done += route.nbytes
        finally:
            checkpoint.close()
        self.report(total, total)
        for name, parameter in self.skeleton.model.named_parameters():
            if parameter.is_meta:
                raise broken(checkpoint.weights_file, f"the tensor {name} is missing")

    def _place(self, route: Route) -> None:
        if route.converter is None:
            self._assign(route.target, route.sources[0], None)
            return
        for name, value in route.convert(self.skeleton.model).items():
            if name in self.skeleton.shapes:
                self._assign(name, route.sources[0], value)

    def _assign(self, name: str, entry: StoredTensor, joined: torch.Tensor | None) -> None:
        """Fill the weight ``name`` and all it is tied to, from ``joined`` or else from the stored tensor ``entry``."""
        group = next((names for names in self.skeleton.ties.values() if name in names), (name,))
        floating: torch.Tensor | None = None
        parts: Parts | None = None
        device = self.place(name)
        for member in group:
            path, _, attribute = member.rpartition(".")
            module = self.skeleton.model.get_submodule(path)
            if isinstance(module, QuantizedWeight) and attribute == "weight":
                parts = parts or self._parts(module.scheme, name, entry, joined, device)
                module.set_parts(parts)
                _mark_filled(*parts.values())
            else:
                if floating is None:
                    floating = self._convert(entry, joined, getattr(module, attribute), device)
                _set_tensor(module, attribute, floating)

    def _convert(
        self, entry: StoredTensor, joined: torch.Tensor | None, empty: torch.Tensor, device: torch.device
    ) -> torch.Tensor:
        stored = entry.read() if joined is None else joined
        if stored.shape != empty.shape:
            raise broken(entry.file, f"{entry.name} has the shape {tuple(stored.shape)}, not {tuple(empty.shape)}")
        # A copy even where nothing changes: the stored tensor may be a view of a mapped file that somebody may change.
        value = stored.to(device, empty.dtype, copy=not entry.stays)
        if value.is_floating_point() and value.numel() and not torch.stack(value.aminmax()).isfinite().all():
            raise broken(entry.file, f"{entry.name} holds values that are no finite numbers in {empty.dtype}")
        return value

    def _parts(
        self, scheme: Scheme, name: str, entry: StoredTensor, joined: torch.Tensor | None, device: torch.device
    ) -> Parts:
        """The weight in ``scheme``: as it is stored, or quantized now."""
        stored = entry.parts(scheme) if joined is None else None
        if stored is None:
            return self._quantize(scheme, name, entry, joined, device)
        # What stays is our own copy, checked when it was written; looking at it here would wait for the disk.
        if not entry.stays and not scheme.finite(stored):
            raise broken(entry.file, f"{entry.name} holds values that are no finite numbers")
        return {part: value.to(device, copy=not entry.stays) for part, value in stored.items()}

    def _quantize(
        self, scheme: Scheme, name: str, entry: StoredTensor, joined: torch.Tensor | None, device: torch.device
    ) -> Parts:
        rows, columns = self.skeleton.shapes[name]
        if name in self.skeleton.transposed:
            rows, columns = columns, rows
        parts = scheme.empty(rows, columns, device)
        step = max(1, BLOCK_ELEMENTS // columns)
        for start, block in self._row_blocks(name, entry, joined, step):
            for part, values in scheme.quantize(block.to(device, torch.float32)).items():
                parts[part][start : start + len(block)] = values
        if not scheme.finite(parts):
            raise broken(entry.file, f"{entry.name} holds values that are no finite numbers")
        return parts

    def _row_blocks(
        self, name: str, entry: StoredTensor, joined: torch.Tensor | None, step: int
    ) -> Iterator[tuple[int, torch.Tensor]]:
        if joined is None and name not in self.skeleton.transposed:
            for start in range(0, entry.shape[0], step):
                yield start, entry.rows(start, start + step)
            return
        whole = entry.read() if joined is None else joined
        yield 0, whole.t() if name in self.skeleton.transposed else whole


def _set_tensor(module: nn.Module, attribute: str, value: torch.Tensor) -> None:
    if attribute in module._parameters:
        value = nn.Parameter(value, requires_grad=False) if not isinstance(value, nn.Parameter) else value
    _mark_filled(value)
    setattr(module, attribute, value)


def _mark_filled(*tensors: torch.Tensor) -> None:
    """Tell transformers' initialisation, which computes the remaining buffers, to leave these alone."""
    for tensor in tensors:
        tensor._is_hf_initialized = True


def _compute_buffers(model: Any, place: Place) -> None:
    """Buffers that no checkpoint holds (rotary frequencies and the like) get their values from the model's own code."""
    for path, module in model.named_modules():
        for name, buffer in list(module._buffers.items()):
            if buffer is not None and buffer.is_meta:
                module._buffers[name] = torch.empty_like(buffer, device=place(f"{path}.{name}" if path else name))
    model.initialize_weights()
