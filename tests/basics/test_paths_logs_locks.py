"""The small basics: where files lie, where log lines go, who is alive."""

from __future__ import annotations

import logging
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nyanko_desktop import assets
from nyanko_desktop.locks import FileLock
from nyanko_desktop.logs import start_logging, stop_logging
from nyanko_desktop.paths import profile_paths

HOLDER = """
import sys
from pathlib import Path
from nyanko_desktop.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_all_state_of_a_profile_lies_inside_its_folder(tmp_path: Path) -> None:
    paths = profile_paths(tmp_path / "cat")
    for file in (paths.settings, paths.store, paths.log, paths.cli_log, paths.instance_lock, paths.instance_file):
        assert file.is_relative_to(tmp_path / "cat")
    assert stat.S_IMODE(paths.profile.stat().st_mode) == 0o700


def test_two_profiles_have_two_addresses_and_one_profile_always_the_same(tmp_path: Path) -> None:
    one, other = profile_paths(tmp_path / "a"), profile_paths(tmp_path / "b")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert one.instance_address() != other.instance_address()
    assert profile_paths(tmp_path / "link").instance_address() == one.instance_address()
    deep = profile_paths(tmp_path / ("x" * 200))
    assert len(str(deep.instance_address())) < 110


def test_log_lines_reach_the_file_and_with_debug_the_chosen_ones_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        start_logging(tmp_path / "logs" / "nyanko.log", debug=True, only=["nyanko_desktop.chat"])
        logging.getLogger("nyanko_desktop.chat.controller").debug("seen")
        logging.getLogger("nyanko_desktop.worker").debug("filtered")
    finally:
        stop_logging()
    text = (tmp_path / "logs" / "nyanko.log").read_text()
    assert "seen" in text
    assert "filtered" in text
    shown = capsys.readouterr().err
    assert "seen" in shown
    assert "filtered" not in shown


def test_a_log_file_that_cannot_be_made_is_said_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    try:
        start_logging(tmp_path / "logs" / "nyanko.log")
        logging.getLogger("nyanko_desktop").info("still alive")
    finally:
        stop_logging()
    assert "no log file" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_full_disk_takes_the_log_lines_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nyanko.log").symlink_to("/dev/full")
    start_logging(tmp_path / "nyanko.log")
    logging.getLogger("nyanko_desktop").info("lost")
    stop_logging()
    assert capsys.readouterr().err == ""


def test_a_lock_outlives_nobody_who_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    ours = FileLock(path)
    assert not ours.acquire()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert ours.acquire()
    ours.release()
    ours.release()


def test_a_lock_can_be_shared_but_not_with_one_who_wants_it_alone(tmp_path: Path) -> None:
    first, second, third = (FileLock(tmp_path / "lock") for _ in range(3))
    assert first.acquire()
    assert not second.acquire(shared=True)
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not third.acquire()
    first.release()
    second.release()
    assert third.acquire()
    third.release()


def test_assets_lie_in_the_resources_folder() -> None:
    assert assets.embedded_model() == assets.RESOURCES / "models" / "nyanko-mini"
    assert assets.RESOURCES.is_dir()
