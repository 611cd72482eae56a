"""The model library as a window sees it: a person's intents in, immutable views out. Knows no widget and no torch.

What lies on the disk is looked at on a thread, what takes long is a job. Which model answers, and which folders of the
person's own are in the list, are settings: settings/controller.py changes them, and this follows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    DeviceInfo,
    Download,
    Downloaded,
    GroupSize,
    Hub,
    HubKind,
    ModelInfo,
    Precision,
    Quantize,
    Quantized,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import on_language_changed
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.models.catalogue import Catalogue, load_catalogue
from nyanko_desktop.models.hub_access import HubAccess, hub_at
from nyanko_desktop.models.jobs import Jobs
from nyanko_desktop.models.offers import catalogue_items, device_for, recommendations
from nyanko_desktop.models.records import JobRecord, Records, job_record
from nyanko_desktop.models.shelf import Shelf
from nyanko_desktop.models.view import LibraryView, ModelEntry, Removal
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.state import WorkerState

log = logging.getLogger(__name__)

REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")
"""``OWNER/NAME``, or the name alone of the oldest repositories."""


class ModelHost(Protocol):
    """Who holds the model; the supervisor is one."""

    @property
    def state(self) -> WorkerState: ...
    def subscribe(self, callback: Callable[[WorkerState], None], /) -> Callable[[], None]: ...
    async def devices(self) -> tuple[DeviceInfo, ...]: ...
    async def free_memory(self) -> None: ...


class Library:
    """The models of one profile. Belongs to the event loop."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        host: ModelHost,
        secrets: SecretStore,
        command: Callable[[], WorkerCommand],
        catalogue: Catalogue | None = None,
    ) -> None:
        self.view = LibraryView()
        self._paths = paths
        self._settings = settings
        self._host = host
        self._hub = HubAccess(settings, secrets)
        self._catalogue = load_catalogue() if catalogue is None else catalogue
        self._jobs = Jobs(Records(paths.jobs), command, self._hub.authorized, self._job_is_over)
        self._entries: tuple[ModelEntry, ...] = ()
        self._cache_bytes = 0
        self._devices: tuple[DeviceInfo, ...] = ()
        self._problem: WireError | None = None
        self._removal: Removal | None = None
        self._shelf_key: object = None
        self._looking: asyncio.Task[None] | None = None
        self._listeners: Listeners[LibraryView] = Listeners()
        self._leave = (
            settings.subscribe(self._follow),
            host.subscribe(lambda _: self._show()),
            on_language_changed(self._show),
            self._jobs.subscribe(self._show),
        )
        self._show()

    def subscribe(self, listener: Callable[[LibraryView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new view; returns the function that ends this."""
        return self._listeners.add(listener)

    async def close(self) -> None:
        """Hear no more, and pause every job; bounded, see worker/job.py."""
        for leave in self._leave:
            leave()
        self._listeners.clear()
        if self._looking is not None:
            self._looking.cancel()
        await self._jobs.close()

    # ------------------------------------------------------------ what a person asks for

    def refresh(self, *, devices: bool = True) -> asyncio.Task[None]:
        """Look through the disk again, and with ``devices`` ask what memory is free; the window does when it opens."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = spawn(self._look(devices=devices), "look through the models")
        return self._looking

    def pull(
        self,
        name: str,
        *,
        revision: str = "main",
        files: Sequence[str] = (),
        then_use: Precision | None = None,
    ) -> str | None:
        """Download a catalogue entry or ``OWNER/NAME`` from the chosen hub; the job's id, ``None`` when it cannot be.

        ``files`` names some of the repository's, for example one of several GGUF; with ``then_use`` the model is chosen
        in that precision when it is here.
        """
        try:
            record = download_record(self._shelf, self._hub.hub, self._catalogue, name, revision, files, then_use)
        except RequestError as error:
            self._tell(error.error)
            return None
        return self._jobs.start(msgspec.structs.replace(record, fresh=self._is_fresh(record)))

    def quantize(self, key: str, precision: Precision, group: GroupSize | None = None) -> str | None:
        """Write a quantized copy of a model into the cache folder; the job's id, ``None`` when there is no such one."""
        entry = self._entry(key)
        if entry is None:
            return None
        group = group or self._settings.current.model.group
        work = Quantize(id="", path=entry.path, precision=precision, cache=str(self._shelf.cache), group=group)
        return self._jobs.start(job_record(work, entry.name))

    def pause(self, id: str) -> asyncio.Task[None]:
        """Stop a job; what it has done is kept."""
        return spawn(self._jobs.pause(id), "pause a job")

    def resume(self, id: str) -> None:
        """Go on with a job that is paused or has failed."""
        self._jobs.resume(id)

    def cancel(self, id: str) -> asyncio.Task[None]:
        """Stop a job for good and delete what it has left."""
        return self._try(self._cancel(id), "cancel a job")

    def ask_removal(self, key: str) -> asyncio.Task[None]:
        """Show what removing this model would do, as ``view.removal``."""
        return self._try(self._ask_removal(key), "measure a model")

    def keep_model(self) -> None:
        """Take the question about removing back."""
        self._removal = None
        self._show()

    def confirm_removal(self) -> asyncio.Task[None]:
        """Do what ``view.removal`` says; memory is given back first, and jobs about the model end."""
        removal, self._removal = self._removal, None
        return self._try(self._remove(removal), "remove a model")

    def choose_hub(self, endpoint: str, kind: HubKind | None = None) -> None:
        """Fetch models from there; the kind of a known hub need not be named."""
        self._save(lambda: self._hub.choose(hub_at(endpoint, kind)))

    def set_offline(self, wanted: bool) -> None:
        """With the switch on nothing is fetched; downloads that run are paused."""
        self._save(lambda: self._hub.set_offline(wanted))
        if wanted:
            for job in self.view.jobs:
                if job.kind == "download" and job.state in ("queued", "running"):
                    self.pause(job.id)

    def set_token(self, token: str) -> asyncio.Task[None]:
        """Keep an access token for the chosen hub; an empty one forgets it."""
        work = self._hub.set_token(token) if token.strip() else self._hub.forget_token()
        return self._try(work, "keep a token")

    def dismiss_notice(self) -> None:
        self._problem = None
        self._show()

    # ------------------------------------------------------------ what becomes of it

    @property
    def _shelf(self) -> Shelf:
        model = self._settings.current.model
        return Shelf(self._paths.models, Path(model.cache) if model.cache else self._paths.cache, model.folders)

    async def _look(self, *, devices: bool) -> None:
        self._show(looking=True)
        try:
            await self._jobs.look()
            shelf, unfinished = self._shelf, unfinished_targets(self._jobs.records)
            self._entries = await asyncio.to_thread(shelf.entries, unfinished)
            self._show()
            if devices:
                self._devices = await self._host.devices()
        except RequestError as error:
            self._tell(error.error)
        finally:
            self._show(looking=False)

    def _is_fresh(self, record: JobRecord) -> bool:
        """Whether the job makes its folder: then cancelling it takes the folder away."""
        target = record.work.target if isinstance(record.work, Download) else ""
        known = next((one.fresh for one in self._jobs.records if one.id == record.id), None)
        if known is not None:
            return known
        entry = next((entry for entry in self._entries if entry.path == target), None)
        return entry is None or entry.unfinished

    async def _cancel(self, id: str) -> None:
        record = await self._jobs.cancel(id)
        if record is not None:
            await asyncio.to_thread(discard, self._shelf, record)
            self.refresh(devices=False)

    async def _ask_removal(self, key: str) -> None:
        entry = self._entry(key)
        if entry is not None:
            shelf = self._shelf
            left = leftovers(shelf, self._jobs.records, entry.path)
            self._removal = await asyncio.to_thread(shelf.removal, entry, left)
            self._show()

    async def _remove(self, removal: Removal | None) -> None:
        if removal is None or removal.refusal is not None:
            return
        places = {removal.keeps, *removal.deletes}
        for job in self.view.jobs:
            if job.model in places:
                await self._jobs.cancel(job.id)
        if is_resident(self._host.state.model, places):
            await self._host.free_memory()
        forget_model(self._settings, removal)
        try:
            await asyncio.to_thread(self._shelf.remove, removal)
        finally:
            self.refresh(devices=False)

    def _job_is_over(self, record: JobRecord, event: Downloaded | Quantized) -> None:
        log.info("%s is here", record.name)
        if record.then_use is not None and isinstance(event, Downloaded):
            self._change_model(path=event.path, precision=record.then_use)
        self.refresh(devices=False)

    def _entry(self, key: str) -> ModelEntry | None:
        return next((entry for entry in self._entries if entry.key == key), None)

    # ------------------------------------------------------------ settings

    def _follow(self, settings: Settings) -> None:
        """Another list of folders, or another cache folder, is looked through; the rest is only shown."""
        key = (settings.model.folders, settings.model.cache)
        if key != self._shelf_key and self._shelf_key is not None:
            self.refresh(devices=False)
        self._shelf_key = key
        self._show()

    def _change_model(self, **changes: Any) -> None:
        current = self._settings.current
        model = msgspec.structs.replace(current.model, **changes)
        self._save(lambda: self._settings.save(msgspec.structs.replace(current, model=model)))

    def _save(self, save: Callable[[], None]) -> None:
        try:
            save()
        except RequestError as error:
            self._tell(error.error)
        except msgspec.ValidationError as error:
            self._tell(WireError(ErrorCode.BAD_REQUEST, {"reason": str(error)}))
        else:
            self._show()

    def _try(self, work: Awaitable[None], name: str) -> asyncio.Task[None]:
        """Do it; what goes wrong is shown."""

        async def attempt() -> None:
            try:
                await work
            except RequestError as error:
                self._tell(error.error)
            else:
                self._show()

        return spawn(attempt(), name)

    def _tell(self, problem: WireError) -> None:
        log.info("models: %s", problem.code)
        self._problem = problem
        self._show()

    # ------------------------------------------------------------ the view

    def _show(self, *, looking: bool | None = None) -> None:
        """Publish everything as it is now."""
        settings, resident = self._settings.current, self._host.state.model
        device, free = device_for(self._devices, settings.model.device, resident)
        kind, shelf = settings.hub.kind, self._shelf
        models = tuple(mark(entry, settings.model.path, resident) for entry in self._entries)
        view = LibraryView(
            models=models,
            jobs=self._jobs.views,
            catalogue=catalogue_items(self._catalogue, kind, free, models),
            catalogue_problems=self._catalogue.problems,
            recommended=recommendations(self._catalogue, kind, free, models),
            hub=self._hub.view,
            removal=self._removal,
            device=device,
            free=free,
            cache=str(shelf.cache),
            cache_bytes=sum(copy.bytes for entry in models for copy in entry.copies)
            + sum(entry.bytes for entry in models if entry.kind == "copy"),
            looking=self.view.looking if looking is None else looking,
            notice=explain(self._problem) if self._problem else None,
        )
        if view != self.view:
            self.view = view
            self._listeners.tell(view)


def download_record(
    shelf: Shelf,
    hub: Hub,
    catalogue: Catalogue,
    name: str,
    revision: str = "main",
    files: Sequence[str] = (),
    then_use: Precision | None = None,
) -> JobRecord:
    """The job that brings ``name``, a catalogue entry or ``OWNER/NAME``. Raises RequestError for what is neither."""
    entry = next((entry for entry in catalogue.entries if entry.id == name), None)
    repository = entry.repository(hub.kind) if entry is not None else name.strip()
    if not REPOSITORY.fullmatch(repository) or ".." in repository:
        raise RequestError(ErrorCode.REPOSITORY_NOT_FOUND, endpoint=hub.endpoint, repository=name[:200])
    target = str(shelf.target(repository))
    work = Download(id="", hub=hub, repository=repository, target=target, revision=revision, files=tuple(files))
    return job_record(work, repository, then_use)


def unfinished_targets(records: Iterable[JobRecord]) -> list[str]:
    """Folders that hold no whole model yet, though they may look like one."""
    return [record.work.target for record in records if isinstance(record.work, Download) and record.fresh]


def discard(shelf: Shelf, record: JobRecord) -> None:
    """Delete what a cancelled job has left. Raises RequestError."""
    work = record.work
    if isinstance(work, Quantize):
        for path in leftovers(shelf, (record,), work.path):
            shelf.delete(path)
    elif record.fresh:
        shelf.delete(Path(work.target))
    else:
        shelf.delete_parts(Path(work.target))


def leftovers(shelf: Shelf, records: Iterable[JobRecord], model: str) -> list[Path]:
    """What quantizations of ``model`` that did not end have left."""
    works = [record.work for record in records if isinstance(record.work, Quantize) and record.makes == model]
    return [path for work in works for path in shelf.unfinished_copies(work.path, work.precision, work.group)]


def forget_model(settings: SettingsStore, removal: Removal) -> None:
    """Take a model that is being removed from the settings; if it was chosen, the embedded one is. Raises RequestError.

    One whose copies alone go stays chosen.
    """
    current = settings.current
    if not removal.key:
        return
    folders = tuple(folder for folder in current.model.folders if folder != removal.key)
    path = "" if current.model.path == removal.key else current.model.path
    model = msgspec.structs.replace(current.model, folders=folders, path=path)
    if model != current.model:
        settings.save(msgspec.structs.replace(current, model=model))


def is_resident(model: ModelInfo | None, places: set[str]) -> bool:
    """Whether the model in memory came out of one of these folders or files."""
    return model is not None and os.path.realpath(model.path) in {os.path.realpath(place) for place in places if place}


def mark(entry: ModelEntry, chosen: str, resident: ModelInfo | None) -> ModelEntry:
    """``entry`` with whether it is the chosen one, by the settings' path, and whether it is in memory."""
    places = {entry.path, *(copy.path for copy in entry.copies)}
    return replace(entry, chosen=entry.key == chosen, resident=is_resident(resident, places))
