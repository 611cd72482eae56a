"""What the tests of the shell share: coroutines on the real loop, a home that is nobody's, a bus that is faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from nyanko_desktop.shell.loop import NyankoLoop
from tests.shell.fake_bus import FakeBus

HANG_SECONDS = 60.0
"""No coroutine of these tests needs a tenth of it."""

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run(qapp: QApplication) -> Iterator[Run]:
    """Runs a coroutine on a NyankoLoop and fails it when it hangs."""
    with asyncio.Runner(loop_factory=lambda: NyankoLoop(qapp)) as runner:

        async def within(work: Coroutine[Any, Any, Any]) -> Any:
            async with asyncio.timeout(HANG_SECONDS):
                return await work

        yield lambda work: runner.run(within(work))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; the XDG folders are inside."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "shared"))
    return tmp_path


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBus:
    """A session bus of our own; a test starts it with ``async with bus:``."""
    fake = FakeBus(tmp_path / "bus")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    return fake
