"""A download from a real HTTP server into real files: what arrives, what is fetched again, and what is said."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference_worker.jobs import download as jobs
from inference_worker.jobs.hubs.client import Patience
from inference_worker.jobs.progress import JobCancelled
from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Download, Downloaded, Hub, HubKind
from tests.support.fake_hub import COMMIT, FakeHub, fake_hub

WEIGHTS = bytes(range(256)) * 12_000
"""3 MB: some writes long."""
FILES = {
    "config.json": b'{"model_type": "x"}',
    "tokenizer.json": b"{}" * 3000,
    "model.safetensors": WEIGHTS,
    "README.md": b"",
    "modeling_x.py": b"import os",
    "original/model.safetensors": b"x" * 5000,
}
WANTED = ("README.md", "config.json", "model.safetensors", "tokenizer.json")
HASTE = Patience(tries=3, first_pause=0.01)
WAIT_SECONDS = 30


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "owner--model"


def fetch(
    hub: FakeHub,
    target: Path,
    *,
    kind: HubKind = "huggingface",
    token: str = "",
    files: tuple[str, ...] = (),
    cancelled: Callable[[], bool] = lambda: False,
    reports: list[tuple[str, int, int, str]] | None = None,
    endpoint: str = "",
    repository: str = "owner/model",
) -> Downloaded:
    command = Download(
        id="1",
        hub=Hub(endpoint=endpoint or hub.endpoint, kind=kind, token=token),
        repository=repository,
        target=str(target),
        files=files,
    )

    def report(stage: str, done: int, total: int, detail: str) -> None:
        if reports is not None:
            reports.append((stage, done, total, detail))

    async def bounded() -> Downloaded:
        async with asyncio.timeout(WAIT_SECONDS):
            return await jobs.download(command, report, cancelled, HASTE)

    return asyncio.run(bounded())


def failing(hub: FakeHub, target: Path, **how: str) -> WireError:
    with pytest.raises(RequestError) as caught:
        fetch(hub, target, **how)  # type: ignore[arg-type]
    return caught.value.error


def names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))


# ---------------------------------------------------------------- what arrives


@pytest.mark.parametrize("kind", ["huggingface", "modelscope"])
def test_the_model_arrives_whole_and_nothing_else(hub: FakeHub, target: Path, kind: HubKind) -> None:
    done = fetch(hub, target, kind=kind)
    assert names(target) == WANTED
    assert all((target / name).read_bytes() == FILES[name] for name in WANTED)
    assert done.bytes == done.fetched == sum(len(FILES[name]) for name in WANTED)


def test_a_complete_model_is_checked_and_not_fetched_again(hub: FakeHub, target: Path) -> None:
    fetch(hub, target)
    hub.sent.clear()
    reports: list[tuple[str, int, int, str]] = []
    assert fetch(hub, target, reports=reports).fetched == 0
    assert not hub.sent
    assert {stage for stage, *_ in reports} == {"listing", "checking", "downloading"}


def test_named_files_are_taken_and_nothing_else(hub: FakeHub, target: Path) -> None:
    fetch(hub, target, files=("original/model.safetensors",))
    assert names(target) == ("original/model.safetensors",)


def test_a_flipped_byte_in_a_finished_file_is_found_and_the_file_fetched_again(hub: FakeHub, target: Path) -> None:
    fetch(hub, target)
    flipped = bytearray(WEIGHTS)
    flipped[1_234_567] ^= 1
    (target / "model.safetensors").write_bytes(flipped)
    assert fetch(hub, target).fetched == len(WEIGHTS)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS
    assert names(target) == WANTED


def test_a_flipped_byte_in_a_small_file_is_found_by_gits_own_hash(hub: FakeHub, target: Path) -> None:
    fetch(hub, target)
    (target / "config.json").write_bytes(FILES["config.json"].replace(b"x", b"y"))
    assert fetch(hub, target).fetched == len(FILES["config.json"])


def test_progress_counts_bytes_over_all_files_and_ends_at_the_total(hub: FakeHub, target: Path) -> None:
    reports: list[tuple[str, int, int, str]] = []
    done = fetch(hub, target, reports=reports)
    downloading = [(done, total) for stage, done, total, _ in reports if stage == "downloading"]
    assert downloading[0] == (0, done.bytes)
    assert downloading[-1] == (done.bytes, done.bytes)
    assert [d for d, _ in downloading] == sorted(d for d, _ in downloading)


def test_a_line_that_stalls_is_told_again_and_again(
    hub: FakeHub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the speed that was told last would stand there until the line is given up."""
    monkeypatch.setattr(jobs, "QUIET_SECONDS", 0.0)
    hub.hold["model.safetensors"] = 2 * 2**20
    reports: list[tuple[str, int, int, str]] = []

    def three_alike() -> bool:
        return len(reports) > 2 and len(set(reports[-3:])) == 1 and reports[-1][1] > 2**20

    with pytest.raises(JobCancelled):
        fetch(hub, target, reports=reports, cancelled=three_alike)


# ---------------------------------------------------------------- breaking off and going on


def test_a_broken_transfer_goes_on_where_it_stopped(hub: FakeHub, target: Path) -> None:
    hub.breaks["model.safetensors"] = [1_000_000, 500_000]
    done = fetch(hub, target)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS
    assert done.fetched == done.bytes
    assert [asked.range for asked in hub.fetched("model.safetensors")][1:] == ["bytes=1000000-", "bytes=1500000-"]


def test_a_transfer_that_always_breaks_ends_with_words_and_keeps_what_came(hub: FakeHub, target: Path) -> None:
    hub.breaks["model.safetensors"] = [1_000_000] + [0] * 9
    error = failing(hub, target)
    assert error.code is ErrorCode.HUB_UNREACHABLE
    assert "model.safetensors" not in names(target)
    assert (target / "model.safetensors.part").read_bytes() == WEIGHTS[:1_000_000]
    hub.breaks.clear()
    hub.sent.clear()
    assert fetch(hub, target).bytes == sum(len(FILES[name]) for name in WANTED)
    assert hub.sent["model.safetensors"] == len(WEIGHTS) - 1_000_000
    assert names(target) == WANTED


def leave_a_part(hub: FakeHub, target: Path, size: int = 1_000_000) -> None:
    hub.breaks["model.safetensors"] = [size] + [0] * 2
    failing(hub, target)
    hub.breaks.clear()
    hub.sent.clear()


def test_a_file_that_changed_on_the_hub_starts_anew(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    hub.versions["model.safetensors"] = "v2"
    fetch(hub, target)
    assert hub.sent["model.safetensors"] == len(WEIGHTS)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_changed_file_starts_anew_although_the_server_ignores_the_condition(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    hub.versions["model.safetensors"], hub.conditions = "v2", False
    fetch(hub, target)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_new_version_in_the_listing_makes_an_old_part_worthless(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    hub.files["model.safetensors"] = newer = WEIGHTS[::-1]
    fetch(hub, target)
    assert (target / "model.safetensors").read_bytes() == newer
    assert hub.sent["model.safetensors"] == len(newer)


def test_a_server_without_ranges_sends_all_once_more(hub: FakeHub, target: Path) -> None:
    hub.ranges = False
    leave_a_part(hub, target)
    fetch(hub, target)
    assert hub.sent["model.safetensors"] == len(WEIGHTS)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_without_its_description_is_thrown_away(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    (target / "model.safetensors.part.json").write_text("{")
    fetch(hub, target)
    assert hub.sent["model.safetensors"] == len(WEIGHTS)


def test_without_any_hash_an_unchanged_part_is_still_gone_on_with(hub: FakeHub, target: Path) -> None:
    hub.hashes = False
    leave_a_part(hub, target)
    fetch(hub, target)
    assert hub.sent["model.safetensors"] == len(WEIGHTS) - 1_000_000
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_that_lost_bytes_on_the_disk_is_found_at_the_end(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    part = target / "model.safetensors.part"
    part.write_bytes(bytes(1000) + part.read_bytes()[1000:])
    error = failing(hub, target)
    assert error.code is ErrorCode.FILE_CORRUPT
    assert error.params["path"] == str(target / "model.safetensors")
    assert "model.safetensors" not in names(target)
    fetch(hub, target)
    assert names(target) == WANTED


@pytest.mark.parametrize("size", [0, 1, len(WEIGHTS) - 1, len(WEIGHTS)])
def test_a_part_of_any_length_is_gone_on_with(hub: FakeHub, target: Path, size: int) -> None:
    leave_a_part(hub, target)
    (target / "model.safetensors.part").write_bytes(WEIGHTS[:size])
    fetch(hub, target)
    assert hub.sent["model.safetensors"] == len(WEIGHTS) - size
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_that_is_longer_than_the_file_is_thrown_away(hub: FakeHub, target: Path) -> None:
    leave_a_part(hub, target)
    (target / "model.safetensors.part").write_bytes(WEIGHTS + b"more")
    fetch(hub, target)
    assert (target / "model.safetensors").read_bytes() == WEIGHTS


def test_a_server_error_that_passes_is_waited_for(hub: FakeHub, target: Path) -> None:
    hub.statuses = {"/main": [503], "model.safetensors": [500, 429]}
    fetch(hub, target)
    assert names(target) == WANTED


def test_cancelling_keeps_the_part_and_the_next_run_goes_on(hub: FakeHub, target: Path) -> None:
    hub.hold["model.safetensors"] = 1_500_000
    part = target / "model.safetensors.part"
    with pytest.raises(JobCancelled):
        fetch(hub, target, cancelled=lambda: part.exists() and part.stat().st_size > 0)
    assert "model.safetensors" not in names(target)
    kept = part.stat().st_size
    hub.hold.clear()
    hub.released.set()
    done = fetch(hub, target)
    assert done.fetched <= done.bytes - kept
    assert [asked.range for asked in hub.fetched("model.safetensors")] == ["", f"bytes={kept}-"]
    assert names(target) == WANTED


def test_up_to_three_files_come_at_once(hub: FakeHub, target: Path) -> None:
    hub.files |= {f"model-0000{n}-of-00004.safetensors": bytes([n]) * 200_000 for n in (1, 2, 3, 4)}
    hub.files |= {"model.safetensors.index.json": b"{}"}
    hub.hold = {f"model-0000{n}-of-00004.safetensors": 100_000 for n in (1, 2, 3, 4)}
    stop = threading.Event()

    def enough() -> bool:
        waiting = len(hub.fetched("4.safetensors"))
        stop.set() if waiting >= 3 else None
        return stop.is_set()

    with pytest.raises(JobCancelled):
        fetch(hub, target, cancelled=enough)
    assert len(hub.fetched("4.safetensors")) == 3


# ---------------------------------------------------------------- wrong bytes, wrong sizes


def test_wrong_bytes_are_put_aside_and_fetched_anew_at_the_next_try(hub: FakeHub, target: Path) -> None:
    hub.wrong_bytes.add("model.safetensors")
    assert failing(hub, target).code is ErrorCode.FILE_CORRUPT
    assert "model.safetensors.bad" in names(target)
    assert "model.safetensors" not in names(target)
    hub.wrong_bytes.clear()
    fetch(hub, target)
    assert names(target) == WANTED


def test_wrong_bytes_of_a_small_file_are_found_too(hub: FakeHub, target: Path) -> None:
    hub.wrong_bytes.add("config.json")
    assert failing(hub, target).code is ErrorCode.FILE_CORRUPT
    assert "config.json" not in names(target)


@pytest.mark.parametrize("listed", [len(WEIGHTS) - 1, len(WEIGHTS) + 1])
def test_a_size_that_differs_from_the_listing_is_refused(hub: FakeHub, target: Path, listed: int) -> None:
    hub.listed_sizes["model.safetensors"] = listed
    error = failing(hub, target)
    assert error.code is ErrorCode.FILE_CORRUPT
    assert "model.safetensors" not in names(target)


# ---------------------------------------------------------------- who is asked, and with what


@pytest.mark.parametrize("kind", ["huggingface", "modelscope"])
def test_the_token_goes_to_the_hub_and_never_to_the_storage_it_sends_us_to(
    hub: FakeHub, target: Path, kind: HubKind
) -> None:
    hub.token = "hf_secret"
    with fake_hub(dict(FILES)) as storage:
        hub.storage = storage.endpoint
        fetch(hub, target, token="hf_secret", kind=kind)
        assert all(asked.headers["authorization"] == "Bearer hf_secret" for asked in hub.asked)
        assert storage.asked
        assert not [asked for asked in storage.asked if "authorization" in asked.headers or "cookie" in asked.headers]
    assert names(target) == WANTED


def test_no_log_holds_the_token_or_an_address_of_the_storage(
    hub: FakeHub, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with fake_hub(dict(FILES)) as storage:
        hub.storage = storage.endpoint
        fetch(hub, target, token="hf_secret")
        assert "hf_secret" not in caplog.text
        assert storage.endpoint not in caplog.text


def test_files_come_from_the_commit_that_was_listed(hub: FakeHub, target: Path) -> None:
    fetch(hub, target)
    assert f"/owner/model/resolve/{COMMIT}/config.json" in [asked.path for asked in hub.asked]


def test_a_refused_token_is_said_without_naming_it(hub: FakeHub, target: Path) -> None:
    hub.token = "right"
    error = failing(hub, target, token="hf_wrong_one")
    assert error.code is ErrorCode.HUB_REFUSED
    assert "hf_wrong_one" not in str(error)
    assert "no access token" in failing(hub, target).params["reason"]


@pytest.mark.parametrize("token", ["line\nbreak", "with space", "süß", "x" * 600])
def test_what_cannot_be_a_token_is_not_sent_and_not_repeated(hub: FakeHub, target: Path, token: str) -> None:
    error = failing(hub, target, token=token)
    assert error.code is ErrorCode.HUB_REFUSED
    assert token not in str(error)
    assert not hub.asked


def test_a_licence_to_accept_is_said(hub: FakeHub, target: Path) -> None:
    hub.statuses, hub.error_code = {"config.json": [403]}, "GatedRepo"
    error = failing(hub, target, token="t")
    assert error.code is ErrorCode.HUB_REFUSED
    assert "licence" in error.params["reason"]


@pytest.mark.parametrize("repository", ["owner/other", "../../etc", "owner/model/more", "", "owner/..", "a b/c"])
def test_a_repository_that_is_not_there_is_said(hub: FakeHub, target: Path, repository: str) -> None:
    assert failing(hub, target, repository=repository).code is ErrorCode.REPOSITORY_NOT_FOUND


@pytest.mark.parametrize("status", [500, 502, 418])
def test_a_hub_in_trouble_is_said(hub: FakeHub, target: Path, status: int) -> None:
    hub.statuses = {"/main": [status] * 9}
    error = failing(hub, target)
    assert error.code is ErrorCode.HUB_UNREACHABLE
    assert str(status) in error.params["reason"]


def test_a_hub_that_is_not_there_is_said(hub: FakeHub, target: Path) -> None:
    with fake_hub({}) as gone:
        endpoint = gone.endpoint
    assert failing(hub, target, endpoint=endpoint).code is ErrorCode.HUB_UNREACHABLE


@pytest.mark.parametrize(
    "endpoint", ["http://huggingface.co", "ftp://127.0.0.1", "file:///etc", "huggingface.co", "https://", "http://["]
)
def test_only_https_is_spoken_except_on_this_machine(hub: FakeHub, target: Path, endpoint: str) -> None:
    assert failing(hub, target, endpoint=endpoint).code is ErrorCode.HUB_UNREACHABLE
    assert not hub.asked


def test_a_password_in_the_endpoint_is_refused_and_not_repeated(hub: FakeHub, target: Path) -> None:
    error = failing(hub, target, endpoint="https://me:secret@hub.invalid")
    assert error.code is ErrorCode.HUB_UNREACHABLE
    assert "secret" not in str(error)


@pytest.mark.parametrize("location", ["http://example.invalid", "ftp://127.0.0.1"])
def test_a_redirect_away_from_https_is_not_followed(hub: FakeHub, target: Path, location: str) -> None:
    hub.storage = location
    assert "https" in failing(hub, target).params["reason"]


def test_a_redirect_without_end_is_not_followed(hub: FakeHub, target: Path) -> None:
    hub.storage = hub.endpoint
    assert "without an end" in failing(hub, target).params["reason"]


# ---------------------------------------------------------------- the disk


def test_too_little_room_is_said_before_anything_is_fetched(hub: FakeHub, target: Path) -> None:
    hub.listed_sizes["model.safetensors"] = 2**39
    error = failing(hub, target)
    assert error.code is ErrorCode.DISK_FULL
    assert int(error.params["needed"]) > 2**39
    assert int(error.params["free"]) > 0
    assert not hub.fetched("config.json")


def test_a_folder_that_cannot_be_made_is_said(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert failing(hub, tmp_path / "file" / "model").code is ErrorCode.NOT_WRITABLE


def test_a_link_in_the_folder_does_not_lead_a_download_out_of_it(hub: FakeHub, target: Path, tmp_path: Path) -> None:
    target.mkdir(parents=True)
    (target / "original").symlink_to(tmp_path)
    with pytest.raises(RequestError) as caught:
        fetch(hub, target, files=("original/model.safetensors",))
    assert caught.value.error.code is ErrorCode.NOT_WRITABLE
    assert not (tmp_path / "model.safetensors").exists()
