"""Runs the calls that only the desktop can answer and says how they ended. Knows no conversation and no wire.

Whether a call may run was decided before it comes here.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import HostCall, HostResult, ToolCalled
from nyanko_desktop.conversations.models import Reminder
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.notes import FULL, Note, NoteBook, TooManyNotesError
from nyanko_desktop.host_tools.reminders import FULL as TOO_MANY_REMINDERS
from nyanko_desktop.host_tools.reminders import ReminderBook, TooManyRemindersError

log = logging.getLogger(__name__)

MOST_TOLD: Final = 20
"""Notes or reminders in one result; more would push the conversation out of a small model's memory."""
DEFAULT_PERSONA: Final = "nyanko"

Arguments = Mapping[str, Any]
OpenLink = Callable[[str], bool]
"""Shows a link in the person's browser; false when the desktop refuses."""


class HostToolError(Exception):
    """The tool cannot do what was asked; short, plain English for the model."""


class HostTools:
    """The host tools of this version, by name. Without ``open_link`` there is no desktop, and nothing is opened."""

    def __init__(
        self,
        reminders: ReminderBook,
        notes: NoteBook,
        persona: Callable[[], str] = lambda: DEFAULT_PERSONA,
        open_link: OpenLink | None = None,
    ) -> None:
        self._reminders = reminders
        self._notes = notes
        self._persona = persona
        self._open_link = open_link
        self._tools: Mapping[str, Callable[[Arguments], Awaitable[str]]] = {
            "remind": self._remind,
            "list_reminders": self._list_reminders,
            "edit_reminder": self._edit_reminder,
            "remember": self._remember,
            "recall": self._recall,
            "forget": self._forget,
            "open": self._open,
        }

    @classmethod
    def on(cls, store: ConversationStore, persona: Callable[[], str] = lambda: DEFAULT_PERSONA) -> HostTools:
        """Those that need a store alone."""
        return cls(ReminderBook(store), NoteBook(store), persona)

    async def run(self, call: HostCall) -> HostResult:
        """The result of ``call``; one that fails says ``error: …`` to the model."""
        tool = self._tools.get(call.name)
        if tool is None:
            return _failed(call, f"there is no tool {call.name}")
        try:
            return HostResult(id=call.id, call_id=call.call_id, result=await tool(call.arguments))
        except HostToolError as refusal:
            return _failed(call, str(refusal))
        except (KeyError, ValueError, TypeError) as error:
            log.warning("host tool %s: %s", call.name, type(error).__name__)
            return _failed(call, "the arguments cannot be read")
        except RequestError as error:
            log.warning("host tool %s: %s", call.name, error.error.code)
            return _failed(call, "it could not be stored")

    async def preview(self, called: ToolCalled) -> str:
        """What a call would strike out or change, as it stands now; empty for other tools. Raises StoreError."""
        match called.name:
            case "forget":
                return "\n".join(note.text for note in await self._meant(str(called.arguments.get("text", ""))))
            case "edit_reminder":
                number = called.arguments.get("number")
                return "\n".join(_told(one) for one in await self._reminders.waiting() if one.id == number)
            case _:
                return ""

    # ------------------------------------------------------------ reminders; the worker has checked the arguments

    async def _remind(self, arguments: Arguments) -> str:
        """``when`` is local time such as ``2026-11-21T18:40``; ``what`` is the text."""
        when = datetime.fromisoformat(arguments["when"])
        try:
            await self._reminders.add(when.astimezone(), arguments["what"])
        except TooManyRemindersError:
            raise HostToolError(TOO_MANY_REMINDERS) from None
        return f"ok {when:%Y-%m-%d %H:%M}"

    async def _list_reminders(self, _: Arguments) -> str:
        waiting = await self._reminders.waiting()
        return _listed([_told(one) for one in waiting[:MOST_TOLD]], len(waiting), "there are no reminders")

    async def _edit_reminder(self, arguments: Arguments) -> str:
        number = int(arguments["number"])
        if arguments.get("delete"):
            done = await self._reminders.delete(number)
            said = f"deleted #{number}"
        else:
            when = datetime.fromisoformat(arguments["when"])
            done = await self._reminders.change(number, when.astimezone(), arguments["what"])
            said = f"ok #{number} {when:%Y-%m-%d %H:%M}"
        if not done:
            raise HostToolError(f"there is no reminder #{number} to come")
        return said

    # ------------------------------------------------------------ notes

    async def _remember(self, arguments: Arguments) -> str:
        try:
            await self._notes.add(self._persona(), arguments["text"])
        except TooManyNotesError:
            raise HostToolError(FULL) from None
        return "ok"

    async def _recall(self, arguments: Arguments) -> str:
        found = await self._notes.find(self._persona(), arguments["text"])
        told = [f"{note.changed.astimezone():%Y-%m-%d} {note.text}" for note in found[:MOST_TOLD]]
        return _listed(told, len(found), "nothing is noted about that")

    async def _forget(self, arguments: Arguments) -> str:
        match await self._meant(arguments["text"]):
            case [note]:
                await self._notes.delete(note.id)
                return f"forgot: {note.text}"
            case []:
                raise HostToolError("nothing is noted about that")
            case many:
                raise HostToolError(f"{len(many)} notes hold these words: say more of the one")

    async def _meant(self, words: str) -> list[Note]:
        """The notes that hold ``words``, or those that say nothing else."""
        found = await self._notes.find(self._persona(), words)
        exact = [note for note in found if note.text.casefold() == words.casefold()]
        return exact or list(found)

    # ------------------------------------------------------------ the desktop

    async def _open(self, arguments: Arguments) -> str:
        if self._open_link is None:
            raise HostToolError("links are opened by the running app alone")
        if not self._open_link(arguments["text"]):
            raise HostToolError("the desktop did not open it")
        return "ok, the person sees it"


def _told(reminder: Reminder) -> str:
    return f"#{reminder.id} {reminder.due.astimezone():%Y-%m-%d %H:%M} {reminder.text}"


def _listed(told: list[str], found: int, none: str) -> str:
    if not told:
        return none
    more = found - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _failed(call: HostCall, reason: str) -> HostResult:
    return HostResult(id=call.id, call_id=call.call_id, result=f"error: {reason}", failed=True)
