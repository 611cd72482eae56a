"""A library with everything around it: a real profile, real jobs in real processes, a host that holds no model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inference_worker.protocol.messages import DeviceInfo, ModelInfo, Precision
from nyanko_desktop.models.catalogue import Catalogue, load_catalogue
from nyanko_desktop.models.library import Library
from nyanko_desktop.models.view import LibraryView, ModelEntry
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.secrets import Keyring, SecretStore
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.state import WorkerState
from tests.support.asynchronous import first_that_fits

GB = 2**30


class Host:
    """Says that ``model`` is resident, and forgets it when asked for its memory."""

    def __init__(self) -> None:
        self.state = WorkerState()
        self.freed = 0
        self.memory = 12 * GB

    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]:
        return lambda: None

    def hold(self, path: str) -> None:
        self.state = WorkerState("resident", model=model_info(path))

    async def devices(self) -> tuple[DeviceInfo, ...]:
        return (DeviceInfo("cpu", "CPU", 4 * GB, 2 * GB), DeviceInfo("cuda:0", "P102", 2 * self.memory, self.memory))

    async def free_memory(self) -> None:
        self.freed += 1
        self.state = WorkerState()


class Keys:
    """A key store in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Desk:
    """One library over ``profile``; a second one over the same is a restart."""

    def __init__(self, profile: Path, open_keyring: Callable[[], Keyring] = Keys, **settings: Any) -> None:
        profile.mkdir(exist_ok=True)
        self.paths = Paths(profile)
        self.settings = SettingsStore(self.paths.settings)
        self.host = Host()
        self.secrets = SecretStore(open_keyring)
        catalogue: Catalogue = load_catalogue()
        self.library = Library(self.paths, self.settings, self.host, self.secrets, worker_command, catalogue)

    @property
    def view(self) -> LibraryView:
        return self.library.view

    async def until(self, condition: Callable[[LibraryView], bool]) -> LibraryView:
        """The first view that fits, the present one included."""
        return await first_that_fits(self.library.subscribe, self.view, condition)

    def entry(self, name: str) -> ModelEntry:
        return next(entry for entry in self.view.models if entry.name == name)

    async def removal_of(self, name: str) -> int:
        """Ask, and confirm; the bytes that were promised."""
        await self.library.ask_removal(self.entry(name).key)
        assert self.view.removal is not None
        promised = self.view.removal.frees
        await self.library.confirm_removal()
        await self.until(lambda view: not view.looking)
        return promised


def model_info(path: str) -> ModelInfo:
    return ModelInfo(Path(path).name, path, "int8", "cuda:0", "P102", 1 * GB, 0, 1024, "slash", True)


def own_model(folder: Path, size: int = 1000) -> Path:
    """A folder that looks like a model."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(size))
    return folder


def quantized_copy(cache: Path, name: str, source: Path, precision: Precision = "int8", group: int = 0) -> Path:
    """A folder that looks like a quantized copy."""
    folder = cache / name
    folder.mkdir(parents=True)
    manifest = {
        "format": "nyanko-quantized",
        "version": 1,
        "precision": precision,
        "group": group,
        "source": {"path": str(source), "architecture": "X", "format": "safetensors", "fingerprint": "0" * 64},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "model.safetensors").write_bytes(bytes(500))
    return folder
