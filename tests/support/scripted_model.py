"""A model without weights at the generator seam: it writes what a script says, at the script's pace.

Everything above it is real: the filter, the tools, the turn, the server, the wire. Ids are code points for text that was
given, and numbers above them for the words it writes, so a prompt can be read back from its ids.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from inference_worker.chat.generator import Token
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    CallPart,
    ChatMessage,
    DeviceInfo,
    Estimate,
    FinishReason,
    LoadModel,
    MemoryPlanned,
    ModelInfo,
    PlanMemory,
    Sampling,
    TextPart,
)
from inference_worker.tools.base import Tool

FIRST_WORD = 0x110000
REPLY_BEGINS = "\x02"
RESULT = " <<"
HOLD_SECONDS = 0.01
"""Between two looks at whether to go on."""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model does. All times in seconds."""

    replies: dict[str, str] = {}
    """Reply by the text of the person's last message; lines that begin with ``/`` call tools."""
    repeat: int = 1
    """How often each of ``replies`` is written over; a command line has no room for a long one."""
    default: str = "I am a script."
    rate: float = 0.0
    """Tokens a second; 0 is as fast as it goes."""
    holds_after: int = 0
    """Tokens after which a reply waits until the file ``goes_on`` exists; 0: it never waits."""
    goes_on: str = ""
    prefill: float = 0.0
    load: float = 0.0
    load_steps: int = 10
    missing: str = "missing"
    """A path that ends so is no model."""
    endless: str = "endless"
    """A path that ends so is loaded for ever."""
    context: int = 4096


class ScriptedGenerator:
    """One model, one inference thread: streams run one at a time, in the order in which they began."""

    native = None
    thoughts = None

    def __init__(self, script: Script, command: LoadModel | None = None) -> None:
        self.script = script
        self.fingerprint = "script"
        self.info = model_info(script, command)
        self.thread = asyncio.Lock()
        self._words: list[str] = []

    def encode_conversation(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        texts = ["".join(map(_text, message.parts)) for message in messages]
        ended = texts[:-1] if resume else texts
        return self.encode_text("\n".join(ended) + REPLY_BEGINS + (texts[-1] if resume else ""))

    def encode_text(self, text: str) -> list[int]:
        return [ord(char) for char in text]

    def stream(self, ids: Sequence[int], sampling: Sampling, grammars: Sequence[str] = ()) -> ScriptedStream:
        return ScriptedStream(self, ids, self._continuation("".join(map(self._decode, ids))), sampling.max_tokens)

    def word_id(self, word: str) -> int:
        if word not in self._words:
            self._words.append(word)
        return FIRST_WORD + self._words.index(word)

    def _decode(self, token: int) -> str:
        return chr(token) if token < FIRST_WORD else self._words[token - FIRST_WORD]

    def _continuation(self, prompt: str) -> str:
        """What is left to write: the script's reply behind the text and the results that are already there."""
        asked, _, written = prompt.rpartition(REPLY_BEGINS)
        reply = self.script.replies.get(asked.split("\n")[-1])
        left = self.script.default if reply is None else reply * self.script.repeat
        for line in written.splitlines(keepends=True):
            left = left.removeprefix(line.partition(RESULT)[0] + "\n" if RESULT in line else line)
        return left


class ScriptedStream:
    """One reply being written."""

    def __init__(self, generator: ScriptedGenerator, ids: Sequence[int], text: str, most: int | None) -> None:
        self.prompt_tokens = len(ids)
        self.reused_tokens = 0
        self.completion_tokens = 0
        self.queued_seconds = self.prefill_seconds = self.decode_seconds = 0.0
        self.finish_reason: FinishReason | None = None
        self._generator = generator
        self._words = re.findall(r"\s*\S+|\s+", text)
        self._most = len(self._words) if most is None else most
        self._tokens = self._run()

    def __aiter__(self) -> AsyncIterator[Token]:
        return self._tokens

    async def aclose(self) -> None:
        await self._tokens.aclose()  # type: ignore[attr-defined]

    async def _run(self) -> AsyncIterator[Token]:
        script, began = self._generator.script, time.monotonic()
        async with self._generator.thread:
            self.queued_seconds = time.monotonic() - began
            await asyncio.sleep(script.prefill)
            self.prefill_seconds = script.prefill
            start = time.monotonic()
            for count, word in enumerate(self._words[: self._most], start=1):
                await asyncio.sleep(max(0.0, start + count / script.rate - time.monotonic()) if script.rate else 0)
                while self._is_held(count):  # noqa: ASYNC110 - the test that says when is another process
                    await asyncio.sleep(HOLD_SECONDS)
                self.completion_tokens = count
                self.decode_seconds = time.monotonic() - start
                yield Token(self._generator.word_id(word), word)
            self.finish_reason = "stop" if self._most >= len(self._words) else "length"

    def _is_held(self, count: int) -> bool:
        script = self._generator.script
        return 0 < script.holds_after < count and not (script.goes_on and Path(script.goes_on).exists())


class ScriptedBackend:
    """Loads nothing, but takes its time and can be cancelled, like the real one."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.closed = 0

    async def load(self, command: LoadModel, progress: object, cancelled: object) -> ScriptedGenerator:
        assert callable(progress)
        assert callable(cancelled)
        if command.path.endswith(self.script.missing):
            raise RequestError(ErrorCode.MODEL_NOT_FOUND, path=command.path)
        while command.path.endswith(self.script.endless) and not cancelled():
            progress(1, 100)
            await asyncio.sleep(HOLD_SECONDS)
        for step in range(self.script.load_steps):
            if cancelled():
                raise RequestError(ErrorCode.INTERNAL, reason="cancelled")
            progress(step * 1000, self.script.load_steps * 1000)
            await asyncio.sleep(self.script.load / self.script.load_steps)
        return ScriptedGenerator(self.script, command)

    async def close(self, generator: object) -> None:
        self.closed += 1

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        estimates = tuple(Estimate(p, 1000, 100, 10, True) for p in ("fp32", "bf16", "fp16", "int8"))
        return MemoryPlanned(command.id, "cpu", 10_000, command.context or self.script.context, estimates)

    async def devices(self) -> tuple[DeviceInfo, ...]:
        return (DeviceInfo("cpu", "CPU", 10_000, 5_000),)


def model_info(script: Script, command: LoadModel | None) -> ModelInfo:
    path = command.path if command else "/models/script"
    return ModelInfo(
        name=Path(path).name,
        path=path,
        precision=command.precision if command else "int8",
        device="cpu",
        device_name="CPU",
        bytes=12_000_000,
        bytes_elsewhere=0,
        context=command.context if command and command.context else script.context,
        tool_style="slash",
        reads_system=True,
    )


def _text(part: TextPart | CallPart) -> str:
    match part:
        case TextPart(text):
            return text
        case CallPart(name=name, arguments=arguments, result=result):
            written = (
                arguments["text"] if set(arguments) >= {"text"} and "path" not in arguments else json.dumps(arguments)
            )
            return f"/{name} {written}{RESULT}{result}\n"
