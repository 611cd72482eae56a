"""A small sentencepiece vocabulary with the settings of ChatGLM2/3's, for tests that cannot have the published one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sentencepiece

SENTENCES = (
    "Hello, how are you? I am a cat, and you are not.",
    "The cat sat on the mat and purred, the mat was warm.",
    "你好，我是一只小猫。今天天气怎么样？",
    "[Round 1]\n\n问：你好\n\n答：你好！",
    "def hello():\n    return 'hello world'",
)


def write_sentencepiece(path: Path, pieces: int = 400, controls: Sequence[str] = ()) -> int:
    """Write ``path`` and return how many pieces it has (at most ``pieces``): the id of [MASK], the first special token.

    BPE with byte fallback and a dummy prefix, no normalisation, spaces kept, <unk> <s> </s> as 0 1 2 and no padding, as in
    the published model. ``controls`` become pieces of their own, as ChatGLM-6B's file has them. ``Sizes(vocabulary=...)`` of a model needs room for 9 special tokens behind the pieces.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([line for text in SENTENCES for line in text.split("\n") if line] * 4),
            model_writer=file,
            model_type="bpe",
            vocab_size=pieces,
            hard_vocab_limit=False,
            byte_fallback=True,
            character_coverage=1.0,
            normalization_rule_name="identity",
            add_dummy_prefix=True,
            remove_extra_whitespaces=False,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            user_defined_symbols=list(controls),
            num_threads=1,
            minloglevel=2,
        )
    size: int = sentencepiece.SentencePieceProcessor(model_file=str(path)).vocab_size()
    return size
