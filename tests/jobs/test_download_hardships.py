"""Downloads under a kill -9 and on a disk that fills up; and one over the real wire."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_worker.jobs import hub as jobs
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Cancel,
    Download,
    Downloaded,
    Finished,
    Hub,
    ListRepository,
    RepositoryListed,
)
from tests.support.asynchronous import bounded
from tests.support.fake_hub import COMMIT, FakeHub, fake_hub, wait_for_bytes
from tests.support.worker_line import Line

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = bytes(range(251)) * 20_000
"""5 MB."""
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}
HELD_AT = 3 * 2**20
WAIT_SECONDS = 30


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


def download(hub: FakeHub, target: Path) -> Downloaded:
    command = Download(id="1", hub=Hub(endpoint=hub.endpoint), repository="owner/model", target=str(target))
    return asyncio.run(jobs.download(command, lambda *_: None, lambda: False))


def test_a_killed_download_resumes_and_ends_with_the_same_bytes(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HELD_AT
    child = subprocess.Popen([sys.executable, "-m", "tests.jobs.downloading_child", hub.endpoint, tmp_path], cwd=ROOT)
    try:
        assert hub.held.wait(WAIT_SECONDS)
        part = tmp_path / "model.safetensors.part"
        wait_for_bytes(part, 2 * 2**20)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(WAIT_SECONDS)
    assert not (tmp_path / "model.safetensors").exists()
    kept = part.stat().st_size
    hub.hold.clear()
    hub.released.set()
    done = download(hub, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert done.fetched <= done.bytes - kept
    assert hub.fetched("model.safetensors")[-1].range == f"bytes={kept}-"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]


def test_a_disk_that_fills_up_on_the_way_is_said_and_leaves_nothing_half_made(hub: FakeHub, small_disk: Path) -> None:
    hub.hold["model.safetensors"] = HELD_AT
    filler = small_disk / "filler"

    def fill() -> None:
        assert hub.held.wait(WAIT_SECONDS)
        with filler.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(2**14))
                except OSError:
                    break
        hub.released.set()

    other = threading.Thread(target=fill)
    other.start()
    with pytest.raises(RequestError) as caught:
        download(hub, small_disk / "model")
    other.join()
    assert caught.value.error.code is ErrorCode.DISK_FULL
    assert int(caught.value.error.params["needed"]) > 0
    assert not (small_disk / "model" / "model.safetensors").exists()
    filler.unlink()
    hub.hold.clear()
    done = download(hub, small_disk / "model")
    assert (small_disk / "model" / "model.safetensors").read_bytes() == WEIGHTS
    assert done.fetched < len(WEIGHTS)


# ---------------------------------------------------------------- over the wire


def test_a_worker_lists_and_downloads_and_says_how_far_it_is(hub: FakeHub, tmp_path: Path) -> None:
    @bounded
    async def scene() -> None:
        async with Line() as line:
            there = Hub(endpoint=hub.endpoint)
            await line.send(ListRepository(id="a", hub=there, repository="owner/model"))
            listed = await line.receive()
            assert isinstance(listed, RepositoryListed)
            assert (listed.revision, listed.chosen) == (COMMIT, ("config.json", "model.safetensors"))
            await line.send(Download(id="b", hub=there, repository="owner/model", target=str(tmp_path)))
            progress, done = await line.last()
            assert isinstance(done, Downloaded)
            assert done.bytes == sum(map(len, FILES.values())) == progress[-1].done == progress[-1].total

    scene()


def test_a_worker_pauses_a_download_when_it_is_cancelled(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HELD_AT

    @bounded
    async def scene() -> None:
        async with Line() as line:
            there = Hub(endpoint=hub.endpoint)
            await line.send(Download(id="b", hub=there, repository="owner/model", target=str(tmp_path)))
            await asyncio.to_thread(wait_for_bytes, tmp_path / "model.safetensors.part")
            await line.send(Cancel(id="b"))
            _, event = await line.last()
            assert isinstance(event, Finished)

    scene()
    assert (tmp_path / "model.safetensors.part").exists()
    assert not (tmp_path / "model.safetensors").exists()


def test_a_worker_that_downloads_nothing_pays_nothing_for_http() -> None:
    code = "import sys, inference_worker.__main__, inference_worker.jobs.hub; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=WAIT_SECONDS).returncode == 0
