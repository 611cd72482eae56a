"""What every action of ``nyanko models`` works with: the profile's library on the disk, and who answers questions.

Changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import InspectModel, ModelInfo, ModelInspected
from nyanko_desktop.app_link import find_app
from nyanko_desktop.instance_messages import AppDescribed
from nyanko_desktop.models.catalogue import Catalogue, load_catalogue
from nyanko_desktop.models.library import mark, unfinished_targets
from nyanko_desktop.models.names import resolve
from nyanko_desktop.models.records import Records
from nyanko_desktop.models.shelf import Shelf
from nyanko_desktop.models.view import ModelEntry
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.model_report import Report
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.job import ask_job


@dataclass(frozen=True, slots=True)
class Desk:
    """One command's arguments, and everything there is."""

    context: Context
    arguments: argparse.Namespace
    report: Report
    settings: SettingsStore
    shelf: Shelf
    records: Records
    catalogue: Catalogue

    @classmethod
    def of(cls, context: Context, arguments: argparse.Namespace) -> Desk:
        settings = SettingsStore(context.paths.settings)
        return cls(
            context,
            arguments,
            Report(for_programs=arguments.json),
            settings,
            shelf_of(context.paths, settings),
            Records(context.paths.jobs),
            load_catalogue(),
        )

    async def entries(self) -> tuple[ModelEntry, ...]:
        """Everything the person has or has begun to fetch, the chosen and the resident one marked."""
        records = self.records.load()
        entries = await asyncio.to_thread(self.shelf.entries, unfinished_targets(records))
        resident, chosen = await self._resident(), self.settings.current.model.path
        here = {entry.path for entry in entries}
        begun = [job for job in records if job.kind == "download" and job.makes not in here]
        return (
            *(mark(entry, chosen, resident) for entry in entries),
            *(ModelEntry(job.makes, job.name, "downloaded", job.makes, unfinished=True) for job in begun),
        )

    async def find(self, name: str) -> ModelEntry:
        """The model that ``name`` means, whole. Raises RequestError."""
        entry = resolve(name, await self.entries(), self.catalogue)
        if entry.unfinished:
            reason = f"its download is not finished; go on with: nyanko models pull {entry.name}"
            raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
        return entry

    async def inspected(self, path: str, *, verify: bool = False) -> ModelInspected:
        """What the worker sees in ``path``, and in every byte of it with ``verify``. Raises RequestError."""
        command = InspectModel(new_id(), path, str(self.shelf.cache), verify)
        found = await ask_job(self.context.worker_command, command)
        assert isinstance(found, ModelInspected)
        return found

    async def refuse_while_app_runs(self) -> None:
        """The app writes the settings itself and would not hear of a change. Raises RequestError."""
        if await _describe_app(self.context.paths) is not None:
            reason = "Nyanko is running: do this in its Settings, or quit it first"
            raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)

    async def _resident(self) -> ModelInfo | None:
        app = await _describe_app(self.context.paths)
        return app.worker.model if app is not None else None


def find_model(paths: Paths, name: str) -> str:
    """The path of the model that ``name`` means, for ``--model``. Raises RequestError."""
    return resolve(name, shelf_of(paths, SettingsStore(paths.settings)).entries(), load_catalogue()).path


def shelf_of(paths: Paths, settings: SettingsStore) -> Shelf:
    """The models of this profile."""
    model = settings.current.model
    return Shelf(paths.models, Path(model.cache) if model.cache else paths.cache, model.folders)


async def _describe_app(paths: Paths) -> AppDescribed | None:
    """What the running app says of itself; ``None`` when none runs."""
    app = await find_app(paths)
    if app is None:
        return None
    try:
        return await app.describe()
    finally:
        await app.close()
