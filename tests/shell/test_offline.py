"""The whole program without a network: it works where there is none, and switched offline it asks for none.

The real app on Qt's offscreen platform, its worker, the embedded model, and a server of the shelf as a child.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.mcp.reach import SHELF

ROOT: Final = Path(__file__).resolve().parents[2]
RUN_SECONDS: Final = 300
ASK: Final = "What is 6.5*7.5?"
NAMESPACE: Final = ("unshare", "--map-root-user", "--net")
TRACED: Final = "connect,sendto,sendmsg,sendmmsg,execve"
TRACER: Final = ("strace", "-f", "--seccomp-bpf", "-qq", "-s", "200", "-e", f"trace={TRACED}")
ADDRESS: Final = re.compile(r'sa_family=AF_INET6?\b.*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]*)"')


def works(*command: str) -> bool:
    """Whether this machine has and allows ``command``."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True).returncode == 0


namespaces = pytest.mark.skipif(not works(*NAMESPACE), reason="no network namespaces for ordinary programs here")
tracer = pytest.mark.skipif(not works(*TRACER, "-o", "/dev/null"), reason="strace is not here, or may trace nothing")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home for the program, with settings that name everything which could reach out."""
    (tmp_path / "profile").mkdir()
    command = json.dumps([sys.executable, "-I", "-S", str(SHELF), "Rich"])
    (tmp_path / "profile" / "settings.toml").write_text(
        'version = 1\n[network]\noffline = true\n[desktop]\ndesktop_entry = "no"\n'
        '[tools]\nbeyond_training = true\npython = true\n[tools.search]\nkind = "duckduckgo"\n'
        f'[[tools.servers]]\nname = "rich"\ncommand = {command}\nenabled = true\n'
        '[[tools.servers]]\nname = "far"\nurl = "https://mcp.example.com/"\nenabled = true\n'
    )
    return tmp_path


def go_online(home: Path) -> None:
    """Turn the switch off, and leave out the server that would then be contacted."""
    settings = home / "profile" / "settings.toml"
    text = settings.read_text().replace("offline = true", "offline = false")
    settings.write_text(text.partition('[[tools.servers]]\nname = "far"')[0])


def live(home: Path, around: tuple[str, ...], *options: str) -> str:
    """What the command line prints in one life of the program, with ``around`` before the command."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "XDG_", "DISPLAY"))
    }
    environment |= {
        "HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "LANGUAGE": "en",
        "OMP_NUM_THREADS": "1",
    }
    command = [*around, sys.executable, "-m", "tests.shell.whole_run", *options, str(home / "profile"), ASK]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def answer(printed: str) -> str:
    """The text of the answer; the call in it had its result."""
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [line["result"] for line in lines if line["type"] == "tool_result"] == ["48.75"]
    assert lines[-1]["type"] == "done"
    return "".join(line["text"] for line in lines if line["type"] == "text")


def whole_lines(trace: str) -> Iterator[str]:
    """The calls in ``trace``; the tracer writes one in two lines where another process came between."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        process, _, said = line.partition(" ")
        if said.endswith("<unfinished ...>"):
            begun[process] = said.removesuffix("<unfinished ...>")
        elif "resumed>" in said:
            yield begun.pop(process, "") + said.partition("resumed>")[2]
        else:
            yield said


def reached(trace: str) -> Iterator[str]:
    """Addresses beyond this machine that a process asked the kernel to reach."""
    for found in ADDRESS.finditer(trace):
        if not found[1].startswith("127.") and found[1] != "::1":
            yield found[1]


@namespaces
def test_it_starts_and_answers_with_no_network_but_loopback(home: Path) -> None:
    go_online(home)
    assert "48.75" in answer(live(home, NAMESPACE, "--loopback"))


@tracer
def test_offline_no_process_of_it_asks_the_kernel_for_another_machine(home: Path) -> None:
    assert "48.75" in answer(live(home, (*TRACER, "-o", str(home / "trace"))))
    trace = (home / "trace").read_text()
    started = [line for line in whole_lines(trace) if "execve(" in line and "= 0" in line]
    assert sum('"inference_worker"' in line for line in started) == 1, "the app's worker answered, there is no other"
    assert any("shelf.py" in line for line in started), "the server was started, too"
    assert list(reached(trace)) == []


@pytest.mark.acceptance
@tracer
def test_online_nothing_is_looked_up_either_by_starting_and_answering(home: Path) -> None:
    go_online(home)
    assert "48.75" in answer(live(home, (*TRACER, "-o", str(home / "trace"))))
    assert list(reached((home / "trace").read_text())) == []


@tracer
def test_the_tracer_sees_what_would_reach_out(home: Path) -> None:
    tries = (
        "import socket, contextlib\n"
        "for family, kind, address in ((socket.AF_INET, socket.SOCK_DGRAM, '192.0.2.1'),"
        " (socket.AF_INET6, socket.SOCK_DGRAM, '2001:db8::1'), (socket.AF_INET, socket.SOCK_DGRAM, '127.0.0.1')):\n"
        "    with socket.socket(family, kind) as any_socket, contextlib.suppress(OSError):\n"
        "        any_socket.sendto(b'', (address, 9)) if '.2.' in address else any_socket.connect((address, 9))\n"
    )
    command = [*TRACER, "-o", str(home / "trace"), "sh", "-c", '"$0" -c "$1"; true', sys.executable, tries]
    subprocess.run(command, check=True, timeout=RUN_SECONDS)
    assert list(reached((home / "trace").read_text())) == ["192.0.2.1", "2001:db8::1"]
