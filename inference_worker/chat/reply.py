"""The reply of a running turn: parts as shown and ids as generated, in step. Knows no stream and no tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference_worker.chat.generator import Token
from inference_worker.chat.slash_prompt import call_line, result_mark
from inference_worker.protocol.messages import CallPart, ChatMessage, Part, TextPart


class Reply:
    """What has been written so far, stored parts of a resumed message included."""

    def __init__(self, encode: Callable[[str], list[int]], fingerprint: str, stored: ChatMessage | None = None) -> None:
        self._encode = encode
        self._fingerprint = fingerprint
        self.parts: list[Part] = list(stored.parts) if stored else []
        self._stored_ids = stored.ids if stored and stored.ids_model == fingerprint else ()
        self._ids_complete = bool(self._stored_ids) or not self.parts
        self._thought = False
        self.new_ids: list[int] = []
        """Ids that were added to the prompt of this turn: generated ones and results."""

    @property
    def open_text(self) -> str:
        """The text at the end, to which new text is added; empty behind a call."""
        return last.text if self.parts and isinstance(last := self.parts[-1], TextPart) else ""

    @property
    def ends_in_call(self) -> bool:
        return bool(self.parts) and isinstance(self.parts[-1], CallPart)

    def add_text(self, text: str) -> None:
        """Add visible text."""
        if self.parts and isinstance(last := self.parts[-1], TextPart):
            self.parts[-1] = TextPart(last.text + text)
        else:
            self.parts.append(TextPart(text))

    def add_ids(self, tokens: Sequence[Token], end: int) -> None:
        """Add the ids of the first ``end`` characters of a stream."""
        self.new_ids += ids_up_to(tokens, end, self._encode)

    def add_tokens(self, tokens: Sequence[Token], *, thought: bool) -> None:
        """Add all ids of a stream. What the model ``thought`` goes with this turn: templates leave it out later."""
        self.new_ids += [token.id for token in tokens]
        self._thought = self._thought or thought

    def add_answered(self, parts: Sequence[CallPart], behind: Sequence[int]) -> None:
        """Add calls that ended, and the ids that stand between them and what comes next."""
        self.parts += parts
        self.new_ids += behind

    def forget_ids(self) -> None:
        """From now on the ids of the reply are not all here: text was shown whose ids are none of the prompt's."""
        self._ids_complete = False

    def add_call(self, part: CallPart) -> None:
        """Add a call that ended; the ids of its line must have been added before."""
        self.parts.append(part)
        self.new_ids += self._encode(result_mark(part))

    def add_unwritten_call(self, part: CallPart) -> None:
        """Add a call whose line, as the model wrote it, is not kept."""
        self.new_ids += self._encode(call_line(part.name, part.arguments))
        self.add_call(part)

    def message(self) -> ChatMessage:
        """The reply as it is stored and sent again. It has all of its ids or none."""
        ids = (*self._stored_ids, *self.new_ids) if self._ids_complete and not self._thought else ()
        return ChatMessage("assistant", tuple(self.parts), ids, self._fingerprint if ids else "")


def ids_up_to(tokens: Sequence[Token], end: int, encode: Callable[[str], list[int]]) -> list[int]:
    """Ids of the first ``end`` characters of what ``tokens`` wrote.

    They are the generated ids, but for a token that reaches beyond ``end`` (a bracket that has grown together with a
    line break): its part before ``end`` is encoded anew, with those bytes before it that had no text of their own yet.
    """
    whole = reached = written = 0
    for count, token in enumerate(tokens, start=1):
        written += len(token.text)
        if written > end:
            rest = token.text[: len(token.text) - (written - end)]
            return [t.id for t in tokens[:whole]] + (encode(rest) if rest else [])
        if token.text:
            whole, reached = count, written
    assert reached <= end
    return [t.id for t in tokens[:whole]]
