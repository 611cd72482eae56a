"""What a folder or file holds, in the terms of a native model. Made by ``open.open_checkpoint``; reads no weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.stored import StoredTensor

CONFIG = "config.json"
GENERATION_CONFIG = "generation_config.json"


@dataclass(frozen=True)
class Checkpoint:
    """A model on the disk: its configuration, and every tensor under the name that the native model gives it."""

    path: Path
    config: Mapping[str, Any]
    """As the native model takes it, with ``model_type``."""
    generation_config: Mapping[str, Any]
    """Empty where the folder has none."""
    tensors: Mapping[str, StoredTensor]
    weights_file: Path
    """The file to name when something is missing: the single file or the index."""
    family: str = "huggingface"
    """Who reads it: decides the tokenizer and the chat format. ``chatglm3``, ``chatglm2``, ``chatglm1``, ``moss``, …"""
    format: str = "safetensors"
    """Of the weights on the disk: ``safetensors``, ``bin``, ``chatglm-int8``, ``gptq``, ``gguf``, ``nyanko``."""
    original_config: Mapping[str, Any] = field(default_factory=dict)
    """config.json as it is, where ``config`` was made from it; otherwise empty."""
    floating: frozenset[str] = frozenset()
    """Weights that stay floating in every precision, because a checkpoint quantized by others kept them so."""
    int4_group: int = 0
    """Columns that share a scale in weights that others packed in four bits and that are kept so; 0: as asked for."""
    native_names: bool = False
    """Tensors have exactly the names of the model's weights, so that no rules of transformers apply to them."""
    prefix: StoredTensor | None = None
    """Learned keys and values that stand before every prompt (P-Tuning v2): [length, layers * 2 * heads * channels],
    key of layer 0, value of layer 0, key of layer 1, …"""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read, in plain English."""
    read_ahead: Callable[[], None] = lambda: None
    """Has the files read on a thread before somebody waits for them, where the tensors stay in those files."""
    close: Callable[[], None] = lambda: None
    """Lets go of the files; tensors may be read again after it."""

    @property
    def architecture(self) -> str:
        """As the configuration names it, for people: ``Qwen2ForCausalLM``."""
        config = self.original_config or self.config
        names = config.get("architectures")
        named = names[0] if isinstance(names, list) and names else config.get("model_type")
        return str(named or "unknown")

    @property
    def config_file(self) -> Path:
        """To be named when the configuration is wrong."""
        return self.path if self.path.is_file() else self.path / CONFIG
