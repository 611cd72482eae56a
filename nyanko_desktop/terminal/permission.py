"""Permission on the command line: what ``--allow`` says, else the person at the terminal, else nobody. Runs no call."""

from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeVar

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Decision, Event, ToolCalled, ToolFinished
from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer, Remember
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.allowances import Allowance, covers, options_for
from nyanko_desktop.permissions.permissions import Answer, TurnCalls
from nyanko_desktop.permissions.words import changed_in_words, level_in_words, offer_in_words
from nyanko_desktop.reasons.results import preview_in_words, source_in_words
from nyanko_desktop.terminal.columns import folded
from nyanko_desktop.terminal.lines import answer_line, discard_typed

log = logging.getLogger(__name__)

NOBODY: Final = "nobody is there to be asked"
BAR: Final = "  │ "
"""Before every line of a question that is not the first one of a field."""
KEYS: Final[dict[Remember, str]] = {"chat": "c", "scope": "s", "always": "a"}

T = TypeVar("T")
AskLine = Callable[[str], Awaitable[str]]
"""Shows a question and returns the person's line; empty when there is none."""


class Doorkeeper:
    """Answers for the person, in one command. Without ``ask_line`` there is no terminal, and ``on_refused`` is told.

    ``seen`` says what tools of servers were when they were switched on: an allowance is for that, and for nothing that
    a server made of it since.
    """

    def __init__(
        self,
        allowances: tuple[Allowance, ...],
        ask_line: AskLine | None,
        seen: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.on_refused: Callable[[WireError], None] = lambda _: None
        self.refused: WireError | None = None
        """The call for which nobody was there; the command ends with it."""
        self._allowances = allowances
        self._ask_line = ask_line
        self._seen = seen

    @property
    def has_person(self) -> bool:
        return self._ask_line is not None

    async def __call__(self, call: ApprovalView) -> Answer:
        changed = self._seen.get(call.tool, call.identity) != call.identity
        if not changed and covers(self._allowances, call):
            return Answer(True, by="command line")
        if self._ask_line is not None:
            asked = replace(call, changed=call.changed or changed)
            return read_answer(await self._ask_line(question_in_words(asked)), call.offers)
        if changed:
            self.refused = WireError(ErrorCode.TOOLS_CHANGED, {"names": call.tool})
        else:
            self.refused = WireError(ErrorCode.APPROVAL_REQUIRED, {"name": call.tool, "options": options_for(call)})
        self.on_refused(self.refused)
        return Answer(False, by="refused", reason=NOBODY)


class TerminalLines:
    """Questions on standard error, answers from standard input, where no prompt of ours owns the terminal."""

    async def __call__(self, question: str) -> str:
        discard_typed()
        print(question, end="", file=sys.stderr, flush=True)
        line = await answer_line()
        if line is None:  # no line end was typed
            print(file=sys.stderr, flush=True)
        return line or ""


class LazyStore:
    """The profile's store, opened when the first call is to be written down: most questions need none."""

    def __init__(self, opening: Callable[[], Awaitable[ConversationStore]]) -> None:
        self._opening = opening
        self._store: ConversationStore | None = None

    async def work(self, act: Callable[[sqlite3.Connection], T]) -> T:
        if self._store is None:
            self._store = await self._opening()
        return await self._store.work(act)

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()


async def heed(event: Event, calls: TurnCalls, send: Callable[[Decision], Awaitable[None]]) -> None:
    """Decide on the call that ``event`` announces, and write down what became of it.

    Raises RequestError where a call that needs permission cannot be written down; it then does not run.
    """
    match event:
        case ToolCalled(needs_decision=True):
            answer = await calls.decide(event)
            await send(Decision(event.id, event.call_id, answer.allowed, answer.reason))
        case ToolCalled():
            await written_if_possible(calls.ran_unasked(event))
        case ToolFinished():
            await written_if_possible(calls.ended(event))
        case _:
            pass


async def written_if_possible(writing: Awaitable[None]) -> None:
    """A profile that cannot be written keeps nobody from a sum; the log says it."""
    try:
        await writing
    except RequestError as error:
        log.warning("the ledger lacks a call: %s", error.error.code)


def question_in_words(call: ApprovalView) -> str:
    """Everything that the call would do, and what can be answered; ends without a line break."""
    lines = [tr("Nyanko wants to use {tool} ({what}):", tool=call.tool, what=level_in_words(call.level))]
    for name, value in call.arguments:
        lines += _field(f"{_in_one_line(name)}: {value}")
    if call.scope:
        lines += _field(f"→ {_in_one_line(call.scope)}")
    if call.preview and call.preview_kind != "code":
        lines += _barred(preview_in_words(call.tool, call.preview))
    if call.changed:
        lines.append(changed_in_words())
    if call.sources:
        sources = ", ".join(_in_one_line(source_in_words(source)) for source in call.sources)
        lines += _field(tr("It has read words of others, which may be behind this: {sources}", sources=sources))
    for offer in call.offers:
        lines += _field(f"{KEYS[offer.remember]} = {_in_one_line(offer_in_words(offer))}")
    keys = "".join(f"/{KEYS[offer.remember]}" for offer in call.offers)
    return "\n".join(lines) + "\n" + tr("Allow it? [y/N{more}]", more=keys) + " "


def read_answer(line: str, offers: tuple[GrantOffer, ...]) -> Answer:
    """What was typed; anything but a clear yes is a no."""
    typed = line.strip().casefold()
    if typed in ("y", "yes", "是", "好"):
        return Answer(True)
    longer = next((offer.remember for offer in offers if KEYS[offer.remember] == typed), None)
    return Answer(longer is not None, remember=longer)


def visible(text: str) -> str:
    """``text`` with every sign that could hide or reorder others written out."""
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\u{{{ord(char):x}}}" for char in text)


def _in_one_line(text: str) -> str:
    return visible(text.replace("\n", "\\n").replace("\t", "\\t"))


def _field(text: str) -> list[str]:
    """A line of ours, and what goes on behind it: no text of others can look like the next line of ours."""
    first, *more = _barred(text)
    return [f"  {first.removeprefix(BAR)}", *more]


def _barred(text: str) -> list[str]:
    return [BAR + piece for line in visible(text).split("\n") for piece in folded(line, len(BAR))]
