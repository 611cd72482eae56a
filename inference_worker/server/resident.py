"""The one model of this worker, and who may touch it when. Knows no connection and no message but errors.

Any number of turns may use the model at once; they take turns on the inference thread. Loading and unloading want it
for themselves: while a turn runs or another load does they fail with BUSY at once. Nothing is cancelled or waited for
silently; the app knows which turns run and decides.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from inference_worker.chat.generator import Generator
from inference_worker.protocol.errors import ErrorCode, RequestError

_log = logging.getLogger(__name__)


class Resident:
    """Holds the generator; ``close`` gives back a generator's memory."""

    def __init__(self, close: Callable[[Generator], Awaitable[None]]) -> None:
        self._close = close
        self._generator: Generator | None = None
        self._users = 0
        self._changing = False

    @contextmanager
    def in_use(self) -> Iterator[Generator]:
        """The model for one turn. Raises RequestError(NO_MODEL, or BUSY while one is loaded)."""
        if self._changing:
            raise RequestError(ErrorCode.BUSY)
        if self._generator is None:
            raise RequestError(ErrorCode.NO_MODEL)
        self._users += 1
        try:
            yield self._generator
        finally:
            self._users -= 1

    async def replace(self, load: Callable[[], Awaitable[Generator]]) -> Generator:
        """Free what is resident, then ``load``. Raises RequestError(BUSY), or what ``load`` raises."""
        with self._change():
            await self._free()
            self._generator = await load()
            return self._generator

    async def unload(self) -> None:
        """Free what is resident. Raises RequestError(BUSY)."""
        with self._change():
            await self._free()

    @contextmanager
    def _change(self) -> Iterator[None]:
        if self._changing or self._users:
            raise RequestError(ErrorCode.BUSY)
        self._changing = True
        try:
            yield
        finally:
            self._changing = False

    async def _free(self) -> None:
        generator, self._generator = self._generator, None
        if generator is not None:
            await self._close(generator)
            _log.info("the model is unloaded")
