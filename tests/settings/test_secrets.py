"""Secrets: kept by a real backend object, refused by an unsafe one, in memory and told when there is none."""

from __future__ import annotations

import asyncio
import threading

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.errors import PasswordDeleteError

from nyanko_desktop.settings.secrets import SecretStore


class MemoryKeyring(KeyringBackend):
    """A backend that keeps passwords for the length of a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class PlaintextKeyring(MemoryKeyring):
    """Named like the one that writes passwords into an open file."""


def test_a_secret_is_kept_by_the_key_store_and_can_be_forgotten() -> None:
    async def scene() -> None:
        backend = MemoryKeyring()
        store = SecretStore(lambda: backend)
        await store.set("endpoint", "s3cret")
        assert backend.kept == {("nyanko", "endpoint"): "s3cret"}
        assert await store.get("endpoint") == "s3cret"
        await store.delete("endpoint")
        await store.delete("endpoint")
        assert await store.get("endpoint") is None
        assert store.problem == ""

    asyncio.run(scene())


@pytest.mark.expects_log("secrets: The key store cannot be used")
@pytest.mark.parametrize("backend", [FailKeyring, PlaintextKeyring])
def test_a_backend_that_keeps_nothing_or_everything_in_the_open_is_refused_and_that_is_told(
    backend: type, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        made = backend()
        store = SecretStore(lambda: made)
        await store.set("endpoint", "s3cret")
        assert await store.get("endpoint") == "s3cret"
        assert "in memory" in store.problem
        assert getattr(made, "kept", {}) == {}
        assert "s3cret" not in caplog.text

    asyncio.run(scene())


@pytest.mark.expects_log("secrets: The key store did not answer")
def test_a_key_store_that_hangs_in_a_prompt_costs_the_timeout_and_no_more() -> None:
    release = threading.Event()

    class Hanging(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            release.wait(10)

    async def scene() -> None:
        backend = Hanging()
        store = SecretStore(lambda: backend, timeout=0.05)
        await store.set("endpoint", "s3cret")
        assert await store.get("endpoint") == "s3cret"
        assert "did not answer" in store.problem

    asyncio.run(scene())
    release.set()
