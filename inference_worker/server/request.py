"""One open request as the code that answers it sees it: where its events go, and how the app's answers come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from inference_worker.protocol.messages import CancelCall, Decision, Event, HostCall, HostResult, ToolCalled

Answer = TypeVar("Answer", Decision, HostResult)
_log = logging.getLogger(__name__)


class Request:
    """Fills :class:`inference_worker.chat.desk.Desk` for a turn; load and tool requests use the same."""

    def __init__(self, request_id: str, put: Callable[[Event], None]) -> None:
        self.id = request_id
        self.cancelled = asyncio.Event()
        self._put = put
        self._ended = False
        self._decisions: dict[str, asyncio.Future[Decision]] = {}
        self._results: dict[str, asyncio.Future[HostResult]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    def put(self, event: Event) -> None:
        """Send ``event``; one that a thread reports after the end is dropped."""
        if self._ended:
            _log.debug("%s comes after the end of its request", type(event).__name__)
        else:
            self._put(event)

    def end(self, event: Event) -> None:
        """Send ``event`` as the last one."""
        self.put(event)
        self._ended = True

    def abandon(self) -> None:
        """Send nothing more, and have the work stop."""
        self._ended = True
        self.cancelled.set()

    async def emit(self, event: Event) -> None:
        self.put(event)

    async def decide(self, call: ToolCalled) -> Decision:
        answer = await self._ask(call, self._decisions)
        return answer or Decision(id=self.id, call_id=call.call_id, allowed=False, reason="stopped")

    async def call_ended(self, call_id: str) -> None:
        try:
            await self._end_of(call_id).wait()
        finally:
            del self._ends[call_id]

    async def host_call(self, call: HostCall) -> HostResult:
        answer = await self._ask(call, self._results)
        return answer or HostResult(id=self.id, call_id=call.call_id, result="cancelled", failed=True)

    def take(self, answer: Decision | HostResult | CancelCall) -> bool:
        """Pass on what the app says about a call; false when nobody waits for it."""
        match answer:
            case Decision():
                return _resolve(self._decisions.get(answer.call_id), answer)
            case HostResult():
                return _resolve(self._results.get(answer.call_id), answer)
            case CancelCall():
                self._end_of(answer.call_id).set()
                return True

    def _end_of(self, call_id: str) -> asyncio.Event:
        """Also of a call that is only about to run: it may be allowed and ended in one breath."""
        return self._ends.setdefault(call_id, asyncio.Event())

    async def _ask(
        self, question: ToolCalled | HostCall, open_questions: dict[str, asyncio.Future[Answer]]
    ) -> Answer | None:
        """Send ``question``; its answer, or ``None`` when the request is cancelled first. A person may take hours."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        open_questions[question.call_id] = answer
        stop = asyncio.ensure_future(self.cancelled.wait())
        try:
            self.put(question)
            await asyncio.wait((answer, stop), return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            stop.cancel()
            answer.cancel()
            del open_questions[question.call_id]


def _resolve(waiting: asyncio.Future[Answer] | None, answer: Answer) -> bool:
    if waiting is None or waiting.done():
        return False
    waiting.set_result(answer)
    return True
