"""SQL of grants and of the ledger, in the conversation file. Knows no event loop and decides nothing.

The functions run inside a transaction of the store, on its thread (:meth:`ConversationStore.work`).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from inference_worker.protocol.messages import Level
from nyanko_desktop.chat.view_state import Remember
from nyanko_desktop.permissions.grants import Grant
from nyanko_desktop.permissions.view import CutOff, DecidedBy

MOST_CALLS: Final = 5_000
"""In the ledger; the oldest are forgotten."""
LONGEST_VALUE: Final = 2_000
"""Characters of one argument in the ledger; the rest is counted."""
MOST_ARGUMENTS: Final = 32
"""Of one call in the ledger."""


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the ledger."""

    call_id: str
    tool: str
    level: Level
    arguments: dict[str, str]
    scope: str
    sources: tuple[str, ...]
    allowed: bool
    decided_by: DecidedBy
    grant: int | None = None
    conversation: int | None = None
    time: datetime = field(default_factory=lambda: datetime.now().astimezone())
    ended: bool = False
    failed: bool = False
    result_size: int = 0
    seconds: float = 0.0
    hosts: tuple[str, ...] = ()
    cut_off: CutOff = ""
    id: int = 0
    title: str = ""
    """Of the conversation."""


def arguments_to_keep(arguments: dict[str, Any]) -> dict[str, str]:
    """Every argument as text, cut to what the ledger keeps."""
    kept = list(arguments.items())[:MOST_ARGUMENTS]
    return {name[:LONGEST_VALUE]: _cut(in_words(value)) for name, value in kept}


def in_words(value: Any) -> str:
    """One argument as a person reads it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _cut(text: str) -> str:
    left = len(text) - LONGEST_VALUE
    return text if left <= 0 else f"{text[:LONGEST_VALUE]}… (+{left})"


# ---------------------------------------------------------------- grants


def add_grant(
    sql: sqlite3.Connection,
    tool: str,
    remember: Remember,
    scope: str,
    conversation: int | None,
    now: datetime,
    identity: str = "",
) -> int:
    """Keep a grant; the id of that one, or of the same one that was there. Those of a tool that is no more go."""
    sql.execute("DELETE FROM permission WHERE tool = ? AND identity != ?", (tool, identity))
    same = sql.execute(
        "SELECT id FROM permission WHERE tool = ? AND remember = ? AND scope = ? AND conversation IS ?",
        (tool, remember, scope, conversation),
    ).fetchone()
    if same is not None:
        return int(same[0])
    row = (tool, remember, scope, conversation, now.timestamp(), identity)
    added = sql.execute(
        "INSERT INTO permission (tool, remember, scope, conversation, granted, identity) VALUES (?, ?, ?, ?, ?, ?)", row
    )
    return added.lastrowid or 0


def grants(sql: sqlite3.Connection, tool: str | None = None) -> tuple[Grant, ...]:
    """Those for ``tool``, or all, the newest first."""
    rows = sql.execute(
        "SELECT id, tool, remember, scope, conversation, granted, used, identity FROM permission "
        "WHERE ? IS NULL OR tool = ? ORDER BY id DESC",
        (tool, tool),
    )
    return tuple(_grant(row) for row in rows)


def mark_used(sql: sqlite3.Connection, grant: int, now: datetime) -> None:
    sql.execute("UPDATE permission SET used = ? WHERE id = ?", (now.timestamp(), grant))


def revoke(sql: sqlite3.Connection, grant: int) -> bool:
    """Forget one grant; false when there is none of that id."""
    return sql.execute("DELETE FROM permission WHERE id = ?", (grant,)).rowcount > 0


def titles(sql: sqlite3.Connection) -> dict[int, str]:
    """Titles of the conversations that a grant is bound to."""
    rows = sql.execute("SELECT id, title FROM conversation WHERE id IN (SELECT conversation FROM permission)")
    return dict(rows.fetchall())


def _grant(row: tuple[int, str, Remember, str, int | None, float, float | None, str]) -> Grant:
    id, tool, remember, scope, conversation, granted, used, identity = row
    last = None if used is None else _time(used)
    return Grant(id, tool, remember, scope, conversation, _time(granted), last, identity)


# ---------------------------------------------------------------- the ledger


def add_call(sql: sqlite3.Connection, call: Call) -> int:
    """Write one line, and forget the oldest where there are too many; its id."""
    row = (
        call.call_id,
        call.time.timestamp(),
        call.conversation,
        call.tool,
        call.level,
        _encode(call.arguments),
        call.scope,
        _encode(call.sources),
        call.allowed,
        call.decided_by,
        call.grant,
    )
    added = sql.execute(
        "INSERT INTO call (call_id, time, conversation, tool, level, arguments, scope, sources, allowed, decided_by, "
        "permission) VALUES (?, ?, (SELECT id FROM conversation WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    id = added.lastrowid or 0
    sql.execute("DELETE FROM call WHERE id <= ?", (id - MOST_CALLS,))
    return id


def end_call(
    sql: sqlite3.Connection, id: int, failed: bool, result_size: int, seconds: float, hosts: tuple[str, ...]
) -> None:
    """Add to one line how the call ended."""
    row = (failed, result_size, seconds, _encode(hosts), id)
    sql.execute("UPDATE call SET ended = 1, failed = ?, result_size = ?, seconds = ?, hosts = ? WHERE id = ?", row)


def lose_call(sql: sqlite3.Connection, id: int) -> None:
    """Say of one line that the call was cut off before it answered; one that did not run, or has ended, stays."""
    lost = "UPDATE call SET ended = 1, failed = 1, cut_off = 'lost' WHERE id = ? AND allowed AND NOT ended"
    sql.execute(lost, (id,))


def calls(sql: sqlite3.Connection, query: str, limit: int) -> tuple[Call, ...]:
    """Those in which every word of ``query`` stands, the newest first."""
    return tuple(itertools.islice(_found(sql, query), limit))


def counted_calls(sql: sqlite3.Connection, query: str, limit: int) -> tuple[tuple[Call, ...], int]:
    """As :func:`calls`, and how many there are in all."""
    if not query.strip():
        (count,) = sql.execute("SELECT count(*) FROM call").fetchone()
        return calls(sql, "", limit), count
    found = _found(sql, query)
    shown = tuple(itertools.islice(found, limit))
    return shown, len(shown) + sum(1 for _ in found)


def _found(sql: sqlite3.Connection, query: str) -> Iterator[Call]:
    words = query.casefold().split()
    rows = sql.execute(
        "SELECT call.id, call_id, time, conversation, tool, level, arguments, scope, sources, allowed, decided_by, "
        "permission, ended, failed, result_size, seconds, hosts, cut_off, coalesce(title, '') "
        "FROM call LEFT JOIN conversation ON conversation.id = conversation ORDER BY call.id DESC"
    )
    return (call for call in map(_call, rows) if all(word in _searched(call) for word in words))


def _searched(call: Call) -> str:
    texts = (call.tool, *call.arguments.values(), call.scope, *call.hosts, *call.sources, call.title)
    return "\n".join(texts).casefold()


def _call(row: tuple[Any, ...]) -> Call:
    id, call_id, time, conversation, tool, level, arguments, scope, sources, allowed, by, grant, *end, title = row
    ended, failed, result_size, seconds, hosts, cut_off = end
    return Call(
        call_id=call_id,
        tool=tool,
        level=level,
        arguments=msgspec.json.decode(arguments, type=dict[str, str]),
        scope=scope,
        sources=msgspec.json.decode(sources, type=tuple[str, ...]),
        allowed=bool(allowed),
        decided_by=by,
        grant=grant,
        conversation=conversation,
        time=_time(time),
        ended=bool(ended),
        failed=bool(failed),
        result_size=result_size,
        seconds=seconds,
        hosts=msgspec.json.decode(hosts, type=tuple[str, ...]),
        cut_off=cut_off,
        id=id,
        title=title,
    )


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
