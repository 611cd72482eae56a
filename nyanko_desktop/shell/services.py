"""Everything behind the windows, opened in order and closed in bounded time. Knows no window and no desktop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

from inference_worker.protocol.errors import RequestError
from nyanko_desktop.assets import persona_file
from nyanko_desktop.chat.hub import ChatHub
from nyanko_desktop.chat.model_keeper import ModelKeeper, choice_of
from nyanko_desktop.chat.reply import Means
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools, OpenLink
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.host_tools.reminders import ReminderBook
from nyanko_desktop.i18n import language
from nyanko_desktop.models.library import Library
from nyanko_desktop.paths import Paths
from nyanko_desktop.permissions.permissions import Permissions
from nyanko_desktop.permissions.toolbox import Toolbox
from nyanko_desktop.personas.persona import Persona, load_persona
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.idle import IdleWatch
from nyanko_desktop.worker.supervisor import Supervisor

log = logging.getLogger(__name__)

REPLIES_SECONDS: Final = 3.0
"""For replies to be stored as they are; a write takes milliseconds, a busy disk takes longer."""
WORKER_SECONDS: Final = 4.0
"""The supervisor ends a worker within 2 s, whatever it does; the rest is for a loaded machine."""
JOBS_SECONDS: Final = 8.0
"""A job gets 5 s to keep what it has done, and its process 2 s to end."""
STORE_SECONDS: Final = 3.0
"""For the last writes and the journal."""
DEFAULT_PERSONA: Final = "nyanko"


@dataclass(frozen=True, slots=True)
class Services:
    """What one profile works with."""

    store: ConversationStore
    worker: Supervisor
    host_tools: HostTools
    reminders: ReminderBook
    notes: NoteBook
    permissions: Permissions
    toolbox: Toolbox
    secrets: SecretStore
    hub: ChatHub
    keeper: ModelKeeper
    idle: IdleWatch
    library: Library

    @classmethod
    async def open(
        cls,
        paths: Paths,
        settings: SettingsStore,
        command: Callable[[], WorkerCommand],
        open_link: OpenLink | None = None,
    ) -> Services:
        """Open the store and begin to load the model. Raises StoreError when there is no place for conversations."""
        store = await ConversationStore.open(paths.store)
        worker = Supervisor(command)
        reminders, notes, secrets = ReminderBook(store), NoteBook(store), SecretStore()
        host_tools = HostTools(reminders, notes, lambda: settings.current.persona, open_link)
        toolbox = Toolbox(lambda: settings.current, paths.undo, secrets, worker.tools)
        permissions = Permissions(store, toolbox.levels, host_tools.preview)
        means = Means(
            store=store,
            worker=worker,
            host_tools=host_tools,
            system=lambda: _persona(settings.current.persona).system_in(language()),
            sampling=lambda: settings.current.sampling.on_the_wire(),
            permissions=permissions,
            offers=toolbox,
            chosen_model=lambda: choice_of(settings.current.model, paths.cache).path,
        )
        hub = ChatHub(means, problem=store.problem or settings.problem)
        toolbox.tell = hub.report
        try:
            await hub.refresh()
        except RequestError as error:
            hub.report(error.error)
        keeper = ModelKeeper(worker, settings, paths.cache)
        library = Library(paths, settings, worker, secrets, command)
        idle = IdleWatch(worker, settings)
        return cls(
            store, worker, host_tools, reminders, notes, permissions, toolbox, secrets, hub, keeper, idle, library
        )

    async def close(self) -> None:
        """Keep what was written, end the worker, close the file: each within its bound, whatever happens."""
        self.keeper.close()
        self.idle.close()
        await _within(JOBS_SECONDS, self.library.close(), "pausing downloads and quantizations")
        await _within(REPLIES_SECONDS, self.hub.close(), "storing open replies")
        await _within(WORKER_SECONDS, self.worker.stop(), "ending the worker")
        await _within(STORE_SECONDS, self.store.close(), "closing the store")


@lru_cache(maxsize=4)
def _persona(name: str) -> Persona:
    """The persona called ``name``, else the one that is always there."""
    try:
        return load_persona(persona_file(name))
    except (OSError, msgspec.MsgspecError) as error:
        if name == DEFAULT_PERSONA:
            raise
        log.warning("persona %s cannot be read: %s", name, error)
        return load_persona(persona_file(DEFAULT_PERSONA))


async def _within(seconds: float, work: Coroutine[Any, Any, None], what: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        log.error("%s took longer than %g s", what, seconds)
    except Exception:  # a boundary: the rest must be closed, too
        log.exception("%s failed", what)
