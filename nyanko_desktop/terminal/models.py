"""``nyanko models``: list, add, pull, plan, quantize, remove, inspect. What the model page does, without a window."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import ModelInspected
from nyanko_desktop.chat.model_keeper import choice_of
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.catalogue import PRECISIONS, USUAL_CONTEXT, CatalogueEntry
from nyanko_desktop.models.jobs import job_view
from nyanko_desktop.models.library import forget_model, leftovers
from nyanko_desktop.models.names import absolute, catalogue_entry, resolve
from nyanko_desktop.models.offers import catalogue_items, device_for, fits_of
from nyanko_desktop.models.records import JobRecord
from nyanko_desktop.models.view import ModelEntry, Removal
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.terminal import model_report as words
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import open_link
from nyanko_desktop.terminal.model_desk import Desk
from nyanko_desktop.terminal.model_jobs import pull, quantize

COPY: Final = "nyanko"
"""What an inspection calls the format of a quantized copy."""
MEANS_YES: Final = ("y", "yes", "是")


def run_models(arguments: argparse.Namespace, context: Context) -> bool:
    """Carry out one action; whether it worked. Raises RequestError."""
    desk = Desk.of(context, arguments)
    if arguments.action == "remove":
        return _remove(desk)
    if arguments.action == "pull":
        return asyncio.run(pull(desk, _token() if arguments.ask_token else ""))
    return asyncio.run(_ACTIONS[arguments.action](desk))


# ---------------------------------------------------------------- what there is


async def _list(desk: Desk) -> bool:
    models = await desk.entries()
    if desk.arguments.catalogue:
        return _list_catalogue(desk, models)
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


def _list_catalogue(desk: Desk, models: tuple[ModelEntry, ...]) -> bool:
    items = catalogue_items(desk.catalogue, desk.settings.current.hub.kind, 0, models)
    if not desk.report.for_programs:
        desk.report.say("catalogue", words.catalogue_table(items))
        return True
    for item in items:
        fields = msgspec.to_builtins(item)
        del fields["fits"]
        desk.report.say("catalogue", "", **fields)
    return True


async def _add(desk: Desk) -> bool:
    """Look whether it is a model before it joins the list."""
    await desk.refuse_while_app_runs()
    path = absolute(desk.arguments.path)
    if not await asyncio.to_thread(os.path.exists, path):
        raise RequestError(ErrorCode.MODEL_NOT_FOUND, name=path)
    found = await desk.inspected(path)
    current = desk.settings.current
    folders = (*(folder for folder in current.model.folders if folder != path), path)
    desk.settings.save(msgspec.structs.replace(current, model=msgspec.structs.replace(current.model, folders=folders)))
    lines = [tr("{path} is in the list now; it stays where it is.", path=path), *map(reason_in_words, found.problems)]
    desk.report.say("added", "\n".join(lines), path=path, problems=list(found.problems))
    return True


async def _inspect(desk: Desk) -> bool:
    entry = await desk.find(desk.arguments.name)
    found = await desk.inspected(entry.path)
    verified = await _verified(desk, found) if desk.arguments.verify else None
    fields = {name: value for name, value in msgspec.to_builtins(found).items() if name not in ("type", "id")}
    desk.report.say("inspected", words.inspected_text(found, verified), **fields, verified=verified)
    return not found.problems and not any((verified or {}).values())


async def _verified(desk: Desk, found: ModelInspected) -> dict[str, list[str]]:
    """Path of each quantized copy, every byte of which was read -> what is wrong with it."""
    places = [found.path] if found.format == COPY else [copy.path for copy in found.copies]
    return {place: list((await desk.inspected(place, verify=True)).problems) for place in places}


async def _plan(desk: Desk) -> bool:
    """What each precision would take here: from the files, or from the catalogue where there are none yet."""
    arguments, settings = desk.arguments, desk.settings.current
    try:
        path = (await desk.find(arguments.name)).path
    except RequestError:
        listed = catalogue_entry(arguments.name, desk.catalogue)
        if listed is None:
            raise
        return await _plan_catalogue(desk, listed)
    given = {name: getattr(arguments, name) for name in ("context", "device", "kv_cache", "group")}
    given = {name: value for name, value in given.items() if value is not None}
    choice = replace(choice_of(settings.model, desk.shelf.cache), path=path, **given)
    async with open_link(desk.context.paths, settings, desk.context.worker_command) as link:
        plan = await link.plan(choice.plan_command())
    text = words.plan_table(plan, choice.context)
    desk.report.say("plan", text, path=path, estimated=False, **words.plan_fields(plan))
    return True


async def _plan_catalogue(desk: Desk, listed: CatalogueEntry) -> bool:
    async with open_link(desk.context.paths, desk.settings.current, desk.context.worker_command) as link:
        devices = await link.devices()
    arguments, chosen = desk.arguments, desk.settings.current.model
    device, free = device_for(devices, arguments.device or chosen.device, link.state.model)
    wanted: int = arguments.context or chosen.context or USUAL_CONTEXT
    context = min(wanted, listed.context)
    kv_cache, group = arguments.kv_cache or chosen.kv_cache, arguments.group or chosen.group
    fits = fits_of(listed, free, context=context, kv_cache=kv_cache, group=group, precisions=PRECISIONS)
    desk.report.say(
        "plan",
        words.fits_table(fits, device, free, context, wanted),
        name=listed.id,
        estimated=True,
        device=device,
        free=free,
        context=context,
        kv_cache=kv_cache,
        group=group,
        estimates=[{"precision": fit.precision, "total": fit.bytes, "verdict": fit.verdict} for fit in fits],
        nearest=next((fit.precision for fit in fits if fit.verdict == "fits"), None),
    )
    return True


# ---------------------------------------------------------------- removing


def _remove(desk: Desk) -> bool:
    """Say what goes, ask, and do it. The person's own folders only leave the list.

    The question stands outside of the event loop, which would keep Ctrl-C from ending it.
    """
    entry, jobs, removal = asyncio.run(_removal(desk))
    if not desk.arguments.yes and not _agrees(desk, removal):
        desk.report.say("kept", tr("Nothing was removed."))
        return False
    forget_model(desk.settings, removal)
    freed = desk.shelf.remove(removal)
    for record in jobs:
        desk.records.forget(record.id)
    fields = {"name": entry.name, "freed": freed, "deleted": list(removal.deletes), "kept": removal.keeps}
    desk.report.say("removed", words.removed_text(removal, freed), **fields)
    return True


async def _removal(desk: Desk) -> tuple[ModelEntry, list[JobRecord], Removal]:
    """What is to go, and the jobs that go with it. Raises RequestError."""
    name, precision = desk.arguments.name, desk.arguments.precision
    entries = await desk.entries()
    entry = resolve(name, entries, desk.catalogue)
    if entry.kind == "added" and entry not in entries:
        if precision is None:
            raise RequestError(ErrorCode.BAD_REQUEST, reason="it is not in the list, and its files are yours")
        entry = _with_its_copies(desk, entry, entries)
    jobs = [job for job in desk.records.load() if job.makes == entry.path and precision in (None, job.precision)]
    if any(desk.records.is_running(job.id) for job in jobs):
        raise RequestError(ErrorCode.BUSY, job=entry.name)
    left = leftovers(desk.shelf, jobs, entry.path)
    if precision is not None:
        removal = desk.shelf.copy_removal(entry, precision, left)
    else:
        removal = desk.shelf.removal(entry, left)
    if not removal.deletes and (precision or entry.kind != "added"):
        reason = "there is no quantized copy of it" if precision else "it is part of the program"
        raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
    await _refuse_in_use(desk, entry)
    return entry, jobs, removal


def _with_its_copies(desk: Desk, entry: ModelEntry, entries: Sequence[ModelEntry]) -> ModelEntry:
    """A folder that is in no list: its copies stand there as models of their own."""
    copies = desk.shelf.copies_of(entry.path)
    places = {entry.path, *(copy.path for copy in copies)}
    return replace(entry, copies=copies, resident=any(one.resident for one in entries if one.path in places))


async def _refuse_in_use(desk: Desk, entry: ModelEntry) -> None:
    settings = desk.settings.current.model
    if entry.resident or entry.key in (*settings.folders, settings.path or None):
        await desk.refuse_while_app_runs()


def _agrees(desk: Desk, removal: Removal) -> bool:
    if desk.report.for_programs or not sys.stdin.isatty():
        raise RequestError(ErrorCode.BAD_REQUEST, reason="nobody can be asked here: add --yes to remove it")
    desk.report.say("removal", words.removal_text(removal))
    try:
        answer = input(tr("Remove {name}? [y/N] ", name=removal.name))
    except EOFError:
        return False
    return answer.strip().lower() in MEANS_YES


_ACTIONS: Final[Mapping[str, Callable[[Desk], Coroutine[Any, Any, bool]]]] = {
    "list": _list,
    "add": _add,
    "plan": _plan,
    "quantize": quantize,
    "inspect": _inspect,
}


def _token() -> str:
    """Typed unseen, or the first line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(tr("Access token (it is not shown):") + " ")
    return sys.stdin.readline().strip()


def _entry_fields(entry: ModelEntry) -> dict[str, object]:
    problem = entry.problem.code if entry.problem else None
    fields = {name: value for name, value in msgspec.to_builtins(entry).items() if name != "problem"}
    return {**fields, "total": entry.total, "problem": problem}
