"""What the ChatGLM generations share: sentencepiece ids, control ids apart from them, replies that begin blank.

Control ids are only ever written by ``render``; no text becomes one, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from inference_worker.engine.text_stream import TextStream
from inference_worker.engine.tokenizers.base import TEXT_BEFORE, fingerprint
from inference_worker.engine.tokenizers.decoders import Piece, PieceDecoder
from inference_worker.engine.tokenizers.sentence_pieces import SentencePieces

TRAINED = ("[[训练时间]]", "2023年")
"""What these models write for the time of their training, and what the original code shows for it."""


class PieceTokenizer:
    """All of :class:`inference_worker.engine.tokenizers.base.Tokenizer` but ``render``."""

    has_template = True
    library = None
    stop_strings: tuple[str, ...] = ()
    opening: str
    """How a prompt ends, with control tokens spelled out. A reply begins behind it, with white space of the format."""
    shown: ClassVar[Mapping[str, str]] = {}
    """Control tokens that a person sees as something else than nothing."""

    def __init__(
        self, pieces: SentencePieces, controls: Mapping[str, int], stop_ids: frozenset[int], first: int = 0
    ) -> None:
        """``controls`` are control tokens by name; ``first`` is the id of the file's first piece."""
        self.stop_ids = stop_ids
        format_of = repr((type(self).__name__, first, sorted(controls.items())))
        self.fingerprint = fingerprint(pieces.content, format_of.encode())
        self._pieces = pieces
        self._first = first
        self._ids = dict(controls)
        self._names = {token: name for name, token in controls.items()}
        self.added_tokens: Mapping[int, str] = self._names
        self.special_ids = frozenset(self._names)
        self.markers: frozenset[int] = frozenset()

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` alone, with the "▁" that begins every encoded text of these models; none for no text."""
        return [self._first + token for token in self._pieces.encode(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids`` with control tokens spelled out; without the blank that ``encode`` put in front."""
        text = self._spell(ids)
        return text[1:] if ids and ids[0] not in self._names and text.startswith(" ") else text

    def token_text_stream(self, before: Sequence[int] = (), stop: Sequence[str] = ()) -> TextStream:
        """The text of a reply that follows the ids ``before``; white space at the reply's beginning is left out."""
        window = before[-TEXT_BEFORE:]
        begins = not self.markers and (not window or self._spell(window).rstrip().endswith(self.opening))
        decoder = PieceDecoder(self._visible, window)
        return TextStream(decoder, stop=stop, replace=TRAINED, trim_start=begins, markers=self.markers)

    def _spell(self, ids: Sequence[int]) -> str:
        decoder = PieceDecoder(self._spelled)
        return "".join(map(decoder.push, ids))

    def _spelled(self, token: int) -> Piece:
        return self._names.get(token) or self._piece(token)

    def _visible(self, token: int) -> Piece:
        name = self._names.get(token)
        return self.shown.get(name, "") if name else self._piece(token)

    def _piece(self, token: int) -> Piece:
        return self._pieces.piece(token - self._first)
