"""The session bus of a Linux desktop, on the app's own loop: bounded calls, signals, one kind of error.

Knows no service. Import it only where it is used: other desktops have no bus.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from jeepney import DBusAddress, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.asyncio import DBusConnection, DBusRouter, open_dbus_connection
from jeepney.io.common import RouterClosed

CONNECT_SECONDS: Final = 5.0
"""For the bus itself to answer, which takes milliseconds."""
CALL_SECONDS: Final = 10.0
"""For a service to answer; the bus may have to start it first."""


class BusError(OSError):
    """There is no bus, or a call failed; ``name`` is the D-Bus name of the error, empty where there is none."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class Bus:
    """One connection to the session bus; :func:`session_bus` makes them."""

    def __init__(self, connection: DBusConnection, router: DBusRouter) -> None:
        self._connection = connection
        self._router = router

    @property
    def unique_name(self) -> str:
        return str(self._router.unique_name)

    async def call(self, address: DBusAddress, method: str, signature: str = "", *body: object) -> tuple[Any, ...]:
        """What the service answers. Raises BusError."""
        message = new_method_call(address, method, signature or None, body)
        return await self._answer(message)

    @contextmanager
    def signals(self, rule: MatchRule) -> Iterator[asyncio.Queue[Message]]:
        """A queue of the signals that fit ``rule``; the bus sends those that were asked for by :meth:`listen`."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        with self._router.filter(rule, queue=queue):
            yield queue

    async def listen(self, rule: MatchRule) -> None:
        """Have the bus send us what fits ``rule``. Raises BusError."""
        await self._answer(message_bus.AddMatch(rule))

    async def _answer(self, message: Message) -> tuple[Any, ...]:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                reply = await self._router.send_and_get_reply(message)
        except TimeoutError as error:
            raise BusError("the service did not answer", "org.freedesktop.DBus.Error.NoReply") from error
        except (EOFError, OSError, KeyError, RouterClosed) as error:  # KeyError: jeepney, when the bus goes away
            raise BusError(f"the bus is gone: {error!r}") from error
        body: tuple[Any, ...] = reply.body
        if reply.header.message_type is MessageType.error:
            name = str(next(iter(_error_name(reply)), ""))
            raise BusError(f"{name}: {body[0] if body else ''}", name)
        return body


@asynccontextmanager
async def session_bus() -> AsyncIterator[Bus]:
    """A connection to the person's session bus. Raises BusError."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await open_dbus_connection(bus="SESSION")
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, TimeoutError) as error:
        raise BusError(f"no session bus: {error!r}") from error
    router = DBusRouter(connection)
    try:
        yield Bus(connection, router)
    finally:
        with contextlib.suppress(OSError, EOFError):
            await router.__aexit__(None, None, None)
        with contextlib.suppress(OSError):
            await connection.close()


def _error_name(reply: Message) -> Iterator[object]:
    return (value for field, value in reply.header.fields.items() if field.name == "error_name")
