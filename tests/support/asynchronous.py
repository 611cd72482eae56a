"""Tests written as coroutines: ``@bounded`` runs one on a fresh event loop and fails it when it hangs."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, Final

HANG_SECONDS: Final = 60.0
"""No test of ours needs a tenth of this on an idle machine; the machines that run them are rarely idle."""


def bounded(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run the coroutine test with a bound."""

    @functools.wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        async def within() -> None:
            async with asyncio.timeout(HANG_SECONDS):
                await test(*arguments, **fixtures)

        asyncio.run(within())

    return run
