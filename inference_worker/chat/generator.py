"""What a turn needs from a model: an interface with one local implementation today, room for a remote one later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from inference_worker.chat.native import NativeStyle
from inference_worker.chat.thoughts import Thoughts
from inference_worker.protocol.messages import ChatMessage, FinishReason, ModelInfo, Sampling
from inference_worker.tools.base import Tool


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token and the text that became certain with it (often none inside a multi-byte character)."""

    id: int
    text: str
    marker: str = ""
    """How a token is spelled that the filter of a native model is to know as such; it comes behind ``text``."""


class Stream(Protocol):
    """One running generation. Close it early to give the inference thread back; the cache stays for the next one."""

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    queued_seconds: float
    prefill_seconds: float
    decode_seconds: float
    finish_reason: FinishReason | None
    """``None`` while running or after an early close."""

    def __aiter__(self) -> AsyncIterator[Token]: ...

    async def aclose(self) -> None:
        """Stop within one token or prefill chunk. Safe to call twice."""
        ...


class Generator(Protocol):
    """A resident model with its chat format."""

    info: ModelInfo
    native: NativeStyle | None
    """How tools are used by a model that was trained for them; ``None``: in the slash style."""
    thoughts: Thoughts | None
    """How thoughts are told from answers in the slash style; ``None`` for a model that has none."""
    fingerprint: str
    """Changes when stored token ids would no longer fit: of the tokenizer and the chat template."""

    def encode_conversation(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        """Ids of the whole prompt, ready for the assistant to go on. Control tokens in the messages stay text."""
        ...

    def encode_text(self, text: str) -> list[int]:
        """Ids of ``text`` alone; nothing in it becomes a control token."""
        ...

    def stream(self, ids: Sequence[int], sampling: Sampling, grammars: Sequence[str] = ()) -> Stream:
        """Start generating after ``ids``; the longest prefix that is still cached is not computed again.

        The stream begins as the first usable one of ``grammars`` says, where this model can be held to any.
        """
        ...
