"""Where everything lies: one profile folder for all state, sockets in the short runtime folder. Reads no file."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from inference_worker.protocol.address import Address, TcpAddress, UnixAddress, runtime_folder


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one profile. Deleting ``profile`` forgets the person; nothing of theirs lies elsewhere."""

    profile: Path
    own_cache: Path | None = None
    """Where the system keeps what can be made again; ``None`` keeps that in the profile, too."""

    @property
    def settings(self) -> Path:
        return self.profile / "settings.toml"

    @property
    def store(self) -> Path:
        return self.profile / "conversations.sqlite3"

    @property
    def logs(self) -> Path:
        """Folder of log files; each program writes one of its own, because two cannot rotate the same."""
        return self.profile / "logs"

    @property
    def log(self) -> Path:
        return self.logs / "nyanko.log"

    @property
    def cli_log(self) -> Path:
        return self.logs / "cli.log"

    @property
    def instance_lock(self) -> Path:
        """Held by the running app; in the profile, so that it means the same in every environment."""
        return self.profile / "instance.lock"

    @property
    def instance_file(self) -> Path:
        """Address and token of the running app, readable by its owner alone."""
        return self.profile / "instance.json"

    @property
    def models(self) -> Path:
        """Downloaded models, one folder each."""
        return self.profile / "models"

    @property
    def undo(self) -> Path:
        """What tools replaced in the person's files, so that it can be put back."""
        return self.profile / "undo"

    @property
    def jobs(self) -> Path:
        """Downloads and quantizations that are not over."""
        return self.profile / "jobs"

    @property
    def cache(self) -> Path:
        """Quantized copies and measured memory, where the settings name no other place."""
        return self.own_cache or self.profile / "cache"

    def instance_address(self) -> Address:
        """Where the app of this person and profile listens; on Windows (unproven) any free loopback port."""
        if sys.platform == "win32":
            return TcpAddress(0)
        where = hashlib.sha256(os.fsencode(self.profile.resolve())).hexdigest()[:16]
        return UnixAddress(runtime_folder() / f"app-{os.getuid()}-{where}.sock")


def profile_paths(folder: str | os.PathLike[str] | None = None) -> Paths:
    """The profile in ``folder``, or this person's own; the folder is made, readable by its owner alone."""
    if folder:
        paths = Paths(Path(folder).expanduser().absolute())
    else:
        own_cache = platformdirs.user_cache_path("nyanko", appauthor=False)
        paths = Paths(platformdirs.user_data_path("nyanko", appauthor=False), own_cache)
    paths.profile.mkdir(mode=0o700, parents=True, exist_ok=True)
    return paths
