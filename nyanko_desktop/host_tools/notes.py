"""What the model noted about the person, for each persona: kept beside the conversations, readable and editable.

Knows no tool; the settings window and the tools remember, recall and forget use the same book.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nyanko_desktop.conversations.store import ConversationStore

MOST_NOTES: Final = 2_000
"""Of one persona; a book that nobody can read through is no longer the person's own."""
LONGEST_NOTE: Final = 1_000
"""Characters."""
FULL: Final = "there are too many notes: forget some first"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was noted."""

    id: int
    persona: str
    text: str
    created: datetime
    changed: datetime


class TooManyNotesError(Exception):
    """The book is full."""


class NoteBook:
    """All notes of a profile. Methods raise StoreError."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    async def add(self, persona: str, text: str) -> Note:
        """Note ``text``; one that is there already is not noted twice. Raises TooManyNotesError."""
        text, now = " ".join(text.split())[:LONGEST_NOTE], datetime.now().astimezone()
        return await self._store.work(lambda sql: _add(sql, persona, text, now))

    async def list(self, persona: str) -> tuple[Note, ...]:
        """Every note of ``persona``, the newest first."""
        return await self._store.work(lambda sql: _notes(sql, persona))

    async def find(self, persona: str, words: str) -> tuple[Note, ...]:
        """Those that hold each of ``words``; all for none."""
        wanted = words.casefold().split()
        return tuple(n for n in await self.list(persona) if all(word in n.text.casefold() for word in wanted))

    async def edit(self, id: int, text: str) -> None:
        """Give a note other words; empty ones delete it."""
        text, now = " ".join(text.split())[:LONGEST_NOTE], datetime.now().timestamp()
        if not text:
            await self.delete(id)
            return
        row = (text, now, id)
        await self._store.work(lambda sql: sql.execute("UPDATE note SET text = ?, changed = ? WHERE id = ?", row))

    async def delete(self, id: int) -> None:
        await self._store.work(lambda sql: sql.execute("DELETE FROM note WHERE id = ?", (id,)))


def _add(sql: sqlite3.Connection, persona: str, text: str, now: datetime) -> Note:
    notes = _notes(sql, persona)
    if (same := next((note for note in notes if note.text == text), None)) is not None:
        return same
    if len(notes) >= MOST_NOTES:
        raise TooManyNotesError
    row = (persona, text, now.timestamp(), now.timestamp())
    added = sql.execute("INSERT INTO note (persona, text, created, changed) VALUES (?, ?, ?, ?)", row)
    return Note(added.lastrowid or 0, persona, text, now, now)


def _notes(sql: sqlite3.Connection, persona: str) -> tuple[Note, ...]:
    rows = sql.execute(
        "SELECT id, persona, text, created, changed FROM note WHERE persona = ? ORDER BY id DESC", (persona,)
    )
    return tuple(Note(id, of, text, _time(created), _time(changed)) for id, of, text, created, changed in rows)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
