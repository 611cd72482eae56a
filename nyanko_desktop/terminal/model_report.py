"""What ``nyanko models`` says: tables and a progress line for people, one JSON object a line for programs.

Knows no command and asks nobody anything.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import msgspec

from inference_worker.protocol.messages import Estimate, JobStage, MemoryPlanned, ModelInspected
from nyanko_desktop.errors import bytes_in_words
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.progress import Progress
from nyanko_desktop.models.view import (
    CatalogueItem,
    Fit,
    JobState,
    JobView,
    ModelEntry,
    ModelKind,
    Removal,
    Verdict,
    verdict_of,
)
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.terminal.columns import cut_to_one_line, table
from nyanko_desktop.terminal.output import put, without_controls


class Report:
    """Where the answers go."""

    def __init__(self, *, for_programs: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.for_programs = for_programs
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._line_shown = False
        self._stage: JobStage | None = None

    def say(self, kind: str, text: str, /, **fields: Any) -> None:
        """``text`` for people, or an object of this ``kind`` for programs."""
        self.end_line()
        if self.for_programs:
            put(self._out, json.dumps({"type": kind, **fields}, ensure_ascii=False) + "\n")
        elif text:
            put(self._out, without_controls(text) + "\n")

    def progress(self, progress: Progress) -> None:
        """How far a job is: a line that is written over and over in a terminal, else one for each stage."""
        if self.for_programs:
            self.say(
                "progress",
                "",
                stage=progress.stage,
                done=progress.done,
                total=progress.total,
                detail=progress.detail,
                speed=round(progress.speed),
                remaining=progress.remaining and round(progress.remaining, 1),
            )
        elif self._err.isatty():
            self._err.write("\r\033[K" + cut_to_one_line(without_controls(progress_in_words(progress))))
            self._err.flush()
            self._line_shown = True
        elif progress.stage != self._stage:
            print(stage_in_words(progress.stage), file=self._err, flush=True)
        self._stage = progress.stage

    def end_line(self) -> None:
        """Leave the progress line as it is and go on below it."""
        if self._line_shown:
            print(file=self._err, flush=True)
            self._line_shown = False


def progress_in_words(progress: Progress) -> str:
    """``downloading  41 %  1.2 GB of 3.0 GB  12.0 MB/s  2 min  model.safetensors``."""
    words = [stage_in_words(progress.stage)]
    if progress.total:
        done, total = bytes_in_words(progress.done), bytes_in_words(progress.total)
        words += [f"{100 * progress.done // progress.total} %", tr("{done} of {total}", done=done, total=total)]
    if progress.speed:
        words.append(f"{bytes_in_words(progress.speed)}/s")
    if progress.remaining is not None:
        words.append(seconds_in_words(progress.remaining))
    return "  ".join([*words, progress.detail])


def seconds_in_words(seconds: float) -> str:
    if seconds < 90:
        return tr("{seconds} s left", seconds=round(seconds))
    if seconds < 5400:
        return tr("{minutes} min left", minutes=round(seconds / 60))
    return tr("{hours} h left", hours=round(seconds / 3600))


def stage_in_words(stage: JobStage | None) -> str:
    match stage:
        case "listing":
            return tr("asking what there is")
        case "downloading":
            return tr("downloading")
        case "checking":
            return tr("checking")
        case "reading":
            return tr("reading")
        case "quantizing":
            return tr("quantizing")
        case "writing":
            return tr("writing")
        case None:
            return tr("starting")


def models_table(models: Sequence[ModelEntry]) -> str:
    heading = (tr("model"), tr("where from"), tr("size"), tr("quantized copies"), tr("state"))
    return table([heading, *map(_model_row, models)])


def jobs_table(jobs: Sequence[JobView]) -> str:
    """What is not over, and how to go on with it."""
    lines = [table([(tr("task"), tr("state"), tr("done")), *map(_job_row, jobs)])]
    commands = [_command_of(job) for job in jobs if job.state in ("paused", "failed")]
    if commands:
        lines += [tr("Go on with:"), *(f"  {command}" for command in commands)]
    return "\n".join(lines)


def catalogue_table(items: Sequence[CatalogueItem]) -> str:
    """What can be pulled by a short name."""
    heading = (tr("name"), tr("parameters"), tr("download"), tr("context"), tr("licence"), "")
    lines = [
        table([heading, *map(_catalogue_row, items)]),
        tr("See what one would take here: {command}", command="nyanko models plan NAME"),
    ]
    return "\n".join(lines)


def plan_table(plan: MemoryPlanned, wanted: int) -> str:
    """Each precision with what it takes and whether that fits; ``wanted`` is the context that was asked for."""
    heading = (tr("precision"), tr("weights"), tr("cache"), tr("overhead"), tr("total"), "")
    rows = [
        (e.precision, *(bytes_in_words(b) for b in (e.weights, e.cache, e.overhead, e.total)), _estimate_in_words(e))
        for e in plan.estimates
    ]
    lines = [
        tr(
            "{device}: {free} free, context of {context} tokens",
            device=plan.device,
            free=bytes_in_words(plan.free),
            context=plan.context,
        ),
        table([heading, *rows]),
    ]
    lines += _longer_than_it_can(wanted, plan.context)
    if not any(estimate.fits for estimate in plan.estimates):
        lines.append(_what_would_fit(plan))
    elif not plan.estimates[0].fits:
        lines.append(tr("The widest precision that fits is {precision}.", precision=nearest_that_fits(plan)))
    return "\n".join(lines)


def fits_table(fits: Sequence[Fit], device: str, free: int, context: int, wanted: int) -> str:
    """What a catalogue model would take with a cache of ``context`` tokens, as far as its published figures tell."""
    heading = (tr("precision"), tr("total"), "")
    rows = [(fit.precision, bytes_in_words(fit.bytes), verdict_in_words(fit.verdict)) for fit in fits]
    first = tr(
        "{device}: {free} free; an estimate for {context} tokens, because it is not here yet",
        device=device,
        free=bytes_in_words(free),
        context=context,
    )
    return "\n".join([first, table([heading, *rows]), *_longer_than_it_can(wanted, context)])


def _longer_than_it_can(wanted: int, context: int) -> list[str]:
    if wanted <= context:
        return []
    return [tr("A longer context than {context} tokens is more than the model can use.", context=context)]


def nearest_that_fits(plan: MemoryPlanned) -> str | None:
    """The widest precision that fits as it is."""
    return next((estimate.precision for estimate in plan.estimates if estimate.fits), None)


def plan_fields(plan: MemoryPlanned) -> dict[str, Any]:
    """Of the JSON object; all sizes in bytes."""
    estimates = [
        {**msgspec.to_builtins(e), "total": e.total, "verdict": verdict_of(e.fits, e.largest_context)}
        for e in plan.estimates
    ]
    return {
        "device": plan.device,
        "free": plan.free,
        "context": plan.context,
        "estimates": estimates,
        "nearest": nearest_that_fits(plan),
    }


def inspected_text(found: ModelInspected, verified: Mapping[str, Sequence[str]] | None) -> str:
    """``verified`` has, for each copy that was compared with its manifest, what is wrong with it."""
    rows = [
        (tr("family"), f"{found.family} · {found.architecture}"),
        (tr("weights"), f"{found.format} · {found.stored} · {bytes_in_words(found.bytes)}"),
        (tr("parameters"), f"{found.parameters:,}"),
        (tr("layers"), str(found.layers)),
        (tr("context"), str(found.context)),
        (tr("chat format"), found.chat_format),
        *((tr("stays floating"), reason_in_words(text)) for text in found.floating),
        *(
            (tr("copy"), f"{precision_in_words(c.precision, c.group)} · {bytes_in_words(c.bytes)}")
            for c in found.copies
        ),
        *_verified_rows(verified),
        *((tr("problem"), reason_in_words(text)) for text in found.problems),
    ]
    return table(rows)


def _verified_rows(verified: Mapping[str, Sequence[str]] | None) -> list[tuple[str, str]]:
    if verified is None:
        return []
    rows = []
    for path, problems in verified.items():
        text = "; ".join(map(reason_in_words, problems)) or tr("every byte is as it was written")
        rows.append((tr("verified"), tr("{path}: {reason}", path=path, reason=text)))
    return rows or [(tr("verified"), tr("nothing: there is no quantized copy to compare with a manifest"))]


def removal_text(removal: Removal) -> str:
    """What would go and what would stay."""
    lines = [tr("This deletes {path}", path=path) for path in removal.deletes]
    if removal.keeps:
        lines.append(tr("{path} stays where it is.", path=removal.keeps))
    if removal.deletes:
        lines.append(tr("{size} become free.", size=bytes_in_words(removal.frees)))
    return "\n".join(lines)


def removed_text(removal: Removal, freed: int) -> str:
    """What went and what stayed."""
    if not removal.deletes:
        return tr("{name} is off the list; its files stay where they are.", name=removal.name)
    text = tr("{name} is removed; {size} became free.", name=removal.name, size=bytes_in_words(freed))
    return f"{text}\n{tr('{path} stays where it is.', path=removal.keeps)}" if removal.keeps else text


def precision_in_words(precision: str, group: int) -> str:
    return f"{precision} ({group})" if group else precision


def verdict_in_words(verdict: Verdict, tokens: int = 0) -> str:
    match verdict:
        case "fits":
            return tr("fits")
        case "fits_shorter" if tokens:
            return tr("fits with {tokens} tokens", tokens=tokens)
        case "fits_shorter":
            return tr("fits with a shorter context")
        case "does_not_fit":
            return tr("does not fit")


def state_in_words(state: JobState) -> str:
    match state:
        case "queued":
            return tr("waits for its turn")
        case "running" | "elsewhere":
            return tr("running")
        case "paused":
            return tr("paused")
        case "failed":
            return tr("failed")


def kind_in_words(kind: ModelKind) -> str:
    match kind:
        case "embedded":
            return tr("part of Nyanko")
        case "downloaded":
            return tr("downloaded")
        case "added":
            return tr("your own folder")
        case "copy":
            return tr("quantized copy")


def _what_would_fit(plan: MemoryPlanned) -> str:
    """Where nothing fits as it is."""
    best = max(plan.estimates, key=lambda estimate: estimate.largest_context, default=None)
    if best is None or not best.largest_context:
        return tr("Nothing fits: choose a smaller model or another device.")
    return tr(
        "Nothing fits with this context. {precision} fits with the longest one: --context {tokens}",
        precision=best.precision,
        tokens=best.largest_context,
    )


def _model_row(entry: ModelEntry) -> tuple[str, ...]:
    copies = ", ".join(precision_in_words(copy.precision, copy.group) for copy in entry.copies)
    marks = [
        *([tr("unfinished")] if entry.unfinished else []),
        *([tr("chosen")] if entry.chosen else []),
        *([tr("in memory")] if entry.resident else []),
        *([entry.problem.title] if entry.problem else []),
    ]
    where = entry.path if entry.kind == "added" else kind_in_words(entry.kind)
    return entry.name, where, bytes_in_words(entry.total), copies or "–", " · ".join(marks)


def _job_row(job: JobView) -> tuple[str, ...]:
    if job.precision is None:
        task = tr("download {name}", name=job.name)
    else:
        task = tr("quantize {name} to {precision}", name=job.name, precision=job.precision)
    state = state_in_words(job.state)
    if job.problem is not None:
        state += f": {job.problem.title}"
    return task, state, f"{100 * job.fraction:.0f} %"


def _command_of(job: JobView) -> str:
    if job.precision is None:
        return f"nyanko models pull {job.name}"
    return f"nyanko models quantize {shlex.quote(job.model)} --precision {job.precision}"


def _catalogue_row(item: CatalogueItem) -> tuple[str, ...]:
    marks = [
        *([tr("is here")] if item.model is not None else []),
        *([] if item.repository else [tr("not on this hub")]),
        *([tr("needs an access token")] if item.gated else []),
    ]
    size = bytes_in_words(item.download)
    return item.id, f"{item.parameters / 1e9:.1f} B", size, str(item.context), item.licence, " · ".join(marks)


def _estimate_in_words(estimate: Estimate) -> str:
    words = [verdict_in_words(verdict_of(estimate.fits, estimate.largest_context), estimate.largest_context)]
    if estimate.measured:
        words.append(tr("measured"))
    if estimate.quantized:
        words.append(tr("quantized already"))
    return " · ".join(words)
