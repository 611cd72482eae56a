"""The job that writes a quantized copy of a checkpoint, and the question what one is. torch comes in on a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inference_worker.chat.local_generator import as_request_error
from inference_worker.jobs.progress import Cancelled, JobCancelled, Report
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    InspectModel,
    JobStage,
    ModelInspected,
    Quantize,
    Quantized,
    QuantizedCopy,
)

if TYPE_CHECKING:
    from inference_worker.engine.quantize.copies import Copy

REPORT_SECONDS = 0.1
"""Between two reports; a person reads no faster."""


async def inspect(command: InspectModel) -> ModelInspected:
    """What a folder or file holds; what is wrong with it, but not so much that it could not be told, is a problem in
    the answer. Raises RequestError.
    """
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_inspect, command, stop)
    finally:
        stop.set()  # the thread of an answer that nobody waits for any more ends within one block


async def quantize(command: Quantize, report: Report, cancelled: Cancelled) -> Quantized:
    """Write the copy. Raises RequestError, or JobCancelled when told to stop."""
    if command.precision in ("fp32", "bf16", "fp16"):
        reason = f"{command.precision} is not quantized: it needs no copy"
        raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_quantize, command, report, lambda: stop.is_set() or cancelled())
    finally:
        stop.set()


def _quantize(command: Quantize, report: Report, cancelled: Cancelled) -> Quantized:
    from inference_worker.engine.quantize.convert import ConversionCancelled, write_copy

    began = time.monotonic()
    report("reading", 0, 0, "")
    try:
        with as_request_error():
            written = write_copy(
                command.path,
                command.precision,
                Path(command.cache),
                group=command.group,
                progress=_seldom(report),
                cancelled=cancelled,
            )
    except ConversionCancelled as error:
        raise JobCancelled from error
    report("writing", written.copy.bytes, written.copy.bytes, "")
    return Quantized(command.id, _on_the_wire(written.copy), time.monotonic() - began, written.resumed)


def _inspect(command: InspectModel, stop: threading.Event) -> ModelInspected:
    from inference_worker.engine.inspect_checkpoint import inspect_checkpoint

    def advance(_bytes: int) -> None:
        if stop.is_set():
            raise JobCancelled

    with as_request_error():
        found = inspect_checkpoint(
            command.path, Path(command.cache) if command.cache else None, verify=command.verify, advance=advance
        )
    return ModelInspected(
        id=command.id,
        path=str(found.path),
        family=found.family,
        architecture=found.architecture,
        format=found.format,
        stored=found.stored,
        parameters=found.parameters,
        layers=found.layers,
        context=found.context,
        bytes=found.bytes,
        chat_format=found.chat_format,
        floating=found.floating,
        copies=tuple(map(_on_the_wire, found.copies)),
        problems=found.problems,
    )


def _seldom(report: Report) -> Report:
    """``report``, but not more often than a person can read, except for the first words of a new stage."""
    last, shown = 0.0, ""

    def tell(stage: JobStage, done: int, total: int, detail: str) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if stage != shown or now - last >= REPORT_SECONDS:
            last, shown = now, stage
            report(stage, done, total, detail)

    return tell


def _on_the_wire(copy: Copy) -> QuantizedCopy:
    return QuantizedCopy(str(copy.path), copy.precision, copy.group, copy.bytes)
