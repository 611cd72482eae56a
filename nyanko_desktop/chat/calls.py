"""The calls of one growing reply: decided by grants or by the person, written down, ended. Knows no window.

A call that needs the person waits here until somebody answers, the turn is stopped, or the worker is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from inference_worker.protocol.errors import RequestError, WireError
from inference_worker.protocol.messages import CancelCall, Decision, ToolCalled, ToolFinished
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.draft import Draft
from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.chat.worker_port import Worker
from nyanko_desktop.permissions.permissions import Answer, Ask, TurnCalls

log = logging.getLogger(__name__)

NOT_RECORDED: Final = "it could not be recorded, so it did not run"


class ReplyCalls:
    """Between the worker, which asks about calls, and whoever answers; ``draft`` shows how they stand."""

    def __init__(
        self,
        worker: Worker,
        draft: Draft,
        turn: Callable[[Ask], TurnCalls],
        ask: Ask | None,
        on_change: Callable[[], None],
        on_problem: Callable[[WireError], None],
    ) -> None:
        self._worker = worker
        self._draft = draft
        self._turn = turn(ask or self._ask)
        self._on_change = on_change
        self._on_problem = on_problem
        self._deciding: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._asked: dict[str, ApprovalView] = {}
        """Calls that wait for the person, and what they are asked."""

    async def take(self, event: ToolCalled | ToolFinished) -> None:
        """Hear of a call; one that needs a decision gets it when there is one, and the reply does not wait for that."""
        match event:
            case ToolCalled(needs_decision=True):
                self._deciding[event.call_id] = spawn(self._decide(event), "decide on a call")
            case ToolCalled():
                await self._write_down(self._turn.ran_unasked(event))
            case ToolFinished():
                if (deciding := self._deciding.pop(event.call_id, None)) is not None:
                    deciding.cancel()
                await self._write_down(self._turn.ended(event))

    def waiting(self) -> tuple[ApprovalView, ...]:
        """Calls that wait for the person, the first one first."""
        return tuple(self._asked.values())

    def answer(self, call_id: str, answer: Answer) -> bool:
        """The person's word on a call that waits; false when none of that id does."""
        waiting = self._waiting.get(call_id)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(answer)
        return True

    async def cancel(self, turn_id: str, call_id: str) -> None:
        """End one call, whether it waits or runs; the model is told, and the reply goes on."""
        if not self.answer(call_id, Answer(False, reason="stopped")):
            await self._worker.send(CancelCall(turn_id, call_id))

    async def close(self) -> None:
        """The turn is over: nobody is asked any more."""
        for task in self._deciding.values():
            task.cancel()
        await self._write_down(self._turn.close())

    async def _decide(self, called: ToolCalled) -> None:
        try:
            answer = await self._turn.decide(called)
        except RequestError as error:
            log.warning("a call is not in the ledger, so it does not run: %s", error.error.code)
            self._on_problem(error.error)
            answer = Answer(False, by="refused", reason=NOT_RECORDED)
        if answer.allowed:
            self._draft.begin(called.call_id)
        self._on_change()
        await self._worker.send(Decision(called.id, called.call_id, answer.allowed, answer.reason))

    async def _ask(self, approval: ApprovalView) -> Answer:
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[approval.call_id] = waiting
        self._asked[approval.call_id] = approval
        self._draft.ask(approval)
        self._on_change()
        try:
            return await waiting
        finally:
            del self._waiting[approval.call_id], self._asked[approval.call_id]
            self._draft.answered(approval.call_id)

    async def _write_down(self, writing: Coroutine[Any, Any, None]) -> None:
        """What has happened has happened; a disk that is full does not end the turn."""
        try:
            await writing
        except RequestError as error:
            log.warning("the ledger lacks a call: %s", error.error.code)
            self._on_problem(error.error)
