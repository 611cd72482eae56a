"""Secrets in the person's own key store; in memory for this run where none can be trusted, and that is told.

Never writes a secret to a file or a log. Importing keyring takes 0.2 s and a call may wait for a password prompt,
so all of it runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from inference_worker.protocol.tasks import in_thread
from nyanko_desktop.i18n import tr

log = logging.getLogger(__name__)

SERVICE = "nyanko"
PROMPT_SECONDS = 60.0
"""The key store may ask for its password; a person needs this long to see the prompt and type."""
REFUSED_BACKENDS = ("fail.Keyring", "null.Keyring", "PlaintextKeyring", "keyrings.alt")
"""Backends that keep nothing, or keep it for everybody to read."""

Result = TypeVar("Result")


class Keyring(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class SecretStore:
    """Secrets by name. Every method may wait for the key store, none longer than ``timeout`` seconds.

    What was read once is not asked for again until it is changed here: turns need secrets, and must not wait for them.
    """

    def __init__(self, open_keyring: Callable[[], Keyring] | None = None, timeout: float = PROMPT_SECONDS) -> None:
        self._open = open_keyring or _system_keyring
        self._timeout = timeout
        self._memory: dict[str, str] = {}
        """What the key store has not taken, or not yet."""
        self._read: dict[str, str] = {}
        self._changes = 0
        self._keyring: Keyring | None = None
        self.problem = ""
        """Empty, or one sentence for the person: why secrets last only until the program ends."""

    async def get(self, name: str) -> str | None:
        kept = self._memory.get(name, self._read.get(name))
        if kept is not None:
            return kept
        changes = self._changes
        found = await self._ask(lambda keyring: keyring.get_password(SERVICE, name))
        if found is not None and changes == self._changes:  # else it may be the one before the change
            self._read[name] = found
        return found

    async def set(self, name: str, secret: str) -> None:
        """Keep ``secret``; in memory when the key store does not take it (``problem`` then says so)."""
        self._forget(name)
        self._memory[name] = secret
        await self._ask(lambda keyring: keyring.set_password(SERVICE, name, secret))
        if not self.problem and self._memory.get(name) == secret:
            del self._memory[name]

    async def delete(self, name: str) -> None:
        """Forget ``name`` everywhere; one that is not there is no error."""
        self._forget(name)
        self._memory.pop(name, None)
        if await self.get(name) is not None:
            await self._ask(lambda keyring: keyring.delete_password(SERVICE, name))
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._changes += 1
        self._read.pop(name, None)

    async def _ask(self, use: Callable[[Keyring], Result]) -> Result | None:
        if self.problem:
            return None
        try:
            return await asyncio.wait_for(in_thread(lambda: use(self._trusted()), "secrets"), self._timeout)
        except TimeoutError:
            self._give_up(tr("The key store did not answer; it may be waiting for its password."))
        except Exception as error:  # noqa: BLE001 - every backend has exceptions of its own; the class is logged, no value
            self._give_up(tr("The key store cannot be used ({reason}).", reason=type(error).__name__))
        return None

    def _trusted(self) -> Keyring:
        if self._keyring is None:
            found = self._open()
            name = f"{type(found).__module__}.{type(found).__qualname__}"
            if any(refused in name for refused in REFUSED_BACKENDS):
                raise PermissionError(name)
            self._keyring = found
        return self._keyring

    def _give_up(self, reason: str) -> None:
        self.problem = reason + " " + tr("Secrets are kept in memory until Nyanko quits.")
        log.warning("secrets: %s", self.problem)


def _system_keyring() -> Keyring:
    import keyring

    return cast(Keyring, keyring.get_keyring())
