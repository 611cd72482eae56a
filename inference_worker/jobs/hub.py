"""Jobs that talk to a model hub: list a repository, download it. Imports no torch, and HTTP only when it is needed."""

from __future__ import annotations

from inference_worker.jobs.progress import Cancelled, Report
from inference_worker.protocol.messages import Download, Downloaded, ListRepository, RepositoryListed


async def list_repository(command: ListRepository) -> RepositoryListed:
    """The files of a repository. Raises RequestError."""
    from inference_worker.jobs import download as jobs  # HTTP costs a quarter of a second: no start pays for it
    from inference_worker.jobs.hubs.client import Patience

    return await jobs.list_repository(command, Patience())


async def download(command: Download, report: Report, cancelled: Cancelled) -> Downloaded:
    """Bring a model here. Raises RequestError, or JobCancelled when told to stop."""
    from inference_worker.jobs import download as jobs
    from inference_worker.jobs.hubs.client import Patience

    return await jobs.download(command, report, cancelled, Patience())
