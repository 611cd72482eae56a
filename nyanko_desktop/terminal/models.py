"""``nyanko models``: list, add, pull, plan, quantize, remove, inspect. What the model page does, without a window.

A download or a quantization runs in a process of its own and is on the disk from the first moment: Ctrl-C pauses it,
and the same command, or the app, goes on with it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Downloaded,
    Failed,
    InspectModel,
    JobProgress,
    ModelInfo,
    ModelInspected,
    Quantize,
    Quantized,
)
from nyanko_desktop.app_link import find_app
from nyanko_desktop.chat.model_keeper import choice_of
from nyanko_desktop.errors import bytes_in_words
from nyanko_desktop.i18n import tr
from nyanko_desktop.instance_messages import AppDescribed
from nyanko_desktop.models.catalogue import Catalogue, CatalogueEntry, load_catalogue
from nyanko_desktop.models.hub_access import HubAccess, hub_at
from nyanko_desktop.models.jobs import job_view, run_recorded
from nyanko_desktop.models.library import download_record, forget_model, mark, unfinished_targets
from nyanko_desktop.models.names import absolute, catalogue_entry, resolve
from nyanko_desktop.models.offers import device_for, fits_of
from nyanko_desktop.models.progress import Progress
from nyanko_desktop.models.records import JobRecord, Records, job_record
from nyanko_desktop.models.shelf import Shelf
from nyanko_desktop.models.view import ModelEntry, Removal
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.terminal import model_report as words
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import open_link
from nyanko_desktop.terminal.model_report import Report
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.job import ask_job


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every action works with."""

    context: Context
    arguments: argparse.Namespace
    report: Report
    settings: SettingsStore
    shelf: Shelf
    records: Records
    catalogue: Catalogue

    @classmethod
    def of(cls, context: Context, arguments: argparse.Namespace) -> _Desk:
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
        """Everything the person has, the chosen and the resident one marked."""
        unfinished = unfinished_targets(self.records.load())
        entries = await asyncio.to_thread(self.shelf.entries, unfinished)
        resident, chosen = await self._resident(), self.settings.current.model.path
        return tuple(mark(entry, chosen, resident) for entry in entries)

    async def find(self, name: str) -> ModelEntry:
        """The model that ``name`` means. Raises RequestError."""
        return resolve(name, await self.entries(), self.catalogue)

    async def _resident(self) -> ModelInfo | None:
        app = await describe_app(self.context.paths)
        return app.worker.model if app is not None else None

    async def refuse_while_app_runs(self) -> None:
        """The app writes the settings itself and would not hear of a change. Raises RequestError."""
        if await describe_app(self.context.paths) is not None:
            reason = "Nyanko is running: do this in its Settings, or quit it first"
            raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)


def run_models(arguments: argparse.Namespace, context: Context) -> bool:
    """Carry out one action; whether it worked. Raises RequestError."""
    return asyncio.run(_ACTIONS[arguments.action](_Desk.of(context, arguments)))


def find_model(paths: Paths, settings: SettingsStore, name: str) -> str:
    """The path of the model that ``name`` means, for ``--model``. Raises RequestError."""
    return resolve(name, shelf_of(paths, settings).entries(), load_catalogue()).path


def shelf_of(paths: Paths, settings: SettingsStore) -> Shelf:
    """The models of this profile."""
    model = settings.current.model
    return Shelf(paths.models, Path(model.cache) if model.cache else paths.cache, model.folders)


async def describe_app(paths: Paths) -> AppDescribed | None:
    """What the running app says of itself; ``None`` when none runs."""
    app = await find_app(paths)
    if app is None:
        return None
    try:
        return await app.describe()
    finally:
        await app.close()


# ---------------------------------------------------------------- what there is


async def _list(desk: _Desk) -> bool:
    models = await desk.entries()
    jobs = [job_view(record, running=desk.records.is_running(record.id)) for record in desk.records.load()]
    if desk.report.for_programs:
        for entry in models:
            desk.report.say("model", "", **_entry_fields(entry))
        for job in jobs:
            desk.report.say("job", "", **msgspec.to_builtins(job))
        return True
    desk.report.say("models", words.models_table(models))
    if jobs:
        desk.report.say("jobs", "\n" + words.jobs_table(jobs))
    return True


async def _add(desk: _Desk) -> bool:
    """Look whether it is a model before it joins the list."""
    await desk.refuse_while_app_runs()
    path = absolute(desk.arguments.path)
    choice = replace(choice_of(desk.settings.current.model, desk.shelf.cache), path=path)
    async with open_link(desk.context.paths, desk.settings.current, desk.context.worker_command) as link:
        await link.plan(choice.plan_command())
    current = desk.settings.current
    folders = (*(folder for folder in current.model.folders if folder != path), path)
    desk.settings.save(msgspec.structs.replace(current, model=msgspec.structs.replace(current.model, folders=folders)))
    desk.report.say("added", tr("{path} is in the list now; it stays where it is.", path=path), path=path)
    return True


async def _inspect(desk: _Desk) -> bool:
    entry = await desk.find(desk.arguments.name)
    command = InspectModel(new_id(), entry.path, str(desk.shelf.cache), desk.arguments.verify)
    found = await ask_job(desk.context.worker_command, command)
    assert isinstance(found, ModelInspected)
    fields = {name: value for name, value in msgspec.to_builtins(found).items() if name not in ("type", "id")}
    desk.report.say("inspected", words.inspected_text(found), **fields)
    return not found.problems


async def _plan(desk: _Desk) -> bool:
    """What each precision would take here: from the files, or from the catalogue where there are none yet."""
    arguments, settings = desk.arguments, desk.settings.current
    try:
        path = (await desk.find(arguments.name)).path
    except RequestError:
        listed = catalogue_entry(arguments.name, desk.catalogue)
        if listed is None:
            raise
        return await _plan_catalogue(desk, listed)
    choice = choice_of(settings.model, desk.shelf.cache)
    given = {
        name: getattr(arguments, name)
        for name in ("context", "device", "kv_cache", "group")
        if getattr(arguments, name) is not None
    }
    async with open_link(desk.context.paths, settings, desk.context.worker_command) as link:
        plan = await link.plan(replace(choice, path=path, **given).plan_command())
    desk.report.say("plan", words.plan_table(plan), path=path, estimated=False, **words.plan_fields(plan))
    return True


async def _plan_catalogue(desk: _Desk, listed: CatalogueEntry) -> bool:
    async with open_link(desk.context.paths, desk.settings.current, desk.context.worker_command) as link:
        devices = await link.devices()
    wanted = desk.arguments.device or desk.settings.current.model.device
    device, free = device_for(devices, wanted, link.state.model)
    fits = fits_of(listed, free)
    estimates = [{"precision": fit.precision, "total": fit.bytes, "verdict": fit.verdict} for fit in fits]
    desk.report.say(
        "plan",
        words.fits_table(fits, device, free),
        name=listed.id,
        estimated=True,
        device=device,
        free=free,
        estimates=estimates,
        nearest=next((fit.precision for fit in fits if fit.verdict == "fits"), None),
    )
    return True


# ---------------------------------------------------------------- what takes long


async def _pull(desk: _Desk) -> bool:
    arguments = desk.arguments
    access = HubAccess(desk.settings, SecretStore())
    hub = access.hub
    if arguments.endpoint or arguments.modelscope:
        hub = hub_at(arguments.endpoint or MODELSCOPE, "modelscope" if arguments.modelscope else None)
    record = download_record(desk.shelf, hub, desk.catalogue, arguments.name, arguments.revision, arguments.file or ())
    earlier = {known.id: known for known in desk.records.load()}.get(record.id)
    fresh = earlier.fresh if earlier is not None else not await asyncio.to_thread(desk.shelf.target(record.name).exists)
    record = msgspec.structs.replace(record, fresh=fresh)
    return await _run(desk, record, access)


async def _quantize(desk: _Desk) -> bool:
    entry = await desk.find(desk.arguments.name)
    group = desk.arguments.group or desk.settings.current.model.group
    work = Quantize("", entry.path, desk.arguments.precision, str(desk.shelf.cache), group)
    return await _run(desk, job_record(work, entry.name), HubAccess(desk.settings, SecretStore()))


async def _run(desk: _Desk, record: JobRecord, access: HubAccess) -> bool:
    """Do one job and show how far it is; whether it worked."""
    progress = Progress()
    stream = run_recorded(desk.records, record, desk.context.worker_command, access.authorized)
    try:
        async with aclosing(stream) as events:
            async for event in events:
                match event:
                    case JobProgress():
                        progress.take(event, time.monotonic())
                        desk.report.progress(progress)
                    case Downloaded(path=path, bytes=size, fetched=fetched):
                        text = tr("{name} is here: {path} ({size})", name=record.name, path=path, size=_size(size))
                        desk.report.say("downloaded", text, path=path, bytes=size, fetched=fetched)
                        return True
                    case Quantized(copy=copy, seconds=seconds, resumed=resumed):
                        text = tr("The copy is here: {path} ({size})", path=copy.path, size=_size(copy.bytes))
                        fields = msgspec.to_builtins(copy)
                        desk.report.say("quantized", text, **fields, seconds=seconds, resumed=resumed)
                        return True
                    case Failed(error=error):
                        desk.report.end_line()
                        desk.context.output.fail(error)
                        return False
    except asyncio.CancelledError:
        text = tr("Paused. The same command goes on where it stopped.")
        desk.report.say("paused", text, done=progress.done, total=progress.total)
        raise
    return False


# ---------------------------------------------------------------- removing


async def _remove(desk: _Desk) -> bool:
    """Say what goes, ask, and do it. The person's own folders only leave the list."""
    entry = await desk.find(desk.arguments.name)
    await _refuse_in_use(desk, entry)
    removal = await asyncio.to_thread(desk.shelf.removal, entry)
    if removal.refusal is not None:
        reason = "it is part of the program"
        raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
    if not desk.arguments.yes and not await _agrees(desk, removal):
        return False
    forget_model(desk.settings, removal)
    freed = await asyncio.to_thread(desk.shelf.remove, removal)
    for record in desk.records.load():
        if record.makes == entry.path:
            desk.records.forget(record.id)
    text = tr("{name} is removed; {size} became free.", name=entry.name, size=_size(freed))
    desk.report.say("removed", text, name=entry.name, freed=freed, deleted=list(removal.deletes), kept=removal.keeps)
    return True


async def _refuse_in_use(desk: _Desk, entry: ModelEntry) -> None:
    settings = desk.settings.current.model
    if entry.resident or entry.key in (*settings.folders, settings.path or None):
        await desk.refuse_while_app_runs()
    if any(record.makes == entry.path and desk.records.is_running(record.id) for record in desk.records.load()):
        raise RequestError(ErrorCode.BUSY)


async def _agrees(desk: _Desk, removal: Removal) -> bool:
    if desk.report.for_programs or not sys.stdin.isatty():
        raise RequestError(ErrorCode.BAD_REQUEST, reason="nobody can be asked here: add --yes to remove it")
    desk.report.say("removal", words.removal_text(removal))
    answer = await asyncio.to_thread(input, tr("Remove {name}? [y/N] ", name=removal.name))
    return answer.strip().lower() in ("y", "yes", "j", "是", tr("yes"))


MODELSCOPE: Final = "https://modelscope.cn"
_ACTIONS: Final[Mapping[str, Callable[[_Desk], Coroutine[Any, Any, bool]]]] = {
    "list": _list,
    "add": _add,
    "pull": _pull,
    "plan": _plan,
    "quantize": _quantize,
    "remove": _remove,
    "inspect": _inspect,
}


def _entry_fields(entry: ModelEntry) -> dict[str, object]:
    problem = entry.problem.code if entry.problem else None
    fields = {name: value for name, value in msgspec.to_builtins(entry).items() if name != "problem"}
    return {**fields, "total": entry.total, "problem": problem}


def _size(count: int) -> str:
    return bytes_in_words(count)
