"""Keeps the worker's model at what the settings say: loads it at start, and again when the choice changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import ModelInfo
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.settings.schema import ModelSettings, Settings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.residency import Choice

log = logging.getLogger(__name__)


class Loader(Protocol):
    """What loads models: the supervisor."""

    async def load(self, choice: Choice) -> ModelInfo | None: ...


def choice_of(model: ModelSettings, usual_cache: Path) -> Choice:
    """What to load for ``model``; an empty path is the embedded one, an empty cache folder ``usual_cache``."""
    return Choice(
        path=model.path or str(embedded_model()),
        precision=model.precision,
        device=model.device,
        context=model.context,
        group=model.group,
        kv_cache=model.kv_cache,
        cache=model.cache or str(usual_cache),
    )


class ModelKeeper:
    """Follows the settings from its making until :meth:`close`."""

    def __init__(self, loader: Loader, settings: SettingsStore, usual_cache: Path) -> None:
        self._loader = loader
        self._choice_of: Callable[[ModelSettings], Choice] = lambda model: choice_of(model, usual_cache)
        self._choice = self._choice_of(settings.current.model)
        self._leave = settings.subscribe(self._follow)
        self._load()

    def close(self) -> None:
        self._leave()

    def _follow(self, settings: Settings) -> None:
        choice = self._choice_of(settings.model)
        if choice != self._choice:
            self._choice = choice
            self._load()

    def _load(self) -> asyncio.Task[None]:
        return spawn(self._load_and_log(self._choice), "load the chosen model")

    async def _load_and_log(self, choice: Choice) -> None:
        """A failure is no surprise: the worker's state shows it, with its reason, and so does the next reply."""
        try:
            await self._loader.load(choice)
        except RequestError as error:
            log.info("the chosen model is not loaded: %s", error.error.code)
