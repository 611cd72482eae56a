"""Ids to text one at a time, whole characters only: for the tokenizers library and for sentencepiece pieces."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import Any

from tokenizers.decoders import DecodeStream

REPLACEMENT = "\ufffd"
"""What decoding writes for bytes that are no whole character."""

Piece = str | bytes
"""What one id stands for: text, or bytes that may be part of a character."""


class LibraryDecoder:
    """Fulfils :class:`inference_worker.engine.text_stream.IdDecoder` over a ``tokenizers.Tokenizer``."""

    def __init__(self, backend: Any, before: Sequence[int] = (), *, skip_special_tokens: bool = True) -> None:
        """``before`` are the ids that the first one follows; its ends may lie inside of characters."""
        self._backend = backend
        self._skip = skip_special_tokens
        self._stream = self._following(list(before))

    def push(self, token: int) -> str:
        try:
            return self._stream.step(self._backend, token) or ""
        except Exception:  # noqa: BLE001 - the library raises plain Exception where decoders change earlier text
            self._stream = DecodeStream(skip_special_tokens=self._skip)
            return self._stream.step(self._backend, token) or ""

    def _following(self, before: list[int]) -> DecodeStream:
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


class PieceDecoder:
    """The same over a function that says what each id stands for; pieces never change the text before them."""

    def __init__(self, piece: Callable[[int], Piece], before: Sequence[int] = ()) -> None:
        self._piece = piece
        self._bytes = codecs.getincrementaldecoder("utf-8")(errors="replace")
        for token in before:
            self.push(token)

    def push(self, token: int) -> str:
        piece = self._piece(token)
        if isinstance(piece, bytes):
            return self._bytes.decode(piece)
        return self._bytes.decode(b"", final=True) + piece if piece else ""
