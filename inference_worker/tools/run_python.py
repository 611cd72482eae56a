"""Runs a short Python program in a confined process and gives back what it printed. Off unless the person wants it.

What confines it is in sandbox/confine.py; here is the outside: one process group, a temporary folder, an environment
with nothing of ours, and an end to all of it after a time, after too much output, or when the call is cancelled.
Where the system cannot confine a program, none runs.
"""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.page_text import plain
from inference_worker.tools.schema import misfit

LONGEST_CODE: Final = 20_000
"""Characters; a person is asked to read them."""
MOST_CHARACTERS: Final = 7_000
"""Of the output that is given back."""
MOST_OUTPUT: Final = 2**20
"""Bytes of output after which the program is ended."""
SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1
_CONFINE: Final = Path(__file__).parent / "sandbox" / "confine.py"

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"code": {"type": "string", "description": "prints what shall be known", "maxLength": LONGEST_CODE}},
    "required": ["code"],
}


def prepare(arguments: Arguments, access: Access) -> Prepared:
    """As written, to be shown; ToolError also where no program can be confined: nobody is asked in vain."""
    if not access.python:
        raise ToolError("running Python is switched off: the person can switch it on in the settings")
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    check_confinement()
    return Prepared(dict(arguments), preview=arguments["code"])


def run(arguments: Arguments, run: Run) -> Result:
    return Result(_told(_confined(prepare(arguments, run.access).arguments["code"], run)))


@functools.cache
def check_confinement() -> None:
    """Confine a program that does nothing, until that went well once; ToolError with the reason where it does not."""
    if sys.platform != "linux":
        raise ToolError("this system cannot confine a program, so none is run")
    _confined("", Run(Access(python=True)))


def _confined(code: str, run: Run) -> _Program:
    """The program as it ended; ToolError where it could not be confined or had to be ended."""
    with tempfile.TemporaryDirectory(prefix="nyanko-python-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "program.py").write_text(code, "utf-8", "replace")
        program = _start(folder)
        try:
            _follow(program, run)
        finally:
            _end(program)
    if program.status != b"confined":
        why = program.status.decode(errors="replace") or "it did not start"
        raise ToolError(f"this system cannot confine a program, so none is run ({why})")
    return program


@dataclass(slots=True)
class _Program:
    process: subprocess.Popen[bytes]
    status_end: int
    """Where it says that it is confined, or why not."""
    status: bytes = b""
    output: bytearray = field(default_factory=bytearray)


def _start(folder: Path) -> _Program:
    reads, writes = os.pipe()
    command = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-X",
        "utf8",
        str(_CONFINE),
        "program.py",
        str(writes),
        str(os.getpid()),
    ]
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            pass_fds=(writes,),
            start_new_session=True,
        )
    except OSError:
        os.close(reads)
        raise ToolError("this system cannot start a program") from None
    finally:
        os.close(writes)
    return _Program(process, reads)


def _follow(program: _Program, run: Run) -> None:
    """Collect what it prints until it ends; ToolError where it is to be ended before."""
    assert program.process.stdout is not None
    output, started = program.process.stdout.fileno(), time.monotonic()
    with selectors.DefaultSelector() as selector:
        for end in (output, program.status_end):
            os.set_blocking(end, False)
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            _check(program, run, time.monotonic() - started)
            for key, _ in selector.select(_POLL_SECONDS):
                piece = os.read(key.fd, 2**16)
                if not piece:
                    selector.unregister(key.fd)
                elif key.fd == output:
                    program.output += piece
                else:
                    program.status += piece
    while program.process.poll() is None:  # it closed its output and goes on
        _check(program, run, time.monotonic() - started)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.process.wait(_POLL_SECONDS)


def _check(program: _Program, run: Run, seconds: float) -> None:
    if run.cancelled.is_set():
        raise ToolError("stopped")
    if seconds > SECONDS - 2:
        raise ToolError(f"the program ran longer than {SECONDS - 2:g} seconds")
    if len(program.output) > MOST_OUTPUT:
        raise ToolError("the program printed too much")


def _end(program: _Program) -> None:
    """Nothing of it is left afterwards: it can start no process, and it is killed with its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.process.pid, signal.SIGKILL)
    program.process.wait()
    os.close(program.status_end)
    if program.process.stdout is not None:
        program.process.stdout.close()


def _told(program: _Program) -> str:
    text = plain(program.output.decode("utf-8", "replace")).strip()
    if len(text) > MOST_CHARACTERS:
        half = MOST_CHARACTERS // 2
        text = f"{text[:half]}\n(… {len(text) - 2 * half} characters …)\n{text[-half:]}"
    status = program.process.returncode
    if status == -signal.SIGXCPU:
        return f"{text}\n(ended: it computed for too long)".strip()
    if status < 0:
        return f"{text}\n(ended by {signal.Signals(-status).name})".strip()
    return f"{text}\n(exit status {status})".strip() if status else text or "(nothing was printed)"


TOOL = Tool(
    name="run_python",
    description='Runs a Python program without network or files, for example /run_python {"code": "print(2**100)"}',
    parameters=PARAMETERS,
    prepare=prepare,
    run=run,
    level="effect",
    seconds=SECONDS,
)
