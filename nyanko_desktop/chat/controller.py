"""What one window does and shows: a person's intents in, immutable view states out. Knows no widget.

Intents are plain methods, so that a click can call them; those that take time return a task. While a reply streams,
subscribers hear at most once each :data:`FRAME_SECONDS`; everything else is told at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, assert_never

from inference_worker.protocol.errors import RequestError, WireError
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.hub import (
    CallChanged,
    ChatHub,
    ListChanged,
    News,
    ProblemChanged,
    ReplyEnded,
    ReplyGrew,
    ReplyResumed,
    TurnBegun,
    WorkerChanged,
)
from nyanko_desktop.chat.view_state import Attachment, ConversationSummary, MessageView, Remember, ViewState
from nyanko_desktop.chat.views import message_view
from nyanko_desktop.conversations.models import StoredMessage
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import on_language_changed
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.permissions.permissions import Answer

log = logging.getLogger(__name__)

FRAME_SECONDS: Final = 0.033
"""Between two repaints while text streams: as smooth as an eye needs, and cheap."""


class ChatController:
    """One window's view of the hub; the chat window and quick-ask have one each."""

    def __init__(self, hub: ChatHub) -> None:
        self.state = ViewState()
        self._hub = hub
        self._listeners: Listeners[ViewState] = Listeners()
        self._current: int | None = None
        self._place = object()
        """Another one after each change of place: an answer that comes later belongs to a place that was left."""
        self._messages: tuple[StoredMessage, ...] = ()
        self._views: tuple[MessageView, ...] = ()
        self._window_start = 0
        """Id of the message with which memory begins."""
        self._sending = False
        self._problem: WireError | None = None
        self._found: frozenset[int] | None = None
        self._query = ""
        self._frame: asyncio.TimerHandle | None = None
        self._leave = (hub.subscribe(self._hear), on_language_changed(self._say_again))
        self._publish()

    def subscribe(self, listener: Callable[[ViewState], None]) -> Callable[[], None]:
        """Call ``listener`` with each new state; returns the function that ends this."""
        return self._listeners.add(listener)

    def close(self) -> None:
        """Hear no more. Replies go on; they belong to the hub."""
        for leave in self._leave:
            leave()
        self._leave = ()  # type: ignore[assignment]
        if self._frame is not None:
            self._frame.cancel()
        self._listeners.clear()

    # ------------------------------------------------------------ intents

    def send(self, text: str, attached: Sequence[Attachment] = ()) -> asyncio.Task[bool]:
        """Ask ``text`` in the open conversation, with what the person put beside it: the clipboard, by a chip.

        False when it was not stored: the person's words must then stay.
        """
        return self._try(self._send(text, attached), "send")

    def open(self, conversation: int) -> asyncio.Task[bool]:
        """Show another conversation, with the reply that may be growing in it."""
        return self._try(self._open(conversation), "open a conversation")

    def new_conversation(self) -> None:
        """Show an empty one; it is stored with its first message."""
        self._go_to(None, ())
        self._publish()

    def stop(self) -> asyncio.Task[bool]:
        """End the reply in the open conversation; what was written is kept."""
        return self._on_current(self._hub.stop, "stop")

    def retry(self) -> asyncio.Task[bool]:
        """Answer the last question anew; the reply that was there goes."""
        return self._on_current(self._hub.ask_again, "retry")

    def resume(self) -> asyncio.Task[bool]:
        """Continue: go on with the last reply from its stored text."""
        return self._on_current(self._hub.resume, "continue")

    def edit(self, message: int, text: str) -> asyncio.Task[bool]:
        """Give one of the person's messages other words and answer it anew; what came after it goes."""
        return self._on_current(lambda id: self._hub.ask_again(id, message, text), "edit")

    def allow(self, call_id: str, remember: Remember | None = None) -> bool:
        """Let a call run that waits for the person, and others like it where that was offered.

        False when no such call waits in the open conversation any more.
        """
        return self._answer(call_id, Answer(True, remember=remember))

    def deny(self, call_id: str) -> bool:
        """Refuse a call that waits; the model is told, and the reply goes on."""
        return self._answer(call_id, Answer(False))

    def cancel_call(self, call_id: str) -> asyncio.Task[bool]:
        """End a call that waits or runs; the model is told, and the reply goes on."""
        return self._on_current(lambda id: self._hub.cancel_call(id, call_id), "cancel a call")

    def undo(self, call_id: str) -> asyncio.Task[bool]:
        """Take back what a call wrote; where it cannot be, the notice says why."""
        return self._on_current(lambda id: self._hub.undo(id, call_id), "undo a call")

    def refresh(self) -> asyncio.Task[bool]:
        """Read the list anew: another program, such as ``nyanko ask --save``, may have written a conversation."""
        return self._try(_done(self._hub.refresh()), "refresh")

    def rename(self, conversation: int, title: str) -> asyncio.Task[bool]:
        return self._try(_done(self._hub.rename(conversation, title)), "rename")

    def delete(self, conversation: int) -> asyncio.Task[bool]:
        return self._try(_done(self._hub.delete(conversation)), "delete")

    def search(self, query: str) -> asyncio.Task[bool]:
        """Show only conversations that hold all words of ``query``; all of them when it is empty."""
        return self._try(self._search(query.strip()), "search")

    def dismiss_notice(self) -> None:
        """The person has read the notice."""
        self._problem = None
        self._hub.report(None)
        self._publish()

    # ------------------------------------------------------------ how intents are carried out

    def _answer(self, call_id: str, answer: Answer) -> bool:
        return self._current is not None and self._hub.answer(self._current, call_id, answer)

    def _try(self, intent: Coroutine[Any, Any, bool], name: str) -> asyncio.Task[bool]:
        async def attempt() -> bool:
            try:
                return await intent
            except RequestError as error:
                log.info("%s: %s", name, error.error.code)
                self._problem = error.error
                self._publish()
                return False

        return spawn(attempt(), name)

    def _on_current(self, act: Callable[[int], Coroutine[Any, Any, object]], name: str) -> asyncio.Task[bool]:
        current = self._current
        return self._try(_nothing() if current is None else _done(act(current)), name)

    async def _send(self, text: str, attached: Sequence[Attachment]) -> bool:
        if not text.strip() or self._sending:
            return False
        place, self._sending = self._place, True
        try:
            begun = await self._hub.ask(self._current, text, tuple(attached))
        finally:
            self._sending = False
        if self._place is place and self._current is None:
            self._go_to(begun.conversation, (begun.person, begun.reply), begun.window_start)
        self._problem = None
        self._publish()
        return True

    async def _open(self, conversation: int) -> bool:
        """Read the conversation; news that come meanwhile are not in what was read, so then it is read again."""
        place = self._place = object()
        news: list[News] = []
        leave = self._hub.subscribe(news.append)
        try:
            messages, window_start = await self._hub.read(conversation)
            while any(isinstance(n, TurnBegun | ReplyEnded) and n.conversation == conversation for n in news):
                news.clear()
                messages, window_start = await self._hub.read(conversation)
        finally:
            leave()
        if self._place is not place:
            return False
        self._go_to(conversation, messages, window_start)
        self._publish()
        return bool(messages)

    async def _search(self, query: str) -> bool:
        self._query = query
        found = frozenset(f.conversation for f in await self._hub.search(query)) if query else None
        if query != self._query:
            return False
        self._found = found
        self._publish()
        return True

    def _go_to(self, conversation: int | None, messages: tuple[StoredMessage, ...], window_start: int = 0) -> None:
        self._place = object()
        self._current = conversation
        self._window_start = window_start
        self._show(messages)

    def _show(self, messages: tuple[StoredMessage, ...]) -> None:
        """Make views of ``messages``; those that are known already are kept as they are."""
        known = {id(m): view for m, view in zip(self._messages, self._views, strict=True)}
        self._views = tuple(known.get(id(m)) or message_view(m) for m in messages)
        self._messages = messages

    # ------------------------------------------------------------ news

    def _hear(self, news: News) -> None:
        match news:
            case ReplyGrew(conversation):
                if conversation == self._current:
                    self._publish_soon()
                return
            case TurnBegun(conversation, person, reply, window_start) if conversation == self._current:
                self._window_start = window_start
                self._show((*(m for m in self._messages if m.id < person.id), person, reply))
            case ReplyResumed(conversation, message) | ReplyEnded(conversation, message):
                if conversation == self._current:
                    self._window_start = news.window_start if isinstance(news, ReplyEnded) else self._window_start
                    self._show(tuple(message if m.id == message.id else m for m in self._messages))
            case ListChanged(deleted):
                if deleted is not None and deleted == self._current:
                    self._go_to(None, ())
            case TurnBegun() | CallChanged() | ProblemChanged() | WorkerChanged():
                pass
            case _:
                assert_never(news)
        self._publish()

    def _say_again(self) -> None:
        """Explanations are words, so they are made anew in another language."""
        messages, self._messages, self._views = self._messages, (), ()
        self._show(messages)
        self._publish()

    # ------------------------------------------------------------ view states

    def _publish_soon(self) -> None:
        if self._frame is None:
            self._frame = asyncio.get_running_loop().call_later(FRAME_SECONDS, self._publish)

    def _publish(self) -> None:
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None
        state = self._view()
        if state != self.state:
            self.state = state
            self._listeners.tell(state)

    def _view(self) -> ViewState:
        reply = self._hub.reply_in(self._current)
        messages = self._views
        if reply is not None:
            messages = tuple(reply.view() if m.id == reply.message_id else m for m in messages)
        problem = self._problem or self._hub.problem
        return ViewState(
            conversations=self._listed(),
            current=self._current,
            title=next((c.title for c in self._hub.conversations if c.id == self._current), ""),
            messages=messages,
            memory_begins=self._memory_begins(),
            worker=self._hub.worker_state,
            busy=reply is not None,
            notice=None if problem is None else explain(problem),
        )

    def _memory_begins(self) -> int | None:
        start = self._window_start
        return next((i for i, message in enumerate(self._messages) if 0 < start <= message.id), None)

    def _listed(self) -> tuple[ConversationSummary, ...]:
        if self._found is None:
            return self._hub.conversations
        titled = self._query.casefold()
        return tuple(c for c in self._hub.conversations if c.id in self._found or titled in c.title.casefold())


async def _done(intent: Coroutine[Any, Any, object]) -> bool:
    await intent
    return True


async def _nothing() -> bool:
    return False
