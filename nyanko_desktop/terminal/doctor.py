"""``nyanko doctor``: what is installed, where things lie, which model runs, what was left out. Repairs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, assert_never

import msgspec

from inference_worker.protocol.errors import RequestError, WireError
from inference_worker.protocol.messages import DeviceInfo, Estimate, MemoryPlanned, ModelInfo
from nyanko_desktop.app_link import AppLink
from nyanko_desktop.errors import bytes_in_words, explain, in_one_line
from nyanko_desktop.i18n import tr
from nyanko_desktop.instance_messages import AppDescribed
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.python_check import why_no_python
from nyanko_desktop.terminal import surroundings
from nyanko_desktop.terminal.columns import table
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, Wish, open_link
from nyanko_desktop.worker.state import WorkerKind, WorkerState


@dataclass(slots=True)
class Findings:
    """What was found. Memory in bytes."""

    versions: dict[str, str]
    paths: dict[str, str]
    display: str
    tray: str
    app: AppDescribed | None = None
    worker: WorkerState = field(default_factory=WorkerState)
    chosen: dict[str, str] = field(default_factory=dict)
    """The model of the settings: path, precision, device, how its cache is held."""
    plan: MemoryPlanned | None = None
    devices: tuple[DeviceInfo, ...] = ()
    no_python: str | None = None
    """Why programs of models cannot run here, in plain English; empty where they can, ``None`` if nobody could say."""
    problems: list[WireError] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def estimate(self) -> Estimate | None:
        """What the chosen precision would take; ``None`` when the model cannot be planned."""
        fitting = (e for e in (self.plan.estimates if self.plan else ()) if e.precision == self.chosen["precision"])
        return next(fitting, None)


async def examine(context: Context, *, load: bool = False) -> Findings:
    """Look at everything; with ``load`` also load the chosen model where no app runs, to count its real bytes."""
    found = await asyncio.to_thread(_look_around, context)
    choice = Wish().choice(context.settings, context.paths)
    found.chosen = {
        "path": choice.path,
        "precision": choice.precision,
        "device": choice.device,
        "kv_cache": choice.kv_cache,
    }
    try:
        async with open_link(context.paths, context.settings, context.worker_command, Wish() if load else None) as link:
            await _ask(link, found)
            if found.app is None and not load:
                found.worker = WorkerState()  # the one that was asked is there for this command alone
            found.plan = await link.plan(choice.plan_command())
    except RequestError as error:
        found.problems.append(error.error)
    return found


def as_json(found: Findings) -> dict[str, Any]:
    """One object; ``model`` is what is resident, ``residency`` where its bytes are and why, ``estimate`` what the
    chosen one would take."""
    model, estimate, state = found.worker.model, found.estimate, found.worker
    return {
        "versions": found.versions,
        "paths": found.paths,
        "display": found.display,
        "tray": found.tray,
        "app": {"running": found.app is not None, "pid": found.app.pid if found.app else None},
        "details": found.app.details if found.app else {},
        "worker": {"state": state.kind, "phase": state.phase, "pid": state.pid},
        "chosen": found.chosen,
        "model": msgspec.to_builtins(model) if model else None,
        "residency": _residency(found),
        "estimate": {**msgspec.to_builtins(estimate), "total": estimate.total} if estimate else None,
        "devices": msgspec.to_builtins(found.devices),
        "python": {"possible": None if found.no_python is None else not found.no_python, "reason": found.no_python},
        "reason": _reason(found),
        "problems": [msgspec.to_builtins(problem) for problem in found.problems],
        "left_out": found.left_out,
    }


def as_text(found: Findings) -> str:
    """The same for people, a line each."""
    details = found.app.details if found.app else {}
    rows = [
        (tr("versions"), " · ".join(f"{name} {version or '–'}" for name, version in found.versions.items())),
        *((_label(name), path) for name, path in found.paths.items()),
        (tr("display"), found.display or tr("none")),
        (tr("tray"), found.tray or tr("none")),
        (tr("app"), tr("running ({pid})", pid=found.app.pid) if found.app else tr("not running")),
        *((_label(name), value) for name, value in details.items() if name != "tray"),
        *_model_rows(found),
        *((tr("note"), reason_in_words(note)) for note in (found.worker.model.notes if found.worker.model else ())),
        *((tr("device"), _device_in_words(device)) for device in found.devices),
        *((tr("Python programs"), words) for words in _python_in_words(found.no_python)),
        *((tr("problem"), in_one_line(explain(p))) for p in found.problems),
        *((tr("left out"), sentence) for sentence in found.left_out),
    ]
    return table(rows)


def _look_around(context: Context) -> Findings:
    versions, display, tray = surroundings.versions(), surroundings.display(), surroundings.tray()
    paths = context.paths
    places = {"profile": paths.profile, "settings": paths.settings, "conversations": paths.store, "log": paths.log}
    left_out = surroundings.left_out(versions, display, tray)
    return Findings(versions, {n: str(p) for n, p in places.items()}, display, tray, left_out=left_out)


async def _ask(link: Link, found: Findings) -> None:
    if isinstance(link, AppLink):
        found.app = await link.describe()
        found.tray = found.app.details.get("tray", found.tray)
    found.devices = await link.devices()
    found.worker = link.state
    found.no_python = await why_no_python(link)


def _residency(found: Findings) -> dict[str, Any]:
    """Where the model's bytes are; the same keys in every state."""
    model = found.worker.model
    return {
        "state": found.worker.kind,
        "device": model.device if model else None,
        "device_name": model.device_name if model else None,
        "precision": model.precision if model else None,
        "bytes_on_device": model.bytes if model else 0,
        "bytes_elsewhere": model.bytes_elsewhere if model else 0,
        "reason": _reason(found),
        "notes": list(model.notes) if model else [],
    }


def _reason(found: Findings) -> str:
    """Why the model is where it is, or is not."""
    state = found.worker
    if state.error is not None:
        return in_one_line(explain(state.error))
    if state.model is not None:
        return _why_there(state.model, found)
    if found.app is None:
        return tr("Nyanko is not running, so nothing is in memory; a question loads the model.")
    if state.kind == "loading":
        return tr("It is being loaded: {percent} %.", percent=round(100 * state.progress))
    if state.kind == "asleep":
        return tr("Its memory was given back; a question brings the model back.")
    return tr("No model is loaded now; a question loads it.")


def _why_there(model: ModelInfo, found: Findings) -> str:
    """Which device, and for ``auto`` what kept it from a better one."""
    if model.bytes_elsewhere:
        return tr("It is split over several devices, as you chose.")
    if found.chosen.get("device") != "auto":
        return tr("All of it is on {device}, as you chose.", device=model.device_name)
    if model.device != "cpu":
        return tr("All of it is on {device}.", device=model.device_name)
    for device in found.devices:
        if device.problem:
            problem = reason_in_words(device.problem)
            return tr(
                "It is on the CPU because {device} cannot be used: {problem}", device=device.name, problem=problem
            )
    if all(device.device == "cpu" for device in found.devices):
        return tr("It is on the CPU: no graphics card was found.")
    return tr("All of it is on {device}.", device=model.device_name)


def _model_rows(found: Findings) -> list[tuple[str, str]]:
    model, estimate = found.worker.model, found.estimate
    rows: list[tuple[str, str]] = [(tr("state"), _kind_in_words(found.worker.kind))]
    if model is not None:
        memory = tr(
            "{here} on {device}, {elsewhere} on other devices",
            here=bytes_in_words(model.bytes),
            device=model.device,
            elsewhere=bytes_in_words(model.bytes_elsewhere),
        )
        rows += [(tr("model"), f"{model.name} · {model.precision} · {model.device_name}"), (tr("memory"), memory)]
    else:
        rows += [(tr("model"), " · ".join(found.chosen[key] for key in ("path", "precision", "device")))]
    if model is None and estimate is not None:
        fits = tr("fits") if estimate.fits else tr("does not fit")
        rows += [(tr("memory"), tr("about {size}, {fits}", size=bytes_in_words(estimate.total), fits=fits))]
    return [*rows, (tr("reason"), _reason(found))]


def _label(name: str) -> str:
    """A row's name for people; one that only a newer app knows stays as it is."""
    match name:
        case "profile":
            return tr("profile")
        case "settings":
            return tr("settings")
        case "conversations":
            return tr("conversations")
        case "log":
            return tr("log")
        case "hotkey":
            return tr("hotkey")
        case _:
            return name


def _kind_in_words(kind: WorkerKind) -> str:
    match kind:
        case "asleep":
            return tr("asleep")
        case "starting":
            return tr("starting")
        case "empty":
            return tr("awake, without a model")
        case "loading":
            return tr("loading")
        case "resident":
            return tr("model in memory")
        case "failed":
            return tr("trouble")
        case _:
            assert_never(kind)


def _python_in_words(reason: str | None) -> list[str]:
    if reason is None:
        return []
    return [tr("not possible here: {reason}", reason=reason_in_words(reason)) if reason else tr("can be run apart")]


def _device_in_words(device: DeviceInfo) -> str:
    if device.problem:
        return f"{device.device} · {device.name} · {reason_in_words(device.problem)}"
    free, total = bytes_in_words(device.free), bytes_in_words(device.total)
    return f"{device.device} · {device.name} · " + tr("{free} of {total} free", free=free, total=total)
