"""The conversation file as the rest of the program sees it: every call runs on a thread of its own, never the UI's.

A file that cannot be read is kept under a dated name, a new one is begun, and :attr:`ConversationStore.problem` says
so. Knows no SQL.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Part, TextPart
from nyanko_desktop.chat.view_state import MessageStatus
from nyanko_desktop.conversations.database import Database, UnreadableStoreError
from nyanko_desktop.conversations.models import Found, Reminder, Reply, StoredConversation, StoredMessage, Window
from nyanko_desktop.files import FULL_DISK
from nyanko_desktop.locks import FileLock

log = logging.getLogger(__name__)

LIST_LIMIT = 2000
"""Conversations in the list; older ones are found by searching."""
FOUND_LIMIT = 100
OPENING_SECONDS = 5.0
"""Another process that opens the same file at this moment needs milliseconds, its recovery included."""

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(RequestError):
    """The conversation file could not be read or written; what was stored before is untouched."""


class ConversationStore:
    """Conversations, messages and reminders of one profile. All methods raise StoreError."""

    def __init__(self, path: Path, executor: ThreadPoolExecutor, opened: _Opened) -> None:
        self._path = path
        self._executor = executor
        self._database = opened.database
        self._alive = opened.alive
        self.problem = opened.problem
        """What was wrong with the file when it was opened."""
        self.recovered = opened.recovered
        """How many replies a program that died had left unfinished."""

    @classmethod
    async def open(cls, path: Path) -> ConversationStore:
        """Open or make the file at ``path``. Raises StoreError when it can neither be used nor be put aside."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="store")
        try:
            opened = await _call(executor, path, _open, path)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(path, executor, opened)

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
        await self._run(self._database.close)
        self._alive.release()
        self._executor.shutdown()

    async def conversations(self) -> tuple[StoredConversation, ...]:
        """The list, the one used last first."""
        return await self._run(self._database.conversations, LIST_LIMIT)

    async def conversation(self, id: int) -> StoredConversation | None:
        return await self._run(self._database.conversation, id)

    async def rename(self, id: int, title: str) -> None:
        await self._run(self._database.rename, id, title)

    async def delete(self, id: int) -> None:
        """Forget the conversation, its messages and their words in the index."""
        await self._run(self._database.delete, id)

    async def set_window(self, id: int, window: Window) -> None:
        """Remember where the memory of the conversation begins."""
        await self._run(self._database.set_window, id, window)

    async def messages(self, conversation: int) -> tuple[StoredMessage, ...]:
        return await self._run(self._database.messages, conversation)

    async def begin_turn(
        self, conversation: int | None, title: str, text: str, attached: tuple[TextPart, ...] = ()
    ) -> tuple[int, StoredMessage, StoredMessage]:
        """Store the person's words and an empty streaming reply; ``None`` begins a conversation called ``title``.

        Returns the conversation's id, the person's message and the reply. When this returns, nothing can be lost.
        """
        return await self._run(self._database.begin_turn, conversation, title, text, _now(), attached)

    async def replace_turn(self, message: int, text: str) -> StoredMessage | None:
        """Give the person's ``message`` other words and forget what came after it; returns the new empty reply."""
        return await self._run(self._database.replace_turn, message, text, _now())

    async def save_reply(self, id: int, parts: tuple[Part, ...], status: MessageStatus, reply: Reply) -> None:
        """Store what a reply is by now."""
        await self._run(self._database.save_reply, id, parts, status, reply, _now())

    async def search(self, query: str) -> tuple[Found, ...]:
        """Messages with all words of ``query``, the newest first; the last word may be unfinished."""
        return await self._run(self._database.search, query, FOUND_LIMIT)

    async def add_reminder(self, due: datetime, text: str) -> Reminder:
        return await self._run(self._database.add_reminder, due, text, _now())

    async def reminders(self) -> tuple[Reminder, ...]:
        return await self._run(self._database.reminders)

    async def waiting_reminders(self) -> tuple[Reminder, ...]:
        """Those that were not shown yet, the next one first."""
        return await self._run(self._database.waiting_reminders)

    async def change_reminder(self, id: int, due: datetime, text: str) -> bool:
        """Give one that was not shown yet another time and text; false when there is none."""
        return await self._run(self._database.change_reminder, id, due, text)

    async def delete_reminder(self, id: int) -> bool:
        """Forget one that was not shown yet; false when there is none."""
        return await self._run(self._database.delete_reminder, id)

    async def mark_shown(self, id: int) -> None:
        await self._run(self._database.mark_shown, id, _now())

    async def work(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``act`` on the store's thread in a transaction of its own: for rooms with tables in this file."""
        return await self._run(self._database.work, act)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _call(self._executor, self._path, work, *args, **kwargs)


class _Opened(msgspec.Struct):
    """What opening found."""

    database: Database
    alive: FileLock
    problem: WireError | None = None
    recovered: int = 0


async def _call(executor: ThreadPoolExecutor, path: Path, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``work`` on the store's thread to its end, even when the caller stops waiting; errors become StoreError."""
    try:
        return await asyncio.shield(asyncio.wrap_future(executor.submit(work, *args, **kwargs)))
    except sqlite3.Error as error:
        raise _store_error(error, path) from error
    except msgspec.MsgspecError as error:
        raise StoreError(ErrorCode.STORE_BROKEN, path=path, reason=error) from error
    except OSError as error:
        if error.errno in FULL_DISK:
            raise StoreError(ErrorCode.DISK_FULL, path=path) from error
        raise StoreError(ErrorCode.NOT_WRITABLE, path=path, reason=error.strerror) from error


def _open(path: Path) -> _Opened:
    """Open the file; who is alone with it also repairs what a dead program left behind."""
    alive = FileLock(path.with_name(path.name + ".lock"))
    alone = alive.acquire()
    if not alone:
        _share(alive, path)
    try:
        opened = _read_or_put_aside(path, alive) if alone else _Opened(Database(path), alive)
    except UnreadableStoreError as error:
        alive.release()
        raise StoreError(ErrorCode.STORE_BROKEN, path=path, reason=error) from error
    except BaseException:
        alive.release()
        raise
    if alone:
        opened.recovered = opened.database.recover()
        alive.acquire(shared=True)
    return opened


def _share(alive: FileLock, path: Path) -> None:
    """Join the other programs that have the file open."""
    deadline = time.monotonic() + OPENING_SECONDS
    while not alive.acquire(shared=True):
        if time.monotonic() > deadline:
            raise StoreError(ErrorCode.TIMED_OUT, what=path, seconds=OPENING_SECONDS)
        time.sleep(0.02)


def _read_or_put_aside(path: Path, alive: FileLock) -> _Opened:
    try:
        return _Opened(Database(path), alive)
    except UnreadableStoreError as error:
        reason = str(error)
    except sqlite3.DatabaseError as error:
        if not _is_broken(error):
            raise
        reason = str(error)
    kept = _put_aside(path)
    log.error("the conversation file is kept as %s: %s", kept, reason)
    problem = WireError(ErrorCode.STORE_BROKEN, {"path": str(kept), "reason": reason})
    return _Opened(Database(path), alive, problem)


def _put_aside(path: Path) -> Path:
    """Rename the file and its journal together, so that whoever repairs it has both."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    kept = path.with_name(f"{path.stem}.broken-{stamp}{path.suffix}")
    for suffix in ("", "-wal", "-shm"):
        found = path.with_name(path.name + suffix)
        if found.exists():
            found.rename(kept.with_name(kept.name + suffix))
    return kept


def _is_broken(error: sqlite3.Error) -> bool:
    return _primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _primary_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _store_error(error: sqlite3.Error, path: Path) -> StoreError:
    if _primary_code(error) == sqlite3.SQLITE_FULL:
        return StoreError(ErrorCode.DISK_FULL, path=path)
    if _is_broken(error):
        return StoreError(ErrorCode.STORE_BROKEN, path=path, reason=error)
    if _primary_code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(ErrorCode.NOT_WRITABLE, path=path, reason=error)
    return StoreError(ErrorCode.INTERNAL, reason=f"{path}: {error}")


def _now() -> datetime:
    return datetime.now().astimezone()
