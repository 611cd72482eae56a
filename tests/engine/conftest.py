"""Tiny random checkpoints, made on the spot: three families, a byte-level tokenizer with control tokens and a chat template."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.reference.writers_sentencepiece import write_sentencepiece

CONTROL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}{% if m['role'] == 'assistant' %}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
CORPUS = ["the cat sat on the mat and purred", "你好，小猫咪", "What is 6.5*7.5?", "hello hello world world"] * 3

SMALL = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "bos_token_id": None,
    "pad_token_id": None,
    "initializer_range": 0.3,
}
CONFIGS: dict[str, Callable[..., Any]] = {
    "llama": lambda **more: transformers.LlamaConfig(**{**SMALL, **more}),
    "qwen2": lambda **more: transformers.Qwen2Config(**{**SMALL, "tie_word_embeddings": True, **more}),
    "glm": lambda **more: transformers.GlmConfig(**{**SMALL, "head_dim": 16, "tie_word_embeddings": True, **more}),
}
FAMILIES = sorted(CONFIGS)


@dataclass(frozen=True)
class Tiny:
    """A checkpoint folder and the transformers model that was saved into it, in fp32."""

    path: Path
    reference: Any

    def greedy(self, ids: list[int], count: int) -> list[int]:
        """What transformers itself generates after ``ids``."""
        prompt = torch.tensor([ids])
        out = self.reference.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=count, do_sample=False, pad_token_id=0
        )
        return out[0, len(ids) :].tolist()


def make_tokenizer(path: Path, template: str | None = TEMPLATE) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=CONTROL,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([AddedToken("<tool_call>", special=False, normalized=False)])
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>")
    fast.chat_template = template
    fast.save_pretrained(path)
    return tokenizer


def make_checkpoint(
    path: Path,
    family: str = "llama",
    *,
    seed: int = 0,
    shard: str = "5GB",
    template: str | None = TEMPLATE,
    **config: Any,
) -> Tiny:
    path.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(path, template)
    torch.manual_seed(seed)
    settings = CONFIGS[family](vocab_size=tokenizer.get_vocab_size(), eos_token_id=0, **config)
    model = transformers.AutoModelForCausalLM.from_config(settings, dtype=torch.float32).eval()
    model.save_pretrained(path, max_shard_size=shard)
    return Tiny(path, model)


def edit_json(file: Path, **changes: Any) -> None:
    content = json.loads(file.read_text())
    content.update(changes)
    file.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tiny]:
    """``tiny("glm")``: a checkpoint of that family, made once. Do not change its files."""
    made: dict[str, Tiny] = {}

    def make(family: str = "llama") -> Tiny:
        if family not in made:
            made[family] = make_checkpoint(tmp_path_factory.mktemp(family) / family, family)
        return made[family]

    return make


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[..., Tiny]:
    """``checkpoint(family, **options)``: a fresh one in ``tmp_path`` that a test may damage."""
    return lambda family="llama", **options: make_checkpoint(tmp_path / "model", family, **options)


@pytest.fixture(name="edit_json")
def edit_json_fixture() -> Callable[..., None]:
    return edit_json


@pytest.fixture(scope="session")
def glm_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sentencepiece file in the place of ChatGLM2's and ChatGLM3's."""
    path = tmp_path_factory.mktemp("glm") / "tokenizer.model"
    write_sentencepiece(path)
    return path


@pytest.fixture(scope="session")
def ice_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for ChatGLM-6B, whose file holds its control tokens."""
    path = tmp_path_factory.mktemp("ice") / "ice_text.model"
    write_sentencepiece(path, controls=("[MASK]", "[gMASK]", "<sop>", "<eop>", "<n>"))
    return path
