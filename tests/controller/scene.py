"""A chat over a real store, the real supervisor and a scripted worker in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_worker.protocol.messages import Sampling
from nyanko_desktop.chat.controller import ChatController
from nyanko_desktop.chat.hub import ChatHub
from nyanko_desktop.chat.reply import Means
from nyanko_desktop.chat.view_state import TextView, ViewState
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.host_tools.reminders import ReminderBook
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import scripted

WAIT_SECONDS = 20.0
"""For anything a scripted worker does: it starts in 0.3 s, on a busy machine in some seconds."""


@dataclass
class Chat:
    """Everything one scene needs."""

    store: ConversationStore
    worker: Supervisor
    reminders: ReminderBook
    hub: ChatHub
    controller: ChatController

    async def until(
        self, condition: Callable[[ViewState], bool], controller: ChatController | None = None
    ) -> ViewState:
        """The first state that fits."""
        watched = controller or self.controller
        changed = asyncio.Event()
        leave = watched.subscribe(lambda _: changed.set())
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition(watched.state):
                    changed.clear()
                    await changed.wait()
        finally:
            leave()
        return watched.state

    async def ask(self, text: str) -> ViewState:
        """Send ``text`` and wait for the whole reply."""
        assert await self.controller.send(text)
        return await self.until(lambda state: not state.busy)


def text_of(state: ViewState, position: int = -1) -> str:
    """The visible text of one message."""
    return "".join(part.text for part in state.messages[position].parts if isinstance(part, TextView))


@asynccontextmanager
async def opened(file: Path, context: int = 0, load: bool = True, **script: Any) -> AsyncIterator[Chat]:
    store = await ConversationStore.open(file)
    worker = Supervisor(lambda: scripted(**script))
    reminders = ReminderBook(store)
    means = Means(store, worker, HostTools(reminders), system=lambda: "You are Nyanko.", sampling=Sampling)
    hub = ChatHub(means)
    controller = ChatController(hub)
    try:
        if load:
            await worker.load(Choice("/models/script", "int8", "cpu", context))
        await hub.refresh()
        yield Chat(store, worker, reminders, hub, controller)
    finally:
        controller.close()
        await hub.close()
        await worker.stop()
        await store.close()


def play(file: Path, scene: Callable[[Chat], Awaitable[None]], **options: Any) -> None:
    """Run ``scene`` with a fresh worker on the store in ``file``: ``play(file, scene, rate=100, default="…")``."""

    async def whole() -> None:
        async with opened(file, **options) as chat:
            await scene(chat)

    asyncio.run(whole())
