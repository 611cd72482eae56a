"""Generations that have to begin as a grammar says: what is written, how it ends, what is done without the package."""

from __future__ import annotations

import importlib.util
import json
import logging
import threading

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from inference_worker.engine import Sampling, constraint, load_model
from inference_worker.engine.sampler import OURS, Sampler

PROMPT = [5, 9, 300, 41, 7]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 8}, "days": {"enum": [1, 2, 3]}},
    "required": ["city", "days"],
    "additionalProperties": False,
    "x-guidance": {"whitespace_flexible": False},
}
BROKEN = 'start: "'
needs_llguidance = pytest.mark.skipif(importlib.util.find_spec("llguidance") is None, reason="needs llguidance")


@pytest.fixture
def model(tiny):
    return load_model(tiny("llama").path, "fp32", "cpu")


def grammar(model) -> str:
    """An object between a token that is an ordinary word for the tokenizer, and one that is not."""
    model.tokenizer.markers = frozenset(model.tokenizer.added_tokens)
    ids = {name: token for token, name in model.tokenizer.added_tokens.items()}
    return f"start: <[{ids['<tool_call>']}]> object <[{ids['<|user|>']}]>\nobject: %json {json.dumps(SCHEMA)}\n"


def write(model, grammars: tuple[str, ...], seed: int, **more) -> list[int]:
    sampling = Sampling(**{"temperature": 1.5, "top_p": 1.0, "seed": seed, "max_tokens": 60, **more})
    return [token for token, _ in model.generate_text(PROMPT, sampling, None, model.constrain(grammars))]


@needs_llguidance
@pytest.mark.parametrize("more", [{}, {"top_p": 0.9}, {"top_k": 40}, {"min_p": 0.1}, {"repetition_penalty": 1.3}])
def test_every_sampled_reply_begins_as_the_grammar_says(model, more) -> None:
    wanted = grammar(model)
    ids = {name: token for token, name in model.tokenizer.added_tokens.items()}
    free = 0
    for seed in range(5 if more else 20):
        first, *rest = write(model, (wanted,), seed, **more)
        end = rest.index(ids["<|user|>"])
        assert first == ids["<tool_call>"]
        value = json.loads(model.tokenizer.decode(rest[:end]))
        assert sorted(value) == ["city", "days"]
        assert value["days"] in (1, 2, 3)
        free += len(rest) > end + 1
    assert free >= seed // 2, "behind the grammar the model goes on as it likes"


@needs_llguidance
def test_a_constrained_generation_is_cancelled_like_any_other(model) -> None:
    cancel = threading.Event()
    generation = model.generate_text(PROMPT, Sampling(seed=1), cancel, model.constrain((grammar(model),)))
    for count, _ in enumerate(generation, start=1):
        if count == 3:
            cancel.set()
    assert (generation.ids.finish_reason, generation.ids.completion_tokens) == ("cancelled", 3)


@needs_llguidance
def test_the_first_grammar_that_can_be_used_is(model, caplog) -> None:
    with caplog.at_level(logging.INFO, "inference_worker.engine.constraint"):
        assert model.constrain((BROKEN,)) is None
        assert model.constrain(()) is None
        assert model.tokenizer.decode(write(model, (BROKEN, 'start: "mat mat"'), 1)).startswith("mat mat")
    assert "a grammar cannot be used" in caplog.text


@needs_llguidance
def test_a_token_that_the_grammar_does_not_know_ends_it(model) -> None:
    held = model.constrain(('start: "mat mat"',))
    assert held.allowed().sum() == 1
    held.accept(7)
    assert held.allowed() is None
    held.accept(7)
    assert held.allowed() is None


@needs_llguidance
def test_logits_beyond_the_vocabulary_of_the_tokenizer_are_never_allowed(model) -> None:
    known = model.tokenizer.library.get_vocab_size()
    grammars = constraint.Grammars(model.tokenizer.library, sorted(model.tokenizer.special_ids), known + 61)
    mask = grammars.constraint(('start: /.*/ "x"',)).allowed()
    assert (mask.shape, mask[known:].any(), mask.sum() > known / 2) == ((known + 61,), False, True)


@needs_llguidance
def test_the_first_token_is_an_ordinary_one() -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = Tokenizer(models.BPE(vocab={char: place for place, char in enumerate(alphabet)}, merges=[]))
    plain.decoder = decoders.ByteLevel()
    plain.add_special_tokens(["<|end|>"])
    assert plain.id_to_token(0) == "!"
    held = constraint.Grammars(plain, [plain.token_to_id("<|end|>")], 257).constraint(("start: /!*z/",))
    for token in (0, 0):
        assert held.allowed()[0]
        held.accept(token)
    held.accept(plain.token_to_id("z"))
    assert held.allowed() is None
    with pytest.raises(ValueError, match="no control token"):
        constraint.Grammars(plain, [], 257)


def test_without_the_package_nothing_is_constrained_and_the_reason_is_known(model, monkeypatch) -> None:
    monkeypatch.setattr("inference_worker.engine.model.is_installed", lambda: False)
    assert model.constrain(('start: "mat mat"',)) is None
    assert model.unconstrained == "llguidance is not installed"


@needs_llguidance
def test_a_vocabulary_that_the_package_cannot_read_is_left_unconstrained(model, monkeypatch, caplog) -> None:
    class Odd:
        def to_str(self) -> str:
            return '{"added_tokens": []}'

    monkeypatch.setattr(model.tokenizer, "library", Odd())
    with caplog.at_level(logging.INFO, "inference_worker.engine.model"):
        assert model.constrain(('start: "mat mat"',)) is None
        assert model.constrain(('start: "mat mat"',)) is None
    assert caplog.text.count("the vocabulary cannot be constrained") == 1, "it is tried once"
    monkeypatch.setattr(model.tokenizer, "library", None)
    assert model.unconstrained


@pytest.mark.parametrize("more", [{}, {"temperature": 0.0}, {"top_p": 1.0}, {"top_k": 3}, {"repetition_penalty": 2.0}])
def test_only_what_is_allowed_is_chosen(more) -> None:
    logits = torch.arange(100.0) / 10
    allowed = np.zeros(100, np.bool_)
    allowed[[3, 4]] = True
    sampler = Sampler(Sampling(seed=1, **more).filled_from(OURS), [3], 100, torch.device("cpu"))
    assert {sampler.choose(logits, allowed) for _ in range(50)} <= {3, 4}
    assert sampler.choose(torch.full((100,), torch.nan), allowed) is None


def test_importing_it_brings_no_package_in() -> None:
    assert "llguidance" not in vars(constraint)
