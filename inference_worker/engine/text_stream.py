"""Token ids in, text out, as soon as it is certain: whole characters, no control tokens, nothing of a stop string."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenizers.decoders import DecodeStream

REPLACEMENT = "\ufffd"
"""What decoding writes for bytes that are no whole character."""


class TextStream:
    """Incremental text of one reply.

    A character whose bytes are spread over several tokens appears with the last of them; text that may be the beginning
    of a stop string is held back until that is decided.
    """

    def __init__(
        self,
        backend: Any,
        *,
        before: Sequence[int] = (),
        stop: Sequence[str] = (),
        skip_special_tokens: bool = True,
    ) -> None:
        """``backend`` is a ``tokenizers.Tokenizer``; ``before`` are ids that the reply follows (for its spaces)."""
        self.stopped = False
        """Whether a stop string has been reached; nothing more comes out after it."""
        self._backend = backend
        self._skip = skip_special_tokens
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self._stream = self._following(list(before))

    def push(self, token: int) -> str:
        """Take one id; the text that has become certain, often empty."""
        if self.stopped:
            return ""
        self._held += self._decode(token)
        cut = min((at for text in self._stop if (at := self._held.find(text)) >= 0), default=-1)
        if cut >= 0:
            self.stopped = True
            certain, self._held = self._held[:cut], ""
            return certain
        keep = max((overlap(self._held, text) for text in self._stop), default=0)
        certain, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return certain

    def finish(self) -> str:
        """What was held back, once nothing can follow. Bytes of an unfinished character are dropped."""
        held, self._held = self._held, ""
        return held

    def _following(self, before: list[int]) -> DecodeStream:
        """A decoder in the state it has after ``before``, whose ends may lie inside of characters."""
        whole = len(before)
        while whole and self._text(before[:whole]).endswith(REPLACEMENT):
            whole -= 1
        known = before[:whole]
        while known and self._text(known).startswith(REPLACEMENT):
            del known[0]
        stream = DecodeStream(ids=known, skip_special_tokens=self._skip)
        for token in before[whole:]:
            stream.step(self._backend, token)
        return stream

    def _text(self, ids: Sequence[int]) -> str:
        return self._backend.decode(ids, skip_special_tokens=self._skip)

    def _decode(self, token: int) -> str:
        try:
            return self._stream.step(self._backend, token) or ""
        except Exception:  # noqa: BLE001 - the library raises plain Exception where decoders change earlier text
            self._stream = DecodeStream(skip_special_tokens=self._skip)
            return self._stream.step(self._backend, token) or ""


def overlap(text: str, marker: str) -> int:
    """Length of the longest end of ``text`` with which ``marker`` begins, shorter than ``marker``."""
    longest = min(len(text), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(marker[:size])), 0)
