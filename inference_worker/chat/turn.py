"""One turn: generate, filter, call, result, go on, stop. Knows no model, no socket and no tool by name.

While a turn waits for a person or a tool it has no open stream, so the inference thread is free for others. What the
model writes behind a call is thrown away; decoding goes on behind the real result, on the same cache.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import msgspec

from inference_worker.chat.calls import Calls, fits
from inference_worker.chat.desk import Desk
from inference_worker.chat.generator import Generator, Stream, Token
from inference_worker.chat.reply import Reply
from inference_worker.chat.segment import Segment
from inference_worker.chat.stopping import Stop, Stopped
from inference_worker.chat.styles import style_of
from inference_worker.chat.window import Window, fit_window, reply_room, tools_that_fit
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    ANY,
    ChatMessage,
    Done,
    FinishReason,
    Phase,
    PhaseChanged,
    ReasoningDelta,
    RunTurn,
    TextDelta,
    Timings,
    Usage,
)
from inference_worker.tools.base import Tool
from inference_worker.tools.filter import Called, Reasoning, Rejected, Text
from inference_worker.tools.registry import find_offered

_log = logging.getLogger(__name__)

MAX_CALLS = 8
"""Calls in one turn; a model that wants more runs in circles."""
MAX_REPAIRS = 2
"""How often a model may write again what could not be read as a call; then it is asked for plain words."""
FREE_MISFITS = 2
"""Calls one after another that cannot be run; the model is held to the form of a call in the next one."""
MAX_SAID = 64
"""Characters of a name that nobody knows, in the error that says so."""
QUEUE_POLL = 0.05
"""Seconds between looks whether prefill has begun; a stream does not announce it."""


async def run_turn(command: RunTurn, generator: Generator, desk: Desk) -> Done:
    """Answer ``command``; events go to ``desk`` on the way, the final one is returned.

    Raises RequestError for what cannot be answered (unknown tool, a conversation that the template refuses, a question
    that is too long) and lets the generator's own errors pass.
    """
    async with Stop(desk.cancelled) as stop:
        tools = await _find(command, stop)
        _check_must_call(command, tools)
        tools = _those_that_fit(command, generator, tools)
        window = _fit(command, generator, list(tools.values()))
        return await _Turn(command, generator, desk, tools, stop).run(window)


async def _find(command: RunTurn, stop: Stop) -> dict[str, Tool]:
    """The tools of a turn; none for one that is stopped while a server starts, because it will not begin."""
    try:
        found = await stop.unless(find_offered(command.tools, command.access))
    except Stopped:
        found = ()
    return {tool.name: tool for tool in found}


def _those_that_fit(command: RunTurn, generator: Generator, tools: dict[str, Tool]) -> dict[str, Tool]:
    """The one that must be called, then the others in the order of the app, as far as the context holds them."""
    first = sorted(tools.values(), key=lambda tool: tool.name != command.must_call)
    try:
        fitting = tools_that_fit(command, first, generator)
    except ValueError as refusal:
        raise RequestError(ErrorCode.BAD_REQUEST, reason=refusal) from refusal
    if len(fitting) < len(tools):
        _log.info("the context holds %d of %d tools", len(fitting), len(tools))
    return {tool.name: tool for tool in fitting}


def _check_must_call(command: RunTurn, tools: dict[str, Tool]) -> None:
    if tools and command.must_call not in ("", ANY, *tools):
        raise RequestError(ErrorCode.BAD_REQUEST, reason=f"the tool {command.must_call[:MAX_SAID]} is not offered")
    if not command.tools and command.must_call:
        raise RequestError(ErrorCode.BAD_REQUEST, reason="a tool has to be called, but none is offered")


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

    def mark_text(self, asking: float) -> None:
        """The first text is there; a person took ``asking`` seconds of the time until now to answer."""
        if self.first_text is None:
            self.first_text = time.monotonic() - self.started - asking

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
        self._style = style_of(generator, tools)
        self._answered = 0
        self._mistakes = 0
        self._must_call = command.must_call
        """Until it has been called."""
        self._misfits: list[str] = []
        """Names of the last calls, as far as they one after another could not be run."""
        self._thinks = True
        """Whether the model may still be asked again, without its thoughts."""
        self._meter = _Meter()
        self._phase: Phase | None = None
        self._first_phase: Phase = "answering"

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
        may_call = self._mistakes <= MAX_REPAIRS
        segment = self._style.open(self._reply, ids, MAX_CALLS - self._answered or 1 if may_call else 0)
        stream = self._generator.stream(ids, sampling, self._grammars(ids) if may_call else ())
        self._first_phase = "thinking" if self._style.begins_in_thoughts(ids) else "answering"
        written = len(self._reply.new_ids)
        await self._read(stream, segment)
        if not segment.calls:
            return None if self._ask_again(ids, written) else stream.finish_reason or "stop"
        if self._answered >= MAX_CALLS or not may_call:
            self._style.keep(self._reply)
            return "tool_limit" if may_call else "stop"
        context = self._generator.info.context
        await self._answer(segment, context - len(ids) - len(segment.tokens) - reply_room(context))
        return None

    def _grammars(self, ids: list[int]) -> tuple[str, ...]:
        """What the model is held to: the call that it must make, or one in place of several that could not be run."""
        name = self._must_call
        if len(self._misfits) >= FREE_MISFITS:
            name = name or self._misfits[-1]
        if not name or self._answered >= MAX_CALLS:
            return ()
        return self._style.grammars(self._reply, ids, [name] if name in self._tools else list(self._tools))

    def _ask_again(self, ids: list[int], written: int) -> bool:
        """Whether the model thought of a call, never made it and said nothing: then it goes on without its thoughts."""
        closed = self._style.without_thinking(ids) if self._thinks else None
        if closed is None:
            return False
        self._thinks = False
        self._reply.new_ids[written:] = closed
        return True

    # ------------------------------------------------------------ reading a stream

    async def _read(self, stream: Stream, segment: Segment) -> None:
        """Show what ``stream`` writes and close it: before any tool runs, so that the inference thread is free."""
        try:
            await self._show_all(stream, segment)
        except BaseException:
            if segment.calls:
                self._reply.forget_ids()
            raise
        finally:
            await stream.aclose()
            self._meter.count(stream)
            if not segment.calls:
                self._style.keep(self._reply)

    async def _show_all(self, stream: Stream, segment: Segment) -> None:
        tokens = aiter(stream)
        token = await self._stop.unless(_next(tokens), tick=lambda: self._look(stream), every=QUEUE_POLL)
        if token is not None:
            await self._enter(self._first_phase)
        while token is not None:
            await self._show(segment.add(token))
            if segment.is_over:
                return
            token = await self._stop.unless(_next(tokens))
        await self._show(segment.finish(truncated=stream.finish_reason == "length"))

    async def _look(self, stream: Stream) -> None:
        if stream.queued_seconds > 0:
            await self._enter("prefill")

    async def _show(self, events: Sequence[Text | Reasoning]) -> None:
        for event in events:
            if isinstance(event, Reasoning):
                await self._enter("thinking")
                await self._desk.emit(ReasoningDelta(self._command.id, event.text))
            else:
                await self._enter("answering")
                self._meter.mark_text(self._calls.asking)
                self._reply.add_text(event.text)
                await self._desk.emit(TextDelta(self._command.id, event.text))

    async def _enter(self, phase: Phase) -> None:
        if phase != self._phase:
            self._phase = phase
            await self._desk.emit(PhaseChanged(self._command.id, phase))

    # ------------------------------------------------------------ answering a call

    async def _answer(self, segment: Segment, space: int) -> None:
        """Answer every call of ``segment`` before the model goes on; ``space`` is what the results may take, in
        tokens."""
        await self._enter("tool")
        room = MAX_CALLS - self._answered
        segment.calls = [self._style.checked(call) for call in segment.calls[:room]] + [
            Rejected(call.name, "too many calls in one turn") for call in segment.calls[room:]
        ]
        self._mistakes += any(isinstance(call, Rejected) and call.kind != "rejected" for call in segment.calls)
        if self._mistakes > MAX_REPAIRS:
            segment.calls = [_last_word(call) for call in segment.calls]
        self._look_back(segment)
        word = self._style.word(len(segment.calls), space)
        parts = []
        for call in segment.calls:
            self._answered += 1
            parts.append(await self._calls.answer(call, word))
        self._style.add_answers(self._reply, parts)
        self._stop.check()
        await self._enter("prefill")

    def _look_back(self, segment: Segment) -> None:
        """Keep in mind whether the model can write calls, and whether it has made the one that it must make."""
        for call in segment.calls:
            if fits(call, self._tools):
                self._misfits.clear()
                self._must_call = "" if self._must_call in (ANY, call.name) else self._must_call
            else:
                self._misfits.append(call.name)


def _last_word(call: Called | Rejected) -> Called | Rejected:
    if isinstance(call, Called):
        return call
    return Rejected(call.name, f"{call.reason}; answer in plain words now", call.kind)


async def _next(tokens: AsyncIterator[Token]) -> Token | None:
    return await anext(tokens, None)
