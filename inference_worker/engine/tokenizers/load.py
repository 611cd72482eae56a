"""The tokenizer that belongs to a checkpoint, chosen by its family. Reads no weights."""

from __future__ import annotations

from inference_worker.engine.checkpoints.huggingface import Checkpoint
from inference_worker.engine.tokenizers.base import Tokenizer
from inference_worker.engine.tokenizers.huggingface import load_huggingface


def load_tokenizer(checkpoint: Checkpoint) -> Tokenizer:
    """Raises ``EngineError("broken_checkpoint")`` naming the tokenizer's file where it is missing or unreadable."""
    return load_huggingface(checkpoint)
