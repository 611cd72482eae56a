"""ModelScope and hubs like it: which files a repository holds and where they lie. Fetches no file.

Addresses as in ModelScope's own client (``modelscope`` 1.40, ``hub/api.py: get_model_files`` and
``hub/file_download.py: get_file_download_url``). One answer lists everything, with the SHA-256 of each file; no commit
of the whole repository is told, so the revision stays the name that was asked for.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import msgspec

from inference_worker.jobs.hubs.client import HubClient
from inference_worker.jobs.hubs.files import (
    LARGEST_FILE,
    MOST_FILES,
    HubFile,
    Listing,
    sha256_or_nothing,
    without_unsafe,
)


class _Entry(msgspec.Struct, rename="pascal"):
    path: str
    type: str = "blob"
    size: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_FILE)] = 0
    sha256: str | None = None


class _Data(msgspec.Struct, rename="pascal"):
    files: list[_Entry] | None = None


class _Answer(msgspec.Struct, rename="pascal"):
    code: int = 200
    data: _Data | None = None


async def list_files(client: HubClient, revision: str) -> Listing:
    """All files at ``revision``; ``main``, which this hub does not have, means its ``master``. Raises RequestError."""
    name = "master" if revision == "main" else client.checked_revision(revision)
    path = f"/api/v1/models/{client.repository}/repo/files?Revision={quote(name, safe='')}&Recursive=true"
    answer, _ = await client.json(path, _Answer)
    if answer.code != 200 or answer.data is None or answer.data.files is None:
        raise client.refused(f"its answer holds no files (code {answer.code})")
    if len(answer.data.files) > MOST_FILES:
        raise client.unreachable(f"the repository holds more than {MOST_FILES} files")
    files = [
        HubFile(entry.path, entry.size, sha256_or_nothing(entry.sha256 or ""))
        for entry in answer.data.files
        if entry.type != "tree"
    ]
    return Listing(name, without_unsafe(files))


def file_path(repository: str, revision: str, name: str) -> str:
    """Where a file lies, below the endpoint; the answer may be a redirect to the storage."""
    return f"/api/v1/models/{repository}/repo?Revision={quote(revision, safe='')}&FilePath={quote(name, safe='')}"
