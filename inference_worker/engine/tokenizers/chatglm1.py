"""The chat format of ChatGLM-6B, both releases: rounds, white space in words of its own, control tokens at the end.

From ``ice_text.model``, and the number of image tokens in front of its pieces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.folder import read_json
from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.tokenizers.base import Message
from inference_worker.engine.tokenizers.decoders import Piece
from inference_worker.engine.tokenizers.piece_tokenizer import PieceTokenizer
from inference_worker.engine.tokenizers.rounds import Round, check_open_end, with_system_in_question
from inference_worker.engine.tokenizers.sentence_pieces import SentencePieces

FILE = "ice_text.model"
CONFIG = "tokenizer_config.json"
IMAGE_TOKENS = 20000
"""Of the first release, whose configuration does not say it."""
START, END, MASK, IN_PLACE = "<sop>", "<eop>", "[gMASK]", "[MASK]"
CONFIG_IDS = {IN_PLACE: "mask_token_id", MASK: "gmask_token_id", START: "bos_token_id", END: "eos_token_id"}
CONTROLS = (*CONFIG_IDS, "[sMASK]", "<s>", "</s>", "<pad>", "<unused_0>", "<ENC>", "<dBLOCK>")
LINE_BREAK, TAB = "<n>", "<|tab|>"
LONGEST_BLANK = 80
BLANK = re.compile(r"<\|blank_(\d{1,2})\|>")


def load_chatglm1(checkpoint: Checkpoint) -> ChatGLM1Tokenizer:
    """Raises ``EngineError("broken_checkpoint")`` naming the file."""
    pieces = SentencePieces(checkpoint.path / FILE)
    first = _image_tokens(checkpoint, pieces)
    controls = {name: first + token for name in CONTROLS if (token := pieces.id_of(name)) is not None}
    config = checkpoint.original_config or checkpoint.config
    for name, key in CONFIG_IDS.items():
        if isinstance(value := config.get(key), int):
            controls.setdefault(name, value)
    missing = next((name for name in (MASK, START, END) if name not in controls), None)
    if missing:
        raise broken(checkpoint.path / FILE, f"it has no {missing}; this is not the tokenizer of ChatGLM-6B")
    return ChatGLM1Tokenizer(pieces, controls, first)


class ChatGLM1Tokenizer(PieceTokenizer):
    """Fulfils :class:`inference_worker.engine.tokenizers.base.Tokenizer`.

    The format has no system role: system text stands in the first question, so it is printed like any other text. There
    are no tools either; they are left out. A first question stands alone; otherwise rounds are numbered from 0.
    """

    opening = START

    def __init__(self, pieces: SentencePieces, controls: Mapping[str, int], first: int) -> None:
        super().__init__(pieces, controls, frozenset({controls[END]}), first)

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` alone. Control tokens are pieces of this file; text that spells one gets letters."""
        ids = super().encode(_marked(text))
        if self._names.keys().isdisjoint(ids):
            return ids
        return [part for token in ids for part in self._letters.get(token, (token,))]

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]] | None = None,  # noqa: ARG002 - part of the interface
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of the conversation.

        ``[gMASK] <sop>`` end what is given; a reply that is to be gone on with stands behind them, as when it was
        generated. Raises ``ValueError`` for roles other than system, user, assistant.
        """
        if continue_final:
            check_open_end(messages)
        rounds = with_system_in_question(messages, asked=add_generation_prompt)
        opened = rounds[-1].answer if continue_final else None
        if continue_final:
            rounds[-1].answer = None
        ids = self.encode(_text(rounds, asked=add_generation_prompt or continue_final))
        if add_generation_prompt or continue_final:
            ids += [self._ids[MASK], self._ids[START]]
        return ids + self.encode(opened or "")

    @cached_property
    def _letters(self) -> dict[int, tuple[int, ...]]:
        """Control ids with the ids of the letters of their names."""
        return {
            token: tuple(self._first + part for char in name for part in self._letter(char))
            for name, token in self._ids.items()
        }

    def _letter(self, char: str) -> Sequence[int]:
        """``char`` inside a word: its piece, or what the file has for unknown characters without the "▁" in front."""
        known = self._pieces.id_of(char)
        ids = self._pieces.encode(char)
        return [known] if known is not None else ids[1:] or ids

    def _piece(self, token: int) -> Piece:
        name = self._pieces.name(token - self._first)
        if name == LINE_BREAK:
            return "\n"
        if name == TAB:
            return "\t"
        blank = BLANK.fullmatch(name)
        return " " * int(blank[1]) if blank else super()._piece(token)


def _marked(text: str) -> str:
    """Line breaks, tabs and runs of 2 to 80 spaces in the words that the vocabulary has for them."""
    marked = text.replace("\n", LINE_BREAK).replace("\t", TAB)
    return re.sub(f" {{2,{LONGEST_BLANK}}}", lambda run: f"<|blank_{len(run[0])}|>", marked)


def _text(rounds: Sequence[Round], *, asked: bool) -> str:
    if len(rounds) == 1 and rounds[0].answer is None:
        return rounds[0].question
    text = ""
    for number, one in enumerate(rounds):
        text += f"[Round {number}]\n问：{one.question}"
        if one.answer is not None:
            text += f"\n答：{one.answer}\n"
        elif asked:
            text += "\n答："
    return text


def _image_tokens(checkpoint: Checkpoint, pieces: SentencePieces) -> int:
    """Ids in front of the first piece: as configured, else as the id of ``<sop>`` tells, else the first release's."""
    file = checkpoint.path / CONFIG
    configured = read_json(file).get("num_image_tokens") if file.is_file() else None
    if isinstance(configured, int) and configured >= 0:
        return configured
    start, known = (checkpoint.original_config or checkpoint.config).get("bos_token_id"), pieces.id_of(START)
    if isinstance(start, int) and known is not None and start >= known:
        return start - known
    return IMAGE_TOKENS
