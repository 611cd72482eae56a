"""The filter for models that were trained to call tools: one machine for every family. Knows no format itself.

A family says which markers there are and which reader follows each. The machine looks for markers in the text, holds
back what may become one, hands characters to a reader, and has a judge say which of the calls that it found may run.
It never raises for what a model writes, takes linear time, and its memory is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from inference_worker.tools.families.family import PROSE, Family, Opener, Thinking, looks_like_control
from inference_worker.tools.filter import ModelEvent
from inference_worker.tools.judge import Judge, Status
from inference_worker.tools.place import Place
from inference_worker.tools.reading import (
    ControlChar,
    EndedError,
    Input,
    NotACallError,
    Reading,
    StopError,
    UnfitError,
    is_genuine,
    is_name_char,
)
from inference_worker.tools.shown import MAX_BLANK, Shown
from inference_worker.tools.watches import Mode, Watch, is_open, watches_of

MAX_CALL: Final = 64 * 1024
"""Characters of one call; a longer one is given up."""
MAX_MARKER: Final = 64
"""Characters of the longest marker."""


class ModelFilter:
    """One reply of a model of ``family``. The events do not depend on how the text was cut into pieces."""

    def __init__(
        self,
        family: Family,
        tools: Mapping[str, Any],
        *,
        prompt_end: str = "",
        control: Collection[str] = (),
    ) -> None:
        """``tools`` holds the JSON schema of the arguments by name. ``prompt_end`` is the end of the prompt as text: it
        says whether the model is thinking already. ``control`` names the tokenizer's control tokens: a marker that is
        one, or begins with one, counts only where it is fed as such, so that a model may talk about it.
        """
        self.cut = False
        self._family, self._tools, self._judge = family, tools, Judge(tools)
        self._control = frozenset(control)
        self._openers = {opener.text: opener for opener in family.openers}
        self._ends = family.ends
        self._thinking = {pair.open: pair for pair in family.thinking}
        self._watches = watches_of(family)
        self._never_shown = Watch(family.markers | family.remains)
        self._shown = Shown()
        self._pending: deque[str] = deque()
        self._fed = 0
        self._held: list[str] = []
        self._held_text = ""
        self._whole = 0
        """Characters of what is held that are a marker already, though it may become a longer one."""
        self._quoted = ""
        """A marker right behind a quotation mark: it does nothing, if the other one comes next."""
        self._place = Place(family, self._control)
        self._last: deque[str] = deque(maxlen=MAX_MARKER)
        """What was shown since the last marker."""
        self._start_tried = False
        self._doubted: Opener | None = None
        """No call follows it; another marker makes it a false start, prose a word, anything else a broken call."""
        self._doubts: list[str] = []
        """It, if it may be a word, and the white space behind it."""
        self._came_from: Mode = "text"
        self._opener: Opener | None = None
        self._input = Input()
        self._reader: Reading[None] | None = None
        self._read = 0
        self._mode: Mode = "text"
        self._pair: Thinking | None = None
        for pair in family.thinking:
            if is_open(pair, prompt_end):
                self._begin_thinking(pair)
        for opener in family.openers:
            if prompt_end.rstrip().endswith(opener.text):  # the prompt makes the model call something
                self._begin_call(replace(opener, text=""), "")

    @property
    def status(self) -> Status:
        """What came of the text so far; final after finish()."""
        return self._judge.status

    def feed(self, text: str, *, control: bool = False) -> list[ModelEvent]:
        """Events that became certain with ``text``; with ``control`` it is one control token."""
        if control and text not in self._family.markers and self._mode not in ("call", "skipping"):
            return []
        if control and text in self._ends and text in self._control:
            self._settle(truncated=False)
            self._stop()
        for char in text:
            self._fed += 1
            self._pending.append(ControlChar(char) if control else char)
            self._drain()
        return self._shown.taken()

    def finish(self, *, truncated: bool = False) -> list[ModelEvent]:
        """The rest, when the text has ended. With ``truncated`` (out of tokens) nothing open counts as whole."""
        self._settle(truncated)
        if self._mode == "thinking" and not self._family.thinking_ends:
            self._judge.note_cut()
        if not self._judge.has_decided:
            self._shown.end()
        self._mode = "over"
        return self._shown.taken()

    def _settle(self, truncated: bool) -> None:
        """Decide about everything that waits for more text, since none comes."""
        while self._mode != "over":
            self._drain()
            if self._mode == "call":
                self._input.truncated = truncated
                self._send("")
            elif self._held:
                self._mismatch()
            elif self._quoted:
                self._settle_quoted("")
            elif not self._pending:
                self._settle_doubts(at_end=True)
                break

    # ------------------------------------------------------------ one character

    def _drain(self) -> None:
        while self._pending:
            char = self._pending.popleft()
            if self._mode == "call":
                self._send(char)
            elif self._mode != "over":
                self._match(char)

    def _match(self, char: str) -> None:
        if self._quoted:
            self._settle_quoted(char)
            return
        watch = self._watches[self._mode]
        text = self._held_text + char
        is_prefix = text in watch.prefixes
        is_marker = text in watch.markers and self._counts(text, char)
        if not is_prefix and not is_marker:
            if not self._held:
                self._pass(char)
            else:
                self._pending.appendleft(char)
                self._mismatch()
            return
        self._held.append(char)
        self._held_text = text
        if is_marker:
            self._whole = len(self._held)
            if not is_prefix:
                self._mismatch()

    def _counts(self, marker: str, last: str) -> bool:
        """Whether what reads like a marker is one at this place."""
        if self._control and not is_genuine([*self._held, last], self._control):
            self._place.talks_of_calls = self._place.talks_of_calls or marker in self._openers
            return False
        if self._mode == "thinking":
            return self._place.counts_in_thoughts(marker, self._pair)
        if self._mode == "skipping":
            return self._opener is None or marker in (self._opener.end, *self._family.stops)
        return marker in self._control or self._place.counts(marker, has_called=self._judge.has_decided)

    def _mismatch(self) -> None:
        """What is held will be no longer marker: act on the marker that it begins with, or let a character pass."""
        held, whole = self._held, self._whole
        self._held, self._held_text, self._whole = [], "", 0
        self._pending.extendleft(reversed(held[max(whole, 1) :]))
        if not whole:
            self._pass(held[0])
        elif self._may_be_quoted(held[:whole]):
            self._quoted = "".join(held[:whole])
        else:
            self._act("".join(held[:whole]))

    def _may_be_quoted(self, marker: Sequence[str]) -> bool:
        is_token = isinstance(marker[0], ControlChar)
        quotes = self._mode == "text" and self._place.closing_quote != ""
        return quotes and not is_token and looks_like_control("".join(marker))

    def _settle_quoted(self, char: str) -> None:
        """Decide about a marker behind a quotation mark, now that ``char`` or the end of the text follows it."""
        marker, self._quoted = self._quoted, ""
        if char:
            self._pending.appendleft(char)
        if char and char == self._place.closing_quote:
            self._keep_apart()  # a word, but none that is ever shown
        else:
            self._act(marker)

    def _pass(self, char: str) -> None:
        """``char`` belongs to no marker."""
        if self._mode == "skipping":
            return
        if self._mode == "text" and self._begins_bare_call(char):
            self._start_tried = True
            self._begin_call(None, char)
            return
        self._show(char)

    def _begins_bare_call(self, char: str) -> bool:
        return self._place.at_start and not self._start_tried and not char.isspace() and self._family.start is not None

    def _show(self, char: str) -> None:
        self._notice(char)
        if self._doubted is not None and (char.isspace() and len(self._doubts) < MAX_BLANK):
            self._doubts.append(char)
        else:
            self._settle_doubts()
            self._say(char)

    def _notice(self, char: str) -> None:
        if self._mode == "thinking":
            self._place.think(char)
        else:
            self._place.write(char)
            self._last.append(char)

    def _say(self, char: str) -> None:
        if self._mode != "skipping" and not self._judge.has_decided:
            self._shown.add("thinking" if self._mode == "thinking" else "text", char)

    # ------------------------------------------------------------ markers

    def _act(self, marker: str) -> None:
        self._keep_apart()
        self._settle_doubts(marker)
        is_result = marker in self._family.results and self._judge.has_decided
        if marker in self._family.stops or is_result:
            self._stop()
        elif marker in self._family.segments:
            self._begin_segment()
        elif self._mode == "skipping" or (self._pair is not None and marker == self._pair.close):
            self._begin_text()
        elif marker in self._openers:
            self._begin_marked_call(self._openers[marker])
        elif marker in self._thinking and self._mode != "thinking":
            self._begin_thinking(self._thinking[marker])

    def _keep_apart(self) -> None:
        """What stands around a marker that is not shown must not become one."""
        tail = "".join(self._last)
        if any(tail[at:] in self._never_shown.prefixes for at in range(len(tail))):
            self._shown.keep_apart()
        self._last.clear()

    def _stop(self) -> None:
        self.cut = True
        self._mode = "over"
        self._pending.clear()

    def _begin_segment(self) -> None:
        self._begin_text()
        self._place.begin_message()
        self._start_tried = False

    def _begin_text(self) -> None:
        if self._mode == "thinking":
            self._shown.turn_to("text")
        self._mode, self._pair, self._opener = "text", None, None

    def _begin_thinking(self, pair: Thinking | None) -> None:
        self._mode, self._pair = "thinking", pair
        self._place.begin_thoughts()
        self._shown.turn_to("thinking")

    def _begin_marked_call(self, opener: Opener) -> None:
        if self._place.is_in_code and opener.text not in self._control:
            return  # a control token in a block of code: neither shown nor acted upon
        self._begin_call(opener, "")

    # ------------------------------------------------------------ calls

    def _begin_call(self, opener: Opener | None, char: str) -> None:
        family = self._family
        boundaries = [*self._openers, *family.stops, *family.segments, *family.results]
        self._came_from = self._mode
        self._opener, self._mode, self._read = opener, "call", 0
        self._input = Input(self._tools, self._control, boundaries, family.stops)
        read = family.start if opener is None else opener.read
        assert read is not None
        self._reader = read(self._input)
        next(self._reader)
        if char:
            self._send(char)

    def _send(self, char: str) -> None:
        """Give one character to the reader, or nothing for the end of the text."""
        assert self._reader is not None
        self._read += 1
        if self._read > MAX_CALL and char:
            self._end_call(UnfitError("the call is too long") if self._input.committed else NotACallError())
            return
        try:
            self._reader.send(char)
        except StopIteration:
            self._end_call(None)
        except (NotACallError, UnfitError, EndedError, StopError) as reason:
            self._end_call(reason)
        else:
            self._take_calls()

    def _end_call(self, reason: Exception | None) -> None:
        source, opener = self._input, self._opener
        self._take_calls()
        self._reader = None
        self._mode = self._came_from if reason is not None else "text"
        self._pending.extendleft(reversed(source.rest()))
        if isinstance(reason, EndedError) and not (source.committed or source.hides_end):
            reason = NotACallError()
        if isinstance(reason, UnfitError) and not source.committed and opener is None:
            reason = NotACallError()
        if isinstance(reason, NotACallError):
            self._take_back(opener, source.taken)
        elif isinstance(reason, StopError):
            self._stop()
        elif reason is not None:
            self._give_up(reason, opener)
        elif source.becomes == "thinking":
            self._begin_thinking(self._family.thinking[0])
        else:
            self._start_tried = self._start_tried or opener is not None  # who marks calls, repeats them without
            self._begin_text_behind(source.becomes)

    def _begin_text_behind(self, becomes: str) -> None:
        self._shown.turn_to("text")
        self._begin_text()
        if becomes:
            self._place.begin_line()

    def _take_back(self, opener: Opener | None, taken: list[str]) -> None:
        """It was no call: the marker is text unless it never is, and what follows is looked at again."""
        self._opener = None
        self._pending.extendleft(reversed(taken))
        if opener is None:
            if self._pending:
                self._show(self._pending.popleft())
        elif opener.text.startswith("<") and not looks_like_control(opener.text):
            self._doubt(opener, self._pending[0] if self._pending else "")
        elif not looks_like_control(opener.text):
            for char in opener.text:
                self._show(char)

    def _doubt(self, opener: Opener, following: str) -> None:
        """Wait with ``opener``, which no call follows, for what else does."""
        self._settle_doubts(opener.text)
        is_word = following in PROSE if opener.text.endswith(">") else is_name_char(following) or following in PROSE
        if following and is_word:
            for char in opener.text:
                self._notice(char)
        self._doubted, self._doubts = opener, list(opener.text) if following and is_word else []

    def _settle_doubts(self, marker: str = "", *, at_end: bool = False) -> None:
        """Decide about an opener without a call, now that a character, ``marker`` or the end of the text follows it."""
        opener, held = self._doubted, self._doubts
        self._doubted, self._doubts = None, []
        if opener is None or marker in self._openers:
            return
        if held and held[0] == "<":
            if not marker and not at_end:
                self._place.talks_of_calls = True
                for char in held:
                    self._say(char)
            return
        self._opener = opener
        self._give_up(EndedError() if at_end else UnfitError("there is no call in it"), opener)

    def _give_up(self, reason: Exception, opener: Opener | None) -> None:
        self._shown.say(self._judge.give_up(reason))
        self._mode = "skipping" if opener is not None and opener.end else "text"
        self._pair = None

    def _take_calls(self) -> None:
        if self._input.calls:
            calls, self._input.calls = self._input.calls, []
            end = self._fed - len(self._pending) - self._input.unread
            for call in calls:
                self._shown.say(self._judge.judge(call, end, may_be_thought=self._place.may_think))
