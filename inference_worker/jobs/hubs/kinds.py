"""Which module speaks to which kind of hub."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from inference_worker.jobs.hubs import huggingface, modelscope
from inference_worker.jobs.hubs.client import HubClient
from inference_worker.jobs.hubs.files import Listing
from inference_worker.protocol.messages import HubKind

_KINDS: Final[dict[HubKind, ModuleType]] = {"huggingface": huggingface, "modelscope": modelscope}


async def list_files(kind: HubKind, client: HubClient, revision: str) -> Listing:
    """All files of the client's repository. Raises RequestError."""
    listing: Listing = await _KINDS[kind].list_files(client, revision)
    return listing


def file_path(kind: HubKind, repository: str, revision: str, name: str) -> str:
    """Where a file lies, below the hub's endpoint."""
    path: str = _KINDS[kind].file_path(repository, revision, name)
    return path
