"""A sentencepiece model file: text to the ids of its pieces, and what each piece stands for. Knows no chat format."""

from __future__ import annotations

from pathlib import Path

from sentencepiece import SentencePieceProcessor

from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.tokenizers.decoders import Piece

SPACE = "\u2581"
"""How pieces write a space. Encoding puts one before every text, the "dummy prefix"."""
LARGEST = 64 * 2**20
"""Bytes; the largest published vocabulary takes 5 MiB, and a file is parsed in memory."""


class SentencePieces:
    """Ids are those of the file; families shift them where they put ids of their own in front."""

    def __init__(self, file: Path) -> None:
        """Raises ``EngineError("broken_checkpoint")`` where ``file`` is missing or no sentencepiece model."""
        self.content = _read(file)
        self._processor = SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(self.content)
            self.size = self._processor.GetPieceSize()
            self._names = [self._processor.IdToPiece(token) for token in range(self.size)]
            self._pieces = [self._read_piece(token) for token in range(self.size)]
        except (RuntimeError, ValueError) as error:  # ValueError: pieces that are no UTF-8, bytes that are no number
            raise broken(file, "it is no readable sentencepiece model; download the file again") from error
        self.eos = self._processor.eos_id()
        """-1 where the file has none."""

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` with its dummy prefix; pieces of the type control never come out of text."""
        whole = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text in the file's terms
        return list(self._processor.EncodeAsIds(whole))

    def id_of(self, piece: str) -> int | None:
        """``None`` where the file has no such piece."""
        found = self._processor.PieceToId(piece)
        return found if self.name(found) == piece else None

    def name(self, token: int) -> str:
        """The piece as the file writes it; empty for an id out of range."""
        return self._names[token] if 0 <= token < self.size else ""

    def piece(self, token: int) -> Piece:
        """What ``token`` stands for in text: a byte, or characters, none for a control piece or an id out of range."""
        return self._pieces[token] if 0 <= token < self.size else ""

    def _read_piece(self, token: int) -> Piece:
        if self._processor.IsControl(token) or self._processor.IsUnknown(token):
            return ""
        piece = self._names[token]
        return bytes.fromhex(piece[3:5]) if self._processor.IsByte(token) else piece.replace(SPACE, " ")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise broken(file, f"it is larger than {LARGEST} bytes, which no tokenizer is; download the file again")
        return file.read_bytes()
    except FileNotFoundError as error:
        raise broken(file, "the tokenizer is missing") from error
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
