"""How the conversation file came to look as it does, one step a version, each in one transaction."""

from __future__ import annotations

import sqlite3

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE conversation (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        preview TEXT NOT NULL DEFAULT '',
        window_start INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
        parts TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('complete', 'streaming', 'interrupted', 'cancelled', 'failed')),
        created REAL NOT NULL,
        reply TEXT NOT NULL
    );
    CREATE INDEX message_of_conversation ON message(conversation, id);
    CREATE INDEX message_unfinished ON message(status) WHERE status = 'streaming';
    CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61');
    CREATE TRIGGER message_forgotten AFTER DELETE ON message BEGIN
        DELETE FROM words WHERE rowid = old.id;
    END;
    CREATE TABLE reminder (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        due REAL NOT NULL,
        text TEXT NOT NULL,
        created REAL NOT NULL,
        shown REAL
    );
    CREATE INDEX reminder_waiting ON reminder(due) WHERE shown IS NULL;
    """,
    "ALTER TABLE conversation ADD COLUMN window_model TEXT NOT NULL DEFAULT '';",
    """
    CREATE TABLE permission (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        tool TEXT NOT NULL,
        remember TEXT NOT NULL CHECK (remember IN ('chat', 'scope', 'always')),
        scope TEXT NOT NULL DEFAULT '',
        conversation INTEGER REFERENCES conversation(id) ON DELETE CASCADE,
        granted REAL NOT NULL,
        used REAL
    );
    CREATE INDEX permission_of_tool ON permission(tool);
    CREATE TABLE call (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        call_id TEXT NOT NULL,
        time REAL NOT NULL,
        conversation INTEGER REFERENCES conversation(id) ON DELETE SET NULL,
        tool TEXT NOT NULL,
        level TEXT NOT NULL,
        arguments TEXT NOT NULL,
        scope TEXT NOT NULL,
        sources TEXT NOT NULL,
        allowed INTEGER NOT NULL,
        decided_by TEXT NOT NULL,
        permission INTEGER,
        ended INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        result_size INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        hosts TEXT NOT NULL DEFAULT '[]'
    );
    CREATE INDEX call_of_conversation ON call(conversation);
    CREATE TRIGGER call_said_in_a_conversation BEFORE DELETE ON conversation BEGIN
        UPDATE call SET arguments = '{}', sources = '[]' WHERE conversation = old.id;
    END;
    CREATE TABLE note (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        persona TEXT NOT NULL,
        text TEXT NOT NULL,
        created REAL NOT NULL,
        changed REAL NOT NULL
    );
    CREATE INDEX note_of_persona ON note(persona, id);
    """,
    # Of an earlier yes to a tool of a server nobody knows what the tool was.
    """
    ALTER TABLE permission ADD COLUMN identity TEXT NOT NULL DEFAULT '';
    DELETE FROM permission WHERE instr(tool, '__');
    """,
    "ALTER TABLE call ADD COLUMN cut_off TEXT NOT NULL DEFAULT '';",
)
"""``STEPS[n]`` brings a file of version n (its ``user_version``) to version n + 1. Add at the end, never change one."""


def version_of(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def migrate(database: sqlite3.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Bring ``database`` to the newest version; a step that fails leaves the file at the version before it."""
    for version in range(version_of(database), len(steps)):
        try:
            database.executescript(f"BEGIN IMMEDIATE;\n{steps[version]}\nPRAGMA user_version = {version + 1};\nCOMMIT;")
        except sqlite3.Error:
            database.rollback()
            raise
