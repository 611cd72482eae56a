"""One reply from the first token to the stored end: runs its turn, keeps what is written safe. Knows no window.
What was written reaches the store at least every :data:`SAVE_SECONDS`, whatever happens to this process or the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    Cancel,
    Done,
    Event,
    Failed,
    HostCall,
    ModelInfo,
    ReasoningDelta,
    RunTurn,
    Sampling,
    TextDelta,
    ToolCalled,
    ToolFinished,
    ToolProgress,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.calls import ReplyCalls
from nyanko_desktop.chat.draft import Draft
from nyanko_desktop.chat.view_state import MessageStatus, MessageView
from nyanko_desktop.chat.views import message_view
from nyanko_desktop.chat.worker_port import Worker
from nyanko_desktop.conversations.models import Reply, StoredMessage, Window
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.errors import internal
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.permissions.permissions import Ask, Permissions, TurnCalls
from nyanko_desktop.permissions.toolbox import Offered, Offers
from nyanko_desktop.personas.prompt import Prompt, prompt
from nyanko_desktop.worker.client import new_id

log = logging.getLogger(__name__)

SAVE_SECONDS: Final = 0.5
"""Between two saves of a growing reply; half of the second that may be lost, because a busy disk takes its time."""
SAVE_AGAIN_SECONDS: Final = 2.0
"""Between two tries to store a finished reply on a disk that is full."""

_Text = TextDelta | ReasoningDelta | ToolCalled | ToolProgress | ToolFinished


@dataclass(frozen=True, slots=True)
class Means:
    """What every reply of a profile works with."""

    store: ConversationStore
    worker: Worker
    host_tools: HostTools
    system: Callable[[], str]
    """The persona's text in the language of now."""
    sampling: Callable[[], Sampling]
    permissions: Permissions
    offers: Offers
    """What a model may use, and with what."""
    chosen_model: Callable[[], str] = str
    """The folder of the model that will answer while none is loaded."""
    ask: Ask | None = None
    """Who answers for the person; ``None``: whoever sees the reply, with ``RunningReply.calls``."""
    saved_grants: bool = True
    """Whether what the person allowed for longer counts."""
    must_call: str = ""
    """The tool that a reply has to begin with, or ``any``; empty: as the model likes."""


class RunningReply:
    """One assistant message that is being written; ``history`` is the conversation up to it."""

    def __init__(
        self,
        means: Means,
        message: StoredMessage,
        history: Sequence[StoredMessage],
        window: Window,
        on_event: Callable[[Event], None],
        on_problem: Callable[[WireError], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.conversation = message.conversation
        self._means = means
        self._message = message
        self._history = tuple(history)
        self.window = window
        """Where memory begins; as of this turn when it is over."""
        self._on_event = on_event
        self._on_problem = on_problem
        self._draft = Draft(message.parts, message.reply.reasoning)
        turn = partial(TurnCalls, means.permissions, conversation=message.conversation, saved=means.saved_grants)
        self.calls = ReplyCalls(means.worker, self._draft, turn, means.ask, on_change, on_problem)
        self._turn_id = new_id()
        self._stopped = False

    @property
    def message_id(self) -> int:
        return self._message.id

    def view(self) -> MessageView:
        """The message as it is now."""
        base = message_view(replace(self._message, parts=(), status="streaming", reply=Reply()))
        return replace(base, parts=self._draft.view(), reasoning=self._draft.reasoning)

    async def cancel_call(self, call_id: str) -> None:
        """End one call; the model is told, and the reply goes on."""
        await self.calls.cancel(self._turn_id, call_id)

    async def stop(self) -> None:
        """Ask for the end; the reply then ends as cancelled."""
        self._stopped = True
        await self._means.worker.send(Cancel(id=self._turn_id))

    async def run(self) -> StoredMessage:
        """Write the reply to its end and store it; returns the message as stored.

        Cancelling this task ends the turn at once and stores the message as interrupted.
        """
        saver = spawn(self._save_while_it_grows(), "save a growing reply")
        try:
            ended = await self._converse()
        except asyncio.CancelledError:
            saver.cancel()
            await asyncio.shield(spawn(self._store(self._ended("interrupted", Reply())), "save an interrupted reply"))
            raise
        finally:
            saver.cancel()
            await asyncio.shield(spawn(self.calls.close(), "end the calls of a reply"))
        await self._store_in_the_end(ended)
        return ended

    # ------------------------------------------------------------ the turn

    async def _converse(self) -> StoredMessage:
        sent = prompt(self._means.system(), self._said())
        command = self._command(sent, await self._offered())
        if self._stopped:
            return self._ended("cancelled", Reply(finish_reason="cancelled"))
        end = await self._run_turn(command)
        if isinstance(end, Done):
            end = await self._remember(end, sent, command.window_start)
        self._on_event(end)
        return self._done(end) if isinstance(end, Done) else self._failed(end.error)

    async def _run_turn(self, command: RunTurn) -> Done | Failed:
        try:
            async with aclosing(self._means.worker.turn(command)) as events:  # type: ignore[type-var]
                async for event in events:
                    if isinstance(event, Done | Failed):
                        return event
                    await self._take(event)
        except RequestError as error:
            return Failed(self._turn_id, error.error)
        except Exception as error:
            log.exception("a turn broke")
            return Failed(self._turn_id, internal(error))
        return Failed(self._turn_id, WireError(ErrorCode.WORKER_LOST, {"reason": "the reply has no end"}))

    def _said(self) -> tuple[StoredMessage, ...]:
        """The conversation as far as it is written: up to the question, or into the reply that goes on."""
        return (*self._history, self._message) if self._message.parts else self._history

    async def _offered(self) -> Offered:
        model = self._means.worker.state.model
        return await self._means.offers.offered(model.path if model else self._means.chosen_model())

    def _command(self, sent: Prompt, offered: Offered) -> RunTurn:
        model = self._means.worker.state.model
        holds = model is None or _window_model(model) == self.window.model
        return RunTurn(
            id=self._turn_id,
            messages=sent.messages,
            tools=offered.tools,
            grants=offered.grants,
            access=offered.access,
            sampling=self._means.sampling(),
            resume=bool(self._message.parts),
            window_start=sent.index_of(self.window.start) if holds else 0,
            must_call=self._means.must_call,
        )

    async def _take(self, event: Event) -> None:
        if isinstance(event, _Text):
            self._draft.add(event)
        self._on_event(event)
        match event:
            case ToolCalled() | ToolFinished():
                await self.calls.take(event)
                await self._store(self._ended("streaming", Reply()))  # before the call may run: it is not to be lost
            case HostCall():
                await self._means.worker.send(await self._means.host_tools.run(event))
            case _:
                pass

    # ------------------------------------------------------------ the end

    def _done(self, done: Done) -> StoredMessage:
        status: MessageStatus = "cancelled" if done.finish_reason == "cancelled" else "complete"
        never_ran = not done.message.parts
        reply = Reply(
            ids=self._message.reply.ids if never_ran else done.message.ids,
            ids_model=self._message.reply.ids_model if never_ran else done.message.ids_model,
            finish_reason=done.finish_reason,
            usage=done.usage,
            timings=done.timings,
            model=f"{done.model.name} · {done.model.precision}",
        )
        ended = self._ended(status, reply)
        return ended if never_ran else replace(ended, parts=done.message.parts)

    def _failed(self, error: WireError) -> StoredMessage:
        lost = error.code is ErrorCode.WORKER_LOST
        return self._ended("interrupted" if lost else "failed", Reply(error=error))

    def _ended(self, status: MessageStatus, reply: Reply) -> StoredMessage:
        reply = msgspec.structs.replace(reply, reasoning=self._draft.reasoning)
        return replace(self._message, parts=self._draft.parts, status=status, reply=reply)

    # ------------------------------------------------------------ the window

    async def _remember(self, done: Done, sent: Prompt, asked: int) -> Done:
        """Keep where memory began in this turn; ``done`` with that as an index into the stored conversation.

        A window that only stayed where it was ``asked`` to be says nothing about a model that woke up for this turn.
        """
        start = sent.window_start(done.window_start)
        if not asked or done.window_start != asked:
            await self._set_window(Window(start, _window_model(done.model)) if start else Window())
        index = next((i for i, message in enumerate(self._said()) if 0 < start <= message.id), 0)
        return msgspec.structs.replace(done, window_start=index)

    async def _set_window(self, window: Window) -> None:
        if window == self.window:
            return
        log.info("conversation %d: memory begins at message %d", self.conversation, window.start)
        self.window = window
        with contextlib.suppress(RequestError):  # a disk that is full: the window is found again next time
            await self._means.store.set_window(self.conversation, window)

    # ------------------------------------------------------------ the store

    async def _save_while_it_grows(self) -> None:
        saved = self._draft.parts
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            parts = self._draft.parts
            if parts != saved and await self._store(self._ended("streaming", Reply())):
                saved = parts

    async def _store_in_the_end(self, ended: StoredMessage) -> None:
        """Store the finished reply, on a full disk as soon as there is room: it is in memory until then."""
        while not await self._store(ended):  # noqa: ASYNC110 - a disk does not tell when it has room
            await asyncio.sleep(SAVE_AGAIN_SECONDS)

    async def _store(self, message: StoredMessage) -> bool:
        try:
            await self._means.store.save_reply(message.id, message.parts, message.status, message.reply)
        except RequestError as error:
            log.warning("reply %d is not stored: %s", message.id, error.error.code)
            self._on_problem(error.error)
            return False
        return True


def _window_model(model: ModelInfo) -> str:
    """What a window depends on: how the model counts tokens, and how many it can hold."""
    return f"{model.path} {model.context}"
