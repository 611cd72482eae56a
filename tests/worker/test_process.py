"""The worker as a program, and the mechanism that starts and ends it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from inference_worker.protocol.address import UnixAddress, parse_address
from inference_worker.protocol.framing import encode
from inference_worker.protocol.messages import Finished, Hello, Ping, RunTool
from inference_worker.protocol.version import PROTOCOL_VERSION
from inference_worker.server.listener import listen
from nyanko_desktop.worker.client import WorkerClient, new_id
from nyanko_desktop.worker.command import WorkerCommand, worker_command
from nyanko_desktop.worker.process import ChildProcess
from nyanko_desktop.worker.transport import connect
from tests.bad_workers.commands import ROOT, scripted
from tests.support.asynchronous import bounded
from tests.support.processes import gone_within

ORPHAN_SECONDS = 5.0
"""Promised: after ``kill -9`` of the app no process of ours lives longer."""
TOKEN = "tell-nobody-4711"
HEAVY = ("torch", "transformers", "numpy", "PySide6", "nyanko_desktop", "ui")


def start(*options: str, program: tuple[str, ...] = ("-m", "inference_worker")) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *program, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def started(*options: str) -> tuple[subprocess.Popen[str], Path]:
    """A worker and its socket."""
    worker = start(*options)
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(f"{TOKEN}\n")
    worker.stdin.flush()
    word, _, address = worker.stdout.readline().strip().partition(" ")
    assert word == "ready"
    parsed = parse_address(address)
    assert isinstance(parsed, UnixAddress)
    return worker, parsed.path


def end(worker: subprocess.Popen[str]) -> tuple[str, str]:
    """Close its standard input and see it off: the rest of its output, and its log."""
    return worker.communicate(timeout=ORPHAN_SECONDS)


def of_process(pid: int, what: str) -> bytes:
    return Path(f"/proc/{pid}/{what}").read_bytes()


def open_to_all(place: Path) -> None:
    place.chmod(0o777)


# ---------------------------------------------------------------- the program


def test_the_worker_says_ready_ends_with_its_standard_input_and_takes_its_socket_along() -> None:
    worker, path = started()
    assert path.is_socket()
    output, _ = end(worker)
    assert worker.returncode == 0
    assert output == ""
    assert not path.exists()


def test_the_worker_ends_orderly_when_terminated() -> None:
    worker, path = started()
    worker.terminate()
    assert worker.wait(ORPHAN_SECONDS) == 0
    assert not path.exists()
    end(worker)


def test_the_worker_refuses_to_start_without_a_token() -> None:
    worker = start()
    output, log = end(worker)
    assert worker.returncode == 1
    assert output == ""
    assert "no token" in log


def test_a_worker_that_is_ready_has_imported_nothing_heavy() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import inference_worker.__main__, sys; print([m for m in {HEAVY} if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert loaded.stdout.strip() == "[]"


def test_the_trace_of_the_wire_shows_messages_but_not_the_token() -> None:
    worker, path = started("--trace-wire", "--log-level", "WARNING")
    with socket.socket(socket.AF_UNIX) as app:
        app.connect(str(path))
        app.sendall(encode(Hello(protocol=PROTOCOL_VERSION, token=TOKEN)))
        assert b"welcome" in app.recv(4096)
    _, log = end(worker)
    assert "received hello" in log
    assert "sent welcome" in log
    assert TOKEN not in log


@bounded
async def test_the_token_is_in_neither_arguments_nor_environment() -> None:
    child = await ChildProcess.start(worker_command(), TOKEN)
    try:
        for place in ("cmdline", "environ"):
            assert TOKEN.encode() not in of_process(child.pid, place)
        client = await WorkerClient.connect(await connect(child.address), TOKEN)
        assert client.welcome.pid == child.pid
        await client.close()
    finally:
        await child.end()


@bounded
async def test_the_shipped_worker_runs_tools_and_pings_without_torch() -> None:
    child = await ChildProcess.start(worker_command(), TOKEN)
    try:
        client = await WorkerClient.connect(await connect(child.address), TOKEN)
        assert isinstance(await client.ask(Ping(id=new_id())), Finished)
        assert isinstance(
            await client.ask(RunTool(id=new_id(), name="calculate", argument="2^10", grants=("calculate",))), Finished
        )
        assert b"libtorch" not in of_process(child.pid, "maps")
        await client.close()
    finally:
        await child.end()


# ---------------------------------------------------------------- the command


def test_the_command_names_our_own_folder_and_looks_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NYANKO_WORKER_PYTHON", raising=False)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    command = worker_command()
    assert command.arguments[:2] == (sys.executable, "-P")
    assert command.environment["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/elsewhere"]


def test_an_installer_can_name_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NYANKO_WORKER_PYTHON", "/opt/nyanko/worker/bin/python")
    command = worker_command(trace_wire=True)
    assert command.arguments[:3] == ("/opt/nyanko/worker/bin/python", "-m", "inference_worker")
    assert "--trace-wire" in command.arguments
    assert "PYTHONPATH" not in command.environment


# ---------------------------------------------------------------- the mechanism


@bounded
@pytest.mark.expects_log("nyanko.worker: cat: the bowl is empty", "nyanko.worker:   and so is the cupboard")
async def test_the_log_of_the_child_goes_on_in_ours_at_its_levels(caplog: pytest.LogCaptureFixture) -> None:
    code = (
        "import sys; sys.stdin.readline();"
        "print('INFO cat: purr', file=sys.stderr); print('WARNING cat: the bowl is empty', file=sys.stderr);"
        "print('  and so is the cupboard', file=sys.stderr); print('DEBUG cat: ' + 'z' * 100_000, file=sys.stderr);"
        "print('ready tcp:127.0.0.1:1', flush=True); sys.stdin.read()"
    )
    with caplog.at_level(logging.DEBUG, "nyanko.worker"):
        child = await ChildProcess.start(WorkerCommand((sys.executable, "-c", code)), TOKEN)
        await child.end()
    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "nyanko.worker"]
    assert said[:3] == [
        ("INFO", "cat: purr"),
        ("WARNING", "cat: the bowl is empty"),
        ("WARNING", "  and so is the cupboard"),
    ]
    assert all(len(text) <= 500 for _, text in said)


@bounded
async def test_what_a_killed_child_had_started_ends_with_it() -> None:
    code = (
        "import subprocess, sys, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdin.readline();"
        "tool = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)']);"
        "print('INFO', tool.pid, file=sys.stderr, flush=True);"
        "print('ready tcp:127.0.0.1:1', flush=True); time.sleep(3600)"
    )
    child = await ChildProcess.start(WorkerCommand((sys.executable, "-c", code)), TOKEN)
    children = of_process(child.pid, f"task/{child.pid}/children").split()
    await child.end()
    assert len(children) == 1
    assert gone_within(int(children[0]), ORPHAN_SECONDS)


@bounded
async def test_ending_twice_is_harmless_and_a_killed_worker_leaves_no_socket_behind() -> None:
    child = await ChildProcess.start(scripted(), TOKEN)
    assert isinstance(child.address, UnixAddress)
    os.kill(child.pid, signal.SIGKILL)
    await child.end()
    await child.end()
    assert "SIGKILL" in child.describe_end()
    assert not child.address.path.exists()


@bounded
@pytest.mark.skipif(os.getuid() != 0 or not Path("/usr/bin/perl").exists(), reason="only root can try it as another")
@pytest.mark.expects_log("refused a connection of another user")
async def test_a_process_of_another_user_is_not_even_heard() -> None:
    with tempfile.TemporaryDirectory(prefix="n", dir="/tmp") as folder:
        path = f"{folder}/s"

        async def serve(_: object) -> None:
            raise AssertionError("it was let in")

        listener = await listen(UnixAddress(Path(path)), serve)
        for place in (Path(folder), Path(path)):
            open_to_all(place)
        # Perl, because this Python may lie where nobody else may look.
        code = f'use IO::Socket::UNIX; print STDOUT "heard: ", IO::Socket::UNIX->new("{path}")->getline // "nothing"'
        stranger = await asyncio.create_subprocess_exec(
            "/usr/bin/perl", "-e", code, stdout=subprocess.PIPE, user=65534, cwd="/"
        )
        output, _ = await stranger.communicate()
        listener.close()
        assert output == b"heard: nothing"


# ---------------------------------------------------------------- orphans


@pytest.mark.parametrize("busy_with", ["idle", "loading", "reply", "nap"])
def test_after_kill_9_of_the_app_its_worker_is_gone_within_five_seconds(busy_with: str) -> None:
    app = start(busy_with, program=("-m", "tests.worker.parent"))
    assert app.stdout is not None
    worker = int(app.stdout.readline())
    app.kill()
    try:
        assert gone_within(worker, ORPHAN_SECONDS)
    finally:
        app.communicate(timeout=ORPHAN_SECONDS)
