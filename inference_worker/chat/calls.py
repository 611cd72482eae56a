"""Answers the calls of one turn: asks, runs here or in the app, and words the result for the model. Knows no ids."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping

from inference_worker.chat.desk import Desk
from inference_worker.chat.stopping import Stop, Stopped
from inference_worker.protocol.messages import CallPart, HostCall, RunTurn, ToolCalled, ToolFinished
from inference_worker.tools.base import Tool, ToolError
from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.registry import Outcome, error, prepare_arguments, run_tool

MAX_RESULT_CHARACTERS = 8_192
"""Cut before counting tokens, because counting takes time with the length."""


class Calls:
    """Every call is announced with ToolCalled and ends with ToolFinished, whatever happens to it."""

    def __init__(self, command: RunTurn, tools: Mapping[str, Tool], desk: Desk, stop: Stop) -> None:
        self._command, self._tools, self._desk, self._stop = command, tools, desk, stop
        self.seconds = 0.0
        """Spent running tools; waiting for a person does not count."""

    async def answer(self, call: Called | Rejected, fit: Callable[[str], str]) -> CallPart:
        """Run ``call`` if it may; ``fit`` cuts the result to what the model may read. Raises nothing."""
        called, outcome = self._announced(call)
        if called.needs_decision:
            outcome = await self._decide_and_run(called)
        else:
            await self._desk.emit(called)
            outcome = outcome or await self._run(called)
        self.seconds += outcome.seconds
        result = fit(one_line(outcome.result))
        finished = ToolFinished(called.id, called.call_id, called.name, result, outcome.failed, outcome.seconds)
        await self._desk.emit(finished)
        return CallPart(called.call_id, called.name, called.arguments, result, outcome.failed, outcome.seconds)

    def _announced(self, call: Called | Rejected) -> tuple[ToolCalled, Outcome | None]:
        """The announcement, with the outcome where the call cannot run at all: then nobody needs to be asked."""
        arguments, outcome = {"text": ""}, None
        if isinstance(call, Rejected):
            outcome = error(call.reason)
        else:
            arguments = dict(call.arguments)
            try:
                arguments = prepare_arguments(self._tools[call.name], arguments["text"])
            except ToolError as refusal:
                outcome = error(str(refusal))
        needs_decision = outcome is None and call.name not in self._command.grants
        call_id = secrets.token_hex(5)[:9]  # nine letters or digits: the only form that every template prints
        return ToolCalled(self._command.id, call_id, call.name, arguments, needs_decision), outcome

    async def _decide_and_run(self, called: ToolCalled) -> Outcome:
        try:
            allowed = await self._stop.unless(self._desk.decide(called))
        except Stopped:
            return error("stopped")
        return await self._run(called) if allowed else error("not allowed")

    async def _run(self, called: ToolCalled) -> Outcome:
        tool = self._tools[called.name]
        started = time.monotonic()
        work = run_tool(tool, called.arguments["text"]) if tool.run else self._run_in_app(tool, called)
        try:
            return await self._stop.unless(work)
        except Stopped:
            return error("stopped", time.monotonic() - started)

    async def _run_in_app(self, tool: Tool, called: ToolCalled) -> Outcome:
        started = time.monotonic()
        call = HostCall(called.id, called.call_id, called.name, called.arguments)
        try:
            answer = await asyncio.wait_for(self._desk.host_call(call), tool.seconds)
        except TimeoutError:
            return error(f"took longer than {tool.seconds:g} seconds", tool.seconds)
        return Outcome(answer.result, answer.failed, time.monotonic() - started)


def one_line(result: str) -> str:
    """``result`` without line breaks and control characters: no part of it can stand at the start of a line."""
    line = " ".join(part.strip() for part in result[:MAX_RESULT_CHARACTERS].splitlines())
    return "".join(char if char.isprintable() else " " for char in line).strip() or "(empty)"


def fit_tokens(result: str, limit: int, encode: Callable[[str], list[int]]) -> str:
    """``result``, cut so that it takes ``limit`` tokens at most."""
    cut, kept = result, len(result)
    while (tokens := len(encode(cut))) > limit and kept:
        kept = min(kept - 1, kept * limit // tokens)
        cut = result[:kept].rstrip() + "…"
    return cut
