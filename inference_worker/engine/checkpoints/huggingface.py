"""A folder in the Hugging Face layout whose model transformers knows by itself: taken as it is."""

from __future__ import annotations

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.folder import Folder


def read_huggingface(folder: Folder) -> Checkpoint:
    """Names and configuration are transformers' own already."""
    return Checkpoint(
        path=folder.path,
        config=folder.config,
        generation_config=folder.generation_config,
        tensors=folder.tensors,
        weights_file=folder.weights_file,
        format=folder.format,
        close=folder.close,
    )
