"""The conversation file: SQL of conversations and reminders. Synchronous; belongs to one thread. Knows no event loop.

Other rooms keep their tables in the same file, so that what belongs to a conversation goes with it: :meth:`work`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from inference_worker.protocol.messages import Part, TextPart
from nyanko_desktop.chat.view_state import MessageStatus
from nyanko_desktop.conversations import migrations, search
from nyanko_desktop.conversations.models import (
    Author,
    Found,
    Reminder,
    Reply,
    StoredConversation,
    StoredMessage,
    Window,
)

BUSY_SECONDS = 3.0
"""Another process of ours holds the file for milliseconds; after this long something is wrong."""
PREVIEW_CHARACTERS = 120

T = TypeVar("T")
_Row = tuple[int, int, Author, str, MessageStatus, float, str]
_parts: msgspec.json.Decoder[tuple[Part, ...]] = msgspec.json.Decoder(tuple[Part, ...])
_reply = msgspec.json.Decoder(Reply)


class UnreadableStoreError(Exception):
    """The file is there, but it is no conversation file that this version can read; the text says why."""


class Database:
    """One open conversation file. Methods raise sqlite3.Error; each is one transaction that lasts when it returns."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)  # SQLite gives its journal the same permissions
        self._sql = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            self._prepare()
        except BaseException:
            self._sql.close()
            raise

    def _prepare(self) -> None:
        """FULL, because a turn that was sent must also survive a power cut; it costs one fsync a save."""
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._sql.execute(f"PRAGMA {pragma}")
        found = self._sql.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise UnreadableStoreError(found)
        version = migrations.version_of(self._sql)
        if version > len(migrations.STEPS):
            raise UnreadableStoreError(f"it was written by a newer version ({version})")
        migrations.migrate(self._sql)

    def close(self) -> None:
        self._sql.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._sql:
            self._sql.execute("BEGIN IMMEDIATE")
            yield self._sql

    def work(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``act`` in a transaction of its own."""
        with self._change() as sql:
            return act(sql)

    # ------------------------------------------------------------ conversations

    def conversations(self, limit: int) -> tuple[StoredConversation, ...]:
        rows = self._sql.execute(f"{_SELECT_CONVERSATION} ORDER BY updated DESC, id DESC LIMIT ?", (limit,))
        return tuple(_conversation(row) for row in rows)

    def conversation(self, id: int) -> StoredConversation | None:
        row = self._sql.execute(f"{_SELECT_CONVERSATION} WHERE id = ?", (id,)).fetchone()
        return _conversation(row) if row else None

    def rename(self, id: int, title: str) -> None:
        with self._change() as sql:
            sql.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, id))

    def delete(self, id: int) -> None:
        with self._change() as sql:
            sql.execute("DELETE FROM conversation WHERE id = ?", (id,))

    def set_window(self, id: int, window: Window) -> None:
        values = (window.start, window.model, id)
        with self._change() as sql:
            sql.execute("UPDATE conversation SET window_start = ?, window_model = ? WHERE id = ?", values)

    # ------------------------------------------------------------ messages

    def messages(self, conversation: int) -> tuple[StoredMessage, ...]:
        rows = self._sql.execute(f"{_SELECT_MESSAGE} WHERE conversation = ? ORDER BY id", (conversation,))
        return tuple(_message(row) for row in rows)

    def begin_turn(
        self, conversation: int | None, title: str, text: str, now: datetime, attached: tuple[TextPart, ...] = ()
    ) -> tuple[int, StoredMessage, StoredMessage]:
        """Store the person's words and an empty streaming reply; ``None`` begins a conversation called ``title``."""
        with self._change():
            if conversation is None:
                conversation = self._add_conversation(title, now)
            person = self._add_message(conversation, "user", (TextPart(text), *attached), "complete", now)
            reply = self._add_message(conversation, "assistant", (), "streaming", now)
            self._index(person.id, text)
            self._touch(conversation, text, now)
        return conversation, person, reply

    def save_reply(self, id: int, parts: tuple[Part, ...], status: MessageStatus, reply: Reply, now: datetime) -> None:
        """Store what a reply is by now; one that is over can be searched for."""
        values = (_encode(parts), status, _encode(reply), id)
        with self._change() as sql:
            sql.execute("UPDATE message SET parts = ?, status = ?, reply = ? WHERE id = ?", values)
            if status != "streaming":
                self._finish(id, parts, now)

    def replace_turn(self, message: int, text: str, now: datetime) -> StoredMessage | None:
        """Give the person's ``message`` other words and forget what came after it; returns the new empty reply.

        A window that began behind it is forgotten, too.
        """
        with self._change() as sql:
            asked = "SELECT conversation, parts FROM message WHERE id = ? AND role = 'user'"
            row = sql.execute(asked, (message,)).fetchone()
            if row is None:
                return None
            sql.execute("DELETE FROM message WHERE conversation = ? AND id > ?", (row[0], message))
            sql.execute(
                "UPDATE message SET parts = ? WHERE id = ?", (_encode((TextPart(text), *_attached(row[1]))), message)
            )
            window = "UPDATE conversation SET window_start = 0, window_model = '' WHERE id = ? AND window_start > ?"
            sql.execute(window, (row[0], message))
            self._index(message, text)
            self._touch(row[0], text, now)
            return self._add_message(row[0], "assistant", (), "streaming", now)

    def recover(self) -> int:
        """Mark the replies of a program that died as interrupted; returns how many. Of its calls, how they ended is not
        known."""
        with self._change() as sql:
            sql.execute("UPDATE call SET ended = 1, failed = 1, cut_off = 'unknown' WHERE allowed AND NOT ended")
            rows = sql.execute(f"{_SELECT_MESSAGE} WHERE status = 'streaming'").fetchall()
            sql.execute("UPDATE message SET status = 'interrupted' WHERE status = 'streaming'")
            for message in map(_message, rows):
                self._index(message.id, message.text)
        return len(rows)

    def search(self, query: str, limit: int) -> tuple[Found, ...]:
        """Messages that hold all words of ``query``, the newest first."""
        expression = search.match_expression(query)
        if not expression:
            return ()
        rows = self._sql.execute(
            "SELECT m.conversation, m.id, c.title, m.parts FROM words JOIN message m ON m.id = words.rowid "
            "JOIN conversation c ON c.id = m.conversation WHERE words MATCH ? ORDER BY m.id DESC LIMIT ?",
            (expression, limit),
        )
        return tuple(Found(row[0], row[1], row[2], _text(_parts.decode(row[3]))) for row in rows)

    # ------------------------------------------------------------ reminders

    def add_reminder(self, due: datetime, text: str, now: datetime) -> Reminder:
        with self._change() as sql:
            row = (due.timestamp(), text, now.timestamp())
            id = sql.execute("INSERT INTO reminder (due, text, created) VALUES (?, ?, ?)", row).lastrowid
        return Reminder(id or 0, due, text, now)

    def reminders(self) -> tuple[Reminder, ...]:
        return tuple(map(_reminder, self._sql.execute(f"{_SELECT_REMINDER} ORDER BY due, id")))

    def waiting_reminders(self) -> tuple[Reminder, ...]:
        """Those that were not shown yet, the next one first."""
        return tuple(map(_reminder, self._sql.execute(f"{_SELECT_REMINDER} WHERE shown IS NULL ORDER BY due, id")))

    def change_reminder(self, id: int, due: datetime, text: str) -> bool:
        """Give one that was not shown yet another time and text; false when there is none."""
        with self._change() as sql:
            row = (due.timestamp(), text, id)
            changed = sql.execute("UPDATE reminder SET due = ?, text = ? WHERE id = ? AND shown IS NULL", row)
            return changed.rowcount > 0

    def delete_reminder(self, id: int) -> bool:
        """Forget one that was not shown yet; false when there is none."""
        with self._change() as sql:
            return sql.execute("DELETE FROM reminder WHERE id = ? AND shown IS NULL", (id,)).rowcount > 0

    def mark_shown(self, id: int, now: datetime) -> None:
        with self._change() as sql:
            sql.execute("UPDATE reminder SET shown = ? WHERE id = ?", (now.timestamp(), id))

    # ------------------------------------------------------------ parts of a transaction

    def _add_conversation(self, title: str, now: datetime) -> int:
        row = (title, now.timestamp(), now.timestamp())
        added = self._sql.execute("INSERT INTO conversation (title, created, updated) VALUES (?, ?, ?)", row)
        return added.lastrowid or 0

    def _add_message(
        self, conversation: int, role: Author, parts: tuple[Part, ...], status: MessageStatus, now: datetime
    ) -> StoredMessage:
        row = (conversation, role, _encode(parts), status, now.timestamp(), _encode(Reply()))
        added = self._sql.execute(
            "INSERT INTO message (conversation, role, parts, status, created, reply) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        return StoredMessage(added.lastrowid or 0, conversation, role, parts, status, now)

    def _finish(self, message: int, parts: tuple[Part, ...], now: datetime) -> None:
        row = self._sql.execute("SELECT conversation FROM message WHERE id = ?", (message,)).fetchone()
        if row is not None:
            self._index(message, _text(parts))
            self._touch(row[0], _text(parts), now)

    def _index(self, message: int, text: str) -> None:
        self._sql.execute("DELETE FROM words WHERE rowid = ?", (message,))
        self._sql.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (message, search.index_words(text)))

    def _touch(self, conversation: int, text: str, now: datetime) -> None:
        preview = " ".join(text.split())[:PREVIEW_CHARACTERS]
        self._sql.execute("UPDATE conversation SET updated = ? WHERE id = ?", (now.timestamp(), conversation))
        if preview:
            self._sql.execute("UPDATE conversation SET preview = ? WHERE id = ?", (preview, conversation))


_SELECT_CONVERSATION = "SELECT id, title, preview, created, updated, window_start, window_model FROM conversation"
_SELECT_MESSAGE = "SELECT id, conversation, role, parts, status, created, reply FROM message"
_SELECT_REMINDER = "SELECT id, due, text, created, shown FROM reminder"


def _conversation(row: tuple[int, str, str, float, float, int, str]) -> StoredConversation:
    id, title, preview, created, updated, start, model = row
    return StoredConversation(id, title, preview, _time(created), _time(updated), Window(start, model))


def _message(row: _Row) -> StoredMessage:
    id, conversation, role, parts, status, created, reply = row
    return StoredMessage(id, conversation, role, _parts.decode(parts), status, _time(created), _reply.decode(reply))


def _reminder(row: tuple[int, float, str, float, float | None]) -> Reminder:
    id, due, text, created, shown = row
    return Reminder(id, _time(due), text, _time(created), None if shown is None else _time(shown))


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _text(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart) and not part.source)


def _attached(parts: str) -> tuple[TextPart, ...]:
    return tuple(part for part in _parts.decode(parts) if isinstance(part, TextPart) and part.source)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
