"""A message bus on a real socket, with the services that a test gives it: each is one function from call to answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, Parser, new_error, new_method_return, new_signal

CLIENT = ":1.7"

Answer = tuple[str, tuple[Any, ...]]
"""D-Bus signature and body."""


class RefusalError(Exception):
    """A service answers with an error of this D-Bus name."""


@dataclass
class FakeBus:
    """Answers calls by their member name and keeps what was called."""

    path: Path
    services: dict[str, Callable[..., Answer]] = field(default_factory=dict)
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    came_by: list[tuple[str, int]] = field(default_factory=list)
    """Member and number of the connection of each call."""

    async def __aenter__(self) -> FakeBus:
        self.called = asyncio.Condition()
        self._serials = count(1)
        self._writers: list[asyncio.StreamWriter] = []
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.close()
        self._server.close()

    def called_with(self, member: str) -> list[tuple[Any, ...]]:
        return [body for name, body in self.calls if name == member]

    async def wait_for(self, member: str) -> tuple[Any, ...]:
        """The arguments of the first call of ``member``."""
        async with self.called:
            await self.called.wait_for(lambda: self.called_with(member))
        return self.called_with(member)[0]

    def emit(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        """Send a signal to everybody."""
        signal = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        for writer in self._writers:
            writer.write(signal.serialise(next(self._serials)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while (line := (await reader.readuntil(b"\r\n")).lstrip(b"\0")) != b"BEGIN\r\n":
                writer.write(b"AGREE_UNIX_FD\r\n" if line.startswith(b"NEGOTIATE") else b"OK 0123456789abcdef\r\n")
        parser = Parser()
        while data := await reader.read(65536):
            parser.add_data(data)
            while (message := parser.get_next_message()) is not None:
                await self._take(message, writer)
        writer.close()

    async def _take(self, call: Message, writer: asyncio.StreamWriter) -> None:
        member = call.header.fields[HeaderFields.member]
        service = {"Hello": lambda: ("s", (CLIENT,)), "AddMatch": lambda _rule: ("", ())} | self.services
        try:
            if member not in service:
                raise RefusalError("org.freedesktop.DBus.Error.UnknownMethod")
            signature, body = service[member](*call.body)
            reply = new_method_return(call, signature or None, body)
        except RefusalError as refusal:
            reply = new_error(call, str(refusal), "s", ("refused",))
        writer.write(reply.serialise(next(self._serials)))
        async with self.called:
            self.calls.append((member, tuple(call.body)))
            self.came_by.append((member, self._writers.index(writer)))
            self.called.notify_all()
