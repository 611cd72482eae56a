"""Running a program: what it can compute, all that it cannot reach, and every way in which it is ended."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from inference_worker.protocol.messages import Access
from inference_worker.tools import run_python
from inference_worker.tools.base import Run, ToolError

ON = Access(python=True)
CONFINE = Path(run_python.__file__).parent / "sandbox" / "confine.py"


def can_confine() -> bool:
    try:
        return run_python.run({"code": "print(1)"}, Run(ON)).text == "1"
    except ToolError:
        return False


confined = pytest.mark.skipif(not can_confine(), reason="this system cannot confine a program")


def output(code: str, run: Run | None = None) -> str:
    return run_python.run({"code": code}, run or Run(ON)).text


def test_it_is_off_until_the_person_wants_it() -> None:
    for work in (
        lambda: run_python.prepare({"code": "1"}, Access()),
        lambda: run_python.run({"code": "1"}, Run(Access())),
    ):
        with pytest.raises(ToolError, match="switched off"):
            work()


@confined
def test_the_person_sees_the_code() -> None:
    assert run_python.prepare({"code": "print(1)"}, ON).preview == "print(1)"
    for arguments in ({}, {"code": 3}, {"code": "x" * 30_000}, {"code": "1", "file": "x"}):
        with pytest.raises(ToolError):
            run_python.prepare(arguments, ON)


@confined
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print(2**100)", "1267650600228229401496703205376"),
        ("import json, decimal, hashlib, statistics; print(json.dumps({'a': str(decimal.Decimal('0.1'))}))", '{"a": "0.1"}'),
        ("open('x', 'w').write('茶'); print(open('x').read())", "茶"),
        ("import threading; t = threading.Thread(target=print, args=('hi',)); t.start(); t.join()", "hi"),
        ("import sys; print('a', file=sys.stderr); sys.exit(3)", "a\n(exit status 3)"),
        ("pass", "(nothing was printed)"),
        ("import os; os.abort()", "(ended by SIGABRT)"),
        ("try:\n    input()\nexcept EOFError as error:\n    print(error)", "EOF when reading a line"),
        ("missing", "Traceback (most recent call last):\n  File \"program.py\", line 1, in <module>\n    missing\n"
         "NameError: name 'missing' is not defined\n(exit status 1)"),
        ("print('\\x1b[31mred\\u202e')", "[31mred"),
        ("import os; print('quiet', file=open(os.devnull, 'w'))", "(nothing was printed)"),
        ("import sqlite3; c = sqlite3.connect('x.db'); c.execute('create table a (b)'); c.commit(); print('kept')", "kept"),
    ],
)  # fmt: skip
def test_a_program_prints(code: str, text: str) -> None:
    assert output(code) == text


@confined
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socketpair()",
        "import os; os.fork()",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import os; os.execv('/bin/true', ['true'])",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.kill(os.getppid(), 9)",
        "import os; os.kill(-1, 9)",
        "import os; os.setsid()",
        "import os; os.symlink('/', 'root')",
        "import os; os.link('program.py', 'other')",
        "import os; os.mkfifo('fifo')",
        "import os; os.chmod('/', 0o777)",
        "import os; os.chmod('program.py', 0o777)",
        "import os; os.utime('/etc/passwd')",
        "import os; os.truncate('program.py', 0)",
        "open('/etc/passwd')",
        "open('/proc/self/environ')",
        "open('/proc/%d/environ' % __import__('os').getppid())",
        "open('../stolen.txt', 'w')",
        "open('/tmp/stolen.txt', 'w')",
        "import os; os.listdir('/')",
        "import os; os.listdir('..')",
        "import os; os.rename('program.py', '/tmp/stolen.py')",
        "import os; os.listdir(os.path.expanduser('~root'))",
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))",
        "x = 'x' * 2**31",
        "open('big', 'wb').truncate(2**30)",
        "[open('program.py') for _ in range(100)] or 1/0",
        "import ctypes; r = ctypes.CDLL(None, use_errno=True).syscall(165, 0, 0, 0, 0, 0); assert r == 0",
        "import ctypes; assert ctypes.CDLL(None, use_errno=True).mount(b'x', b'.', b'tmpfs', 0, 0) == 0",
        "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
        "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, -1)",
        "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETSIG, 9)",
        "import fcntl; fcntl.fcntl(open('program.py'), fcntl.F_SETLEASE, 0)",
        "import os; os.open('program.py', os.O_RDONLY | os.O_TRUNC)",
        "import os; os.open('program.py', os.O_ACCMODE | os.O_TRUNC)",
        "import os; os.open('program.py', os.O_ACCMODE)",
        "import ctypes; assert ctypes.CDLL(None).open(b'program.py', 0o1000) >= 0",
        "for n in range(9): open(str(n), 'wb').write(bytes(15 * 2**20))",
        "import os\nk = []\nfor _ in range(9): k.append(open('x', 'wb')); os.unlink('x'); k[-1].write(bytes(15 * 2**20))",
        "for n in range(5000): open(str(n), 'w')",
        "import os\nfor _ in range(5000): os.mkdir('d'); os.chdir('d')",
    ],
)
def test_a_program_reaches_nothing_outside(code: str) -> None:
    """It fails with an error of its own, or is ended: by no means does it come to the end."""
    said = output(f"{code}\nprint('came through')")
    assert "came through" not in said
    assert "(exit status 1)" in said or "(ended by SIGXFSZ)" in said


@confined
@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    "code",
    [
        "os.open({path!r}, os.O_RDONLY | os.O_TRUNC)",
        "os.open({path!r}, os.O_ACCMODE | os.O_TRUNC)",
        "os.truncate({path!r}, 0)",
        "os.open({path!r}, os.O_WRONLY)",
        "os.open({path!r} + '.new', os.O_ACCMODE | os.O_CREAT)",
        "os.open({folder!r}, os.O_TMPFILE | os.O_RDWR)",
        "os.unlink({path!r})",
        "os.rename({path!r}, {path!r} + '.new')",
        "os.rename('program.py', {path!r})",
        "import fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
    ],
)
def test_an_older_landlock_leaves_no_gap(
    version: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of Linux 5.13, 5.19 and 6.2 know nothing of truncation (1, 2) and of signals."""
    script, kept = tmp_path / "confine.py", tmp_path / "kept.txt"
    old = CONFINE.read_text().replace(
        "    if version < 1:\n", f"    version = min(version, {version})\n    if version < 1:\n"
    )
    assert old != CONFINE.read_text()
    script.write_text(old)
    kept.write_text("kept")
    monkeypatch.setattr(run_python, "_CONFINE", script)
    said = output("import os; " + code.format(path=str(kept), folder=str(tmp_path)) + "\nprint('came through')")
    assert "came through" not in said
    assert (kept.read_text(), sorted(path.name for path in tmp_path.iterdir())) == ("kept", ["confine.py", "kept.txt"])


@confined
def test_a_program_cannot_read_what_the_person_opened_either(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("secret")
    run = Run(Access(python=True, folders=(str(tmp_path),)))
    assert "PermissionError" in output(f"open({str(tmp_path / 'notes.txt')!r})", run)


@confined
def test_a_program_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    monkeypatch.setenv("PYTHONSTARTUP", "/etc/passwd")
    with socket.socket() as open_here:
        os.set_inheritable(open_here.fileno(), True)
        code = """
import os, sys
def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
print(sorted(os.environ), [fd for fd in range(3, 64) if is_open(fd)], sys.flags.isolated)
"""
        assert output(code) == "['HOME', 'LANG', 'PATH', 'TMPDIR'] [] 1"


def children_in(folder: str) -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if any(folder in part for part in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@confined
def test_a_cancelled_program_ends_within_a_second_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_python.tempfile, "tempdir", str(tmp_path))
    run, ended = Run(ON), []

    def work() -> None:
        try:
            output("import signal, time\nfor n in range(1, 32):\n  try: signal.signal(n, signal.SIG_IGN)\n"
                   "  except OSError: pass\nwhile True: pass", run)  # fmt: skip
        except ToolError as error:
            ended.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    until = time.monotonic() + 10
    while not children_in("confine.py") and time.monotonic() < until:
        thread.join(0.02)
    assert children_in("confine.py")
    cancelled = time.monotonic()
    run.cancelled.set()
    thread.join(10)
    assert ended == ["stopped"]
    assert time.monotonic() - cancelled < 5  # a second on a machine that is not busy; it would run for 30
    assert not children_in("confine.py")
    assert list(tmp_path.iterdir()) == []


@confined
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True: print('x' * 1000)", "printed too much"),
    ],
)
def test_a_program_that_takes_too_much_is_ended(code: str, reason: str) -> None:
    with pytest.raises(ToolError, match=reason):
        output(code)


@confined
def test_what_a_program_wrote_is_gone_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_python.tempfile, "tempdir", str(tmp_path))
    code = "import os\nos.mkdir('locked', 0)\nfor _ in range(500): os.mkdir('d' * 200); os.chdir('d' * 200)"
    assert output(code) == "(nothing was printed)"
    assert list(tmp_path.iterdir()) == []


@confined
def test_a_program_that_computes_for_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "confine.py"
    script.write_text(CONFINE.read_text().replace("CPU_SECONDS = 20", "CPU_SECONDS = 1"))
    monkeypatch.setattr(run_python, "_CONFINE", script)
    assert output("while True: pass") == "(ended: it computed for too long)"


@confined
def test_a_program_that_runs_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_python, "SECONDS", 3.0)
    with pytest.raises(ToolError, match="ran longer than 1 seconds"):
        output("import time, os, sys\nos.close(1)\nos.close(2)\ntime.sleep(60)")


@confined
def test_a_long_output_is_cut_in_the_middle() -> None:
    text = output("print('a' * 5000 + 'b' * 5000)")
    assert text.startswith("aaa")
    assert text.endswith("bbb")
    assert "(… 3000 characters …)" in text


def is_confined(process: psutil.Process) -> bool:
    """Whether it has taken its last step before the foreign code."""
    try:
        return "Seccomp:\t2" in Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return False


@confined
def test_a_program_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    starter = (
        "from inference_worker.tools import run_python\nfrom inference_worker.tools.base import Run\n"
        "from inference_worker.protocol.messages import Access\n"
        "run_python.run({'code': 'while True: pass'}, Run(Access(python=True)))"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", starter], cwd=root, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as parent:
        until = time.monotonic() + 20
        programs: list[psutil.Process] = []
        while not programs and time.monotonic() < until:
            time.sleep(0.01)
            programs = [child for child in psutil.Process(parent.pid).children() if is_confined(child)]
        assert programs
        parent.kill()
    psutil.wait_procs(programs, timeout=5)
    assert not any(program.is_running() and program.status() != psutil.STATUS_ZOMBIE for program in programs)
    assert not any(path.is_file() for path in tmp_path.rglob("*")), "what the model wrote is not left lying about"


def test_where_nothing_can_be_confined_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A confine program that finds the system lacking says why, and the foreign code is not reached."""
    script = tmp_path / "confine.py"
    script.write_text("import os, sys; os.write(int(sys.argv[2]), b'no Landlock'); print('not shown')")
    monkeypatch.setattr(run_python, "_CONFINE", script)
    with pytest.raises(ToolError, match=r"cannot confine a program, so none is run \(no Landlock\)"):
        output("print(1)")
    run_python.check_confinement.cache_clear()
    with pytest.raises(ToolError, match="no Landlock"):  # before anybody is asked
        run_python.prepare({"code": "print(1)"}, ON)
    script.write_text("raise SystemExit(1)")
    with pytest.raises(ToolError, match="it did not start"):
        output("print(1)")


WITHOUT_NAMESPACES = """
import ctypes, os, struct
from inference_worker.protocol.messages import Access
from inference_worker.tools import run_python
from inference_worker.tools.base import Run, ToolError

lines = ((0x20, 0, 0, 0), (0x15, 0, 1, UNSHARE), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000))
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
program = ctypes.create_string_buffer(struct.pack("@HP", len(lines), ctypes.addressof(code)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(program)), 0, 0) == 0
try:
    print(run_python.run({"code": "print('it ran')"}, Run(Access(python=True))).text)
except ToolError as refusal:
    print(refusal)
"""


@confined
def test_where_namespaces_are_forbidden_nothing_runs() -> None:
    """As in containers, and where a distribution forbids them to ordinary programs."""
    script = WITHOUT_NAMESPACES.replace("UNSHARE", {"x86_64": "272", "aarch64": "97"}[platform.machine()])
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    reason = "no network namespace: Operation not permitted"
    assert told.stdout == f"this system cannot confine a program, so none is run ({reason})\n"
