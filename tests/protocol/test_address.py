"""Where workers listen: addresses as text, and the folder of the sockets."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from inference_worker.protocol.address import (
    UNIX_PATH_LIMIT,
    TcpAddress,
    UnixAddress,
    new_address,
    parse_address,
    runtime_folder,
)


@pytest.mark.parametrize("address", [UnixAddress(Path("/run/user/1000/nyanko-1000/w.sock")), TcpAddress(40123)])
def test_an_address_is_read_back_from_its_text(address: UnixAddress | TcpAddress) -> None:
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unix:",
        "unix:relative.sock",
        "unix:/" + "x" * UNIX_PATH_LIMIT,
        "tcp:127.0.0.1",
        "tcp:127.0.0.1:0",
        "tcp:127.0.0.1:65536",
        "tcp:127.0.0.1:-1",
        "tcp:127.0.0.1:٣",
        "tcp:0.0.0.0:80",
        "tcp:example.org:80",
        "http://127.0.0.1:80",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        parse_address(text)


def test_the_runtime_folder_is_private_and_every_new_address_in_it_is_short_and_new() -> None:
    folder = runtime_folder()
    found = folder.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == os.getuid()
    first, second = new_address(), new_address()
    assert isinstance(first, UnixAddress)
    assert first != second
    assert first.path.parent == folder
    assert len(os.fsencode(first.path)) <= UNIX_PATH_LIMIT
    assert not first.path.exists()


def test_the_session_folder_is_preferred_and_one_with_a_long_path_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="n", dir="/tmp") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        assert runtime_folder().parent == Path(short)
        long = Path(short) / ("x" * 90)
        long.mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
        assert runtime_folder().parent != long


def test_a_runtime_folder_that_others_could_enter_is_closed_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="n", dir="/tmp") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        runtime_folder().chmod(0o777)
        assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


def test_a_link_in_place_of_the_runtime_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="n", dir="/tmp") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        (Path(short) / f"nyanko-{os.getuid()}").symlink_to(tmp_path)
        with pytest.raises(PermissionError):
            runtime_folder()
