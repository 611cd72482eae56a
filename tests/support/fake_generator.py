"""A resident model that follows a script, for tests of turns, server and app. No torch, no sleeps.

Each call of ``stream`` takes the next script: text, written one character (or one UTF-8 byte) a token, or a list of
pieces, each one token, with :class:`Gate`, :class:`End` and exceptions between them; or a function from the prompt's
ids to such a script, for models that react to what they read.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from inference_worker.chat.generator import Token
from inference_worker.chat.slash_prompt import as_text, tool_section
from inference_worker.chat.template import usable_ids
from inference_worker.protocol.messages import ChatMessage, FinishReason, ModelInfo, Role, Sampling
from inference_worker.tools.base import Tool

ROLES: dict[Role, int] = {"system": 2_000_001, "user": 2_000_002, "assistant": 2_000_003}
"""Control ids that begin a message; ids below 0x110000 are characters, those from PIECES on whole pieces."""
PIECES = 3_000_000
INFO = ModelInfo("scripted", "/models/scripted", "fp32", "cpu", "CPU", 4_000, 0, 4_096, "slash", True)


@dataclass
class Gate:
    """A place where the script waits: ``reached`` is set on arrival, and a test sets ``opened`` to let it go on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class End:
    """Ends the stream here for this reason."""

    reason: FinishReason


Item = str | Gate | End | Exception
Script = str | Sequence[Item]
Reply = Script | Callable[[list[int]], Script]


class FakeStream:
    """One running script."""

    def __init__(self, model: FakeGenerator, ids: list[int], script: Script, limit: int | None) -> None:
        self._model, self._ids, self._limit = model, ids, limit
        self._tokens = self._write(script)
        self.prompt_tokens = len(ids)
        self.reused_tokens = model.reused(ids)
        self.completion_tokens = 0
        self.queued_seconds = self.prefill_seconds = self.decode_seconds = 0.0
        self.finish_reason: FinishReason | None = None
        self.closed = False

    def __aiter__(self) -> AsyncIterator[Token]:
        return self._tokens

    async def aclose(self) -> None:
        self.closed = True
        await self._tokens.aclose()

    async def _write(self, script: Script) -> AsyncIterator[Token]:  # type: ignore[misc]
        assert self._model.open_streams == 0, "a stream was left open"
        self._model.open_streams += 1
        try:
            self.queued_seconds = self.prefill_seconds = 0.001
            async for token in self._tokens_of(script):
                if self._limit is not None and self.completion_tokens >= self._limit:
                    self.finish_reason = "length"
                    return
                self.completion_tokens += 1
                self.decode_seconds += 0.001
                self._ids.append(token.id)
                yield token
            self.finish_reason = self.finish_reason or "stop"
        finally:
            self._model.open_streams -= 1
            self._model.cached = self._ids

    async def _tokens_of(self, script: Script) -> AsyncIterator[Token]:
        for item in [script] if isinstance(script, str) else script:
            if isinstance(item, Gate):
                item.reached.set()
                await item.opened.wait()
            elif isinstance(item, End):
                self.finish_reason = item.reason
                return
            elif isinstance(item, Exception):
                raise item
            else:
                for token in self._model.tokens(item, whole=not isinstance(script, str)):
                    yield token


class FakeGenerator:
    """A Generator whose replies are written beforehand, one for each stream."""

    native = None
    thoughts = None

    def __init__(
        self,
        *replies: Reply,
        cut: Literal["characters", "bytes"] = "characters",
        fingerprint: str = "scripted-1",
        info: ModelInfo = INFO,
    ) -> None:
        self.info = info
        self.fingerprint = fingerprint
        self.streams: list[FakeStream] = []
        self.prompts: list[list[int]] = []
        self.samplings: list[Sampling] = []
        self.grammars: list[tuple[str, ...]] = []
        self.cached: list[int] = []
        self.open_streams = 0
        self._replies = list(replies)
        self._cut = cut
        self._pieces: list[str] = []

    # ------------------------------------------------------------ the Generator interface

    def encode_conversation(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        ids: list[int] = [ROLES["system"], *self.encode_text(tool_section(tools))] if tools else []
        for message in messages:
            ids.append(ROLES[message.role])
            ids += usable_ids(message, self.fingerprint) or self.encode_text(as_text(message.parts))
        return ids if resume else [*ids, ROLES["assistant"]]

    def encode_text(self, text: str) -> list[int]:
        return [ord(char) for char in text] if self._cut == "characters" else list(text.encode())

    def stream(self, ids: Sequence[int], sampling: Sampling, grammars: Sequence[str] = ()) -> FakeStream:
        assert len(self.streams) < len(self._replies), "the script has no reply left"
        reply = self._replies[len(self.streams)]
        self.prompts.append(list(ids))
        self.samplings.append(sampling)
        self.grammars.append(tuple(grammars))
        script = reply(list(ids)) if callable(reply) else reply
        self.streams.append(FakeStream(self, list(ids), script, sampling.max_tokens))
        return self.streams[-1]

    # ------------------------------------------------------------ for scripts and tests

    def text_of(self, ids: Iterable[int]) -> str:
        """Text of ``ids``, control ids as ``<user>``."""
        controls = {number: f"<{role}>".encode() for role, number in ROLES.items()}
        spelled = (controls.get(id_) or self._bytes_of(id_) for id_ in ids)
        return b"".join(spelled).decode()

    def tokens(self, text: str, *, whole: bool) -> list[Token]:
        """``text`` as one token, or cut into characters or bytes."""
        if whole:
            return [Token(self.piece(text), text)]
        decode = codecs.getincrementaldecoder("utf-8")().decode
        if self._cut == "bytes":
            return [Token(byte, decode(bytes([byte]))) for byte in text.encode()]
        return [Token(ord(char), char) for char in text]

    def piece(self, text: str) -> int:
        """The id of the token that is ``text``."""
        if text not in self._pieces:
            self._pieces.append(text)
        return PIECES + self._pieces.index(text)

    def reused(self, ids: Sequence[int]) -> int:
        """Length of the prefix of ``ids`` that the last stream left in the cache."""
        pairs = zip(ids, self.cached, strict=False)
        return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ids), len(self.cached)))

    def _bytes_of(self, id_: int) -> bytes:
        if id_ >= PIECES:
            return self._pieces[id_ - PIECES].encode()
        return bytes([id_]) if self._cut == "bytes" else chr(id_).encode()
