"""What lies on the disk, and that removing never touches what is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from nyanko_desktop.models.shelf import Shelf, size_of
from nyanko_desktop.models.view import ModelEntry
from tests.models.desk import own_model, quantized_copy

HASH = "0123456789ab"


def shelf(tmp_path: Path, *folders: Path) -> Shelf:
    return Shelf(tmp_path / "models", tmp_path / "cache", tuple(map(str, folders)))


def names(entries: tuple[ModelEntry, ...]) -> list[tuple[str, str]]:
    return [(entry.name, entry.kind) for entry in entries]


def test_an_empty_profile_has_the_embedded_model(tmp_path: Path) -> None:
    (embedded,) = shelf(tmp_path).entries()
    assert (embedded.key, embedded.name, embedded.kind) == ("", "nyanko-mini", "embedded")
    assert embedded.bytes > 1_000_000


def test_everything_a_person_has_is_listed_with_its_size(tmp_path: Path) -> None:
    own_model(tmp_path / "models" / "Qwen--Qwen3-0.6B")
    mine = own_model(tmp_path / "elsewhere" / "glm", 2000)
    (mine / "holidays.mp4").write_bytes(bytes(9000))
    entries = shelf(tmp_path, mine).entries()
    assert names(entries) == [("nyanko-mini", "embedded"), ("Qwen/Qwen3-0.6B", "downloaded"), ("glm", "added")]
    assert [entry.bytes for entry in entries[1:]] == [1002, 2002]


def test_a_download_with_a_part_is_unfinished_and_so_is_one_that_a_job_says_so_of(tmp_path: Path) -> None:
    one, two = (own_model(tmp_path / "models" / f"a--{name}") for name in ("one", "two"))
    (one / "x.safetensors.part").write_bytes(b"12")
    entries = shelf(tmp_path).entries(unfinished=[str(two)])
    assert [entry.unfinished for entry in entries] == [False, True, True]


def test_copies_belong_to_the_model_that_they_were_made_from_or_stand_alone(tmp_path: Path) -> None:
    model = own_model(tmp_path / "models" / "a--b")
    quantized_copy(tmp_path / "cache", "a--b-0123456789ab-int8", model)
    quantized_copy(tmp_path / "cache", "gone-0123456789ab-int4-g64", tmp_path / "gone", "int4", 64)
    (tmp_path / "cache" / "x-int8.part").mkdir()
    (tmp_path / "cache" / "measured.json").write_text("{}")
    (tmp_path / "cache" / "rubbish").mkdir()
    (tmp_path / "cache" / "rubbish" / "manifest.json").write_text("[1")
    entries = shelf(tmp_path).entries()
    assert names(entries)[1:] == [("a/b", "downloaded"), ("gone-0123456789ab-int4-g64", "copy")]
    assert [(copy.precision, copy.group) for copy in entries[1].copies] == [("int8", 0)]
    assert entries[1].total == entries[1].bytes + entries[1].copies[0].bytes


def test_an_added_folder_that_holds_no_model_any_more_says_so(tmp_path: Path) -> None:
    good = own_model(tmp_path / "good")
    (tmp_path / "one.gguf").write_bytes(b"GGUF")
    (tmp_path / "empty").mkdir()
    places = [good, tmp_path / "one.gguf", tmp_path / "empty", tmp_path / "gone"]
    problems = [entry.problem and entry.problem.code for entry in shelf(tmp_path, *places).entries()[1:]]
    assert problems == [None, None, "not_a_model", "model_not_found"]


def test_several_gguf_of_one_repository_are_several_models(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "a--gguf"
    folder.mkdir(parents=True)
    for name in ("x-Q4_K.gguf", "x-Q8_0-00001-of-00002.gguf", "x-Q8_0-00002-of-00002.gguf"):
        (folder / name).write_bytes(b"1234")
    entries = shelf(tmp_path).entries()[1:]
    assert [(entry.name, entry.bytes) for entry in entries] == [
        ("a/gguf/x-Q4_K.gguf", 4),
        ("a/gguf/x-Q8_0-00001-of-00002.gguf", 8),
    ]


def test_an_own_folder_that_went_away_stays_in_the_list_with_the_reason(tmp_path: Path) -> None:
    entry = shelf(tmp_path, tmp_path / "gone").entries()[1]
    assert entry.problem is not None
    assert entry.problem.code == "model_not_found"


def test_removing_a_download_takes_its_copies_with_it_and_says_so_before(tmp_path: Path) -> None:
    model = own_model(tmp_path / "models" / "a--b")
    copy = quantized_copy(tmp_path / "cache", "a--b-0-int8", model)
    place = shelf(tmp_path)
    removal = place.removal(place.entries()[1])
    assert set(removal.deletes) == {str(model), str(copy)}
    assert removal.frees == size_of(model) + size_of(copy)
    assert place.remove(removal) == removal.frees
    assert not model.exists()
    assert not copy.exists()
    assert list((tmp_path / "models").iterdir()) == []


def test_an_own_folder_is_never_deleted_only_its_copies_are(tmp_path: Path) -> None:
    mine = own_model(tmp_path / "mine")
    copy = quantized_copy(tmp_path / "cache", "mine-0-int8", mine)
    place = shelf(tmp_path, mine)
    removal = place.removal(place.entries()[1])
    assert (removal.deletes, removal.keeps) == ((str(copy),), str(mine))
    place.remove(removal)
    assert (mine / "model.safetensors").exists()


def test_the_embedded_model_is_not_removed(tmp_path: Path) -> None:
    place = shelf(tmp_path)
    removal = place.removal(place.entries()[0])
    assert removal.refusal is not None
    assert removal.deletes == ()


@pytest.mark.parametrize("path", ["outside", "models", "cache", "models/../outside", "models/.."])
def test_nothing_outside_of_our_folders_can_be_deleted(tmp_path: Path, path: str) -> None:
    own_model(tmp_path / "outside")
    (tmp_path / "models").mkdir()
    with pytest.raises(RequestError) as caught:
        shelf(tmp_path).delete(tmp_path / path)
    assert caught.value.error.code is ErrorCode.NOT_WRITABLE
    assert (tmp_path / "outside" / "config.json").exists()


def test_a_link_in_our_folder_is_taken_away_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    outside = own_model(tmp_path / "outside")
    (tmp_path / "models").mkdir()
    link = tmp_path / "models" / "a--b"
    link.symlink_to(outside)
    with pytest.raises(RequestError):
        shelf(tmp_path).delete(link / "config.json")
    shelf(tmp_path).delete(link)
    assert not link.is_symlink()
    assert (outside / "config.json").exists()


def test_what_an_unfinished_quantization_left_is_found_and_other_parts_are_not(tmp_path: Path) -> None:
    mine = [f"cat-{HASH}-int4-g64.part", f"cat-{HASH}-int4-g64.journal"]
    others = [f"cat-{HASH}-int4-g128.part", f"cat-{HASH}-int4-g64", f"dog-{HASH}-int4-g64.part"]
    for name in (mine[0], *others):
        (tmp_path / "cache" / name).mkdir(parents=True)
    (tmp_path / "cache" / mine[1]).touch()
    found = shelf(tmp_path).unfinished_copies("/models/cat", "int4", 64)
    assert [path.name for path in found] == mine


def test_llm_int8_leaves_what_int8_leaves(tmp_path: Path) -> None:
    part = tmp_path / "cache" / f"cat-{HASH}-int8.part"
    part.mkdir(parents=True)
    assert shelf(tmp_path).unfinished_copies("/models/cat", "llm-int8", 128) == [part]
