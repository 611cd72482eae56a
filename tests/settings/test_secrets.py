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


class CountingKeyring(MemoryKeyring):
    """A backend that counts how often it is asked."""

    reads = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.reads += 1
        return super().get_password(service, username)


def test_the_key_store_is_asked_once_for_a_secret_and_anew_after_a_change() -> None:
    async def scene() -> None:
        backend = CountingKeyring()
        await SecretStore(lambda: backend).set("search brave", "old")
        store = SecretStore(lambda: backend)
        assert [await store.get("search brave") for _ in range(5)] == ["old"] * 5
        assert backend.reads == 1
        await store.set("search brave", "new")
        assert [await store.get("search brave") for _ in range(5)] == ["new"] * 5
        assert backend.reads == 2
        await store.delete("search brave")
        assert await store.get("search brave") is None

    asyncio.run(scene())


def test_what_was_read_before_a_change_is_not_remembered_behind_it() -> None:
    reading, release = threading.Event(), threading.Event()

    class Slow(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            found = super().get_password(service, username)
            if not release.is_set():
                reading.set()
                release.wait(10)
            return found

    async def scene() -> None:
        backend = Slow()
        backend.set_password("nyanko", "key", "old")
        store = SecretStore(lambda: backend)
        before = asyncio.ensure_future(store.get("key"))
        await asyncio.to_thread(reading.wait, 10)
        await store.set("key", "new")
        release.set()
        assert (await before, await store.get("key")) == ("old", "new")

    asyncio.run(scene())
