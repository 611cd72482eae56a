"""The entry: a path becomes a Checkpoint, read by whoever knows its family. Reads no weights, runs none of its code."""

from __future__ import annotations

from pathlib import Path

from inference_worker.engine.checkpoints.chatglm import read_chatglm
from inference_worker.engine.checkpoints.chatglm1 import read_chatglm1
from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.copy_folder import open_copy
from inference_worker.engine.checkpoints.folder import Folder, open_folder
from inference_worker.engine.checkpoints.gguf import find_gguf, read_gguf
from inference_worker.engine.checkpoints.gptq import is_gptq, read_gptq
from inference_worker.engine.checkpoints.huggingface import read_huggingface
from inference_worker.engine.checkpoints.moss import read_moss
from inference_worker.engine.quantize.copies import is_copy


def open_checkpoint(path: str | Path) -> Checkpoint:
    """What the folder or GGUF file ``path`` holds, from its configuration and tensor headers.

    Raises ``EngineError``: model_not_found, not_a_model, broken_checkpoint or unsupported_model.
    """
    folder = Path(path).expanduser()
    if is_copy(folder):
        return open_copy(folder)
    file = find_gguf(folder)
    return _read(open_folder(folder)) if file is None else read_gguf(file)


def _read(folder: Folder) -> Checkpoint:
    kind = folder.config.get("model_type")
    if kind == "chatglm" and "padded_vocab_size" in folder.config:
        return read_chatglm(folder)
    if kind == "chatglm" and "inner_hidden_size" in folder.config:
        return read_chatglm1(folder)
    if kind == "moss":
        return read_moss(folder)
    return read_gptq(folder) if is_gptq(folder.config) else read_huggingface(folder)
