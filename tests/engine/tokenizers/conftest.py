"""Small vocabularies made once a session: sentencepiece as ChatGLM has it, byte-level as MOSS has it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from tokenizers import ByteLevelBPETokenizer

from inference_worker.engine.checkpoints.checkpoint import Checkpoint

SENTENCES = [
    "the cat sat on the mat and purred, then it slept until the evening came",
    "hello, how are you today? I am fine, thank you; and how is your cat?",
    "What is 6.5*7.5? It is 48.75. What is 100 - 58? It is 42.",
    "Round 1 Round 2 问：你好，小猫咪！ 答：你好，我是一只猫。",
    "今天天气怎么样？今天是晴天，小猫在窗台上晒太阳。",
    "tool_call(city='Beijing', unit='celsius') python weather",
    "<|user|> <|assistant|> [gMASK] </s> <eom> <sop>",
]
ICE_SYMBOLS = ["<n>", "<|tab|>", *(f"<|blank_{size}|>" for size in range(80, 1, -1))]
ICE_CONTROLS = ["[MASK]", "[gMASK]", "[sMASK]", "<unused_0>", "<sop>", "<eop>"]
MOSS_CONTROLS = ["<eoh>", "<eom>", "<eot>", "<eoc>", "<eor>"]


def train(size: int, **options: Any) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(SENTENCES * 3),
        model_writer=model,
        vocab_size=size,
        remove_extra_whitespaces=False,
        hard_vocab_limit=False,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


@pytest.fixture(scope="session")
def glm_model() -> bytes:
    """Made like the tokenizer of ChatGLM2 and 3: BPE, bytes for unknown characters, text as it is."""
    return train(500, model_type="bpe", byte_fallback=True, normalization_rule_name="identity")


@pytest.fixture(scope="session")
def ice_model() -> bytes:
    """Made like the tokenizer of ChatGLM-6B, at its worst: text that spells a control token becomes its piece."""
    symbols = [*ICE_SYMBOLS, *ICE_CONTROLS]
    return train(500, model_type="unigram", byte_fallback=True, user_defined_symbols=symbols)


@pytest.fixture(scope="session")
def moss_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with vocab.json, merges.txt and added_tokens.json. Do not change it."""
    folder = tmp_path_factory.mktemp("moss")
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(SENTENCES, vocab_size=400, min_frequency=1, show_progress=False)
    trained.save_model(str(folder))
    words = json.loads((folder / "vocab.json").read_text("utf-8"))
    words["<|endoftext|>"] = len(words)
    (folder / "vocab.json").write_text(json.dumps(words), "utf-8")
    runs = ["    ", "   ", "  ", "\t\t"]
    added = {token: len(words) + place for place, token in enumerate([*runs, *MOSS_CONTROLS])}
    (folder / "added_tokens.json").write_text(json.dumps(added), "utf-8")
    return folder


@pytest.fixture(scope="session")
def described() -> Callable[..., Checkpoint]:
    """``described(folder, family, **config)``: a checkpoint of which nothing but the tokenizer is on the disk."""

    def describe(folder: Path, family: str, **config: Any) -> Checkpoint:
        return Checkpoint(
            path=folder,
            config=config,
            generation_config={},
            tensors={},
            weights_file=folder / "pytorch_model.bin",
            family=family,
        )

    return describe


@pytest.fixture
def folder_with(tmp_path: Path) -> Callable[..., Path]:
    """``folder_with(name=content)``: a new folder with these files, dots written as double underscores."""

    def make(**files: bytes | str | dict[str, Any]) -> Path:
        for name, content in files.items():
            raw = (
                content
                if isinstance(content, bytes)
                else (content if isinstance(content, str) else json.dumps(content)).encode()
            )
            (tmp_path / name.replace("__", ".")).write_bytes(raw)
        return tmp_path

    return make
