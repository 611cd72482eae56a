"""``nyanko ask``: one question, or one a line, each a fresh conversation that is forgotten unless it is to be saved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import ANY, Done, Event, Failed, ToolFinished
from nyanko_desktop.chat.hub import ChatHub, News, ReplyGrew
from nyanko_desktop.permissions.permissions import TurnCalls
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, open_link
from nyanko_desktop.terminal.permission import Doorkeeper, LazyStore, heed, written_if_possible
from nyanko_desktop.terminal.settings_hint import not_offered


async def ask(context: Context, question: str, *, save: bool = False) -> bool:
    """Answer one question; whether that worked."""
    try:
        async with open_link(context.paths, context.settings, context.worker_command, context.wish) as link:
            return await _answer(context, link, question, save=save)
    except RequestError as error:
        context.output.fail(error.error)
        return False


async def ask_each(context: Context, questions: AsyncIterator[str], *, save: bool = False) -> bool:
    """Answer one question after another with one model; whether all worked. What fails is told, the rest goes on."""
    worked = True
    index = -1
    async with AsyncExitStack() as stack:
        link: Link | None = None
        refusal: WireError | None = None
        try:
            opening = open_link(context.paths, context.settings, context.worker_command, context.wish)
            link = await stack.enter_async_context(opening)
        except RequestError as error:
            refusal = error.error
        async for question in questions:
            index += 1
            context.output.begin(index)
            if link is None:
                context.output.fail(refusal or WireError(ErrorCode.NO_MODEL))
                worked = False
                continue
            try:
                worked &= await _answer(context, link, question, save=save)
            except RequestError as error:
                context.output.fail(error.error)
                worked = False
    return worked


async def _answer(context: Context, link: Link, question: str, *, save: bool) -> bool:
    if not question.strip():
        context.output.fail(WireError(ErrorCode.BAD_REQUEST, {"reason": "The question is empty."}))
        return False
    if (refusal := await _why_not_held(context, link)) is not None:
        context.output.fail(refusal)
        return False
    doorkeeper = context.doorkeeper()
    stream = _saved(context, link, question, doorkeeper) if save else _unsaved(context, link, question, doorkeeper)
    called: set[str] = set()
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Done) and context.must_call and context.must_call not in called:
                context.output.missed(context.must_call)
            context.output.take(event)
            if isinstance(event, ToolFinished):
                called |= {event.name, ANY}
                context.tell_of_reminder(link, event)
            if isinstance(event, Done | Failed):
                return isinstance(event, Done)
    return False


async def _why_not_held(context: Context, link: Link) -> WireError | None:
    """Why no model can be held to a call of the tool that the command names."""
    if context.must_call in ("", ANY):
        return None
    offered = await context.offered(link)
    return None if context.must_call in offered.tools else not_offered(context, context.must_call, offered)


async def _unsaved(context: Context, link: Link, question: str, doorkeeper: Doorkeeper) -> AsyncGenerator[Event, None]:
    """The events of an answer that is forgotten; a call for which nobody can be asked ends it."""
    store = LazyStore(context.open_store)
    calls = TurnCalls(context.permissions(store, link), doorkeeper, saved=doorkeeper.has_person)
    turn = link.turn(context.question(question, await context.offered(link)))
    try:
        async with aclosing(turn) as events:  # type: ignore[type-var]
            async for event in events:
                yield event
                await heed(event, calls, link.send)
                if doorkeeper.refused is not None:
                    yield Failed("", doorkeeper.refused)
                    return
    finally:
        await written_if_possible(calls.close())
        await store.close()


async def _saved(context: Context, link: Link, question: str, doorkeeper: Doorkeeper) -> AsyncGenerator[Event, None]:
    """The events of an answer that is stored like one in a window."""
    store = await context.open_store()
    hub = ChatHub(context.means(link, store, doorkeeper))
    events: asyncio.Queue[Event] = asyncio.Queue()
    doorkeeper.on_refused = lambda error: events.put_nowait(Failed("", error))

    def hear(news: News) -> None:
        if isinstance(news, ReplyGrew):
            events.put_nowait(news.event)

    hub.subscribe(hear)
    try:
        begun = await hub.ask(None, question)
        last: Event | None = None
        while not isinstance(last, Done | Failed):
            last = await events.get()
            if isinstance(last, Done | Failed):
                if doorkeeper.refused is not None:
                    await hub.stop(begun.conversation)
                await hub.wait_for_reply(begun.conversation)
            yield last
    finally:
        await hub.close()
        await store.close()
