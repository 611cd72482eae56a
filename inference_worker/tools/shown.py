"""Collects what a filter shows, without the white space around it. Knows no family and no marker."""

from __future__ import annotations

from typing import Final, Literal

from inference_worker.tools.filter import ModelEvent, Reasoning, Text

MAX_BLANK: Final = 256
"""White space that is held back because a call may follow, in front of which it would not be shown."""

Kind = Literal["text", "thinking"]


class Shown:
    """What is shown or thought, character by character; events in the order in which they became certain."""

    def __init__(self) -> None:
        self._events: list[ModelEvent] = []
        self._chars: list[str] = []
        self._blank: list[str] = []
        self._kind: Kind = "text"
        self._begun = False

    def add(self, kind: Kind, char: str) -> None:
        if kind != self._kind:
            self.turn_to(kind)
        if char.isspace():
            if self._begun and len(self._blank) < MAX_BLANK:
                self._blank.append(char)
            elif self._begun:
                self._chars += [*self._blank, char]
                self._blank = []
            return
        self._begun = True
        self._chars += [*self._blank, char]
        self._blank = []

    def keep_apart(self) -> None:
        """Two blanks, so that what was shown and what comes next are not read as one; some marks have one in them."""
        if self._kind == "text":
            self._chars.append("  ")

    def turn_to(self, kind: Kind) -> None:
        """Begin a text of its own, of one kind or the other."""
        self.settle()
        self._blank = []
        self._kind, self._begun = kind, False

    def say(self, event: ModelEvent) -> None:
        """An event that is no text; white space in front of it is not shown."""
        self.turn_to(self._kind)
        self._events.append(event)

    def settle(self) -> None:
        if self._chars:
            text = "".join(self._chars)
            self._events.append(Text(text) if self._kind == "text" else Reasoning(text))
            self._chars = []

    def end(self) -> None:
        """White space at the end of an answer belongs to it."""
        if self._kind == "text" and self._blank:
            self._chars += self._blank
            self._blank = []

    def taken(self) -> list[ModelEvent]:
        self.settle()
        events, self._events = self._events, []
        return events
