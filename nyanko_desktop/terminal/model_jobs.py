"""``nyanko models pull`` and ``quantize``: what takes long.

Each runs in a process of its own and is on the disk from the first moment: Ctrl-C pauses it, and the same command, or
the app, goes on with it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, suppress
from typing import Final

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Download, Downloaded, Failed, Hub, JobProgress, Quantize, Quantized
from nyanko_desktop.errors import bytes_in_words
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.hub_access import HubAccess, hub_at
from nyanko_desktop.models.jobs import run_recorded
from nyanko_desktop.models.library import discard, download_record
from nyanko_desktop.models.progress import Progress
from nyanko_desktop.models.records import JobRecord, job_record
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.terminal.model_desk import Desk

MODELSCOPE: Final = "https://modelscope.cn"


async def pull(desk: Desk, token: str = "") -> bool:
    """Download a model, or go on with that, with ``token`` or the one that is known; whether it is here.

    Raises RequestError.
    """
    secrets = SecretStore()
    access = HubAccess(desk.settings, secrets)
    record = await asyncio.to_thread(_download, desk, access.hub)
    if token and isinstance(record.work, Download):
        await desk.refuse_while_app_runs()
        await access.set_token(token, record.work.hub.endpoint)
        if secrets.problem:
            desk.context.output.note(tr("The token is used this once and not kept: {reason}", reason=secrets.problem))
    return await _run(desk, record, access)


async def quantize(desk: Desk) -> bool:
    """Write a quantized copy, or go on with that; whether it is here. Raises RequestError."""
    entry = await desk.find(desk.arguments.name)
    await _note_missing_tokenizer(desk, entry.path)
    group = desk.arguments.group or desk.settings.current.model.group
    work = Quantize("", entry.path, desk.arguments.precision, str(desk.shelf.cache), group)
    return await _run(desk, job_record(work, entry.name), HubAccess(desk.settings, SecretStore()))


async def _note_missing_tokenizer(desk: Desk, path: str) -> None:
    """Say before the long work that its result could not be loaded yet. What cannot be read at all, the job says."""
    with suppress(RequestError):
        found = await desk.inspected(path)
        if not found.chat_format and found.problems:
            reason = "; ".join(map(reason_in_words, found.problems))
            text = tr("It cannot be loaded until its tokenizer is there: {reason}", reason=reason)
            desk.context.output.note(text)


def _download(desk: Desk, hub: Hub) -> JobRecord:
    """What was asked for. With the name alone an unfinished download goes on as it was begun."""
    wanted = desk.arguments
    if wanted.endpoint or wanted.modelscope:
        hub = hub_at(wanted.endpoint or MODELSCOPE, "modelscope" if wanted.modelscope else None)
    revision = wanted.revision or "main"
    record = download_record(desk.shelf, hub, desk.catalogue, wanted.name, revision, wanted.file or ())
    earlier = next((known for known in desk.records.load() if known.id == record.id), None)
    if earlier is None:
        return msgspec.structs.replace(record, fresh=not desk.shelf.target(record.name).exists())
    if not (wanted.endpoint or wanted.modelscope or wanted.revision or wanted.file):
        return earlier
    return msgspec.structs.replace(record, fresh=earlier.fresh)


async def _run(desk: Desk, record: JobRecord, access: HubAccess) -> bool:
    """Do one job and show how far it is; whether it worked."""
    progress, report = Progress(), desk.report
    is_new = record.id not in {known.id for known in desk.records.load()}
    stream = run_recorded(desk.records, record, desk.context.worker_command, access.authorized)
    try:
        async with aclosing(stream) as events:
            async for event in events:
                match event:
                    case JobProgress():
                        progress.take(event, time.monotonic())
                        report.progress(progress)
                    case Downloaded(path=path, bytes=size, fetched=fetched):
                        report.say("downloaded", _is_here(record.name, event), path=path, bytes=size, fetched=fetched)
                        return True
                    case Quantized(copy=copy, seconds=seconds, resumed=resumed):
                        fields = msgspec.to_builtins(copy)
                        report.say("quantized", _copy_is_here(event), **fields, seconds=seconds, resumed=resumed)
                        return True
                    case Failed(error=error):
                        raise RequestError.of(error)
    except RequestError as error:
        report.end_line()
        desk.context.output.fail(error.error)
        if error.error.code is ErrorCode.HUB_REFUSED:
            desk.context.output.note(tr("With --ask-token you can type an access token here."))
        if is_new and not progress.done:
            await asyncio.to_thread(_forget, desk, record)
    except asyncio.CancelledError:
        text = tr("Paused. The same command goes on where it stopped; so does the app, in Settings.")
        report.say("paused", text, done=progress.done, total=progress.total)
        raise
    return False


def _forget(desk: Desk, record: JobRecord) -> None:
    """A job that failed before it had anything, for example for a mistyped name, is no unfinished one."""
    discard(desk.shelf, record)
    desk.records.forget(record.id)


def _is_here(name: str, event: Downloaded) -> str:
    size, fetched = bytes_in_words(event.bytes), bytes_in_words(event.fetched)
    text = tr(
        "{name} is here: {path} ({size}, {fetched} of it fetched now)",
        name=name,
        path=event.path,
        size=size,
        fetched=fetched,
    )
    return f"{text}\n" + tr("Ask it something: {command}", command=f"nyanko ask --model {name} …")


def _copy_is_here(event: Quantized) -> str:
    size = bytes_in_words(event.copy.bytes)
    text = tr("The quantized copy is here: {path} ({size})", path=event.copy.path, size=size)
    return f"{text}\n" + tr("From now on it is what is loaded in this precision.")
