"""The chat format of ChatGLM2: numbered rounds in one text, from ``tokenizer.model`` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.tokenizers.base import Message
from inference_worker.engine.tokenizers.piece_tokenizer import PieceTokenizer
from inference_worker.engine.tokenizers.rounds import Round, check_open_end, with_system_in_question
from inference_worker.engine.tokenizers.sentence_pieces import SentencePieces

FILE = "tokenizer.model"
CONTROLS = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop")
"""Their ids follow those of the file's pieces, in this order."""


def load_chatglm2(checkpoint: Checkpoint) -> ChatGLM2Tokenizer:
    """Raises ``EngineError("broken_checkpoint")`` naming tokenizer.model."""
    return ChatGLM2Tokenizer(SentencePieces(checkpoint.path / FILE))


class ChatGLM2Tokenizer(PieceTokenizer):
    """Fulfils :class:`inference_worker.engine.tokenizers.base.Tokenizer`.

    The format has no system role: system text stands in the first question, so it is printed like any other text. There
    are no tools either; they are left out.
    """

    opening = "答："

    def __init__(self, pieces: SentencePieces) -> None:
        controls = {name: pieces.size + place for place, name in enumerate(CONTROLS)}
        super().__init__(pieces, controls, frozenset({pieces.eos} - {-1}))

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]] | None = None,  # noqa: ARG002 - part of the interface
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of ``[gMASK] sop`` and the rounds as one text.

        Raises ``ValueError`` for roles other than system, user, assistant.
        """
        if continue_final:
            check_open_end(messages)
        rounds = with_system_in_question(messages, asked=add_generation_prompt)
        text = "".join(_text(number, one, asked=add_generation_prompt) for number, one in enumerate(rounds, 1))
        if continue_final:
            text = text.removesuffix("\n\n")
        return [self._ids["[gMASK]"], self._ids["sop"], *self.encode(text)]


def _text(number: int, one: Round, *, asked: bool) -> str:
    question = f"[Round {number}]\n\n问：{one.question}"
    if one.answer is not None:
        return f"{question}\n\n答：{one.answer}\n\n"
    return f"{question}\n\n答：" if asked else question
