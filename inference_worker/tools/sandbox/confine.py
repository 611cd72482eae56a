"""Confines this process for good, then runs one program in it. Started by run_python with a bare interpreter.

Not a module: it stands alone (no package is on the path), and it is the last of our code before the foreign program.
Everything that a program of that kind does not need is taken away by the kernel, from outside of Python: other files
(Landlock), the network (a network namespace, and no sockets at all), other processes and new ones (seccomp). What it
writes goes to a small disk in memory that no other process sees, and that ends with it.
If any of these cannot be had, nothing runs, and the reason goes to the descriptor that the parent reads.

    python -I -S -B confine.py PROGRAM STATUS_DESCRIPTOR PARENT
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import runpy
import signal
import struct
import sys
import sysconfig
import traceback
from pathlib import Path

CPU_SECONDS = 20
"""Then it is told, and two seconds later ended."""
MEMORY = 2**30
LARGEST_FILE = 16 * 2**20
MOST_OPEN = 64
DISK = 64 * 2**20
MOST_FILES = 1_000
"""With folders."""

_libc = ctypes.CDLL(None, use_errno=True)
_SIGNAL_OF_PARENTS_DEATH, _NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 1, 38, 22, 2


class RefusedError(Exception):
    """This system cannot confine a program."""


def _called(name: str, result: int) -> int:
    if result < 0:
        raise RefusedError(f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def _prctl(name: str, *arguments: int) -> None:
    longs = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:5]]
    _called(name, _libc.prctl(*longs))


# ---------------------------------------------------------------- limits and namespaces


def limit() -> None:
    """Bound what the program can use up."""
    bounds = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_NOFILE: MOST_OPEN,
        resource.RLIMIT_CORE: 0,
    }
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    for kind, bound in bounds.items():
        resource.setrlimit(kind, (bound, bound))


def leave_the_network() -> None:
    """A network without any card but a loopback that is down, and no memory or mounts shared with others."""
    user, network, ipc, mounts = 0x10000000, 0x40000000, 0x08000000, 0x00020000
    uid, gid = os.getuid(), os.getgid()
    _called("no network namespace", _libc.unshare(user | network | ipc | mounts))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path("/proc/self", name).write_text(text)


def take_a_disk(folder: str, program: str) -> None:
    """Put a disk in memory over ``folder`` and move ``program`` there; only an empty folder can be left behind."""
    code = Path(folder, program).read_bytes()
    Path(folder, program).unlink()
    no_set_uid, no_devices, no_programs = 2, 4, 8
    options = f"size={DISK},nr_inodes={MOST_FILES},mode=700".encode()
    mounted = _libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", no_set_uid | no_devices | no_programs, options)
    _called("no disk of its own", mounted)
    os.chdir(folder)
    Path(program).write_bytes(code)


def give_up_capabilities() -> None:
    """Those that the new user namespace gave; they were needed to make the rest."""
    header = struct.pack("=Ii", 0x20080522, 0)  # version 3, this process
    _called("capabilities stay", _libc.capset(header, bytes(24)))


def end_with(parent: int) -> None:
    _prctl("no signal at the parent's death", _SIGNAL_OF_PARENTS_DEATH, signal.SIGKILL)
    if os.getppid() != parent:
        raise RefusedError("the parent is gone")


# ---------------------------------------------------------------- files (Landlock, linux/Documentation/userspace-api)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Version of the interface -> all rights on files that it knows."""


def close_the_files(folder: str) -> None:
    """From now on: ``folder`` as one likes, the interpreter and the system's libraries to read, nothing else."""
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        raise RefusedError("no Landlock")
    everything = _RIGHTS[max(known for known in _RIGHTS if known <= version)]
    fields = [everything] + [3] * (version >= 4) + [3] * (version >= 6)  # files, TCP, signals and abstract sockets
    rules = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _called("no Landlock", _libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0))
    _allow(ruleset, folder, everything)
    libraries = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/localtime")
    ours = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sysconfig.get_config_var("LIBDIR"))
    _allow(ruleset, "/dev/null", _READ_FILE | _WRITE_FILE)
    for path in (*libraries, *ours, "/etc/ld.so.cache", "/dev/urandom"):
        if path and Path(path).exists():
            _allow(ruleset, path, _READ_FILE | (_READ_FOLDER if Path(path).is_dir() else 0))
    _called("no Landlock", _libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, handle)
    _called("no Landlock", _libc.syscall(_ADD_RULE, ruleset, 1, rule, 0))
    os.close(handle)


# ---------------------------------------------------------------- system calls (seccomp)

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_ALLOWED = (
    "read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; close 3 57; "
    "close_range 436 436; fstat 5 80; stat 4 -; lstat 6 -; newfstatat 262 79; statx 332 291; statfs 137 43; "
    "fstatfs 138 44; lseek 8 62; access 21 -; faccessat 269 48; faccessat2 439 439; "
    "getdents64 217 61; getcwd 79 17; chdir 80 49; fchdir 81 50; mkdir 83 -; mkdirat 258 34; rmdir 84 -; "
    "unlink 87 -; unlinkat 263 35; rename 82 -; renameat 264 38; renameat2 316 276; ftruncate 77 46; "
    "fsync 74 82; fdatasync 75 83; readlink 89 -; readlinkat 267 78; umask 95 166; flock 73 32; dup 32 23; "
    "dup2 33 -; dup3 292 24; pipe 22 -; pipe2 293 59; poll 7 -; ppoll 271 73; select 23 -; "
    "pselect6 270 72; epoll_create1 291 20; epoll_ctl 233 21; epoll_wait 232 -; epoll_pwait 281 22; "
    "eventfd2 290 19; sendfile 40 71; copy_file_range 326 285; mmap 9 222; mprotect 10 226; munmap 11 215; "
    "mremap 25 216; madvise 28 233; brk 12 214; futex 202 98; set_robust_list 273 99; get_robust_list 274 100; "
    "set_tid_address 218 96; rseq 334 293; membarrier 324 283; rt_sigaction 13 134; rt_sigprocmask 14 135; "
    "rt_sigreturn 15 139; sigaltstack 131 132; restart_syscall 219 128; getpid 39 172; getppid 110 173; "
    "gettid 186 178; getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177; getgroups 115 158; "
    "uname 63 160; sysinfo 99 179; times 100 153; getrusage 98 165; getrlimit 97 163; sched_yield 24 124; "
    "sched_getaffinity 204 123; clock_gettime 228 113; clock_getres 229 114; clock_nanosleep 230 115; "
    "nanosleep 35 101; gettimeofday 96 169; time 201 -; getrandom 318 278; arch_prctl 158 -; exit 60 93; "
    "exit_group 231 94; "
)
"""Name, number on x86_64, number on aarch64. What a program needs to compute, and to use files."""
_REFUSED = (
    "socket 41 198; socketpair 53 199; connect 42 203; bind 49 200; fork 57 -; vfork 58 -; execve 59 221; "
    "execveat 322 281; kill 62 129; tkill 200 130; ptrace 101 117; pidfd_open 434 434; "
    "pidfd_send_signal 424 424; setsid 112 157; setpgid 109 154; unshare 272 97; setns 308 268; mount 165 40; "
    "symlink 88 -; symlinkat 266 36; link 86 -; linkat 265 37; mknod 133 -; mknodat 259 33; prctl 157 167; "
    "truncate 76 45; chmod 90 -; fchmod 91 52; fchmodat 268 53; utimensat 280 88; chown 92 -; fchown 93 55; "
    "fchownat 260 54; setxattr 188 5; fsetxattr 190 7; "
)
"""Answered with EPERM, which reads better than ENOSYS, the answer to all the rest. Landlock itself lets those pass that
change a file but not its content."""
_CLONE, _TGKILL, _PRLIMIT, _IOCTL, _FCNTL = (56, 220), (234, 131), (302, 261), (16, 29), (72, 25)
_OPEN, _OPEN_AT = (2, -1), (257, 56)
_LOAD, _EQUAL, _SET, _AND, _RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_NEW_THREAD = 0x00010000
_FCNTL_ALLOWED = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)
"""Copies, flags and locks. Not F_SETOWN: the kernel would then send signals for it, to any process of this person."""


def close_the_kernel() -> None:
    """Let this process make the calls above and no others; it can start threads, no processes."""
    if platform.machine() not in _ARCHITECTURES:
        raise RefusedError(f"no list of system calls for {platform.machine()}")
    architecture, column = _ARCHITECTURES[platform.machine()]
    filter_ = _filter(architecture, column, os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in filter_))
    program = struct.pack("@HP", len(filter_), ctypes.addressof(code))
    kept = ctypes.create_string_buffer(program)
    _prctl("no seccomp", _SECCOMP, _FILTER, ctypes.addressof(kept))


def _filter(architecture: int, column: int, pid: int) -> list[tuple[int, int, int, int]]:
    """``(code, jump if true, jump if false, constant)`` of each instruction."""
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in _numbers(_ALLOWED, column):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number in _numbers(_REFUSED, column):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    lines += [(_EQUAL, 0, 1, _IOCTL[column]), (_RETURN, 0, 0, _ERROR | errno.ENOTTY)]
    lines += _if_argument(_CLONE[column], 0, _SET, (_NEW_THREAD,))
    lines += _if_argument(_TGKILL[column], 0, _EQUAL, (pid,))
    lines += _if_argument(_PRLIMIT[column], 0, _EQUAL, (0,))
    lines += _if_argument(_FCNTL[column], 1, _EQUAL, _FCNTL_ALLOWED)
    lines += _if_landlock_sees(_OPEN_AT[column], 2)
    if _OPEN[column] >= 0:
        lines += _if_landlock_sees(_OPEN[column], 1)
    return [*lines, (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]


def _if_argument(number: int, position: int, test: int, values: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Allow the call if the low half of its argument at ``position`` passes ``test`` with one of ``values``."""
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * position)
    tests = [(test, len(values) - index, 0, value) for index, value in enumerate(values)]
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    return [(_EQUAL, 0, len(tests) + 3, number), load, *tests, refuse, (_RETURN, 0, 0, _ALLOW)]


def _if_landlock_sees(number: int, position: int) -> list[tuple[int, int, int, int]]:
    """Allow to open (flags at ``position``), but not what Landlock lets pass for any file.

    That is opening with both access bits, which asks for no right, and before version 3 emptying what is read.
    """
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * position)
    return [
        (_EQUAL, 0, 8, number),
        load,
        (_AND, 0, 0, os.O_ACCMODE),
        (_EQUAL, 3, 0, os.O_ACCMODE),
        (_EQUAL, 0, 3, os.O_RDONLY),
        load,
        (_SET, 0, 1, os.O_TRUNC),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _numbers(table: str, column: int) -> list[int]:
    rows = [row.split()[1:] for row in table.split(";") if row.strip()]
    return [int(row[column]) for row in rows if row[column] != "-"]


# ---------------------------------------------------------------- the program


def run(program: str) -> int:
    """Run it as Python would; its exit status."""
    sys.argv = [program]
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - shown as Python would show it, without the lines of ours
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != program:
            trace = trace.tb_next
        traceback.print_exception(type(error), error.with_traceback(None), trace, limit=20)
        return 1
    return 0


def main() -> int:
    program, status, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    folder = str(Path.cwd())
    try:
        limit()
        leave_the_network()
        _prctl("no way to give up privileges", _NO_NEW_PRIVILEGES, 1)
        end_with(parent)
        take_a_disk(folder, program)
        give_up_capabilities()
        close_the_files(folder)
        close_the_kernel()
    except (RefusedError, OSError, ValueError) as error:
        os.write(status, str(error).encode()[:200])
        return 1
    os.write(status, b"confined")
    os.close(status)
    return run(program)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
