"""What the engine asks of a tokenizer, whatever its family. Knows no file format.

It holds all of ``ChatTokenizer`` of the chat package, which the engine does not import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.text_stream import TextStream

FINGERPRINT_LENGTH = 16
TEXT_BEFORE = 16
"""Ids before a reply that are enough to place its spaces, to finish a character and to know how the prompt ended."""

Message = Mapping[str, Any]


class Tokenizer(Protocol):
    """Text to ids and back, for one checkpoint. What people and tools write never becomes a control token."""

    has_template: bool
    """Whether the family has a chat format of its own; without one ``render`` writes ``User:``/``Assistant:`` lines."""
    fingerprint: str
    """Short hash of vocabulary and format: ids stored under another fingerprint must not be used again."""
    stop_ids: frozenset[int]
    """Every id that ends a reply."""
    stop_strings: tuple[str, ...]
    """Texts that end a reply where the format has no token for it."""
    special_ids: frozenset[int]
    """Control tokens: they have no text, so nobody sees them."""
    markers: frozenset[int]
    """Empty at first. Ids that are told apart by their reader: they have no text either, nothing is cut off at the
    beginning of a reply, and what a text stream holds back comes before them."""

    library: Any
    """The ``tokenizers.Tokenizer`` behind it; ``None`` where the vocabulary is of a kind of its own."""

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` alone: no control token, whatever the text looks like, and none added around it."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids`` with control tokens spelled out: for looking at a prompt, never for showing a reply."""
        ...

    @property
    def added_tokens(self) -> Mapping[int, str]:
        """Every token that was added to the vocabulary, the control tokens among them, and how it is spelled."""
        ...

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of a conversation in the family's format; arguments as ``apply_chat_template`` takes them.

        ``continue_final`` leaves the last message open. Raises ``ValueError`` for a conversation the format cannot say.
        """
        ...

    def token_text_stream(self, before: Sequence[int] = (), stop: Sequence[str] = ()) -> TextStream:
        """The text of a reply that follows the ids ``before``, ending before any of the texts ``stop``."""
        ...


def fingerprint(*parts: bytes) -> str:
    """Hash of everything that decides about ids."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:FINGERPRINT_LENGTH]


def read_stop_ids(checkpoint: Checkpoint) -> frozenset[int]:
    """What generation_config.json and config.json say about ends, one id or several."""
    found: list[Any] = []
    for source in (checkpoint.generation_config, checkpoint.config):
        value = source.get("eos_token_id")
        found.extend(value if isinstance(value, list) else [value])
    return frozenset(token for token in found if isinstance(token, int))
