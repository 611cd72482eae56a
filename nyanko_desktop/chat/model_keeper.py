"""Keeps the worker's model at what the settings say: loads it at start, and again when the choice changes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import ModelInfo, Precision
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.settings.schema import ModelSettings, Settings
from nyanko_desktop.settings.store import SettingsStore

log = logging.getLogger(__name__)


class Loader(Protocol):
    """What loads models: the supervisor."""

    async def load(self, path: str, precision: Precision, device: str, context: int) -> ModelInfo | None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that should answer; fields as in LoadModel."""

    path: str
    precision: Precision
    device: str
    context: int


def choice_of(model: ModelSettings) -> Choice:
    """What to load for ``model``; an empty path is the embedded one."""
    return Choice(model.path or str(embedded_model()), model.precision, model.device, model.context)


class ModelKeeper:
    """Follows the settings from its making until :meth:`close`."""

    def __init__(self, loader: Loader, settings: SettingsStore) -> None:
        self._loader = loader
        self._choice = choice_of(settings.current.model)
        self._leave = settings.subscribe(self._follow)
        self._load()

    def close(self) -> None:
        self._leave()

    def _follow(self, settings: Settings) -> None:
        choice = choice_of(settings.model)
        if choice != self._choice:
            self._choice = choice
            self._load()

    def _load(self) -> asyncio.Task[None]:
        return spawn(self._load_and_log(self._choice), "load the chosen model")

    async def _load_and_log(self, choice: Choice) -> None:
        """A failure is no surprise: the worker's state shows it, with its reason, and so does the next reply."""
        try:
            await self._loader.load(choice.path, choice.precision, choice.device, choice.context)
        except RequestError as error:
            log.info("the chosen model is not loaded: %s", error.error.code)
