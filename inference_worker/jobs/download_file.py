"""Bring one file here over HTTP: continue where the last try stopped, try again when a transfer breaks off.

Knows no kind of hub. Ranges and their conditions are those of RFC 9110, sections 13.1.5 (If-Range) and 14.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

import httpx2

from inference_worker.jobs.download_parts import PartFile, corrupt
from inference_worker.jobs.hubs.client import HubClient, Interrupted

WRITE_SIZE: Final = 2**20
"""Bytes collected before a thread is asked to write them."""
WORTH_ANOTHER_TRY: Final = 2**16
"""Bytes; a try that brought as many does not count as a failure."""

Received = Callable[[int], None]
"""Told how many more bytes lie on the disk; fewer than none when a file has to start anew."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


async def fetch(client: HubClient, path: str, part: PartFile, received: Received) -> None:
    """Complete ``part`` from ``path`` below the hub's endpoint and give it its final name. Raises RequestError.

    Whatever ends this early, a cancelled task included, leaves a part that the next run goes on with.
    """
    failures = 0
    try:
        if part.file.size == 0:
            part.begin("")
        while part.missing:
            before = part.offset
            try:
                await _one_try(client, path, part, received)
            except Interrupted as broken:
                failures = 1 if part.offset - before >= WORTH_ANOTHER_TRY else failures + 1
                if failures >= client.patience.tries:
                    raise client.unreachable(broken.reason) from broken
                await asyncio.sleep(client.patience.pause(failures, broken.asked_pause))
        await asyncio.to_thread(part.finish)
    finally:
        part.close()


async def _one_try(client: HubClient, path: str, part: PartFile, received: Received) -> None:
    async with client.stream(path, _range_headers(part)) as response:
        if not _continues(response, part):
            received(-part.offset)
            if response.status_code != 200:
                part.begin("")
                raise Interrupted("it sent another part than the one asked for")
            _check_length(response, part)
            part.begin(response.headers.get("etag", ""))
        await _receive(response, part, received)
    if part.missing:
        raise Interrupted("the transfer ended early")


def _range_headers(part: PartFile) -> dict[str, str]:
    """Ask for the rest only if it is the rest of the same file; without a strong ETag the final hash must show it."""
    strong = part.etag.startswith('"')
    if not part.offset or not (strong or part.is_identified):
        return {}
    asked = {"Range": f"bytes={part.offset}-"}
    return asked | {"If-Range": part.etag} if strong else asked


def _continues(response: httpx2.Response, part: PartFile) -> bool:
    """Whether the body is exactly what follows the bytes on the disk."""
    if response.status_code != 206 or not part.offset:
        return False
    etag = response.headers.get("etag", "")
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    return bool(
        found
        and int(found[1]) == part.offset
        and found[3] in ("*", str(part.file.size))
        and (not etag or not part.etag or etag == part.etag)
    )


def _check_length(response: httpx2.Response, part: PartFile) -> None:
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) != part.file.size:
        raise corrupt(part.final, f"the hub listed {part.file.size} bytes and sends {int(length)}")


async def _receive(response: httpx2.Response, part: PartFile, received: Received) -> None:
    """Write what comes. Bytes that arrived before a break or a cancel are written, too."""
    waiting = bytearray()
    try:
        async for chunk in response.aiter_raw():
            waiting += chunk
            if len(waiting) > part.missing:
                raise corrupt(part.final, f"the hub listed {part.file.size} bytes and sends more")
            if len(waiting) >= WRITE_SIZE:
                full, waiting = waiting, bytearray()
                await asyncio.to_thread(part.write, full)
                received(len(full))
    finally:
        if 0 < len(waiting) <= part.missing:
            part.write(waiting)
            received(len(waiting))
