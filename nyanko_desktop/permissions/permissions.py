"""Decides what runs without a question, keeps grants, and writes the ledger. Asks nobody itself and knows no window.

Every decision reads the grants anew, so that one that was taken back, here or by another program, is gone at the next
call.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, Protocol, TypeVar

from inference_worker.protocol.messages import Level, ToolCalled, ToolFinished
from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer, Remember
from nyanko_desktop.permissions import tables
from nyanko_desktop.permissions.grants import Grant, offers, widest_scope
from nyanko_desktop.permissions.levels import UNASKED, Chosen, is_under_others, level_of, scope_kind
from nyanko_desktop.permissions.tables import Call
from nyanko_desktop.permissions.view import DecidedBy

T = TypeVar("T")
SHOWN_CALLS: Final = 200
"""Of the ledger at first; older ones are shown when they are asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a call."""

    allowed: bool
    by: DecidedBy = "person"
    remember: Remember | None = None
    reason: str = ""
    """Why not, in plain English for the model; empty: the person said no."""
    grant: int | None = None


_REFUSED: Final = Answer(False, by="refused")
_UNANSWERED: Final = Answer(False, by="unanswered")

Ask = Callable[[ApprovalView], Awaitable[Answer]]
"""Puts a call before the person; it may take hours."""


class Store(Protocol):
    """Where the tables lie: the conversation store."""

    async def work(self, act: Callable[[sqlite3.Connection], T]) -> T: ...


class Permissions:
    """Grants and ledger of one profile. All methods raise StoreError."""

    def __init__(
        self,
        store: Store,
        levels: Callable[[], Chosen] = dict,
        preview: Callable[[ToolCalled], Awaitable[str]] | None = None,
    ) -> None:
        self._store = store
        self._levels = levels
        self._preview = preview
        """Says what a call of the app's own tools would touch, which the worker cannot know."""

    def level(self, tool: str, identity: str = "") -> Level:
        return level_of(tool, self._levels(), identity)

    def _level(self, called: ToolCalled) -> Level:
        return self.level(called.name, called.identity)

    async def judge(self, called: ToolCalled, conversation: int | None) -> Answer | None:
        """The answer that needs no person; ``None``: somebody must be asked."""
        level = self._level(called)
        if is_under_others(called, level):
            return None
        if level in UNASKED:
            return Answer(True, by="level")
        for grant in await self._store.work(lambda sql: tables.grants(sql, called.name)):
            if grant.covers(called, conversation):
                await self._store.work(partial(tables.mark_used, grant=grant.id, now=_now()))
                return Answer(True, by="grant", grant=grant.id)
        return None

    async def question(self, called: ToolCalled, conversation: int | None) -> ApprovalView:
        """What the person is to see of a call."""
        level = self._level(called)
        preview = called.preview or (await self._preview(called) if self._preview else "")
        kinds = {"write_file": "diff", "run_python": "code"}
        return ApprovalView(
            call_id=called.call_id,
            tool=called.name,
            level=level,
            arguments=tuple((name, tables.in_words(value)) for name, value in called.arguments.items()),
            scope=called.scope,
            scope_kind=scope_kind(called.name, called.scope),
            preview=preview,
            preview_kind=kinds.get(called.name, "text") if preview else "",  # type: ignore[arg-type]
            sources=called.sources,
            offers=offers(called, level, conversation),
            changed=await self._changed(called, conversation),
            identity=called.identity,
        )

    async def _changed(self, called: ToolCalled, conversation: int | None) -> bool:
        """Whether the person had said yes for longer, or judged the tool, when it was another one."""
        found = await self._store.work(lambda sql: tables.grants(sql, called.name))
        granted = {grant.identity for grant in found if grant.meant(called, conversation)}
        judged = {identity for tool, identity in self._levels() if tool == called.name}
        return bool(granted | judged) and called.identity not in granted | judged

    async def keep(self, called: ToolCalled, remember: Remember, conversation: int | None) -> int | None:
        """Keep a yes for longer; the id of the grant, ``None`` where that kind was not offered for this call."""
        offered = {offer.remember: offer for offer in offers(called, self._level(called), conversation)}
        if remember not in offered:
            return None
        return await self._add(called, offered[remember], conversation)

    async def _add(self, called: ToolCalled, offer: GrantOffer, conversation: int | None) -> int:
        scope = widest_scope(called) if offer.remember == "scope" else ""
        bound = conversation if offer.remember == "chat" else None
        return await self._store.work(
            lambda sql: tables.add_grant(sql, called.name, offer.remember, scope, bound, _now(), called.identity)
        )

    async def grants(self) -> tuple[Grant, ...]:
        """All that hold, the newest first."""
        return await self._store.work(tables.grants)

    async def titles(self) -> dict[int, str]:
        """Titles of the conversations that a grant is bound to, by id."""
        return await self._store.work(tables.titles)

    async def revoke(self, grant: int) -> bool:
        """Take a grant back; false when there is none of that id. The next call asks."""
        return await self._store.work(lambda sql: tables.revoke(sql, grant))

    async def calls(self, query: str = "", limit: int = SHOWN_CALLS) -> tuple[Call, ...]:
        """The ledger, the newest call first; those in which every word of ``query`` stands."""
        return await self._store.work(lambda sql: tables.calls(sql, query, limit))

    async def counted_calls(self, query: str, limit: int) -> tuple[tuple[Call, ...], int]:
        """As :meth:`calls`, and how many there are in all."""
        return await self._store.work(lambda sql: tables.counted_calls(sql, query, limit))

    async def begin(self, called: ToolCalled, answer: Answer, conversation: int | None) -> int:
        """Write a call into the ledger; the number of its line."""
        call = Call(
            call_id=called.call_id,
            tool=called.name,
            level=self._level(called),
            arguments=tables.arguments_to_keep(called.arguments),
            scope=called.scope,
            sources=called.sources,
            allowed=answer.allowed,
            decided_by=answer.by,
            grant=answer.grant,
            conversation=conversation,
        )
        return await self._store.work(lambda sql: tables.add_call(sql, call))

    async def end(self, line: int, finished: ToolFinished) -> None:
        """Say in the ledger how the call of ``line`` ended."""
        size, hosts = len(finished.result), finished.hosts
        await self._store.work(lambda sql: tables.end_call(sql, line, finished.failed, size, finished.seconds, hosts))

    async def lose(self, line: int) -> None:
        """Say in the ledger that the call of ``line`` was cut off before it answered, if it ran and has not ended."""
        await self._store.work(lambda sql: tables.lose_call(sql, line))


class TurnCalls:
    """The calls of one turn: each is decided, and written down. Who is asked, and what a command line allowed before,
    is ``ask``'s matter; with ``saved`` false no grant counts."""

    def __init__(
        self, permissions: Permissions, ask: Ask, conversation: int | None = None, *, saved: bool = True
    ) -> None:
        self._permissions = permissions
        self._ask = ask
        self._conversation = conversation
        self._saved = saved
        self._open: dict[str, ToolCalled] = {}
        """Calls that have not ended."""
        self._lines: dict[str, int] = {}
        """Those of them that are in the ledger, and where."""
        self._asked: set[str] = set()
        """Those for which somebody was asked."""

    async def decide(self, called: ToolCalled) -> Answer:
        """Whether ``called`` may run. It is in the ledger before it does."""
        self._open[called.call_id] = called
        answer = await self._judge(called)
        if answer is None:
            question = await self._permissions.question(called, self._conversation)
            self._asked.add(called.call_id)
            answer = await self._ask(question)
            if answer.allowed and answer.remember is not None:
                grant = await self._permissions.keep(called, answer.remember, self._conversation)
                answer = replace(answer, grant=grant)
        await self._begin(called, answer)
        return answer

    async def ran_unasked(self, called: ToolCalled) -> None:
        """Write down a call that the worker did not ask about: it runs by its level, or it cannot run at all."""
        self._open[called.call_id] = called
        level = self._permissions.level(called.name, called.identity)
        runs = level in UNASKED and not is_under_others(called, level)
        await self._begin(called, Answer(True, by="level") if runs else _REFUSED)

    async def ended(self, finished: ToolFinished) -> None:
        """Write down how a call ended; nobody had allowed one that was not decided on by then."""
        if (called := self._open.get(finished.call_id)) is None:
            return
        if called.call_id not in self._lines:
            await self._begin(called, self._undecided(called))
        del self._open[called.call_id]
        await self._permissions.end(self._lines.pop(called.call_id), finished)

    async def close(self) -> None:
        """The turn is over, perhaps with the worker: a question that nobody answered was a no, and what ran is lost."""
        lines = tuple(self._lines.values())
        undecided = [called for id, called in self._open.items() if id not in self._lines]
        self._lines.clear()
        self._open.clear()
        for line in lines:
            await self._permissions.lose(line)
        for called in undecided:
            await self._begin(called, self._undecided(called))

    def _undecided(self, called: ToolCalled) -> Answer:
        return _UNANSWERED if called.call_id in self._asked else _REFUSED

    async def _judge(self, called: ToolCalled) -> Answer | None:
        if self._saved:
            return await self._permissions.judge(called, self._conversation)
        level = self._permissions.level(called.name, called.identity)
        return Answer(True, by="level") if level in UNASKED and not is_under_others(called, level) else None

    async def _begin(self, called: ToolCalled, answer: Answer) -> None:
        self._lines[called.call_id] = await self._permissions.begin(called, answer, self._conversation)


def _now() -> datetime:
    return datetime.now().astimezone()
