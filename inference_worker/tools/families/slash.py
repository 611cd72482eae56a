"""The slash style, for models with no tool training. Runs no call and knows no tool.

A line that starts with ``/name`` of an offered tool is a call, the rest of the line its argument. ``<<``
ends a call early, and whatever the model writes there or on the next line after ``<<`` is its own invention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inference_worker.tools.fences import FenceTracker
from inference_worker.tools.filter import Called, FilterEvent, Rejected, Text

MAX_LINE = 4 * 1024
"""Characters of a call line; a longer one is rejected at once, neither run nor shown nor kept in the prompt."""
MAX_BLANK = 64
"""White space after a call that is held back because an invented result may follow."""


class SlashFilter:
    """The slash style as a machine; one method for each state, one character at a time."""

    def __init__(self, offered: Iterable[str], *, before: str = "", after_result: bool = False) -> None:
        """``before`` is the text that the reply already has; ``after_result`` says that a real result stands there."""
        self.cut = False
        self._offered = frozenset(offered)
        self._prefixes = frozenset(name[:length] for name in self._offered for length in range(len(name) + 1))
        self._fence = FenceTracker()
        for char in before:
            self._fence.feed(char)
        self._events: list[FilterEvent] = []
        self._shown: list[str] = []
        self._held: list[str] = []
        """From the slash of what may be a call, or after a call."""
        self._name = ""
        self._fed = 0
        self._start = 0
        self._step: Callable[[str], None] = self._at_reply_start
        if after_result:
            self._step = self._after_call
        elif before:
            self._step = self._at_line_start if before[-1] == "\n" else self._in_text

    def feed(self, text: str) -> list[FilterEvent]:
        """Events that became certain with ``text``."""
        for char in text:
            self._fed += 1
            self._step(char)
        return self._taken()

    def finish(self, *, truncated: bool = False) -> list[FilterEvent]:
        """The rest; the machine is at its end afterwards."""
        if self._step == self._in_name:
            self._name = "".join(self._held[1:])
        if self._step == self._in_argument or (self._step == self._in_name and self._name in self._offered):
            self._end_call(truncated)
        else:
            self._shown.extend(self._held)
        self._step = self._dropping
        return self._taken()

    def _taken(self) -> list[FilterEvent]:
        self._flush_text()
        events, self._events = self._events, []
        return events

    def _flush_text(self) -> None:
        if self._shown:
            self._events.append(Text("".join(self._shown)))
            self._shown = []

    # ------------------------------------------------------------ states

    def _at_reply_start(self, char: str) -> None:
        """A blank here is the tokenizer's, not the model's: many begin every word with one."""
        if char == " ":
            self._shown.append(char)
            self._fence.feed(char)
        else:
            self._at_line_start(char)

    def _at_line_start(self, char: str) -> None:
        if char == "/" and not self._fence.is_open:
            self._start = self._fed - 1
            self._held = [char]
            self._step = self._in_name
        else:
            self._in_text(char)

    def _in_text(self, char: str) -> None:
        self._shown.append(char)
        self._fence.feed(char)
        self._step = self._at_line_start if char == "\n" else self._in_text

    def _in_name(self, char: str) -> None:
        """Behind a slash at the start of a line: hold back what may still become an offered name and its end."""
        written = "".join(self._held[1:])
        if written in self._offered and (char.isspace() or char == "<"):
            self._name = written
            self._step = self._in_argument if char != "<" else self._behind_name
            self._step(char)
        elif written + char in self._prefixes:
            self._held.append(char)
        else:
            self._show_held_and(char)

    def _behind_name(self, char: str) -> None:
        """``/name<``: a call if an invented result follows, else text."""
        if self._held[-1] != "<":
            self._held.append(char)
        elif char == "<":
            self._in_argument(char)
        else:
            self._show_held_and(char)

    def _in_argument(self, char: str) -> None:
        if char == "\n":
            self._end_call()
        elif char == "<" and self._held[-1] == "<":
            self._held.pop()
            self._end_call()
            self._start_dropping()
        elif len(self._held) > MAX_LINE:
            self._reject("the call is too long")
            self._step = self._in_rejected_line
        else:
            self._held.append(char)

    def _in_rejected_line(self, char: str) -> None:
        if char == "\n":
            self._step = self._at_line_start

    def _after_call(self, char: str) -> None:
        """Behind a call line: hold back what may become an invented result."""
        half = self._held[-1:] == ["<"]
        if char == "<" and half:
            self._start_dropping()
        elif char == "<" or (char.isspace() and not half and len(self._held) < MAX_BLANK):
            self._held.append(char)
        else:
            self._show_held_and(char)

    def _dropping(self, char: str) -> None:
        """After an invented result or the end nothing counts any more."""

    # ------------------------------------------------------------ steps between states

    def _end_call(self, truncated: bool = False) -> None:
        """The held line is a call; its end is that of the argument, without white space."""
        if truncated:
            self._reject("the call was cut off")
            return
        line = "".join(self._held).rstrip()
        self._flush_text()
        argument = line[1 + len(self._name) :].strip()
        self._events.append(Called(self._name, {"text": argument}, self._start + len(line)))
        self._held = []
        self._step = self._after_call

    def _reject(self, reason: str) -> None:
        self._flush_text()
        self._events.append(Rejected(self._name, reason))
        self._held = []

    def _start_dropping(self) -> None:
        self.cut = True
        self._held = []
        self._step = self._dropping

    def _show_held_and(self, char: str) -> None:
        """It was no call: let the held characters and ``char`` pass as text that starts a line."""
        held, self._held = self._held, []
        self._step = self._at_line_start
        for earlier in held:
            self._in_text(earlier)
        self._step(char)
