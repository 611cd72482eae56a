"""``nyanko chat``: a conversation in the terminal, stored like any other. Ctrl-C stops the reply, once more leaves.

The main thread waits for the person, because a line editor must own the terminal and Ctrl-C arrives there; the event
loop runs on a thread of its own, so the worker is looked after while nobody types.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from inference_worker.protocol.errors import RequestError, WireError
from inference_worker.protocol.messages import Failed
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.hub import ChatHub, News, ReplyGrew
from nyanko_desktop.i18n import tr
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.lines import discard_typed
from nyanko_desktop.terminal.link import open_link
from nyanko_desktop.terminal.output import JsonOutput, OutputLostError
from nyanko_desktop.terminal.permission import Doorkeeper

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


class Questions:
    """Brings questions of the event loop to the thread that owns the terminal, and the answers back."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[str, concurrent.futures.Future[str]]] = queue.SimpleQueue()

    async def ask(self, question: str) -> str:
        """The person's line; from the event loop."""
        answer: concurrent.futures.Future[str] = concurrent.futures.Future()
        self._waiting.put((question, answer))
        return await asyncio.wrap_future(answer)

    def put_to(self, read: Callable[[str], str]) -> None:
        """Ask what waits, if anything does; from the terminal's thread. Lets KeyboardInterrupt and EOFError pass."""
        with contextlib.suppress(queue.Empty):
            question, answer = self._waiting.get_nowait()
            if not answer.cancelled():
                discard_typed()
                *shown, prompt = question.split("\n")
                print("\n".join(shown), file=sys.stderr, flush=True)
                line = read(prompt)
                with contextlib.suppress(concurrent.futures.InvalidStateError):  # the turn ended meanwhile
                    answer.set_result(line)


@dataclass(slots=True)
class _Talk:
    """One terminal chat."""

    hub: ChatHub
    context: Context
    questions: Questions
    doorkeeper: Doorkeeper
    conversation: int | None = None
    failed: bool = False
    """Whether any turn failed."""
    lost: Exception | None = None
    """Why nobody can read the output any more. The reply goes on to its end, because it is stored."""

    async def ask(self, text: str) -> None:
        """Store the person's words, show the reply as it comes, and return at its end."""
        leave = self.hub.subscribe(self._hear)
        self.doorkeeper.on_refused, self.doorkeeper.refused = self._refuse, None
        try:
            begun = await self.hub.ask(self.conversation, text)
            self.conversation = begun.conversation
            await self.hub.wait_for_reply(begun.conversation)
        finally:
            leave()

    async def stop(self) -> None:
        if self.conversation is not None:
            await self.hub.stop(self.conversation)

    def _refuse(self, error: WireError) -> None:
        """Nobody can be asked about a call: the turn ends with that."""
        self.failed = True
        spawn(self.stop(), "end a turn that needs permission")
        self._show(lambda: self.context.output.fail(error))

    def _hear(self, news: News) -> None:
        if not isinstance(news, ReplyGrew) or self.doorkeeper.refused:
            return  # a turn that was refused has ended with that error, whatever still comes of it
        self.failed |= isinstance(news.event, Failed)
        self._show(lambda: self.context.output.take(news.event))

    def _show(self, show: Callable[[], None]) -> None:
        if self.lost:
            return
        try:
            show()
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
            _wait(reply, lambda: talk.questions.put_to(read))
        except KeyboardInterrupt:
            loop.run(talk.stop())
            _wait(reply)
        except EOFError:
            loop.run(talk.stop())
            _wait(reply)
            raise
        except RequestError as error:
            talk.failed = True
            context.output.fail(error.error)
        if talk.lost is not None:
            raise talk.lost


@asynccontextmanager
async def _opened(context: Context) -> AsyncIterator[_Talk]:
    async with open_link(context.paths, context.settings, context.worker_command, context.wish) as link:
        store = await context.open_store()
        questions = Questions()
        doorkeeper = context.doorkeeper(questions.ask)
        hub = ChatHub(context.means(link, store, doorkeeper))
        try:
            yield _Talk(hub, context, questions, doorkeeper)
        finally:
            await hub.close()
            await store.close()


def _wait(future: concurrent.futures.Future[T], meanwhile: Callable[[], None] = lambda: None) -> T:
    while not future.done():
        concurrent.futures.wait((future,), INTERRUPTIBLE_SECONDS)
        meanwhile()
    return future.result()
