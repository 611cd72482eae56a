"""A GGUF file, or several that one was split into, as a checkpoint: its metadata becomes a native configuration, its
tensors get native names. Reads no weights.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.gguf_config import ROPE_TABLES, Settings, heads_of, native_config
from inference_worker.engine.checkpoints.gguf_file import KEPT, PLAIN, Q4_GROUP, GgufFile, GgufTensor, read_header
from inference_worker.engine.checkpoints.gguf_names import native_tensors
from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.errors import EngineError

SUFFIX = ".gguf"
SPLIT = re.compile(r"(.*)-(\d{5})-of-(\d{5})")
PROJECTOR = "mmproj"
"""At the start of the name of a file for pictures, which lies beside a model."""
ENDS = ("eos", "eot", "eom")


def find_gguf(path: Path) -> Path | None:
    """The GGUF file that ``path`` is, or the one model in a folder with no other weights; of a split one, the first.

    Raises ``EngineError("not_a_model")`` for a folder with several models.
    """
    if path.is_file():
        return _first_split(path) if path.suffix.lower() == SUFFIX else None
    if not path.is_dir() or any(path.glob("*.safetensors")) or any(path.glob("*.bin")):
        return None
    files = [file for file in sorted(path.glob(f"*{SUFFIX}")) if not file.name.lower().startswith(PROJECTOR)]
    models = sorted({_first_split(file) for file in files})
    if len(models) > 1:
        names = ", ".join(model.name for model in models)
        raise EngineError("not_a_model", path=path, reason=f"there are several models in it; choose one: {names}")
    return models[0] if models else None


def read_gguf(file: Path) -> Checkpoint:
    """Raises ``EngineError``: broken_checkpoint or unsupported_model."""
    sources, metadata, stored = _read_files(file)
    settings = Settings(file, metadata)
    config = native_config(settings, stored)
    ends = [token for name in ENDS if (token := settings.token(name)) is not None]

    def close() -> None:
        for source in sources:
            source.close()

    return Checkpoint(
        path=file,
        config=config,
        generation_config={"eos_token_id": ends} if ends else {},
        tensors=native_tensors(stored, settings.architecture, heads_of(settings)),
        weights_file=file,
        family="gguf",
        format="gguf",
        original_config={"architectures": [settings.name], **metadata},
        int4_group=Q4_GROUP if any(tensor.kind in KEPT for tensor in stored.values()) else 0,
        native_names=True,
        notes=_notes(stored.values()),
        close=close,
    )


def split_files(file: Path, metadata: dict[str, Any]) -> list[Path]:
    """All files of the model whose first one is ``file``."""
    count = metadata.get("split.count", 1)
    parts = SPLIT.fullmatch(file.stem)
    if not isinstance(count, int) or count <= 1:
        return [file]
    if parts is None or int(parts[3]) != count:
        raise broken(file, f"it is one of {count} files, but its name does not end in -00001-of-{count:05d}{SUFFIX}")
    return [file.with_stem(f"{parts[1]}-{number:05d}-of-{parts[3]}") for number in range(1, count + 1)]


def _read_files(first: Path) -> tuple[list[GgufFile], dict[str, Any], dict[str, GgufTensor]]:
    sources = [GgufFile(first)]
    header = read_header(sources[0])
    stored = dict(header.tensors)
    for file in split_files(first, header.metadata)[1:]:
        if not file.is_file():
            raise broken(file, f"the file is missing, although {first.name} is one of several")
        sources.append(GgufFile(file))
        stored.update(read_header(sources[-1]).tensors)
    return sources, header.metadata, stored


def _first_split(file: Path) -> Path:
    parts = SPLIT.fullmatch(file.stem)
    return file if parts is None else file.with_stem(f"{parts[1]}-00001-of-{parts[3]}")


def _notes(stored: Iterable[GgufTensor]) -> tuple[str, ...]:
    """One line for each packed type of matrix. The precision is not known yet, so they say what each does with it."""
    kinds = Counter(tensor.kind for tensor in stored if len(tensor.shape) > 1 and tensor.name not in ROPE_TABLES)
    return tuple(
        f"{kind} ({count} of {kinds.total()} matrices): {_fate(kind)}"
        for kind, count in kinds.most_common()
        if kind not in PLAIN
    )


def _fate(kind: str) -> str:
    if kind == "Q4_0":
        return "kept as stored in int4 with groups of 32, otherwise converted to the chosen precision while loading"
    return "converted to the chosen precision while loading"
