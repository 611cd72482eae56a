"""What a profile's conversation file really holds, read with plain SQLite beside the running program."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stored:
    """One message as it lies in the file."""

    id: int
    conversation: int
    role: str
    text: str
    calls: tuple[dict[str, Any], ...]
    status: str
    reused_tokens: int
    """Of the prompt, how many tokens came from the cache."""


def stored_messages(profile: Path) -> list[Stored]:
    """Every message of the profile in the order in which they were begun; none while there is no file."""
    question = "SELECT id, conversation, role, parts, status, reply FROM message ORDER BY id"
    return [_message(*row) for row in _ask(profile, question)]


def integrity(profile: Path) -> str:
    """``ok``, or what SQLite finds wrong with the file."""
    return "; ".join(row[0] for row in _ask(profile, "PRAGMA integrity_check"))


def reminders(profile: Path) -> list[tuple[str, bool]]:
    """Text of each reminder, and whether it was shown."""
    return [(text, shown is not None) for text, shown in _ask(profile, "SELECT text, shown FROM reminder ORDER BY id")]


def _ask(profile: Path, question: str) -> list[tuple[Any, ...]]:
    path = profile / "conversations.sqlite3"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as file:
        return file.execute(question).fetchall()


def _message(id: int, conversation: int, role: str, parts: str, status: str, reply: str) -> Stored:
    read = json.loads(parts)
    text = "".join(part.get("text", "") for part in read)
    calls = tuple(part for part in read if part.get("type") == "call_part")
    usage = (json.loads(reply) if reply else {}).get("usage") or {}
    return Stored(id, conversation, role, text, calls, status, usage.get("reused_tokens", 0))


def make_due(profile: Path, hours: float = 1.0) -> None:
    """Set every waiting reminder to a time that is over; for a program that does not run."""
    with closing(sqlite3.connect(profile / "conversations.sqlite3", timeout=5)) as file, file:
        file.execute("UPDATE reminder SET due = ? WHERE shown IS NULL", (time.time() - hours * 3600,))
