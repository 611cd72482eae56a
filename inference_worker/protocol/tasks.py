"""The one way to start a background task, on both sides: it has a name, is not lost, and its failure is logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

_log = logging.getLogger(__name__)
_running: set[asyncio.Task[Any]] = set()
T = TypeVar("T")


def spawn(work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Run ``work`` beside everything else. The loop holds tasks only weakly, so they are kept here until they end."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("task %s failed", task.get_name(), exc_info=error)
