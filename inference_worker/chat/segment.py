"""What one stream wrote: its tokens, how much of it may be shown, and the calls that end it. Knows no turn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol

from inference_worker.chat.generator import Token
from inference_worker.tools.filter import Called, Filter, FilterEvent, ModelEvent, Reasoning, Rejected, Text
from inference_worker.tools.model_filter import ModelFilter

MOST_BEHIND_A_CALL = 1_024
"""Tokens that a model may write behind a whole call before that is taken for the last: room for a long second one."""
MOST_OF_A_MISTAKE = 256
"""Tokens of a call that cannot be read that the model is shown again."""


class Segment(Protocol):
    """Reads the tokens of one stream through a filter."""

    calls: list[Called | Rejected]

    @property
    def tokens(self) -> list[Token]: ...

    @property
    def is_over(self) -> bool:
        """Whether more tokens could add nothing."""
        ...

    def add(self, token: Token) -> Sequence[Text | Reasoning]:
        """What may be shown now that ``token`` has come."""
        ...

    def finish(self, *, truncated: bool) -> Sequence[Text | Reasoning]:
        """The rest of it. A call that was cut off because the tokens ran out is none."""
        ...


class SlashSegment:
    """Of the slash style: up to the first call."""

    def __init__(self, reader: Filter) -> None:
        self._reader = reader
        self.tokens: list[Token] = []
        self.shown = 0
        """Characters from the start of the stream that were visible text."""
        self.calls: list[Called | Rejected] = []

    @property
    def is_over(self) -> bool:
        return bool(self.calls) or self._reader.cut

    def add(self, token: Token) -> list[Text]:
        self.tokens.append(token)
        return self._take(self._reader.feed(token.text))

    def finish(self, *, truncated: bool) -> list[Text]:
        text = self._take(self._reader.finish(truncated=truncated))
        self.calls = [call for call in self.calls if isinstance(call, Called)]
        return text

    def _take(self, events: list[FilterEvent]) -> list[Text]:
        text = ""
        for event in events:
            if isinstance(event, Text):
                text += event.text
            else:
                self.calls.append(event)
                break
        self.shown += len(text)
        return [Text(text)] if text else []


class ThinkingSegment:
    """Thoughts, then the slash style: of a model that thinks but was not trained for tools."""

    def __init__(self, thoughts: ModelFilter, answer: SlashSegment) -> None:
        self._thoughts: ModelFilter | None = thoughts
        self._answer = answer
        self.before: list[Token] = []
        """The tokens of the thoughts."""
        self.thought = False

    @property
    def tokens(self) -> list[Token]:
        return self._answer.tokens

    @property
    def calls(self) -> list[Called | Rejected]:
        return self._answer.calls

    @calls.setter
    def calls(self, calls: list[Called | Rejected]) -> None:
        self._answer.calls = calls

    @property
    def shown(self) -> int:
        return self._answer.shown

    @property
    def is_over(self) -> bool:
        return self._answer.is_over

    def add(self, token: Token) -> list[Text | Reasoning]:
        if self._thoughts is None:
            return [*self._answer.add(token)]
        events = self._thoughts.feed(token.text)
        if token.marker:
            events += self._thoughts.feed(token.marker, control=True)
        return self._divide(events, token)

    def finish(self, *, truncated: bool) -> list[Text | Reasoning]:
        rest: list[Text | Reasoning] = []
        if self._thoughts is not None:
            rest = self._divide(self._thoughts.finish(truncated=truncated), Token(-1, ""))
        return [*rest, *self._answer.finish(truncated=truncated)]

    def _divide(self, events: list[ModelEvent], token: Token) -> list[Text | Reasoning]:
        """Thoughts are shown as they come; with the first text the answer begins, and is read by itself."""
        thoughts = [event for event in events if isinstance(event, Reasoning)]
        self.thought = self.thought or bool(thoughts)
        text = "".join(event.text for event in events if isinstance(event, Text))
        if not text:
            self.before += [token] if token.id >= 0 else []
            return [*thoughts]
        self._thoughts = None
        if token.id < 0:
            token = self.before.pop()
        return [*thoughts, *self._answer.add(Token(token.id, text))]


class NativeSegment:
    """Of a native model: up to the end of its turn, with all the calls that it writes there at once."""

    def __init__(self, reader: ModelFilter, most: int, *, keeps_ends: bool = False) -> None:
        """``most`` is how many calls may be read. With ``keeps_ends`` the markers behind the last are kept as well,
        because the template does not print them."""
        self._reader, self._most, self._keeps_ends = reader, most, keeps_ends
        self.tokens: list[Token] = []
        self.calls: list[Called | Rejected] = []
        self.thoughts = ""
        self.has_text = False
        self._called = 0
        self._shown = 0

    @property
    def is_over(self) -> bool:
        behind = len(self.tokens) - self._called
        return self._reader.cut or len(self.calls) >= self._most or bool(self.calls and behind > MOST_BEHIND_A_CALL)

    @property
    def kept(self) -> list[Token]:
        """The tokens up to the end of the last call; of one that cannot be read, not more than its beginning."""
        if any(isinstance(call, Called) for call in self.calls):
            behind = takewhile(lambda token: token.marker and not token.text, self.tokens[self._called :])
            return [*self.tokens[: self._called], *(behind if self._keeps_ends else ())]
        return self.tokens[: min(self._called, self._shown + MOST_OF_A_MISTAKE)]

    def add(self, token: Token) -> list[Text | Reasoning]:
        self.tokens.append(token)
        events = self._reader.feed(token.text)
        if token.marker:
            events += self._reader.feed(token.marker, control=True)
        return self._take(events)

    def finish(self, *, truncated: bool) -> list[Text | Reasoning]:
        shown = self._take(self._reader.finish(truncated=truncated))
        if truncated:
            self.calls = [c for c in self.calls if isinstance(c, Called) or c.kind != "truncated"]
        return shown

    def _take(self, events: list[ModelEvent]) -> list[Text | Reasoning]:
        shown: list[Text | Reasoning] = []
        for event in events:
            if isinstance(event, Called | Rejected):
                self.calls.append(event)
                self._called = len(self.tokens)
                continue
            shown.append(event)
            self._shown = len(self.tokens)
            if isinstance(event, Reasoning):
                self.thoughts += event.text
            else:
                self.has_text = True
        return shown
