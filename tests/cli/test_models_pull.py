"""``nyanko models pull`` from a real server: to the end, interrupted and gone on with, refused."""

from __future__ import annotations

import json
import os
import pty
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nyanko_desktop.models.records import Records
from nyanko_desktop.paths import Paths
from nyanko_desktop.worker.command import PYTHON_VARIABLE
from tests.cli.command_line import WAIT_SECONDS, CommandLine
from tests.support.fake_hub import FakeHub, fake_hub

WEIGHTS = bytes(range(256)) * 12_000
FILES = {"config.json": b'{"model_type": "x"}', "model.safetensors": WEIGHTS}
HALF = 2 * 2**20


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path)
    del made.environment[PYTHON_VARIABLE]
    made.environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    return made


def target(line: CommandLine) -> Path:
    return line.profile / "models" / "owner--model"


def test_a_model_is_fetched_whole_and_a_second_time_nothing_is(line: CommandLine, hub: FakeHub) -> None:
    code, said = line.objects("models", "pull", "owner/model", "--endpoint", hub.endpoint, "--json")
    size = sum(map(len, FILES.values()))
    assert (code, said[0]["stage"]) == (0, "listing")
    assert said[-1] == {"type": "downloaded", "path": str(target(line)), "bytes": size, "fetched": size}
    assert (target(line) / "model.safetensors").read_bytes() == WEIGHTS
    code, out, err = line.run("models", "pull", "owner/model", "--endpoint", hub.endpoint)
    assert (code, "0 B of it fetched now" in out) == (0, True)
    assert "nyanko ask --model owner/model" in out
    assert err.splitlines()[0] == "asking what there is"


def test_ctrl_c_pauses_and_the_name_alone_goes_on_from_the_same_hub(line: CommandLine, hub: FakeHub) -> None:
    hub.hold["model.safetensors"] = HALF
    with line.start("models", "pull", "owner/model", "--endpoint", hub.endpoint, "--json") as child:
        assert hub.held.wait(WAIT_SECONDS)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=WAIT_SECONDS)
    assert (child.returncode, err, json.loads(out.splitlines()[-1])["type"]) == (130, "", "paused")
    listed = line.run("models", "list")[1]
    assert "unfinished" in listed
    assert "paused" in listed
    assert "nyanko models pull owner/model" in listed
    code, (said,) = line.objects("models", "plan", "owner/model", "--json")
    assert (code, "its download is not finished" in said["message"]) == (1, True)

    hub.hold.clear()
    hub.released.set()
    code, said = line.objects("models", "pull", "owner/model", "--json")
    assert (code, (target(line) / "model.safetensors").read_bytes() == WEIGHTS) == (0, True)
    assert [one["type"] for one in line.objects("models", "list", "--json")[1]] == ["model", "model"]


def test_a_terminal_has_one_line_of_progress(line: CommandLine, hub: FakeHub) -> None:
    master, slave = pty.openpty()
    with line.start("models", "pull", "owner/model", "--endpoint", hub.endpoint, stderr=slave) as child:
        os.close(slave)
        out, _ = child.communicate(timeout=WAIT_SECONDS)
    shown = b""
    with suppress(OSError):  # that is how a terminal ends
        while chunk := os.read(master, 65536):
            shown += chunk
    os.close(master)
    assert (child.returncode, "owner/model is here" in out) == (0, True)
    assert b"\r\x1b[K" in shown
    assert b"100 %" in shown
    assert shown.count(b"\n") == 1


def test_a_name_that_no_hub_knows_leaves_nothing_behind(line: CommandLine, hub: FakeHub) -> None:
    code, said = line.objects("models", "pull", "no/body", "--endpoint", hub.endpoint, "--json")
    assert (code, said[-1]["code"]) == (1, "repository_not_found")
    assert len(line.objects("models", "list", "--json")[1]) == 1
    assert not (line.profile / "models" / "no--body").exists()


def test_a_token_is_asked_for_used_and_not_written_down(line: CommandLine, hub: FakeHub) -> None:
    hub.token = "s3cret"
    code, _, err = line.run("models", "pull", "owner/model", "--endpoint", hub.endpoint)
    assert (code, "--ask-token" in err) == (1, True)
    code, out, err = line.run(
        "models", "pull", "owner/model", "--endpoint", hub.endpoint, "--ask-token", given="s3cret\n"
    )
    assert (code, "used this once" in err) == (0, True)
    assert "s3cret" not in out + err
    kept = [file for file in line.profile.rglob("*") if file.is_file() and b"s3cret" in file.read_bytes()]
    assert kept == []


def test_a_download_that_another_program_does_is_left_to_it(line: CommandLine, hub: FakeHub) -> None:
    hub.hold["model.safetensors"] = HALF
    with line.start("models", "pull", "owner/model", "--endpoint", hub.endpoint) as child:
        assert hub.held.wait(WAIT_SECONDS)
        code, said = line.objects("models", "pull", "owner/model", "--json")
        assert (code, said[-1]["code"]) == (1, "busy")
        assert line.objects("models", "remove", "owner/model", "--yes", "--json")[0] == 1
        assert "running" in line.run("models", "list")[1]
        hub.released.set()
        child.communicate(timeout=WAIT_SECONDS)
    assert child.returncode == 0


def test_a_paused_download_is_removed_with_its_job(line: CommandLine, hub: FakeHub) -> None:
    hub.hold["model.safetensors"] = HALF
    with line.start("models", "pull", "owner/model", "--endpoint", hub.endpoint) as child:
        assert hub.held.wait(WAIT_SECONDS)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=WAIT_SECONDS)
    assert line.run("models", "remove", "owner/model", "--yes")[0] == 0
    assert not target(line).exists()
    assert Records(Paths(line.profile).jobs).load() == ()


def test_modelscope_is_spoken_where_it_is_asked_for(line: CommandLine, hub: FakeHub) -> None:
    code, said = line.objects(
        "models", "pull", "owner/model", "--endpoint", hub.endpoint, "--modelscope", "--revision", "master", "--json"
    )
    assert (code, said[-1]["type"]) == (0, "downloaded")
    assert any("/api/v1/models/" in asked.path for asked in hub.asked)


def test_offline_nothing_is_fetched(line: CommandLine, hub: FakeHub) -> None:
    line.profile.mkdir()
    (line.profile / "settings.toml").write_text("[network]\noffline = true\n")
    code, said = line.objects("models", "pull", "owner/model", "--endpoint", hub.endpoint, "--json")
    assert (code, said[-1]["code"], hub.asked) == (1, "offline", [])
