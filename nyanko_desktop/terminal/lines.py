"""Lines of standard input for an event loop, without a thread that the program's end must wait for."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Final

from inference_worker.protocol.tasks import in_thread

READ_BYTES: Final = 65536
_END: Final = None


def discard_typed() -> None:
    """Forget what was typed before: a yes is one only behind its question."""
    if sys.platform == "win32":  # unproven
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
        return
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


async def answer_line() -> str | None:
    """One line that is typed from now on, without its end; ``None`` at the end of the input.

    Read for this question alone: whoever read on between two questions would keep what was typed there for an answer.
    """
    return await in_thread(_read_answer, "answer")


def _read_answer() -> str | None:
    typed = b""
    while not typed.endswith(b"\n") and (chunk := os.read(sys.stdin.fileno(), READ_BYTES)):
        typed += chunk
    return typed.decode("utf-8", "replace").rstrip("\r\n") if typed else None


async def input_lines(handle: int | None = None) -> AsyncIterator[str]:
    """Lines of UTF-8 without their ends, as they come.

    The reading thread is a daemon and uses the bare file handle: the buffered one holds a lock that would abort the
    interpreter when it ends while the thread waits for a line.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def put(line: str | None) -> None:
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:  # the loop is closed: nobody reads any more
            return

    source = sys.stdin.fileno() if handle is None else handle
    threading.Thread(target=_read, args=(source, put), name="standard input", daemon=True).start()
    while (line := await lines.get()) is not _END:
        yield line


def _read(handle: int, put: Callable[[str | None], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    while chunk := os.read(handle, READ_BYTES):
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in whole:
            put(line.removesuffix("\r"))
    rest += decoder.decode(b"", final=True)
    if rest:
        put(rest)
    put(_END)
