"""Quantizing under a kill -9, a cancel, a flipped bit and a full disk: the copy is whole and the same, or is not there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inference_worker.engine import EngineError
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.quantize.convert import ConversionCancelled, Converted, write_copy
from inference_worker.engine.quantize.copies import find_copy, verify

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60
FILL = 2**14
"""Bytes written at once to fill a disk."""


@pytest.fixture
def source(tiny: Any) -> Path:
    path: Path = tiny("llama").path
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def undisturbed(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the int4 copy of ``source``."""
    return contents(write_copy(tiny("llama").path, "int4", tmp_path_factory.mktemp("cache")).copy.path)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def finished(source: Path, cache: Path, undisturbed: dict[str, bytes]) -> Converted:
    """Quantize to the end, and see that the result is that of an undisturbed run, with nothing else in the cache."""
    written = write_copy(source, "int4", cache)
    assert contents(written.copy.path) == undisturbed
    assert [path.name for path in cache.iterdir()] == [written.copy.path.name]
    verify(written.copy.path)
    return written


def cancel_at(share: float, source: Path, cache: Path) -> Path:
    """Cancel once this share of the copy is written; the folder that is left."""
    reached = False

    def progress(stage: str, done: int, total: int, _tensor: str) -> None:
        nonlocal reached
        reached = reached or (stage == "quantizing" and done >= share * total)

    with pytest.raises(ConversionCancelled):
        write_copy(source, "int4", cache, progress=progress, cancelled=lambda: reached)
    return next(cache.glob("*.part"))


@pytest.fixture(scope="module")
def kill_at() -> Iterator[Callable[[int, Path, Path], None]]:
    """``kill_at(percent, source, cache)``: a process of its own quantizes and is killed there."""
    command = [sys.executable, "-m", "tests.engine.quantizing_child"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        said = parent.stdout

        def kill(percent: int, source: Path, cache: Path) -> None:
            print(json.dumps([str(source), str(cache), percent]), file=parent.stdin, flush=True)
            os.kill(int(said.readline()), signal.SIGKILL)
            assert int(said.readline()) == -signal.SIGKILL

        yield kill
        parent.stdin.close()
        assert parent.wait(WAIT_SECONDS) == 0


# ---------------------------------------------------------------- killed, cancelled


@pytest.mark.parametrize("percent", [0, 40, 80, 100])
def test_a_killed_run_resumes_and_ends_with_the_bytes_of_an_undisturbed_one(
    source, cache, undisturbed, kill_at, percent
) -> None:
    kill_at(percent, source, cache)
    assert find_copy(cache, open_checkpoint(source), "int4") is None
    assert finished(source, cache, undisturbed).resumed


def test_a_run_that_is_killed_again_and_again_still_gets_there(source, cache, undisturbed, kill_at) -> None:
    for percent in (30, 60):
        kill_at(percent, source, cache)
    assert finished(source, cache, undisturbed).resumed


def test_what_is_written_is_not_quantized_again(source, cache, undisturbed) -> None:
    cancel_at(0.7, source, cache)
    stages: dict[str, int] = {}

    def progress(stage: str, done: int, _total: int, _tensor: str) -> None:
        stages.setdefault(stage, done)

    write_copy(source, "int4", cache, progress=progress)
    assert list(stages) == ["checking", "quantizing"]
    assert stages["quantizing"] > 0.6 * len(undisturbed["model.safetensors"])


def test_a_cancel_is_obeyed_within_one_block(source, cache) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(len(asked) >= 5)
        return asked[-1]

    with pytest.raises(ConversionCancelled):
        write_copy(source, "int4", cache, cancelled=cancelled)
    assert asked == [False] * 5 + [True]
    assert find_copy(cache, open_checkpoint(source), "int4") is None


def test_a_cancelled_run_goes_on_where_it_stopped(source, cache, undisturbed) -> None:
    cancel_at(0.5, source, cache)
    assert finished(source, cache, undisturbed).resumed


def test_checking_what_an_earlier_run_left_can_be_cancelled(source, cache, undisturbed) -> None:
    cancel_at(0.8, source, cache)
    checked: list[int] = []

    def progress(stage: str, done: int, _total: int, _tensor: str) -> None:
        checked.extend([done] if stage == "checking" else [])

    with pytest.raises(ConversionCancelled):
        write_copy(source, "int4", cache, progress=progress, cancelled=lambda: len(checked) >= 3)
    assert len(checked) == 3
    assert finished(source, cache, undisturbed).resumed


def test_what_was_left_of_another_model_is_thrown_away(source, cache, undisturbed) -> None:
    part = cancel_at(0.5, source, cache)
    journal = part.with_suffix(".journal")
    journal.write_bytes(journal.read_bytes().replace(b'"identity": "', b'"identity": "0', 1))
    assert not finished(source, cache, undisturbed).resumed


def test_two_processes_do_not_write_one_copy(source, cache) -> None:
    errors: list[EngineError] = []

    def meanwhile(*_: object) -> None:
        if not errors:
            with pytest.raises(EngineError) as caught:
                write_copy(source, "int4", cache)
            errors.append(caught.value)

    write_copy(source, "int4", cache, progress=meanwhile)
    assert errors[0].code == "not_writable"
    assert "another process" in errors[0].params["reason"]


# ---------------------------------------------------------------- flipped bits


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("share", [0, 0.02, 0.1, 0.3, 0.6, 0.99])
def test_a_bit_that_flips_in_what_is_half_written_is_found(source, cache, undisturbed, share) -> None:
    part = cancel_at(0.7, source, cache)
    flip(part / "model.safetensors", int(share * len(undisturbed["model.safetensors"])))
    finished(source, cache, undisturbed)


def test_a_bit_that_flips_in_the_space_between_tensors_is_found(source, cache, undisturbed) -> None:
    part = cancel_at(0.7, source, cache)
    flip(part / "model.safetensors", padding_of(undisturbed["model.safetensors"]))
    assert finished(source, cache, undisturbed).resumed


def padding_of(weights: bytes) -> int:
    """Where the first space between two tensors begins."""
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    starts = [fields["data_offsets"][0] for name, fields in header.items() if name.startswith(".padding")]
    return 8 + length + min(starts)


@pytest.mark.parametrize("line", [0, 1, 4, -1])
def test_a_bit_that_flips_in_the_journal_is_found(source, cache, undisturbed, line) -> None:
    journal = cancel_at(0.7, source, cache).with_suffix(".journal")
    lines = journal.read_bytes().split(b"\n")[:-1]
    place = sum(len(one) + 1 for one in lines[: line % len(lines)]) + len(lines[line]) // 2
    flip(journal, place)
    finished(source, cache, undisturbed)


@pytest.mark.parametrize("spoil", [lambda journal: journal.unlink(), lambda journal: journal.write_bytes(b"\xff\n\n")])
def test_without_a_readable_journal_nothing_is_believed(source, cache, undisturbed, spoil) -> None:
    spoil(cancel_at(0.7, source, cache).with_suffix(".journal"))
    assert not finished(source, cache, undisturbed).resumed


def test_a_bit_that_flips_in_the_finished_copy_is_found_and_mended(source, cache, undisturbed) -> None:
    copy = write_copy(source, "int4", cache).copy.path
    for name, content in undisturbed.items():
        flip(copy / name, len(content) - 9)
        finished(source, cache, undisturbed)


# ---------------------------------------------------------------- full disks


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all room but ``leave`` bytes of a disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        while shutil.disk_usage(folder).free > leave:
            try:
                file.write(bytes(min(FILL, shutil.disk_usage(folder).free - leave)))
            except OSError:
                break
    return filler


def refused(source: Path, cache: Path, progress: Callable[..., None] = lambda *_: None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        write_copy(source, "int4", cache, progress=progress)
    assert caught.value.code == "disk_full"
    return caught.value


def test_too_little_room_is_said_before_anything_is_written(source, small_disk, undisturbed) -> None:
    filler = fill(small_disk, leave=2**20)
    cache = small_disk / "cache"
    error = refused(source, cache)
    assert int(error.params["needed"]) > int(error.params["free"]) > 0
    assert Path(error.params["path"]).parent == cache
    assert not list(cache.iterdir())
    filler.unlink()
    assert not finished(source, cache, undisturbed).resumed


def test_a_disk_that_fills_up_on_the_way_leaves_nothing_that_looks_whole(source, small_disk, undisturbed) -> None:
    cache = small_disk / "cache"
    refused(source, cache, lambda *_: fill(small_disk))
    assert not [path for path in cache.iterdir() if path.suffix not in (".part", ".journal")]
    (small_disk / "filler").unlink()
    assert finished(source, cache, undisturbed).resumed


def test_a_cache_that_cannot_be_made_is_said(source, tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError) as caught:
        write_copy(source, "int4", tmp_path / "file" / "cache")
    assert caught.value.code == "not_writable"
