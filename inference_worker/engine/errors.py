"""The one exception of the engine: a stable code and its parameters, so that a person can be told in their language."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "model_not_found",  # path
    "not_a_model",  # path, reason
    "broken_checkpoint",  # path (the file), reason
    "unsupported_model",  # path, architecture, reason
    "unsupported_device",  # device, reason
    "out_of_memory",  # device, needed, free (bytes); where known, what would fit: context (tokens), precision
    "context_full",  # tokens, context
    "disk_full",  # path, needed, free (bytes)
    "not_writable",  # path, reason
]
"""The same words as the wire's error codes; the engine does not import the wire."""


class EngineError(Exception):
    """Something a person can act on. Misuse of the engine by a programmer is ``ValueError``, as everywhere."""

    def __init__(self, code: Code, **params: object) -> None:
        self.code: Code = code
        self.params: dict[str, str] = {name: str(value) for name, value in params.items()}
        super().__init__(f"{code}: " + ", ".join(f"{name}={value}" for name, value in self.params.items()))


class LoadCancelled(Exception):  # noqa: N818 - an outcome the caller asked for, not an error
    """``load_model`` stopped because its ``cancel`` event was set; nothing of the model is left."""
