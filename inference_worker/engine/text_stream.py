"""Token ids in, text out, as soon as it is certain: whole characters, no control tokens, nothing of a stop string.

Knows no tokenizer; what an id stands for is a decoder's business.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class IdDecoder(Protocol):
    """Ids to text."""

    def push(self, token: int) -> str:
        """The text that is certain with this id: a character spread over several ids comes with its last one."""
        ...


class TextStream:
    """Incremental text of one reply. What may be the beginning of a stop string is held back until that is decided."""

    def __init__(
        self,
        decoder: IdDecoder,
        *,
        stop: Sequence[str] = (),
        replace: tuple[str, str] = ("", ""),
        trim_start: bool = False,
        markers: Collection[int] = (),
    ) -> None:
        """``replace`` is a text that a model writes for another one, and that one.

        ``trim_start`` drops the white space at the beginning, where a format puts some before each reply.

        ``markers`` are ids without text; no stop string reaches over one.
        """
        self.stopped = False
        """Whether a stop string has been reached; nothing more comes out after it."""
        self._decoder = decoder
        self._stop = tuple(text for text in stop if text)
        self._written, self._meant = replace
        self._trim = trim_start
        self._markers = markers
        self._held = ""

    def push(self, token: int) -> str:
        """Take one id; the text that has become certain, often empty."""
        if self.stopped:
            return ""
        if token in self._markers:
            return self.finish()
        self._held += self._trimmed(self._decoder.push(token))
        if self._written:
            self._held = self._held.replace(self._written, self._meant)
        cut = min((at for text in self._stop if (at := self._held.find(text)) >= 0), default=-1)
        if cut >= 0:
            self.stopped = True
            certain, self._held = self._held[:cut], ""
            return certain
        keep = max((overlap(self._held, text) for text in (*self._stop, self._written)), default=0)
        certain, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return certain

    def finish(self) -> str:
        """What was held back, once nothing can follow. Bytes of an unfinished character are dropped."""
        held, self._held = self._held, ""
        return held

    def _trimmed(self, text: str) -> str:
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        return text


def overlap(text: str, marker: str) -> int:
    """Length of the longest end of ``text`` with which ``marker`` begins, shorter than ``marker``."""
    longest = min(len(text), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(marker[:size])), 0)
