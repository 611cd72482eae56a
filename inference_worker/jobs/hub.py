"""Jobs that talk to a model hub: list a repository, download it. Imports no torch."""

from __future__ import annotations

from inference_worker.jobs.progress import Cancelled, Report
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Download, Downloaded, ListRepository, RepositoryListed


async def list_repository(command: ListRepository) -> RepositoryListed:
    """The files of a repository. Raises RequestError."""
    raise RequestError(ErrorCode.HUB_UNREACHABLE, endpoint=command.hub.endpoint, reason="no downloader yet")


async def download(command: Download, report: Report, cancelled: Cancelled) -> Downloaded:
    """Bring a model here. Raises RequestError, or JobCancelled when told to stop."""
    raise RequestError(ErrorCode.HUB_UNREACHABLE, endpoint=command.hub.endpoint, reason="no downloader yet")
