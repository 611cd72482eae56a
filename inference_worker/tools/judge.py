"""Which of the calls that were read may run, and what came of a whole reply. Knows no text and no format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.raw_text import typed
from inference_worker.tools.reading import EndedError, RawCall
from inference_worker.tools.schema import misfit

MAX_CALLS: Final = 32
"""Calls in one text; a turn allows fewer."""

Status = Literal["calls", "no_calls", "truncated", "malformed", "rejected"]
_Kind = Literal["rejected", "malformed", "truncated"]


class Judge:
    """Of one reply, whose calls may be to ``tools``: the JSON schema of the arguments by name."""

    def __init__(self, tools: Mapping[str, Any]) -> None:
        self._tools = tools
        self._called = 0
        self._problem: Status | None = None

    @property
    def has_decided(self) -> bool:
        """Whether there was a call, good or bad."""
        return bool(self._called or self._problem)

    @property
    def status(self) -> Status:
        """What came of the reply so far."""
        return "calls" if self._called else self._problem or "no_calls"

    def judge(self, call: RawCall, end: int, *, may_be_thought: bool) -> Called | Rejected:
        """The call where it may run, and why not where it may not; ``end`` is where it ends in what was fed."""
        if call.name not in self._tools:
            return self._reject(call.name, f"there is no tool called {call.name[:40]}", "rejected")
        schema = self._tools[call.name]
        arguments = typed(call.arguments, schema)
        reason = misfit(arguments, schema)
        if may_be_thought:
            reason = "it may be a part of thoughts, which do nothing; write it outside of them"
        elif reason is None and self._called >= MAX_CALLS:
            reason = "too many calls"
        if reason is not None:
            return self._reject(call.name, reason, "rejected")
        self._called += 1
        return Called(call.name, arguments, end, call.id)

    def give_up(self, reason: Exception) -> Rejected:
        """What to say of a call that could not be read, for ``reason``."""
        if isinstance(reason, EndedError):
            return self._reject("", "the call was cut off", "truncated")
        return self._reject(getattr(reason, "name", ""), f"the call cannot be read: {reason}", "malformed")

    def note_cut(self) -> None:
        """The reply ended in the middle of something."""
        self._problem = self._problem or "truncated"

    def _reject(self, name: str, reason: str, kind: _Kind) -> Rejected:
        self._problem = self._problem or kind
        return Rejected(name[:64], reason, kind)
