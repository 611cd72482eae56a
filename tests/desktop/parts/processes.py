"""Which processes belong to a test: those that carry its mark in their environment, whoever started them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One living process."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_worker(self) -> bool:
        return "inference_worker" in self.command or any(word.startswith("tests.") for word in self.command)


def processes_with(mark: str) -> list[Process]:
    """All processes whose environment has the line ``mark`` (``NAME=value``); those already dead are left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                command = tuple((folder / "cmdline").read_bytes().decode().split("\0"))
                found.append(Process(int(folder.name), command))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return [process for process in found if any(process.command)]
