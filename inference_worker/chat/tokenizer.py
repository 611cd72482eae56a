"""What the chat template needs from a tokenizer; the engine's wrapper fulfils it. Knows neither torch nor files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class ChatTokenizer(Protocol):
    """Text to ids and back, for one checkpoint."""

    has_template: bool
    """Whether the checkpoint brings a chat template; without one ``render`` writes ``User:``/``Assistant:`` lines."""
    stop_ids: frozenset[int]
    """Every id that ends a reply; none is ever among the tokens of a stream."""
    special_ids: frozenset[int]
    """Control tokens; text streams have no text for them."""
    fingerprint: str
    """Short hash of vocabulary and template: ids stored under another fingerprint must not be used again."""

    @property
    def added_tokens(self) -> Mapping[int, str]:
        """Every token that was added to the vocabulary, the control tokens among them, and how it is spelled."""
        ...

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` alone: no control token, whatever the text looks like, and none added around it."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids`` with control tokens spelled out: for looking at a prompt, never for showing a reply."""
        ...

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of a conversation as the checkpoint's template prints it.

        ``messages`` and ``tools`` are what ``apply_chat_template`` takes (tool calls with arguments as a dict).
        Control tokens inside them stay text. ``continue_final`` leaves the last message open, to be gone on with.
        Raises ``ValueError`` with the template's own words where it refuses the conversation.
        """
        ...
