"""The library as a window sees it, with real downloads from a real server and real quantizations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from nyanko_desktop.models.hub_access import offline_by_environment
from nyanko_desktop.models.records import Records
from nyanko_desktop.models.view import JobView
from tests.models.desk import GB, Desk, Keys, own_model, quantized_copy
from tests.support.asynchronous import bounded
from tests.support.fake_hub import FakeHub, fake_hub, wait_for_bytes

WEIGHTS = bytes(range(256)) * 12_000
"""3 MB: some writes long."""
FILES = {"config.json": b'{"model_type": "x"}', "model.safetensors": WEIGHTS}
HALF = 2 * 2**20


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


async def desk_at(hub: FakeHub, profile: Path, **how: object) -> Desk:
    desk = Desk(profile, **how)  # type: ignore[arg-type]
    desk.library.choose_hub(hub.endpoint)
    await desk.library.refresh()
    return desk


def job(desk: Desk) -> JobView:
    (only,) = desk.view.jobs
    return only


async def held(desk: Desk, hub: FakeHub) -> None:
    """A part of the weights is here, and the hub sends no more for now."""
    part = desk.paths.models / "owner--model" / "model.safetensors.part"
    await asyncio.to_thread(wait_for_bytes, part)


# ---------------------------------------------------------------- downloads


@bounded
async def test_a_download_shows_how_far_it_is_and_then_the_model(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    stages = set[str | None]()
    desk.library.subscribe(lambda view: stages.update(job.stage for job in view.jobs))
    desk.library.pull("owner/model")
    await desk.until(lambda view: len(view.models) == 2 and not view.jobs and not view.models[1].unfinished)
    assert desk.entry("owner/model").bytes == sum(map(len, FILES.values()))
    assert {"listing", "downloading"} <= stages
    assert list(desk.paths.jobs.glob("*.json")) == []
    await desk.library.close()


@bounded
async def test_a_paused_download_survives_a_restart_and_goes_on_where_it_was(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    desk = await desk_at(hub, tmp_path / "p")
    id = desk.library.pull("owner/model")
    assert id is not None
    await held(desk, hub)
    await desk.library.pause(id)
    assert (job(desk).state, job(desk).speed) == ("paused", 0.0)
    await desk.library.close()

    hub.hold.clear()
    again = await desk_at(hub, tmp_path / "p")
    assert (job(again).state, job(again).name) == ("paused", "owner/model")
    assert again.entry("owner/model").unfinished
    again.library.resume(job(again).id)
    await again.until(lambda view: not view.jobs and not view.models[-1].unfinished)
    assert (again.paths.models / "owner--model" / "model.safetensors").read_bytes() == WEIGHTS
    assert any(asked.range for asked in hub.fetched("model.safetensors"))
    await again.library.close()


@bounded
async def test_how_far_a_job_is_lies_on_the_disk_while_it_runs(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nyanko_desktop.models.jobs.KEEP_SECONDS", 0.0)
    hub.hold["model.safetensors"] = HALF
    desk = await desk_at(hub, tmp_path / "p")
    assert desk.library.pull("owner/model") is not None
    await desk.until(lambda view: bool(view.jobs) and 0 < view.jobs[0].done < view.jobs[0].total)
    (record,) = Records(desk.paths.jobs).load()
    assert 0 < record.done < record.total
    await desk.library.close()


@bounded
async def test_closing_pauses_what_runs_and_what_waits(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.pull("owner/model")
    desk.library.pull("owner/other")
    await held(desk, hub)
    assert [job.state for job in desk.view.jobs] == ["running", "queued"]
    await desk.library.close()
    again = await desk_at(hub, tmp_path / "p")
    assert [job.state for job in again.view.jobs] == ["paused", "paused"]
    await again.library.close()


@bounded
async def test_a_cancelled_download_leaves_nothing(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    desk = await desk_at(hub, tmp_path / "p")
    id = desk.library.pull("owner/model")
    assert id is not None
    await held(desk, hub)
    await desk.library.cancel(id)
    await desk.until(lambda view: not view.looking)
    assert not (desk.paths.models / "owner--model").exists()
    assert (desk.view.jobs, len(desk.view.models)) == ((), 1)
    await desk.library.close()


@bounded
async def test_cancelling_a_second_look_at_a_finished_model_leaves_the_model(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.pull("owner/model")
    await desk.until(lambda view: not view.jobs and len(view.models) == 2 and not view.looking)
    hub.statuses["/revision/main"] = [404]
    id = desk.library.pull("owner/model")
    assert id is not None
    await desk.until(lambda view: view.jobs != () and view.jobs[0].state == "failed")
    assert not desk.entry("owner/model").unfinished
    await desk.library.cancel(id)
    assert (desk.paths.models / "owner--model" / "model.safetensors").exists()
    await desk.library.close()


@bounded
async def test_a_failed_download_says_why_and_can_be_tried_again(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    hub.statuses["/revision/main"] = [404]
    desk.library.pull("owner/model")
    view = await desk.until(lambda view: view.jobs != () and view.jobs[0].state == "failed")
    assert view.jobs[0].problem is not None
    assert view.jobs[0].problem.code == "repository_not_found"
    desk.library.resume(view.jobs[0].id)
    await desk.until(lambda view: not view.jobs)
    await desk.library.close()


@bounded
async def test_offline_nothing_is_asked_of_any_hub(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.set_offline(True)
    desk.library.pull("owner/model")
    view = await desk.until(lambda view: view.jobs != () and view.jobs[0].state == "failed")
    assert view.jobs[0].problem is not None
    assert view.jobs[0].problem.code == "offline"
    assert hub.asked == []
    await desk.library.close()


@bounded
@pytest.mark.parametrize("value", ["1", "true", "YES"])
async def test_offline_by_the_environment_nothing_is_asked_of_any_hub(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.pull("owner/model")
    view = await desk.until(lambda view: view.jobs != () and view.jobs[0].state == "failed")
    assert view.jobs[0].problem is not None
    assert (view.jobs[0].problem.code, "HF_HUB_OFFLINE" in view.jobs[0].problem.reason) == ("offline", True)
    assert hub.asked == []
    await desk.library.close()


def test_zero_in_the_environment_does_not_mean_offline() -> None:
    assert not any(map(offline_by_environment, ({}, {"HF_HUB_OFFLINE": "0"}, {"HF_HUB_OFFLINE": "false"})))


@bounded
async def test_the_offline_switch_pauses_what_is_being_fetched(hub: FakeHub, tmp_path: Path) -> None:
    hub.hold["model.safetensors"] = HALF
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.pull("owner/model")
    await held(desk, hub)
    desk.library.set_offline(True)
    await desk.until(lambda view: view.jobs[0].state == "paused")
    await desk.library.close()


@bounded
async def test_a_model_can_be_chosen_as_soon_as_it_is_here(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    desk.library.pull("owner/model", then_use="int4")
    await desk.until(lambda view: not view.jobs and any(entry.chosen and entry.key for entry in view.models))
    assert desk.settings.current.model.precision == "int4"
    assert desk.entry("owner/model").chosen
    await desk.library.close()


@bounded
async def test_a_name_that_is_no_repository_is_refused_at_once(hub: FakeHub, tmp_path: Path) -> None:
    desk = await desk_at(hub, tmp_path / "p")
    assert desk.library.pull("../../etc") is None
    assert desk.view.notice is not None
    desk.library.dismiss_notice()
    assert desk.view.notice is None
    await desk.library.close()


# ---------------------------------------------------------------- tokens


@bounded
async def test_a_token_goes_to_its_own_hub_and_lies_in_no_file(hub: FakeHub, tmp_path: Path) -> None:
    keys = Keys()
    hub.token = "hf_secret"
    desk = await desk_at(hub, tmp_path / "p", open_keyring=lambda: keys)
    await desk.library.set_token("hf_secret")
    assert desk.view.hub.has_token
    desk.library.pull("owner/model")
    await desk.until(lambda view: not view.jobs and len(view.models) == 2)
    desk.library.choose_hub("https://hf-mirror.com")
    assert not desk.view.hub.has_token
    desk.library.choose_hub(hub.endpoint)
    await desk.library.set_token("")
    assert (desk.view.hub.has_token, keys.kept) == (False, {})
    await desk.library.close()
    files = [path for path in (tmp_path / "p").rglob("*") if path.is_file()]
    assert not [path for path in files if b"hf_secret" in path.read_bytes()]


@bounded
async def test_without_a_token_nobody_is_asked_for_the_key_store(hub: FakeHub, tmp_path: Path) -> None:
    keys = Keys()
    desk = await desk_at(hub, tmp_path / "p", open_keyring=lambda: keys)
    desk.library.pull("owner/model")
    await desk.until(lambda view: not view.jobs and len(view.models) == 2)
    assert keys.asked == 0
    await desk.library.close()


@bounded
@pytest.mark.expects_log("secrets: The key store cannot be used")
async def test_without_a_key_store_a_token_lasts_for_this_run_and_that_is_told(hub: FakeHub, tmp_path: Path) -> None:
    def none() -> Keys:
        raise RuntimeError("no key store")

    hub.token = "hf_secret"
    desk = await desk_at(hub, tmp_path / "p", open_keyring=none)
    await desk.library.set_token("hf_secret")
    assert desk.view.hub.has_token
    assert "until Nyanko quits" in desk.view.hub.token_problem
    desk.library.pull("owner/model")
    await desk.until(lambda view: not view.jobs and len(view.models) == 2)
    await desk.library.close()
    again = await desk_at(hub, tmp_path / "p", open_keyring=none)
    assert not again.view.hub.has_token
    await again.library.close()


# ---------------------------------------------------------------- removing


@bounded
async def test_removing_the_chosen_resident_model_frees_its_memory_first_and_chooses_the_embedded_one(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path / "p")
    folder = own_model(desk.paths.models / "a--b")
    (desk.paths.profile / "settings.toml").write_text(f'[model]\npath = "{folder}"\n')
    desk = Desk(tmp_path / "p")
    desk.host.hold(str(folder))
    await desk.library.refresh()
    assert (desk.entry("a/b").chosen, desk.entry("a/b").resident) == (True, True)
    assert await desk.removal_of("a/b") == 1002
    assert desk.host.freed == 1
    assert not folder.exists()
    assert desk.settings.current.model.path == ""
    assert desk.entry("nyanko-mini").chosen


@bounded
async def test_an_own_folder_only_leaves_the_list_and_its_copies_go(tmp_path: Path) -> None:
    desk, mine = Desk(tmp_path / "p"), own_model(tmp_path / "mine")
    copy = quantized_copy(desk.paths.cache, "mine-0-int8", mine)
    (desk.paths.profile / "settings.toml").write_text(f'[model]\nfolders = ["{mine}"]\n')
    desk = Desk(tmp_path / "p")
    await desk.library.refresh()
    assert desk.view.cache_bytes > 0
    await desk.removal_of("mine")
    assert [entry.name for entry in desk.view.models] == ["nyanko-mini"]
    assert mine.exists()
    assert not copy.exists()


@bounded
async def test_a_person_who_changes_their_mind_keeps_the_model(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "p")
    folder = own_model(desk.paths.models / "a--b")
    await desk.library.refresh()
    await desk.library.ask_removal(str(folder))
    desk.library.keep_model()
    assert desk.view.removal is None
    await desk.library.confirm_removal()
    assert folder.exists()


# ---------------------------------------------------------------- quantizing and offers


@bounded
async def test_a_quantized_copy_is_listed_with_its_model(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "p")
    await desk.library.refresh()
    assert desk.library.quantize("", "int4", 32) is not None
    view = await desk.until(lambda view: (not view.jobs and bool(view.models[0].copies)) or has_failed(view.jobs))
    assert not view.jobs, view.jobs
    (copy,) = view.models[0].copies
    assert (copy.precision, copy.group) == ("int4", 32)
    assert Path(copy.path).parent == desk.paths.cache
    assert view.cache_bytes == copy.bytes > 0
    await desk.library.close()


def has_failed(jobs: tuple[JobView, ...]) -> bool:
    return any(job.state == "failed" for job in jobs)


@bounded
async def test_the_catalogue_says_what_fits_the_card_and_a_first_start_what_to_take(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "p")
    await desk.library.refresh()
    assert (desk.view.device, desk.view.free) == ("P102", 12 * GB)
    item = next(item for item in desk.view.catalogue if item.id == "chatglm3-6b")
    assert [fit.verdict for fit in item.fits] == ["does_not_fit", "fits", "fits"]
    assert item.best_fit is not None
    assert item.best_fit.precision == "int8"
    assert desk.view.recommended[-1].id == ""
    assert all(one.bytes <= 12 * GB for one in desk.view.recommended)
    own_model(desk.paths.models / "zai-org--chatglm3-6b")
    await desk.library.refresh()
    assert desk.view.recommended == ()
    item = next(item for item in desk.view.catalogue if item.id == "chatglm3-6b")
    assert item.model == str(desk.paths.models / "zai-org--chatglm3-6b")
