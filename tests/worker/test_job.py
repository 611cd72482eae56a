"""A job in a process of its own: a real worker over a real socket, cancelled, killed, and left by the app."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Download,
    Downloaded,
    Failed,
    Hub,
    JobProgress,
    ListRepository,
    RepositoryListed,
)
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.command import WorkerCommand, worker_command
from nyanko_desktop.worker.job import ask_job, run_job
from tests.bad_workers.commands import bad
from tests.support.asynchronous import bounded
from tests.support.fake_hub import FakeHub, fake_hub, wait_for_bytes
from tests.support.processes import gone_within

FILES = {"config.json": b'{"model_type": "x"}', "model.safetensors": bytes(range(256)) * 12_000}
HALF = 2 * 2**20
GONE_SECONDS = 5.0


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


def download(hub: FakeHub, folder: Path) -> Download:
    return Download(id=new_id(), hub=Hub(hub.endpoint), repository="owner/model", target=str(folder / "owner--model"))


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def new_children(before: set[int]) -> set[int]:
    """Wait until there are some."""
    while not (found := children() - before):
        time.sleep(0.01)
    return found


@bounded
async def test_a_job_runs_in_a_process_that_ends_with_it(hub: FakeHub, tmp_path: Path) -> None:
    before = children()
    during = set[int]()
    events = []
    async with aclosing(run_job(worker_command, download(hub, tmp_path))) as running:
        async for event in running:
            during |= children() - before
            events.append(event)
    assert isinstance(events[0], JobProgress)
    assert isinstance(events[-1], Downloaded)
    assert (tmp_path / "owner--model" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert len(during) == 1
    assert all(gone_within(pid, GONE_SECONDS) for pid in during)


@bounded
async def test_a_job_that_is_left_keeps_what_it_has(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    async with aclosing(run_job(worker_command, download(hub, tmp_path))) as running:
        async for event in running:
            if isinstance(event, JobProgress) and event.stage == "downloading":
                await asyncio.to_thread(wait_for_bytes, tmp_path / "owner--model" / "model.safetensors.part")
                break
    assert (tmp_path / "owner--model" / "model.safetensors.part").stat().st_size > 0
    assert not (tmp_path / "owner--model" / "model.safetensors").exists()


@bounded
async def test_a_killed_job_says_that_it_stopped_and_not_that_a_reply_did(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    before = children()
    events = []
    async with aclosing(run_job(worker_command, download(hub, tmp_path))) as running:
        async for event in running:
            events.append(event)
            if isinstance(event, JobProgress) and event.stage == "downloading":
                for pid in children() - before:
                    os.kill(pid, signal.SIGKILL)
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code is ErrorCode.JOB_LOST
    assert "SIGKILL" in events[-1].error.params["reason"] or "closed" in events[-1].error.params["reason"]


@bounded
async def test_a_job_whose_process_does_not_start_fails_with_the_reason(hub: FakeHub, tmp_path: Path) -> None:
    command = WorkerCommand(("/nowhere/python",))
    events = [event async for event in run_job(lambda: command, download(hub, tmp_path))]
    assert [type(event) for event in events] == [Failed]


@bounded
async def test_a_process_that_hears_no_cancel_is_ended_all_the_same(hub: FakeHub, tmp_path: Path) -> None:
    before = children()
    job = run_job(lambda: bad("deaf"), download(hub, tmp_path), stop_seconds=0.1)
    reading = asyncio.create_task(anext(job))
    pids = await asyncio.to_thread(new_children, before)
    reading.cancel()
    await asyncio.wait((reading,))
    await job.aclose()
    assert all(gone_within(pid, GONE_SECONDS) for pid in pids)


@bounded
async def test_a_question_to_a_job_has_one_answer(hub: FakeHub) -> None:
    listed = await ask_job(worker_command, ListRepository(new_id(), Hub(hub.endpoint), "owner/model"))
    assert isinstance(listed, RepositoryListed)
    assert "model.safetensors" in listed.chosen
    with pytest.raises(RequestError) as caught:
        await ask_job(worker_command, ListRepository(new_id(), Hub(hub.endpoint), "owner/other"))
    assert caught.value.error.code is ErrorCode.REPOSITORY_NOT_FOUND
