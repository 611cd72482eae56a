"""What a folder or file holds, for a person who has not loaded it: from headers, and from bytes only to verify a copy.

Whatever can be told although something is wrong is told; what is wrong becomes a short sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.copy_folder import CopiedWeight
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.checkpoints.stored import StoredTensor
from inference_worker.engine.errors import EngineError
from inference_worker.engine.memory.limits import offered_context
from inference_worker.engine.quantize.copies import Copy, list_copies, verify
from inference_worker.engine.skeleton import Skeleton, build_skeleton
from inference_worker.engine.tokenizers.load import load_tokenizer
from inference_worker.engine.weight_routes import plan_routes

WORDS = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16"}
WITH_TEMPLATE = frozenset({"huggingface", "gguf"})
"""Families whose chat format is a template that comes with the checkpoint; the others have one of their own."""


@dataclass(frozen=True)
class Inspection:
    """The words are those of ``ModelInspected`` on the wire."""

    path: Path
    family: str
    architecture: str
    format: str
    stored: str
    parameters: int
    layers: int
    context: int
    bytes: int
    chat_format: str
    floating: tuple[str, ...]
    copies: tuple[Copy, ...]
    problems: tuple[str, ...]


def inspect_checkpoint(
    path: str | Path,
    cache: Path | None = None,
    *,
    verify: bool = False,
    advance: Callable[[int], None] = lambda _count: None,
) -> Inspection:
    """Open the checkpoint ``path``, but load nothing. ``advance`` is called while bytes are compared and may raise.

    Raises ``EngineError`` for what cannot even be opened.
    """
    checkpoint = open_checkpoint(path)
    try:
        return _Inspector(checkpoint).inspect(cache, verify, advance)
    finally:
        checkpoint.close()


class _Inspector:
    """Collects problems on the way."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.problems: list[str] = []

    def inspect(self, cache: Path | None, verify: bool, advance: Callable[[int], None]) -> Inspection:
        checkpoint = self.checkpoint
        skeleton = self._skeleton()
        chat_format = self._chat_format()
        if verify and checkpoint.format == "nyanko":
            self._verify(advance)
        return Inspection(
            path=checkpoint.path,
            family=checkpoint.family,
            architecture=checkpoint.architecture,
            format=checkpoint.format,
            stored=_stored(checkpoint),
            parameters=_parameters(checkpoint, skeleton),
            layers=_layers(skeleton),
            context=offered_context(skeleton.model.config) if skeleton is not None else 0,
            bytes=sum(file.stat().st_size for file in {tensor.file for tensor in checkpoint.tensors.values()}),
            chat_format=chat_format,
            floating=skeleton.notes if skeleton is not None else (),
            copies=self._copies(cache),
            problems=tuple(self.problems),
        )

    def _skeleton(self) -> Skeleton | None:
        try:
            skeleton = build_skeleton(self.checkpoint, "int8", torch.device("cpu"))
            plan_routes(skeleton, self.checkpoint)
        except EngineError as error:
            self._note(error)
            return None
        return skeleton

    def _chat_format(self) -> str:
        """``template``, ``plain``, or the family whose format it is; empty where the tokenizer cannot be read."""
        try:
            tokenizer = load_tokenizer(self.checkpoint)
        except EngineError as error:
            self._note(error)
            return ""
        if not tokenizer.has_template:
            return "plain"
        return "template" if self.checkpoint.family in WITH_TEMPLATE else self.checkpoint.family

    def _verify(self, advance: Callable[[int], None]) -> None:
        try:
            verify(self.checkpoint.path, advance)
        except EngineError as error:
            self._note(error)

    def _copies(self, cache: Path | None) -> tuple[Copy, ...]:
        try:
            return list_copies(cache, self.checkpoint)
        except EngineError as error:
            self._note(error)
            return ()

    def _note(self, error: EngineError) -> None:
        file = Path(error.params.get("path", "")).name
        reason = error.params.get("reason", error.code)
        sentence = f"{file}: {reason}" if file else reason
        if sentence not in self.problems:
            self.problems.append(sentence)


def _stored(checkpoint: Checkpoint) -> str:
    """The type of most of the weights: ``fp16``, ``int4``, …"""
    sizes: Counter[str] = Counter()
    for tensor in checkpoint.tensors.values():
        sizes[_type_of(tensor)] += prod(tensor.shape)
    return sizes.most_common(1)[0][0] if sizes else ""


def _type_of(tensor: StoredTensor) -> str:
    """As people call it, also for a tensor that stands for another one."""
    if isinstance(tensor, CopiedWeight):
        return tensor.about.precision
    for attribute in ("source", "_source"):
        inner = getattr(tensor, attribute, None)
        if isinstance(inner, StoredTensor):
            return _type_of(inner)
    bits, kind = getattr(tensor, "bits", None), getattr(tensor, "kind", tensor.dtype)
    return f"int{bits}" if bits else WORDS.get(kind, kind)


def _parameters(checkpoint: Checkpoint, skeleton: Skeleton | None) -> int:
    """Values of all distinct parameters; without a model to ask, of all tensors."""
    if skeleton is None:
        return sum(prod(tensor.shape) for tensor in checkpoint.tensors.values())
    return sum(skeleton.shapes[name].numel() for name in skeleton.ties)


def _layers(skeleton: Skeleton | None) -> int:
    if skeleton is None:
        return 0
    count = getattr(skeleton.model.config.get_text_config(), "num_hidden_layers", 0)
    return count if isinstance(count, int) else 0
