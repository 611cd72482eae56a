"""P-Tuning v2 checkpoints of ChatGLM: a learned prefix of keys and values, alone, beside a base model or among its
weights. Finds the base and the prefix; reads no weights.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inference_worker.engine.checkpoints.checkpoint import CONFIG
from inference_worker.engine.checkpoints.folder import BIN, Folder, open_folder, read_files
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError

WEIGHT = "transformer.prefix_encoder.embedding.weight"
"""[pre_seq_len, layers * 2 * heads * channels]: key of layer 0, value of layer 0, key of layer 1, …"""


def with_base(folder: Folder) -> Folder:
    """``folder`` with the weights of its base model, where it holds a prefix alone or has one beside its shards."""
    if not folder.config.get("pre_seq_len"):
        return folder
    if folder.config.get("prefix_projection"):
        reason = "its prefix needs the network of prefix_projection; only a plain P-Tuning v2 prefix can be used"
        raise EngineError("unsupported_model", path=folder.path, architecture="ChatGLMModel", reason=reason)
    if WEIGHT in folder.tensors and len(folder.tensors) == 1:
        return _over_base(folder)
    beside = folder.path / BIN
    if WEIGHT not in folder.tensors and folder.weights_file != beside and beside.is_file():
        return _joined(folder, beside)
    return folder


def find_prefix(folder: Folder, *, layers: int) -> StoredTensor | None:
    """The prefix of ``folder``, checked; ``None`` for a model without one."""
    length = folder.config.get("pre_seq_len")
    if not length:
        return None
    prefix = folder.tensors.get(WEIGHT)
    if prefix is None:
        raise broken(folder.path / BIN, f"{CONFIG} speaks of a prefix, but {WEIGHT} is missing")
    if len(prefix.shape) != 2 or prefix.shape[0] != length or prefix.shape[1] % (2 * layers):
        raise broken(prefix.file, f"{WEIGHT} has the shape {prefix.shape}, which is no prefix of {length} tokens")
    return prefix


def _over_base(folder: Folder) -> Folder:
    named = str(folder.config.get("_name_or_path") or "")
    places = [Path(named).expanduser(), folder.path / named, folder.path.parent / Path(named).name] if named else []
    here = folder.path.resolve()
    base = next((place for place in places if (place / CONFIG).is_file() and place.resolve() != here), None)
    if base is None:
        wanted = Path(named).name or "its base model"
        reason = f"it holds a P-Tuning prefix alone; put the folder {wanted} beside it, or its path into _name_or_path"
        raise EngineError("not_a_model", path=folder.path, reason=reason)
    below = open_folder(base)

    def close() -> None:
        folder.close()
        below.close()

    tensors = {**below.tensors, **folder.tensors}
    return replace(folder, tensors=tensors, weights_file=below.weights_file, format=below.format, close=close)


def _joined(folder: Folder, beside: Path) -> Folder:
    more, close_more = read_files([beside])

    def close() -> None:
        folder.close()
        close_more()

    return replace(folder, tensors={**folder.tensors, **more}, close=close)
