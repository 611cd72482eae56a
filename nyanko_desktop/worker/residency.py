"""Which model is resident and which one should be. Loads into the worker it is given; starts and ends none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import (
    Failed,
    Finished,
    GroupSize,
    KvPrecision,
    Loaded,
    LoadModel,
    LoadProgress,
    ModelInfo,
    PlanMemory,
    Precision,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.session import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that should be resident; fields as in LoadModel."""

    path: str
    precision: Precision
    device: str = "auto"
    context: int = 0
    group: GroupSize = 128
    kv_cache: KvPrecision = "16bit"
    cache: str = ""

    def load_command(self) -> LoadModel:
        return LoadModel(
            id=new_id(),
            path=self.path,
            precision=self.precision,
            device=self.device,
            context=self.context,
            group=self.group,
            kv_cache=self.kv_cache,
            cache=self.cache,
        )

    def plan_command(self) -> PlanMemory:
        """The question what this model would take, in every precision."""
        return PlanMemory(
            id=new_id(),
            path=self.path,
            device=self.device,
            context=self.context,
            group=self.group,
            kv_cache=self.kv_cache,
            cache=self.cache,
        )

    def as_info(self) -> ModelInfo:
        """What is known of the model before it is loaded."""
        return ModelInfo(
            name=Path(self.path).name,
            path=self.path,
            precision=self.precision,
            device=self.device,
            device_name="",
            bytes=0,
            bytes_elsewhere=0,
            context=self.context,
            tool_style="slash",
            reads_system=False,
            kv_cache=self.kv_cache,
        )


class LoadWish:
    """One wish for a model, until it is resident, has failed, or gave way to another."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.outcome: asyncio.Future[ModelInfo | WireError | None] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return not self.outcome.done()

    def settle(self, outcome: ModelInfo | WireError | None) -> None:
        """Tell who waits how it ended; only the first word counts."""
        if self.open:
            self.outcome.set_result(outcome)


class Residency:
    """The chosen model on its way into the worker's memory.

    ``changed`` is called after every change, ``failed`` with the reason when there will be no model to wait for.
    """

    def __init__(self, changed: Callable[[], None], failed: Callable[[WireError], None]) -> None:
        self.choice: Choice | None = None
        self.model: ModelInfo | None = None
        """Resident now."""
        self.progress: float | None = None
        """0 to 1 while loading, else ``None``."""
        self.error: WireError | None = None
        """Why the chosen model is not resident."""
        self._wish: LoadWish | None = None
        self._changed = changed
        self._failed = failed

    @property
    def wish(self) -> LoadWish | None:
        """The load that is due or under way."""
        return self._wish if self._wish is not None and self._wish.open else None

    def want(self, choice: Choice) -> LoadWish:
        """Choose a model; a load that was due or under way gives way to it."""
        self.settle(None)
        self.choice, self.error = choice, None
        self._wish = LoadWish(choice)
        self._changed()
        return self._wish

    def want_again(self) -> None:
        """Have the chosen model resident, if there is one and it neither is nor will be."""
        if self.choice is not None and self.model is None and self.wish is None:
            self.want(self.choice)

    def drop(self, wish: LoadWish) -> None:
        """Nobody waits for this load any more."""
        if wish is self.wish:
            wish.settle(None)
            self._failed(WireError(ErrorCode.NO_MODEL))

    def settle(self, outcome: WireError | None) -> None:
        """Tell who waits for the load that is due how it ended."""
        if self.wish is not None:
            self.wish.settle(outcome)

    def forget(self) -> None:
        """The worker is gone, and all that it held."""
        self.model = self.progress = self.error = None
        self._changed()

    async def load(self, session: Session, wish: LoadWish) -> None:
        """Do what ``wish`` says. A worker that is lost on the way leaves it open for the next one."""
        command = wish.choice.load_command()

        def give_way(_: object) -> None:
            spawn(session.cancel(command.id), "cancel a load")

        self.model, self.progress, self.error = None, 0.0, None
        self._changed()
        wish.outcome.add_done_callback(give_way)
        async with session.client.request(command) as events:
            async for event in events:
                if isinstance(event, LoadProgress):
                    self._show_progress(event.done / event.total if event.total else 0.0)
                    continue
                wish.outcome.remove_done_callback(give_way)
                match event:
                    case Loaded(model=model):
                        self._loaded(wish, model)
                    case Failed(error=error) if error.code is not ErrorCode.WORKER_LOST:
                        self._not_loaded(wish, error)
                    case Finished():
                        self._not_loaded(wish, None)

    def _loaded(self, wish: LoadWish, model: ModelInfo) -> None:
        _log.info("%s is resident: %s on %s", model.name, model.precision, model.device)
        self.model, self.progress = model, None
        wish.settle(model)
        self._changed()

    def _not_loaded(self, wish: LoadWish, error: WireError | None) -> None:
        """The load failed, or was cancelled when there is no ``error``."""
        self.progress = None
        if wish is self._wish:
            self.error = error
            wish.settle(error)
            self._failed(error or WireError(ErrorCode.NO_MODEL))
        self._changed()

    def _show_progress(self, progress: float) -> None:
        """Whole percents only: a load reports every tensor."""
        if self.progress is None or int(progress * 100) != int(self.progress * 100):
            self.progress = progress
            self._changed()
