"""Starts one server, outlives nothing: a program of its own between the worker and the server. Imports nothing of ours.

``guard.py SOCKET OFFLINE FOLDER``: SOCKET is the number of one end of a socket pair whose other end the worker holds.
The first line from there is the command, a list of texts in JSON: it may hold secrets, and a list of processes shows
arguments. When the socket closes, however the worker ended, the server is asked and then made to end, with every
process that it started. Over it the guard says ``started`` or ``failed REASON``, later ``exited CODE``, or ``ended``
where that took a signal of ours; a byte ``k`` from the worker ends the server at once. The server's standard streams
are the guard's, which keeps none of them open.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GRACE_SECONDS = 1.0
"""For a server whose standard input ended, and once more after SIGTERM."""
POLL_SECONDS = 0.05
LINUX = sys.platform == "linux"
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # sched.h
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # sys/prctl.h
_INTERFACE_FLAGS, _UP = 0x8914, 1  # SIOCSIFFLAGS, IFF_UP


def main() -> None:
    number, offline, folder = sys.argv[1:]
    worker = socket.socket(fileno=int(number))
    if not (command := _told(worker)):
        return
    own_folder = "" if folder else tempfile.mkdtemp(prefix="nyanko-server-")
    signals = _wake_on_signals()
    try:
        server = _start(command, folder or own_folder, alone=offline == "1")
    except OSError as error:
        _say(worker, f"failed {_why(error, command, folder or own_folder)}")
    else:
        _say(worker, "started")
        _forget_streams()
        _watch(worker, server, signals)
    finally:
        if own_folder:
            shutil.rmtree(own_folder, ignore_errors=True)


def _told(worker: socket.socket) -> list[str]:
    """The command; nothing where the worker thought better of it."""
    told = b""
    while not told.endswith(b"\n"):
        if not (part := worker.recv(65_536)):
            return []
        told += part
    command: list[str] = json.loads(told)
    return command


def _start(command: list[str], folder: str, *, alone: bool) -> subprocess.Popen[bytes]:
    """OSError where the program, or the solitude, cannot be had."""
    libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
    if alone:
        _leave_network(libc)
    if libc:
        libc.prctl(_SUBREAPER, 1, 0, 0, 0)

    def die_with_the_guard() -> None:
        if libc:
            libc.prctl(_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)

    try:
        return subprocess.Popen(command, cwd=folder, start_new_session=True, preexec_fn=die_with_the_guard)
    except ValueError as error:
        raise OSError(str(error)) from None


def _why(error: OSError, command: list[str], folder: str) -> str:
    """In one line of plain English."""
    if isinstance(error, FileNotFoundError) and not Path(folder).is_dir():
        return f"there is no folder {folder}".replace("\n", " ")
    if isinstance(error, FileNotFoundError) and shutil.which(command[0]) is None:
        return f"there is no program {command[0]}; install it, or write its whole path".replace("\n", " ")
    return error.strerror or str(error)


def _leave_network(libc: ctypes.CDLL | None) -> None:
    """Go where there is no network but an own loopback."""
    user, group = os.getuid(), os.getgid()
    if libc is None or libc.unshare(_NEW_USER | _NEW_NETWORK) != 0:
        raise OSError("offline, and this system cannot keep a program from the network")
    for name, value in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with contextlib.suppress(OSError):
            Path(f"/proc/self/{name}").write_text(value)
    import fcntl

    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _INTERFACE_FLAGS, struct.pack("16sH14x", b"lo", _UP))


def _forget_streams() -> None:
    """Only the server may hold its ends, so that their closing says what it seems to say."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def _wake_on_signals() -> int:
    """A pipe that can be read as soon as a signal came: that a child ended, or that the guard should."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for wanted in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(wanted, lambda *_: None)
    return readable


def _watch(worker: socket.socket, server: subprocess.Popen[bytes], signals: int) -> None:
    """Until the server ends or has to."""
    watched: list[socket.socket | int] = [worker, signals]
    was_made = False
    while server.poll() is None:
        ready, _, _ = select.select(watched, [], [])
        if worker in ready:
            was_made = not _is_told_to_kill(worker) and _ask_to_end(server)
            break
        if set(os.read(signals, 4096)) - {signal.SIGCHLD}:
            _ask_to_end(server)
            break
        _collect(server.pid)
    _kill(server.pid, signal.SIGKILL)
    code = server.wait()
    _kill_orphans()
    _say(worker, "ended" if was_made else f"exited {code}")


def _is_told_to_kill(worker: socket.socket) -> bool:
    try:
        return worker.recv(1) == b"k"
    except OSError:
        return False


def _collect(server: int) -> None:
    """Let what the server left behind, and ended, disappear."""
    for child in _children():
        if child != server:
            with contextlib.suppress(OSError):
                os.waitpid(child, os.WNOHANG)


def _ask_to_end(server: subprocess.Popen[bytes]) -> bool:
    """Whether it ended by a signal of ours, or not yet."""
    for ask in (None, signal.SIGTERM):
        if ask is not None:
            _kill(server.pid, ask)
        end = time.monotonic() + GRACE_SECONDS
        while server.poll() is None and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        if server.poll() is not None:
            return ask is not None
    return True


def _kill(group: int, by: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, by)


def _kill_orphans() -> None:
    """Processes that left the server's group have become the guard's children (Linux)."""
    end = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < end:
        children = _children()
        for child in children:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(POLL_SECONDS)


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path("/proc/thread-self/children").read_text().split()]
    except OSError:
        return []


def _say(worker: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):
        worker.sendall(f"{line}\n".encode())


if __name__ == "__main__":
    main()
