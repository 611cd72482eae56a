"""Tests written as coroutines: ``@bounded`` runs one on a fresh event loop and fails it when it hangs.

:func:`first_that_fits` waits for what a subscription tells.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

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


async def first_that_fits(
    subscribe: Callable[[Callable[[T], None]], Callable[[], None]], present: T, condition: Callable[[T], bool]
) -> T:
    """``present``, or the first that is told from now on, if it fits.

    Each is looked at when it is told: on a machine that stood still for a moment many are told in one go, and a state
    that does not last would be over before this task gets its turn.
    """
    found: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def look(told: T) -> None:
        if found.done():
            return
        try:
            if condition(told):
                found.set_result(told)
        except Exception as error:  # noqa: BLE001 - it belongs to who waits, not to who tells
            found.set_exception(error)

    leave = subscribe(look)
    try:
        look(present)
        return await found
    finally:
        leave()
