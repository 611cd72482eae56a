"""What the pages of grants, of calls and of notes do and show: intents in, immutable views out. Knows no widget."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from inference_worker.protocol.errors import RequestError, WireError
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.errors import explain
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.i18n import on_language_changed
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.permissions.grants import Grant
from nyanko_desktop.permissions.permissions import SHOWN_CALLS, Permissions
from nyanko_desktop.permissions.tables import Call
from nyanko_desktop.permissions.view import GrantView, LedgerView, NoteView, PermissionsView

log = logging.getLogger(__name__)


class PermissionsController:
    """Grants, ledger and notes of one profile as a window sees them; :meth:`refresh` when the window opens."""

    def __init__(self, permissions: Permissions, notes: NoteBook, persona: Callable[[], str]) -> None:
        self.view = PermissionsView()
        self._permissions = permissions
        self._notes = notes
        self._persona = persona
        self._query = ""
        self._most_calls = SHOWN_CALLS
        self._problem: WireError | None = None
        self._listeners: Listeners[PermissionsView] = Listeners()
        self._leave = on_language_changed(self._say_again)

    def subscribe(self, listener: Callable[[PermissionsView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new view; returns the function that ends this."""
        return self._listeners.add(listener)

    def close(self) -> None:
        self._leave()
        self._listeners.clear()

    # ------------------------------------------------------------ intents

    def refresh(self) -> asyncio.Task[None]:
        """Read everything anew."""
        return self._try(self._look(), "refresh permissions")

    def revoke(self, grant: int) -> asyncio.Task[None]:
        """Take a grant back; the next call asks."""
        return self._try(self._permissions.revoke(grant), "revoke a grant")

    def search(self, query: str) -> asyncio.Task[None]:
        """Show only calls in which every word of ``query`` stands."""
        self._query, self._most_calls = query.strip(), SHOWN_CALLS
        return self._try(self._look(), "search the ledger")

    def show_older(self) -> asyncio.Task[None]:
        """Show twice as many calls."""
        self._most_calls *= 2
        return self._try(self._look(), "show older calls")

    def edit_note(self, note: int, text: str) -> asyncio.Task[None]:
        """Give a note other words; empty ones delete it."""
        return self._try(self._notes.edit(note, text), "edit a note")

    def delete_note(self, note: int) -> asyncio.Task[None]:
        return self._try(self._notes.delete(note), "delete a note")

    def dismiss_notice(self) -> None:
        self._problem = None
        self._show(replace(self.view, notice=None))

    # ------------------------------------------------------------ views

    def _try(self, intent: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        async def attempt() -> None:
            try:
                await intent
                await self._look()
            except RequestError as error:
                log.info("%s: %s", name, error.error.code)
                self._problem = error.error
                self._show(replace(self.view, notice=explain(error.error)))

        return spawn(attempt(), name)

    async def _look(self) -> None:
        query = self._query
        titles = await self._permissions.titles()
        grants = await self._permissions.grants()
        calls, count = await self._permissions.counted_calls(query, self._most_calls)
        lines = await asyncio.to_thread(lambda: tuple(map(ledger_view, calls)))  # there may be thousands
        notes = await self._notes.list(self._persona())
        if query == self._query:
            self._show(
                PermissionsView(
                    grants=tuple(self._grant(grant, titles) for grant in grants),
                    calls=lines,
                    query=query,
                    count=count,
                    notes=tuple(NoteView(note.id, note.text, note.changed) for note in notes),
                    notice=explain(self._problem) if self._problem else None,
                )
            )

    def _grant(self, grant: Grant, titles: dict[int, str]) -> GrantView:
        title = titles.get(grant.conversation or 0, "")
        level = self._permissions.level(grant.tool, grant.identity)
        return GrantView(
            grant.id, grant.tool, level, grant.remember, grant.scope, title, grant.granted, used=grant.used
        )

    def _say_again(self) -> None:
        self._show(replace(self.view, notice=explain(self._problem) if self._problem else None))

    def _show(self, view: PermissionsView) -> None:
        if view != self.view:
            self.view = view
            self._listeners.tell(view)


def ledger_view(call: Call) -> LedgerView:
    """One line of the ledger for a person."""
    return LedgerView(
        id=call.id,
        time=call.time,
        conversation=call.title,
        tool=call.tool,
        level=call.level,
        arguments=tuple(call.arguments.items()),
        scope=call.scope,
        allowed=call.allowed,
        decided_by=call.decided_by,
        grant=call.grant,
        ended=call.ended,
        result_size=call.result_size,
        seconds=call.seconds,
        failed=call.failed,
        hosts=call.hosts,
        sources=call.sources,
        cut_off=call.cut_off,
    )
