"""One file of a repository as a hub lists it, and which names we accept. Knows no hub, no network and no disk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference_worker.protocol.messages import RemoteFile

LARGEST_FILE = 2**40
"""Bytes. No file of a model is as large; a hub that says so is broken."""
MOST_FILES = 10_000
"""A listing of more is refused: it would not fit one line of the wire."""
LONGEST_NAME = 240
LONGEST_SEGMENT = 120
"""Bytes of one folder or file name; file systems allow 255, and endings of ours are added."""
OWN_ENDINGS = (".part", ".json.tmp", ".part.json", ".bad")
"""Names with these are ours while a download runs."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class HubFile:
    """``sha256`` of the content, else ``git_oid`` (git's SHA-1 of a blob), else neither, and the size must do."""

    name: str
    size: int
    sha256: str = ""
    git_oid: str = ""

    @property
    def remote(self) -> RemoteFile:
        return RemoteFile(name=self.name, size=self.size, sha256=self.sha256)


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of a repository at ``revision``: a commit, or the name asked for where the hub tells no commit."""

    revision: str
    files: tuple[HubFile, ...]


def is_safe_name(untrusted_name: str) -> bool:
    """Whether a name from a hub can be a file below our folder on every system, and on no system anything else.

    Windows' rules hold everywhere (learn.microsoft.com, "Naming Files, Paths, and Namespaces"): a folder may be carried
    from one machine to another.
    """
    if not 0 < len(untrusted_name) <= LONGEST_NAME or untrusted_name.casefold().endswith(OWN_ENDINGS):
        return False
    return all(_is_safe_segment(segment) for segment in untrusted_name.split("/"))


def _is_safe_segment(segment: str) -> bool:
    if not segment or segment.startswith(".") or segment.endswith((".", " ")) or not segment.isprintable():
        return False
    if _FORBIDDEN.search(segment) or _RESERVED.fullmatch(segment):
        return False
    return len(segment.encode("utf-8", "replace")) <= LONGEST_SEGMENT


def without_unsafe(files: list[HubFile]) -> tuple[HubFile, ...]:
    """Those with a safe name; of names that differ in nothing but case, the first."""
    kept: dict[str, HubFile] = {}
    for file in files:
        if is_safe_name(file.name):
            kept.setdefault(file.name.casefold(), file)
    return tuple(kept.values())


def sha256_or_nothing(untrusted: str) -> str:
    text = untrusted.lower()
    return text if _SHA256.fullmatch(text) else ""


def git_oid_or_nothing(untrusted: str) -> str:
    text = untrusted.lower()
    return text if _SHA1.fullmatch(text) else ""
