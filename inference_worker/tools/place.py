"""Where in an answer the filter stands, and whether what reads like a marker there is one or a word. Runs no call.

Only for markers that are no control tokens of the tokenizer, or where those are not known: a token says what it is.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from inference_worker.tools.families.family import Family, Opener, Thinking, looks_like_control
from inference_worker.tools.fences import FenceTracker

_QUOTES: Final = dict(zip("`\"'“‘「『«", "`\"'”’」』»", strict=True))


@dataclass(slots=True)
class Place:
    """What was shown of one answer, as far as it decides about the next marker."""

    family: Family
    control: Set[str]
    at_start: bool = True
    """Of a message."""
    line_is_blank: bool = True
    may_think: bool = False
    """The mark where thinking begins stood amid the message, unquoted: until its end, thoughts cannot be ruled out."""
    talks_of_calls: bool = False
    """A mark where a call begins was a word, and so are its end and what stands inside."""
    _talks_of_thinking: bool = False
    _talks_of_answers: bool = False
    _has_thought: bool = False
    _before: str = "\n"
    _word_end: str = ""
    """The last character of the line that is no white space."""
    _fence: FenceTracker = field(default_factory=FenceTracker)
    _openers: dict[str, Opener] = field(init=False)
    _thinking: dict[str, Thinking] = field(init=False)
    _closers: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._openers = {opener.text: opener for opener in self.family.openers}
        self._thinking = {pair.open: pair for pair in self.family.thinking}
        self._closers = {pair.close for pair in self.family.thinking}

    @property
    def is_in_code(self) -> bool:
        """In a fenced block, that is."""
        return self._fence.is_open

    @property
    def is_quoted(self) -> bool:
        return self._fence.is_open or self._before == "`"

    @property
    def closing_quote(self) -> str:
        """What ends the quotation that begins right here; nothing where none does."""
        return _QUOTES.get(self._before, "")

    @property
    def _is_amid_sentence(self) -> bool:
        """Behind a word and a blank."""
        return self._before == " " and (self._word_end.isalnum() or self._word_end == ",")

    def write(self, char: str) -> None:
        """``char`` was said."""
        self.at_start = self.at_start and char.isspace()
        self.line_is_blank = char == "\n" or (self.line_is_blank and char.isspace())
        self._fence.feed(char)
        self._before = char
        if not char.isspace() or char == "\n":
            self._word_end = char.strip()

    def think(self, char: str) -> None:
        """``char`` was thought."""
        self._has_thought = self._has_thought or not char.isspace()

    def begin_thoughts(self) -> None:
        self._has_thought = False

    def begin_line(self) -> None:
        """What follows stands as at the start of a message, though it is still the same one."""
        self.at_start = self.line_is_blank = True

    def begin_message(self) -> None:
        self.begin_line()
        self._before, self._word_end = "\n", ""

    def counts(self, marker: str, *, has_called: bool) -> bool:
        """Whether ``marker`` is one in the text of an answer that called something already, or did not."""
        if self._is_word_of_sentence(marker):
            return False
        if marker in self.family.remains:
            is_forged = marker in self.family.results and has_called
            return is_forged or not self._is_talked_about(marker)
        if marker in self._openers:
            return self._begins_call(self._openers[marker])
        if marker in self._thinking:
            return self._begins_thoughts(self._thinking[marker])
        ends_thinking = marker in self._closers
        self.may_think = self.may_think and not ends_thinking
        is_word = self.is_quoted or (ends_thinking and self._talks_of_thinking)
        return looks_like_control(marker) or not is_word

    def counts_in_thoughts(self, marker: str, pair: Thinking | None) -> bool:
        """A second opener right behind the first is none of the thoughts, and only the end of ``pair`` ends them."""
        if marker in self._thinking:
            return not self._has_thought
        return marker not in self._closers or (pair is not None and marker == pair.close)

    def _is_talked_about(self, marker: str) -> bool:
        """Whether the end of a call, or a piece of one, is a word of the answer."""
        if looks_like_control(marker):
            return self.talks_of_calls and bool(self.control)
        return self.is_quoted or self.talks_of_calls

    def _is_word_of_sentence(self, marker: str) -> bool:
        """Whether an end, where the beginning was a word of the answer, is one as well; and what stands around answers,
        which begins none amid a sentence."""
        if self.control or looks_like_control(marker) or not self._is_amid_sentence:
            return False
        if marker in self.family.answers:
            self._talks_of_answers = self._talks_of_answers or not marker.startswith("</")
            return self._talks_of_answers
        is_end = marker in self.family.remains or marker in self.family.hidden
        return is_end and self.talks_of_calls

    def _begins_call(self, opener: Opener) -> bool:
        if self.is_in_code or (self.is_quoted and not looks_like_control(opener.text)):
            self.talks_of_calls = True
            return looks_like_control(opener.text)
        return opener.where == "anywhere" or (self.at_start if opener.where == "start" else self.line_is_blank)

    def _begins_thoughts(self, pair: Thinking) -> bool:
        """Thinking begins at the start of a message; later its mark is a word."""
        begins = pair.anywhere or self.at_start or looks_like_control(pair.open)
        self._talks_of_thinking = self._talks_of_thinking or not begins
        self.may_think = self.may_think or not (begins or self.is_quoted)
        return begins
