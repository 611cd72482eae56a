"""One turn: generate, filter, call, result, go on, stop. Knows no model, no socket and no tool by name.

While a turn waits for a person or a tool it has no open stream, so the inference thread is free for others. What the
model writes behind a call is thrown away; decoding goes on behind the real result, on the same cache.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec

from inference_worker.chat.calls import Calls, fit_tokens
from inference_worker.chat.desk import Desk
from inference_worker.chat.generator import Generator, Stream, Token
from inference_worker.chat.quoting import one_line
from inference_worker.chat.reply import Reply
from inference_worker.chat.segment import Segment
from inference_worker.chat.stopping import Stop, Stopped
from inference_worker.chat.window import Window, fit_window
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    ChatMessage,
    Done,
    FinishReason,
    Phase,
    PhaseChanged,
    RunTurn,
    TextDelta,
    Timings,
    Usage,
)
from inference_worker.tools.base import Tool
from inference_worker.tools.families import SlashFilter
from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.registry import find_tools

MAX_CALLS = 8
"""Calls in one turn; a model that wants more runs in circles."""
MAX_RESULT_TOKENS = 512
"""A result longer than this is cut, so that it cannot push the conversation out of the window."""
MAX_RESULT_SHARE = 4
"""In a small window a result may take no more than a quarter of it."""
QUEUE_POLL = 0.05
"""Seconds between looks whether prefill has begun; a stream does not announce it."""


async def run_turn(command: RunTurn, generator: Generator, desk: Desk) -> Done:
    """Answer ``command``; events go to ``desk`` on the way, the final one is returned.

    Raises RequestError for what cannot be answered (unknown tool, a conversation that the template refuses, a question
    that is too long) and lets the generator's own errors pass.
    """
    tools = {tool.name: tool for tool in find_tools(command.tools)}
    window = _fit(command, generator, list(tools.values()))
    async with Stop(desk.cancelled) as stop:
        return await _Turn(command, generator, desk, tools, stop).run(window)


def _fit(command: RunTurn, generator: Generator, tools: list[Tool]) -> Window:
    last = command.messages[-1].role if command.messages else None
    if last != ("assistant" if command.resume else "user"):
        raise RequestError(ErrorCode.BAD_REQUEST, reason=f"the last message cannot be answered: {last}")
    try:
        return fit_window(command, tools, generator)
    except ValueError as refusal:
        raise RequestError(ErrorCode.BAD_REQUEST, reason=refusal) from refusal


@dataclass(slots=True)
class _Meter:
    """Tokens and seconds of a turn as they add up over its streams; see Usage and Timings."""

    started: float = field(default_factory=time.monotonic)
    prompt_tokens: int | None = None
    reused_tokens: int = 0
    completion_tokens: int = 0
    queued: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    first_text: float | None = None

    def count(self, stream: Stream) -> None:
        """Add a stream that was closed; the prompt is that of the first one."""
        if self.prompt_tokens is None:
            self.prompt_tokens, self.reused_tokens = stream.prompt_tokens, stream.reused_tokens
        self.completion_tokens += stream.completion_tokens
        self.queued += stream.queued_seconds
        self.prefill += stream.prefill_seconds
        self.decode += stream.decode_seconds

    def mark_text(self) -> None:
        if self.first_text is None:
            self.first_text = time.monotonic() - self.started

    def usage(self) -> Usage:
        return Usage(self.prompt_tokens or 0, self.reused_tokens, self.completion_tokens)

    def timings(self, tools: float) -> Timings:
        """A turn without any text has waited for it to its end."""
        total = time.monotonic() - self.started
        first_text = total if self.first_text is None else self.first_text
        return Timings(self.queued, self.prefill, self.decode, tools, first_text, total)


class _Turn:
    """The state of one running turn."""

    def __init__(self, command: RunTurn, generator: Generator, desk: Desk, tools: dict[str, Tool], stop: Stop) -> None:
        self._command, self._generator, self._desk, self._tools, self._stop = command, generator, desk, tools, stop
        stored: ChatMessage | None = command.messages[-1] if command.resume else None
        self._reply = Reply(generator.encode_text, generator.fingerprint, stored)
        self._calls = Calls(command, tools, desk, stop)
        self._answered = 0
        self._meter = _Meter()
        self._phase: Phase | None = None

    async def run(self, window: Window) -> Done:
        finish_reason: FinishReason | None = None
        await self._enter("queued")
        try:
            while finish_reason is None:
                self._stop.check()
                finish_reason = await self._go_on(window.prompt)
        except Stopped:
            finish_reason = "cancelled"
        usage, timings = self._meter.usage(), self._meter.timings(self._calls.seconds)
        message, model = self._reply.message(), self._generator.info
        return Done(self._command.id, finish_reason, message, usage, timings, model, window.start)

    async def _go_on(self, prompt: list[int]) -> FinishReason | None:
        """Generate up to the end of the reply, or up to a call and its result: then ``None``."""
        most = self._command.sampling.max_tokens
        left = None if most is None else most - self._meter.completion_tokens
        ids = [*prompt, *self._reply.new_ids]
        if (left is not None and left <= 0) or len(ids) >= self._generator.info.context:
            return "length"
        sampling = msgspec.structs.replace(self._command.sampling, max_tokens=left)
        stream = self._generator.stream(ids, sampling)
        segment = Segment(SlashFilter(self._tools, before=self._reply.open_text, after_result=self._reply.ends_in_call))
        await self._read(stream, segment)
        if segment.call is None:
            return stream.finish_reason or "stop"
        if self._answered == MAX_CALLS:
            self._reply.add_ids(segment.tokens, segment.shown)
            return "tool_limit"
        await self._answer(segment, segment.call)
        return None

    # ------------------------------------------------------------ reading a stream

    async def _read(self, stream: Stream, segment: Segment) -> None:
        """Show what ``stream`` writes and close it: before any tool runs, so that the inference thread is free."""
        try:
            await self._show_all(stream, segment)
        finally:
            await stream.aclose()
            self._meter.count(stream)
            if segment.call is None:
                self._reply.add_ids(segment.tokens, segment.shown)

    async def _show_all(self, stream: Stream, segment: Segment) -> None:
        tokens = aiter(stream)
        token = await self._stop.unless(_next(tokens), tick=lambda: self._look(stream), every=QUEUE_POLL)
        while token is not None:
            await self._enter("answering")
            await self._show(segment.add(token))
            if segment.is_over:
                return
            token = await self._stop.unless(_next(tokens))
        await self._show(segment.finish(truncated=stream.finish_reason == "length"))

    async def _look(self, stream: Stream) -> None:
        if stream.queued_seconds > 0:
            await self._enter("prefill")

    async def _show(self, text: str) -> None:
        if text:
            self._meter.mark_text()
            self._reply.add_text(text)
            await self._desk.emit(TextDelta(self._command.id, text))

    async def _enter(self, phase: Phase) -> None:
        if phase != self._phase:
            self._phase = phase
            await self._desk.emit(PhaseChanged(self._command.id, phase))

    # ------------------------------------------------------------ answering a call

    async def _answer(self, segment: Segment, call: Called | Rejected) -> None:
        await self._enter("tool")
        self._answered += 1
        part = await self._calls.answer(call, self._word)
        if isinstance(call, Called):
            self._reply.add_ids(segment.tokens, call.end)
            self._reply.add_call(part)
        else:
            self._reply.add_ids(segment.tokens, segment.shown)
            self._reply.add_unwritten_call(part)
        self._stop.check()
        await self._enter("prefill")

    def _word(self, result: str) -> str:
        limit = min(MAX_RESULT_TOKENS, self._generator.info.context // MAX_RESULT_SHARE)
        return fit_tokens(one_line(result), limit, self._generator.encode_text)


async def _next(tokens: AsyncIterator[Token]) -> Token | None:
    return await anext(tokens, None)
