"""``nyanko chat``: a conversation in the terminal, stored like any other. Ctrl-C stops the reply, once more leaves.

The main thread waits for the person, because a line editor must own the terminal and Ctrl-C arrives there; the event
loop runs on a thread of its own, so the worker is looked after while nobody types.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import Failed
from nyanko_desktop.chat.hub import ChatHub, News, ReplyGrew
from nyanko_desktop.chat.reply import Means
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.host_tools.reminders import ReminderBook
from nyanko_desktop.i18n import tr
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, open_link
from nyanko_desktop.terminal.output import JsonOutput, OutputLostError

INTERRUPTIBLE_SECONDS: Final = 0.2
"""Windows delivers Ctrl-C only between waits (unproven)."""

T = TypeVar("T")


class LoopThread:
    """An event loop on a thread, used from the main one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="event loop", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``; a KeyboardInterrupt leaves it running."""
        return _wait(self.start(work))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(slots=True)
class _Talk:
    """One terminal chat."""

    hub: ChatHub
    context: Context
    conversation: int | None = None
    failed: bool = False
    """Whether any turn failed."""
    lost: Exception | None = None
    """Why nobody can read the output any more. The reply goes on to its end, because it is stored."""

    async def ask(self, text: str) -> None:
        """Store the person's words, show the reply as it comes, and return at its end."""
        leave = self.hub.subscribe(self._hear)
        try:
            begun = await self.hub.ask(self.conversation, text)
            self.conversation = begun.conversation
            await self.hub.wait_for_reply(begun.conversation)
        finally:
            leave()

    async def stop(self) -> None:
        if self.conversation is not None:
            await self.hub.stop(self.conversation)

    def _hear(self, news: News) -> None:
        if not isinstance(news, ReplyGrew):
            return
        self.failed |= isinstance(news.event, Failed)
        if self.lost:
            return
        try:
            self.context.output.take(news.event)
        except (BrokenPipeError, OutputLostError) as error:
            self.lost = error


def read_line(prompt: str) -> str:
    """One line from the person, or from a program, which needs no prompt. Raises EOFError at the end."""
    return input(prompt if sys.stdin.isatty() else "")


def chat(context: Context, read: Callable[[str], str] = read_line) -> bool:
    """Talk until the person leaves; whether it went well. ``read`` shows a prompt and returns a line, or EOFError.

    A person has seen a turn that failed and goes on; for a program it makes the whole talk a failure.
    """
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() a line editor with history
    loop = LoopThread()
    opening = _opened(context)
    try:
        talk = loop.run(opening.__aenter__())
    except RequestError as error:
        context.output.fail(error.error)
        loop.close()
        return False
    try:
        _converse(context, loop, talk, read)
    except (EOFError, KeyboardInterrupt):
        context.output.note("")
    finally:
        loop.run(opening.__aexit__(None, None, None))
        loop.close()
    return not (talk.failed and isinstance(context.output, JsonOutput))


def _converse(context: Context, loop: LoopThread, talk: _Talk, read: Callable[[str], str]) -> None:
    context.output.note(tr("Ctrl-C stops a reply, Ctrl-D leaves."))
    turn = 0
    while True:
        text = read("› ")
        if not text.strip():
            continue
        context.output.begin(turn)
        turn += 1
        reply = loop.start(talk.ask(text))
        try:
            _wait(reply)
        except KeyboardInterrupt:
            loop.run(talk.stop())
            _wait(reply)
        except RequestError as error:
            talk.failed = True
            context.output.fail(error.error)
        if talk.lost is not None:
            raise talk.lost


@asynccontextmanager
async def _opened(context: Context) -> AsyncIterator[_Talk]:
    async with open_link(context.paths, context.settings, context.worker_command, context.wish) as link:
        store = await context.open_store()
        hub = ChatHub(_means(context, link, store))
        try:
            yield _Talk(hub, context)
        finally:
            await hub.close()
            await store.close()


def _means(context: Context, link: Link, store: ConversationStore) -> Means:
    return Means(store, link, HostTools(ReminderBook(store)), context.system, context.chosen_sampling)


def _wait(future: concurrent.futures.Future[T]) -> T:
    while not future.done():
        concurrent.futures.wait((future,), INTERRUPTIBLE_SECONDS)
    return future.result()
