"""The tokenizer that belongs to a checkpoint, chosen by its family. Reads no weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.tokenizers.base import Tokenizer
from inference_worker.engine.tokenizers.chatglm1 import load_chatglm1
from inference_worker.engine.tokenizers.chatglm2 import load_chatglm2
from inference_worker.engine.tokenizers.chatglm3 import load_chatglm3
from inference_worker.engine.tokenizers.gguf import load_gguf
from inference_worker.engine.tokenizers.huggingface import load_huggingface
from inference_worker.engine.tokenizers.moss import load_moss

LOADERS: Mapping[str, Callable[[Checkpoint], Tokenizer]] = {
    "huggingface": load_huggingface,
    "chatglm3": load_chatglm3,
    "chatglm2": load_chatglm2,
    "chatglm1": load_chatglm1,
    "moss": load_moss,
    "gguf": load_gguf,
}


def load_tokenizer(checkpoint: Checkpoint) -> Tokenizer:
    """Raises ``EngineError("broken_checkpoint")`` naming the tokenizer's file where it is missing or unreadable."""
    return LOADERS[checkpoint.family](checkpoint)
