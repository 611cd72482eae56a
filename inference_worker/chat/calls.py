"""Answers the calls of one request: asks, runs here or in the app, and words the result for the model. Knows no ids."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from inference_worker.chat.desk import Desk
from inference_worker.chat.stopping import Stop, Stopped
from inference_worker.protocol.messages import (
    CallPart,
    ChatMessage,
    HostCall,
    RunTool,
    RunTurn,
    TextPart,
    ToolCalled,
    ToolFinished,
    ToolProgress,
)
from inference_worker.protocol.tasks import in_thread, spawn
from inference_worker.tools.base import Prepared, Run, Tool, ToolError
from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.registry import Outcome, error, prepare, run_tool, takes_one_text
from inference_worker.tools.schema import misfit

PREPARE_SECONDS: Final = 10.0
"""For the check of a call before anybody is asked: it may look at a disk, and one of the network can stop answering."""


@dataclass(frozen=True, slots=True)
class _Announced:
    """A call before it is decided on; with an ``outcome`` already where it cannot run at all: nobody is asked then."""

    called: ToolCalled
    tool: Tool | None = None
    prepared: Prepared | None = None
    outcome: Outcome | None = None


class Calls:
    """Every call is announced with ToolCalled and ends with ToolFinished, whatever happens to it."""

    def __init__(self, command: RunTurn | RunTool, tools: Mapping[str, Tool], desk: Desk, stop: Stop) -> None:
        self._command, self._tools, self._desk, self._stop = command, tools, desk, stop
        messages = command.messages if isinstance(command, RunTurn) else ()
        self._sources, self._question = sources_of(messages), question_of(messages)
        self.seconds = 0.0
        """Spent running tools; waiting for a person does not count."""
        self.asking = 0.0
        """Seconds spent waiting for a person."""

    async def answer(self, call: Called | Rejected, word: Callable[[str], str]) -> CallPart:
        """Run ``call`` if it may; ``word`` makes of a result what the model may read. Raises nothing."""
        announced = await self._announce(call)
        called, outcome = announced.called, announced.outcome
        if called.needs_decision:
            outcome = await self._decide_and_run(announced)
        else:
            await self._desk.emit(called)
            outcome = outcome or await self._run(announced)
        self.seconds += outcome.seconds
        if outcome.source and outcome.source not in self._sources:
            self._sources = (*self._sources, outcome.source)
        return await self._finish(called, outcome, word(outcome.result))

    async def _finish(self, called: ToolCalled, outcome: Outcome, result: str) -> CallPart:
        finished = ToolFinished(
            id=called.id,
            call_id=called.call_id,
            name=called.name,
            result=result,
            failed=outcome.failed,
            seconds=outcome.seconds,
            source=outcome.source,
            hosts=outcome.hosts,
            undo=outcome.undo,
        )
        await self._desk.emit(finished)
        return CallPart(
            call_id=called.call_id,
            name=called.name,
            arguments=called.arguments,
            result=result,
            failed=outcome.failed,
            seconds=outcome.seconds,
            source=outcome.source,
            undo=outcome.undo,
        )

    # ------------------------------------------------------------ before it runs

    async def _announce(self, call: Called | Rejected) -> _Announced:
        call_id = secrets.token_hex(5)[:9]  # nine letters or digits: the only form that every template prints
        if isinstance(call, Rejected):
            called = ToolCalled(self._command.id, call_id, call.name, {"text": ""}, needs_decision=False)
            return _Announced(called, outcome=error(call.reason))
        tool = self._tools[call.name]
        prepared, outcome = Prepared(dict(call.arguments)), None
        try:
            _check(tool, call)
            prepared = await self._prepare(tool, call)
            _heed(tool, prepared, self._question)
        except ToolError as refusal:
            outcome = error(str(refusal))
        called = ToolCalled(
            id=self._command.id,
            call_id=call_id,
            name=call.name,
            arguments=prepared.arguments,
            needs_decision=outcome is None and not self._is_granted(tool),
            level=tool.level,
            scope=prepared.scope,
            preview=prepared.preview,
            sources=self._sources,
            identity=tool.identity,
        )
        return _Announced(called, tool, prepared, outcome)

    async def _prepare(self, tool: Tool, call: Called) -> Prepared:
        """Off the loop, which has other turns to serve; ToolError, also where it takes too long or is stopped."""
        work = in_thread(lambda: prepare(tool, call.arguments, self._command.access), f"prepare {tool.name}")
        try:
            return await self._stop.unless(asyncio.wait_for(work, PREPARE_SECONDS))
        except TimeoutError:
            raise ToolError(f"took longer than {PREPARE_SECONDS:g} seconds") from None
        except Stopped:
            raise ToolError("stopped") from None

    def _is_granted(self, tool: Tool) -> bool:
        """Whether it may run unasked: never by a grant that came before somebody else's words were read."""
        return tool.name in self._command.grants and (tool.level == "harmless" or not self._sources)

    async def _decide_and_run(self, announced: _Announced) -> Outcome:
        asked = time.monotonic()
        try:
            decision = await self._stop.unless(self._desk.decide(announced.called))
        except Stopped:
            return error("stopped")
        finally:
            self.asking += time.monotonic() - asked
        if not decision.allowed:
            return error(decision.reason or "not allowed")
        return await self._run(announced)

    # ------------------------------------------------------------ running

    async def _run(self, announced: _Announced) -> Outcome:
        called, tool = announced.called, announced.tool
        assert tool is not None
        started = time.monotonic()
        reporter = _Reporter(called, self._desk)
        run = Run(self._command.access, report=reporter, prepared=announced.prepared)
        work = run_tool(tool, called.arguments, run) if tool.run else self._run_in_app(tool, called)
        try:
            outcome = await self._stop.unless(self._unless_ended(called, work))
        except Stopped:
            outcome = error("stopped", time.monotonic() - started)
        finally:
            reporter.close()
        return replace(outcome, hosts=tuple(run.hosts))

    async def _unless_ended(self, called: ToolCalled, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """The outcome of ``work``, or an error as soon as the person ends this one call."""
        started = time.monotonic()
        task, ended = asyncio.ensure_future(work), asyncio.ensure_future(self._desk.call_ended(called.call_id))
        try:
            await asyncio.wait((task, ended), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else error("stopped", time.monotonic() - started)
        finally:
            ended.cancel()
            task.cancel()

    async def _run_in_app(self, tool: Tool, called: ToolCalled) -> Outcome:
        started = time.monotonic()
        call = HostCall(called.id, called.call_id, called.name, called.arguments)
        try:
            answer = await asyncio.wait_for(self._desk.host_call(call), tool.seconds)
        except TimeoutError:
            return error(f"took longer than {tool.seconds:g} seconds", tool.seconds)
        return Outcome(answer.result, answer.failed, time.monotonic() - started, answer.source)


class _Reporter:
    """Progress of one call, from whichever thread, as events; what a thread says after the call ended is dropped."""

    def __init__(self, called: ToolCalled, desk: Desk) -> None:
        self._called, self._desk = called, desk
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def __call__(self, text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the worker ended meanwhile
            self._loop.call_soon_threadsafe(lambda: spawn(self._emit(text), "progress of a tool"))

    def close(self) -> None:
        """The call is over: nothing more is emitted. On the loop's thread."""
        self._closed = True

    async def _emit(self, text: str) -> None:
        if not self._closed:
            await self._desk.emit(ToolProgress(self._called.id, self._called.call_id, text))


def fits(call: Called | Rejected, tools: Mapping[str, Tool]) -> bool:
    """Whether ``call`` could be read, and its arguments fit the tool."""
    if isinstance(call, Rejected):
        return False
    tool = tools[call.name]
    return takes_one_text(tool) or misfit(call.arguments, tool.parameters) is None


def _check(tool: Tool, call: Called) -> None:
    """ToolError where the arguments do not fit; one text always does, and what it says is for the tool to judge."""
    reason = None if takes_one_text(tool) else misfit(call.arguments, tool.parameters)
    if reason is not None:
        raise ToolError(reason)


def _heed(tool: Tool, prepared: Prepared, question: str) -> None:
    """ToolError where the person's own words speak against the call."""
    if question and tool.objection and (reason := tool.objection(prepared, question)):
        raise ToolError(reason)


def question_of(messages: Sequence[ChatMessage]) -> str:
    """The person's own words in their last message."""
    last = next((message for message in reversed(messages) if message.role == "user"), None)
    parts = last.parts if last is not None else ()
    return "\n".join(part.text for part in parts if isinstance(part, TextPart) and not part.source)


def sources_of(messages: Sequence[ChatMessage]) -> tuple[str, ...]:
    """Whose words stand in ``messages`` beside the person's, the model's and ours, each once."""
    parts = (part for message in messages for part in message.parts if isinstance(part, TextPart | CallPart))
    return tuple(dict.fromkeys(part.source for part in parts if part.source))


def fit_tokens(result: str, limit: int, encode: Callable[[str], list[int]], whole: int = 0) -> str:
    """``result`` in ``limit`` tokens at most, or its beginning and a note of how much that is.

    ``whole`` is how many characters there were before it was cut for the first time.
    """
    whole = max(whole, len(result))
    kept, cut = len(result), result
    if kept < whole:
        cut = result + _left_out(kept, whole)
    while (tokens := len(encode(cut))) > limit and kept:
        kept = len(result[: min(kept - 1, kept * limit // tokens)].rstrip())
        cut = result[:kept] + _left_out(kept, whole)
    return cut


def _left_out(kept: int, whole: int) -> str:
    return f"… [cut: {kept} of {whole} characters]"
