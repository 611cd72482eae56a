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
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.host_tools.reminders import ReminderBook
from nyanko_desktop.permissions.permissions import Permissions
from nyanko_desktop.permissions.toolbox import FixedOffer, Offers
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import scripted
from tests.support.asynchronous import first_that_fits

WAIT_SECONDS = 60.0
"""For anything a scripted worker does: it starts in 0.3 s, on a busy machine in many times that."""
REAL_SECONDS = 90.0
"""For the real one, which imports torch: 5 s, on a busy machine more than 20."""

SYSTEM = "You are Nyanko."
SHORT_REPLY = 24
"""Tokens that a real model writes in a test."""


@dataclass
class Chat:
    """Everything one scene needs."""

    store: ConversationStore
    worker: Supervisor
    reminders: ReminderBook
    notes: NoteBook
    permissions: Permissions
    hub: ChatHub
    controller: ChatController
    patience: float = WAIT_SECONDS

    async def until(
        self, condition: Callable[[ViewState], bool], controller: ChatController | None = None
    ) -> ViewState:
        """The first state that fits."""
        watched = controller or self.controller
        async with asyncio.timeout(self.patience):
            return await first_that_fits(watched.subscribe, watched.state, condition)

    async def ask(self, text: str) -> ViewState:
        """Send ``text`` and wait for the whole reply."""
        assert await self.controller.send(text)
        return await self.until(lambda state: not state.busy)


def text_of(state: ViewState, position: int = -1) -> str:
    """The visible text of one message."""
    return "".join(part.text for part in state.messages[position].parts if isinstance(part, TextView))


@asynccontextmanager
async def opened(
    file: Path,
    context: int = 0,
    load: bool = True,
    command: WorkerCommand | None = None,
    offers: Offers | None = None,
    **script: Any,
) -> AsyncIterator[Chat]:
    """A chat with a scripted worker, or with that of ``command``, where decoding is greedy and replies are short."""
    store = await ConversationStore.open(file)
    worker = Supervisor(lambda: command or scripted(**script))
    reminders = ReminderBook(store)
    sampling = Sampling(temperature=0.0, max_tokens=SHORT_REPLY) if command else Sampling()
    notes = NoteBook(store)
    host_tools = HostTools(reminders, notes)
    permissions = Permissions(store, preview=host_tools.preview)
    means = Means(
        store,
        worker,
        host_tools,
        system=lambda: SYSTEM,
        sampling=lambda: sampling,
        permissions=permissions,
        offers=offers or FixedOffer(),
    )
    hub = ChatHub(means)
    controller = ChatController(hub)
    try:
        if load:
            await worker.load(Choice("/models/script", "int8", "cpu", context))
        await hub.refresh()
        yield Chat(
            store, worker, reminders, notes, permissions, hub, controller, REAL_SECONDS if command else WAIT_SECONDS
        )
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
