"""Who answers a command: the running app of the profile, or a worker of our own where there is none."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    DeviceInfo,
    Event,
    FollowUp,
    HostCall,
    HostResult,
    ListTools,
    MemoryPlanned,
    PlanMemory,
    Precision,
    RunTool,
    RunTurn,
    ToolsListed,
)
from nyanko_desktop.app_link import AppLink, find_app
from nyanko_desktop.chat.model_keeper import choice_of
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import DEFAULT_PERSONA, HostTools
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.supervisor import Supervisor

log = logging.getLogger(__name__)


class Link(Protocol):
    """A worker that can be asked, wherever it is. Calls of host tools are answered on the way."""

    is_app: bool

    @property
    def state(self) -> WorkerState: ...
    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]: ...
    def turn(self, command: RunTurn) -> AsyncIterator[Event]: ...
    def run_tool(self, command: RunTool) -> AsyncIterator[Event]: ...
    async def send(self, message: FollowUp) -> None: ...
    async def plan(self, command: PlanMemory) -> MemoryPlanned: ...
    async def devices(self) -> tuple[DeviceInfo, ...]: ...
    async def tools(self, command: ListTools) -> ToolsListed: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """The model that a command asks for; ``None`` leaves it to the settings, or to the app that runs."""

    path: str | None = None
    precision: Precision | None = None

    def choice(self, settings: Settings, paths: Paths) -> Choice:
        chosen = choice_of(settings.model, paths.cache)
        path = chosen.path if self.path is None else self.path
        return replace(chosen, path=path, precision=self.precision or chosen.precision)


@asynccontextmanager
async def open_link(
    paths: Paths,
    settings: Settings,
    command: Callable[[], WorkerCommand],
    wish: Wish | None = None,
) -> AsyncIterator[Link]:
    """Somebody to ask; with a ``wish`` also the model, loaded once. Raises RequestError.

    The app is always asked first: a graphics card should never hold two models.
    """
    app = await find_app(paths)
    if app is not None:
        try:
            await _check(app, wish or Wish())
            yield app
        finally:
            await app.close()
        return
    own = OwnWorker(paths, command, settings.persona)
    try:
        if wish is not None:
            await own.load(wish.choice(settings, paths))
        yield own
    finally:
        await own.close()


class OwnWorker(Supervisor):
    """A worker for the length of one command."""

    is_app = False

    def __init__(self, paths: Paths, command: Callable[[], WorkerCommand], persona: str = DEFAULT_PERSONA) -> None:
        super().__init__(command)
        self._paths = paths
        self._persona: Callable[[], str] = lambda: persona
        self._store: ConversationStore | None = None

    async def turn(self, command: RunTurn) -> AsyncGenerator[Event, None]:
        async with aclosing(self._answered(super().turn(command))) as events:
            async for event in events:
                yield event

    async def run_tool(self, command: RunTool) -> AsyncGenerator[Event, None]:
        async with aclosing(self._answered(super().run_tool(command))) as events:
            async for event in events:
                yield event

    async def _answered(self, stream: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """``stream`` without its host calls, which are answered here."""
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, HostCall):
                    await self.send(await self._answer(event))
                else:
                    yield event

    async def close(self) -> None:
        await self.stop()
        if self._store is not None:
            await self._store.close()

    async def _answer(self, call: HostCall) -> HostResult:
        """Reminders and notes are stored where the app will look for them."""
        if self._store is None:
            self._store = await ConversationStore.open(self._paths.store)
        return await HostTools.on(self._store, self._persona).run(call)


async def _check(app: AppLink, wish: Wish) -> None:
    """The app chooses its model itself; a wish for another one is refused with the reason."""
    described = await app.describe()
    model = described.worker.model
    other_path = wish.path is not None and (model is None or model.path != wish.path)
    other_precision = wish.precision is not None and (model is None or model.precision != wish.precision)
    if other_path or other_precision:
        reason = "Nyanko is running without a model and chooses one itself (Settings, or another --profile)"
        if model is not None:
            resident = f"{model.name} · {model.precision}"
            reason = f"Nyanko is running with {resident} and chooses its model itself (Settings, or another --profile)"
        raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
