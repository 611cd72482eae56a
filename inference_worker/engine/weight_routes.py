"""Which tensors of a checkpoint make which weights of a model: renamed, or several joined into one. Reads no weights.

The rules are those of transformers (``conversion_mapping``), so that every checkpoint it reads is read the same way.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.stored import FLOATING, StoredTensor, broken
from inference_worker.engine.quiet import conversion_mapping, core_model_loading
from inference_worker.engine.skeleton import Skeleton


@dataclass(slots=True)
class Route:
    """The stored tensors that make one weight (or, joined and split, several)."""

    target: str
    sources: list[StoredTensor] = field(default_factory=list)
    converter: Any = None
    """``None`` where the one source is the weight as it is."""
    patterns: list[str] = field(default_factory=list)

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self.sources)

    def convert(self, model: Any) -> dict[str, torch.Tensor]:
        """The weights by name, joined from the sources."""
        for entry, pattern in zip(self.sources, self.patterns, strict=True):
            self.converter.add_tensor(self.target, entry.name, pattern, entry.read())
        realized = self.converter.convert(self.target, model=model, config=model.config)
        return {name: value[0] if isinstance(value, list) else value for name, value in realized.items()}


def plan_routes(skeleton: Skeleton, checkpoint: Checkpoint) -> list[Route]:
    """One route for each weight, in the order of the files. Tensors the model has no place for are left out.

    Raises ``EngineError("broken_checkpoint")`` for a missing tensor, a wrong shape, or a type that is not floating.
    """
    routes = _named_routes(skeleton, checkpoint) if checkpoint.native_names else _ruled_routes(skeleton, checkpoint)
    _drop_tied_copies(routes, skeleton)
    _check(routes, skeleton, checkpoint)
    return sorted(routes.values(), key=lambda route: (route.sources[0].file, route.sources[0].start))


def _named_routes(skeleton: Skeleton, checkpoint: Checkpoint) -> dict[str, Route]:
    return {name: Route(name, [tensor]) for name, tensor in checkpoint.tensors.items() if name in skeleton.shapes}


def _ruled_routes(skeleton: Skeleton, checkpoint: Checkpoint) -> dict[str, Route]:
    """With the rules that transformers has for this kind of model."""
    rules = conversion_mapping.get_model_conversion_mapping(skeleton.model)
    renamings = [rule for rule in rules if isinstance(rule, core_model_loading.WeightRenaming)]
    converters = [rule for rule in rules if isinstance(rule, core_model_loading.WeightConverter)]
    prefix, shapes = skeleton.model.base_model_prefix, skeleton.shapes
    routes: dict[str, Route] = {}
    for name in sorted(checkpoint.tensors, key=core_model_loading.dot_natural_key):
        target, pattern = core_model_loading.rename_source_key(name, renamings, converters, prefix, shapes)
        if target not in shapes:
            continue
        route = routes.setdefault(target, Route(target))
        route.sources.append(checkpoint.tensors[name])
        if pattern is not None:
            route.patterns.append(pattern)
            rule = next(rule for rule in converters if pattern in rule.source_patterns)
            route.converter = route.converter or deepcopy(rule)
    return routes


def _drop_tied_copies(routes: dict[str, Route], skeleton: Skeleton) -> None:
    """Of one parameter stored under several names, keep the first."""
    for names in skeleton.ties.values():
        for name in [name for name in names if name in routes][1:]:
            del routes[name]


def _check(routes: dict[str, Route], skeleton: Skeleton, checkpoint: Checkpoint) -> None:
    joined = any(route.converter is not None for route in routes.values())
    for names in skeleton.ties.values():
        # What a converter makes besides its first target is known only once it ran; the loader checks for that.
        if not joined and not any(name in routes for name in names):
            raise broken(checkpoint.weights_file, f"the tensor {names[0]} is missing")
    for route in routes.values():
        entry, shape = route.sources[0], tuple(skeleton.shapes[route.target])
        if route.converter is None and entry.shape != shape:
            raise broken(entry.file, f"{entry.name} has the shape {entry.shape}, the model needs {shape}")
        if entry.dtype not in FLOATING:
            raise broken(entry.file, f"{entry.name} has the type {entry.dtype}, which is no plain floating type")
