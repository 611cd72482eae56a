"""Secrets lie in the desktop's own key store, here gnome-keyring through Secret Service."""

from __future__ import annotations

import asyncio
import time

from nyanko_desktop.settings.secrets import SERVICE, SecretStore
from tests.desktop.parts.commands import run

NAME = "desktop-test"
SECRET = f"s3cret-{time.time_ns()}"


def test_a_secret_survives_the_program_in_the_key_store_and_can_be_forgotten() -> None:
    store = SecretStore()
    asyncio.run(store.set(NAME, SECRET))
    assert store.problem == ""
    assert run("secret-tool", "lookup", "service", SERVICE, "username", NAME) == SECRET
    assert asyncio.run(SecretStore().get(NAME)) == SECRET
    asyncio.run(SecretStore().delete(NAME))
    assert run("secret-tool", "lookup", "service", SERVICE, "username", NAME, check=False) == ""
    assert asyncio.run(SecretStore().get(NAME)) is None
