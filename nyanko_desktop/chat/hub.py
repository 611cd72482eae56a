"""What all windows share: the conversations, the replies being written, and the news about both. Knows no window.

The chat window and quick-ask each have a controller of their own over one hub, so two conversations can be answered at
once, and a conversation that one of them began is simply opened by the other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Event, TextPart
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.reply import Means, RunningReply
from nyanko_desktop.chat.undo import find_written, take_back, without
from nyanko_desktop.chat.view_state import LONGEST_ATTACHMENT, Attachment, ConversationSummary
from nyanko_desktop.chat.views import summary, title_of
from nyanko_desktop.conversations.models import Found, Reply, StoredMessage, Window
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.permissions.permissions import Answer
from nyanko_desktop.texts import sendable
from nyanko_desktop.worker.state import WorkerState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnBegun:
    """The person said something, and a reply is on its way; everything behind ``person`` is gone."""

    conversation: int
    person: StoredMessage
    reply: StoredMessage
    window_start: int = 0
    """Id of the message with which memory begins; 0 while everything is remembered."""


@dataclass(frozen=True, slots=True)
class ReplyGrew:
    """The running reply of a conversation changed; ``event`` is what the worker said."""

    conversation: int
    event: Event


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call of the running reply begins to wait for the person, or waits no more."""

    conversation: int


@dataclass(frozen=True, slots=True)
class ReplyResumed:
    """An unfinished reply goes on."""

    conversation: int
    message: StoredMessage


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """A reply is over and stored."""

    conversation: int
    message: StoredMessage
    window_start: int = 0
    """As in :class:`TurnBegun`, of this turn."""


@dataclass(frozen=True, slots=True)
class ListChanged:
    """The list of conversations is another one; ``deleted`` names one that is gone."""

    deleted: int | None = None


@dataclass(frozen=True, slots=True)
class ProblemChanged:
    """Something that concerns no single message went wrong, or is right again (``None``)."""

    problem: WireError | None


@dataclass(frozen=True, slots=True)
class WorkerChanged:
    state: WorkerState


News = TurnBegun | ReplyGrew | CallChanged | ReplyResumed | ReplyEnded | ListChanged | ProblemChanged | WorkerChanged


class ChatHub:
    """All conversations of a profile. Its requests are coroutines; they raise RequestError when nothing was done."""

    def __init__(self, means: Means, problem: WireError | None = None) -> None:
        self._means = means
        self._store = means.store
        self._listeners: Listeners[News] = Listeners()
        self._replies: dict[int, RunningReply] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._claims: set[int] = set()
        """Conversations in which a turn is about to begin."""
        self.conversations: tuple[ConversationSummary, ...] = ()
        """The list, the one used last first; filled by :meth:`refresh`."""
        self.problem = problem
        self._unsubscribe = means.worker.subscribe(lambda state: self._tell(WorkerChanged(state)))

    @property
    def worker_state(self) -> WorkerState:
        return self._means.worker.state

    def subscribe(self, listener: Callable[[News], None]) -> Callable[[], None]:
        """Call ``listener`` with all news; returns the function that ends this."""
        return self._listeners.add(listener)

    def reply_in(self, conversation: int | None) -> RunningReply | None:
        """The reply that is being written there."""
        return None if conversation is None else self._replies.get(conversation)

    async def wait_for_reply(self, conversation: int) -> None:
        """Return when no reply is being written there."""
        if task := self._tasks.get(conversation):
            await asyncio.wait((task,))

    async def read(self, conversation: int) -> tuple[tuple[StoredMessage, ...], int]:
        """The messages of a conversation, and the id of the one with which memory begins; 0 for all."""
        messages, window = await self._load(conversation)
        return messages, window.start

    async def search(self, query: str) -> tuple[Found, ...]:
        return await self._store.search(query)

    async def refresh(self) -> None:
        """Read the list of conversations again."""
        self.conversations = tuple(map(summary, await self._store.conversations()))
        self._tell(ListChanged())

    def report(self, problem: WireError | None) -> None:
        """Show ``problem`` in every window until it is replaced or dismissed."""
        if problem != self.problem:
            self.problem = problem
            self._tell(ProblemChanged(problem))

    # ------------------------------------------------------------ what a person asks for

    async def ask(self, conversation: int | None, text: str, attached: tuple[Attachment, ...] = ()) -> TurnBegun:
        """Store the person's words and what they attached, then begin to answer. ``None`` begins a conversation."""
        text = sendable(text)
        with self._claimed(conversation):
            history, window = await self._load(conversation)
            id, person, reply = await self._store.begin_turn(
                conversation, title_of(text), text, tuple(map(_part, attached))
            )
            return self._begin(TurnBegun(id, person, reply, window.start), history, window)

    async def ask_again(
        self, conversation: int, message: int | None = None, text: str | None = None
    ) -> TurnBegun | None:
        """Answer one of the person's messages anew, perhaps with other words; what came after it goes.

        Takes the last one by default; ``None`` when there is none.
        """
        with self._claimed(conversation):
            history, window = await self._load(conversation)
            asked = next((m for m in reversed(history) if m.role == "user" and message in (None, m.id)), None)
            if asked is None:
                return None
            words = asked.text if text is None else sendable(text)
            reply = await self._store.replace_turn(asked.id, words)
            if reply is None:
                return None
            person = replace(asked, parts=(TextPart(words), *asked.attached))
            before = tuple(m for m in history if m.id < asked.id)
            window = window if window.start <= asked.id else Window()
            return self._begin(TurnBegun(conversation, person, reply, window.start), before, window)

    async def resume(self, conversation: int) -> StoredMessage | None:
        """Go on with the last reply from its stored text; ``None`` when there is none to go on with."""
        with self._claimed(conversation):
            history, window = await self._load(conversation)
            if not history or history[-1].role != "assistant":
                return None
            written = history[-1].reply
            kept = Reply(ids=written.ids, ids_model=written.ids_model, reasoning=written.reasoning)
            reopened = replace(history[-1], status="streaming", reply=kept)
            await self._store.save_reply(reopened.id, reopened.parts, "streaming", kept)
            self._answer(reopened, history[:-1], window)
            self._tell(ReplyResumed(conversation, reopened))
            return reopened

    async def stop(self, conversation: int) -> None:
        """End the reply there, if one is being written; what was written is kept."""
        if reply := self._replies.get(conversation):
            await reply.stop()

    def answer(self, conversation: int, call_id: str, answer: Answer) -> bool:
        """The person's word on a call that waits there; false when none of that id does."""
        reply = self._replies.get(conversation)
        return reply is not None and reply.calls.answer(call_id, answer)

    async def cancel_call(self, conversation: int, call_id: str) -> None:
        """End one call of the reply there; the reply goes on."""
        if reply := self._replies.get(conversation):
            await reply.cancel_call(call_id)

    async def undo(self, conversation: int, call_id: str) -> StoredMessage | None:
        """Take back what a call wrote; ``None`` where there is nothing to take back.

        Raises RequestError(TOOL_FAILED) when it cannot be, for example because the file changed since.
        """
        with self._claimed(conversation):
            history, window = await self._load(conversation)
            found = find_written(history, call_id)
            if found is None:
                return None
            await take_back(self._means, found[1])
            changed = without(*found)
            await self._store.save_reply(changed.id, changed.parts, changed.status, changed.reply)
            self._tell(ReplyEnded(conversation, changed, window.start))
            return changed

    async def rename(self, conversation: int, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title := " ".join(title.split()):
            await self._store.rename(conversation, title)
            await self.refresh()

    async def delete(self, conversation: int) -> None:
        """Forget a conversation; a reply in it ends."""
        await self.stop(conversation)
        await self._store.delete(conversation)
        self._tell(ListChanged(deleted=conversation))
        await self.refresh()

    async def close(self) -> None:
        """End all replies and store them as interrupted. The store stays open."""
        self._unsubscribe()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ answering

    @contextmanager
    def _claimed(self, conversation: int | None) -> Iterator[None]:
        """Keep others from beginning a turn in the same conversation. Raises RequestError(BUSY)."""
        if conversation in self._claims or self.reply_in(conversation) is not None:
            raise RequestError(ErrorCode.BUSY)
        claims = set() if conversation is None else {conversation}
        self._claims |= claims
        try:
            yield
        finally:
            self._claims -= claims

    async def _load(self, conversation: int | None) -> tuple[tuple[StoredMessage, ...], Window]:
        """The messages of a conversation and where its memory begins."""
        if conversation is None:
            return (), Window()
        stored = await self._store.conversation(conversation)
        return await self._store.messages(conversation), stored.window if stored else Window()

    def _begin(self, begun: TurnBegun, history: tuple[StoredMessage, ...], window: Window) -> TurnBegun:
        self._answer(begun.reply, (*history, begun.person), window)
        self._tell(begun)
        return begun

    def _answer(self, message: StoredMessage, history: tuple[StoredMessage, ...], window: Window) -> None:
        id = message.conversation
        reply = RunningReply(
            self._means,
            message,
            history,
            window,
            on_event=lambda event: self._tell(ReplyGrew(id, event)),
            on_problem=self.report,
            on_change=lambda: self._tell(CallChanged(id)),
        )
        self._replies[id] = reply
        self._tasks[id] = spawn(self._run(reply), f"reply in conversation {id}")
        spawn(self._refresh_or_report(), "list of conversations")

    async def _run(self, reply: RunningReply) -> None:
        id = reply.conversation
        try:
            ended = await reply.run()
            if self.problem is not None and self.problem.code is ErrorCode.DISK_FULL:
                self.report(None)
            await self._refresh_or_report()
        finally:
            del self._replies[id], self._tasks[id]
        self._tell(ReplyEnded(id, ended, reply.window.start))

    async def _refresh_or_report(self) -> None:
        try:
            await self.refresh()
        except RequestError as error:
            self.report(error.error)

    def _tell(self, news: News) -> None:
        self._listeners.tell(news)


def _part(attached: Attachment) -> TextPart:
    return TextPart(sendable(attached.text)[:LONGEST_ATTACHMENT], attached.source)
