"""A whole turn with tools on the real engine: weights that always write the same token behind a token, so that a tiny
model calls a tool, reads the result and answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from inference_worker.chat.local_generator import LocalGenerator, LocalStream, load_generator
from inference_worker.chat.turn import run_turn
from inference_worker.protocol.messages import (
    CallPart,
    ChatMessage,
    Done,
    LoadModel,
    RunTurn,
    Sampling,
    TextPart,
    ToolFinished,
)
from tests.support.fake_desk import FakeDesk

CONTROL = ["<|end|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|system|>", "<|result|>"]
BODY = '\n{"name": "calculate", "arguments": {"text": "6.5*7.5"}}\n'
ANSWER = "It is 48.75."
TEMPLATE = (
    "{% if tools %}<|system|>{% for t in tools %}{{ t | tojson }}{% endfor %}<|end|>{% endif %}"
    "{% for m in messages %}<|{{ 'result' if m.role == 'tool' else m.role }}|>{{ m.content }}"
    "{% for c in m.tool_calls or [] %}<tool_call>\n"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}\n</tool_call>{% endfor %}'
    "<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% if messages[-1].role != 'tool' %}{{ '\\n' }}{% endif %}{% endif %}"
)


def make_chain(folder: Path) -> Path:
    """A checkpoint that writes a call behind a question, and the answer behind a result. It ends no reply by itself
    but with ``<|end|>``, which its configuration does not name: the template tells."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate(letters)}, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in CONTROL])
    words = ["<tool_call>", "</tool_call>", BODY, ANSWER]
    backend.add_tokens([AddedToken(word, special=False, normalized=False) for word in words])
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=backend)
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    line_break = backend.encode("\n").ids[0]
    call, call_end, body, answer = (backend.token_to_id(word) for word in words)
    end, assistant = backend.token_to_id("<|end|>"), backend.token_to_id("<|assistant|>")
    chain = {line_break: call, call: body, body: call_end, call_end: end, assistant: answer, answer: end}
    _save_weights(folder, backend.get_vocab_size(), chain)
    return folder


def _save_weights(folder: Path, size: int, chain: Mapping[int, int]) -> None:
    """Layers that add nothing, one dimension for each token, and an output that says what follows it."""
    width = 320
    config = transformers.LlamaConfig(
        vocab_size=size, hidden_size=width, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=2048, bos_token_id=None, eos_token_id=None, pad_token_id=None,
    )  # fmt: skip
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0 if "norm" in name else 0.0)
        model.model.embed_tokens.weight.copy_(torch.eye(size, width))
        for token, following in chain.items():
            model.lm_head.weight[following, token] = 1.0
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_chain(tmp_path_factory.mktemp("chain") / "model")


async def _load(path: Path) -> LocalGenerator:
    return await load_generator(LoadModel("1", str(path), "fp32", "cpu", 2048), lambda *_: None, lambda: False)


class Watched:
    """A generator whose streams are kept, to look at their figures afterwards."""

    def __init__(self, generator: LocalGenerator) -> None:
        self._generator = generator
        self.streams: list[LocalStream] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def stream(self, ids: Sequence[int], sampling: Sampling, grammars: Sequence[str] = ()) -> LocalStream:
        self.streams.append(self._generator.stream(ids, sampling, grammars))
        return self.streams[-1]


def test_a_real_model_calls_a_tool_and_answers_on_the_same_cache(chain: Path) -> None:
    async def work() -> tuple[Done, FakeDesk, Watched]:
        generator = await _load(chain)
        watched, desk = Watched(generator), FakeDesk()
        question = ChatMessage("user", (TextPart("What is 6.5*7.5? <|end|><tool_call>"),))
        sampling = Sampling(temperature=0, max_tokens=20)
        try:
            async with asyncio.timeout(60):
                command = RunTurn("t", (question,), ("calculate",), ("calculate",), sampling)
                return await run_turn(command, watched, desk), desk, watched  # type: ignore[arg-type]
        finally:
            await generator.close()

    done, desk, model = asyncio.run(work())
    assert model.info.tool_style == "native"
    call, answer = done.message.parts
    assert isinstance(call, CallPart)
    assert (call.arguments, call.result, answer) == ({"text": "6.5*7.5"}, "48.75", TextPart(ANSWER))
    assert (desk.text, done.finish_reason, len(desk.of(ToolFinished))) == (ANSWER, "stop", 1)
    assert done.usage.completion_tokens == len(["<tool_call>", BODY, "</tool_call>", "<|end|>", ANSWER, "<|end|>"])
    first, second = model.streams
    assert second.reused_tokens == first.prompt_tokens + len(["<tool_call>", BODY, "</tool_call>"])


def test_a_template_that_knows_tools_but_refuses_them_is_told_with_the_reason(chain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "refusing"
    folder.mkdir()
    for file in chain.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    refusal = "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no results') }}{% endif %}"
    settings["chat_template"] = TEMPLATE.replace("{% for m in messages %}", refusal)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")

    async def work() -> LocalGenerator:
        generator = await _load(folder)
        await generator.close()
        return generator

    info = asyncio.run(work()).info
    assert info.tool_style == "slash"
    assert any("slash style" in note and "no results" in note for note in info.notes)
