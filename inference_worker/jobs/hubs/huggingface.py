"""The Hugging Face hub and its mirrors: which files a repository holds and where they lie. Fetches no file.

Addresses as in the hub's API documentation (huggingface.co/docs/hub/api, ``/api/models/{id}/revision/{rev}`` and
``/api/models/{id}/tree/{rev}``) and in ``huggingface_hub`` 2.4 (``hf_api.py``: ``list_repo_tree``, ``model_info``):
pages of at most 1,000 entries joined by a Link header; ``lfs.oid`` is the SHA-256 of a large file, ``oid`` without
``lfs`` git's SHA-1 of a small one.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote, urlsplit

import msgspec

from inference_worker.jobs.hubs.client import HubClient
from inference_worker.jobs.hubs.files import (
    LARGEST_FILE,
    MOST_FILES,
    HubFile,
    Listing,
    git_oid_or_nothing,
    sha256_or_nothing,
    without_unsafe,
)

MOST_PAGES: Final = 100
_Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_FILE)]


class _Revision(msgspec.Struct):
    sha: str


class _Lfs(msgspec.Struct):
    oid: str
    size: _Size


class _Entry(msgspec.Struct):
    type: str
    path: str
    oid: str = ""
    size: _Size = 0
    lfs: _Lfs | None = None

    def file(self) -> HubFile:
        if self.lfs is not None:
            return HubFile(self.path, self.lfs.size, sha256=sha256_or_nothing(self.lfs.oid))
        return HubFile(self.path, self.size, git_oid=git_oid_or_nothing(self.oid))


async def list_files(client: HubClient, revision: str) -> Listing:
    """All files at the commit that ``revision`` stands for now. Raises RequestError."""
    name = quote(client.checked_revision(revision), safe="")
    answer, _ = await client.json(f"/api/models/{client.repository}/revision/{name}", _Revision)
    if not git_oid_or_nothing(answer.sha):
        raise client.unreachable("it names no commit for this revision")
    tree = f"/api/models/{client.repository}/tree/{answer.sha}"
    query, files = "recursive=true", list[HubFile]()
    for _ in range(MOST_PAGES):
        page, response = await client.json(f"{tree}?{query}", list[_Entry])
        files += [entry.file() for entry in page if entry.type == "file"]
        if len(files) > MOST_FILES:
            break
        following = response.links.get("next", {}).get("url", "")
        if not following:
            return Listing(answer.sha, without_unsafe(files))
        query = urlsplit(following).query  # a mirror's Link header may name the original hub: stay where we are
    raise client.unreachable(f"the repository holds more than {MOST_FILES} files")


def file_path(repository: str, revision: str, name: str) -> str:
    """Where a file lies, below the endpoint; the answer may be a redirect to the storage."""
    return f"/{repository}/resolve/{quote(revision, safe='')}/{quote(name)}"
