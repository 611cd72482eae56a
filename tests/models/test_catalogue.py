"""The catalogue: what ships is right, what is wrong is told, and a machine is offered what fits it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest
import torch
from transformers import AutoConfig, Qwen3Config

from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.memory.limits import cache_bytes_per_token
from inference_worker.engine.skeleton import build_skeleton
from inference_worker.protocol.messages import KvPrecision, Precision
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.i18n import LANGUAGES
from nyanko_desktop.models.catalogue import (
    MIB,
    RECOMMENDED_PRECISIONS,
    USUAL_CONTEXT,
    CatalogueEntry,
    load_catalogue,
    minimum_memory,
    needed_memory,
    recommend,
)

GB = 2**30
ENTRIES = {entry.id: entry for entry in load_catalogue().entries}
ROW = """
[[model]]
id = "{id}"
name = "X"
family = "x"
huggingface = "{repository}"
parameters = {parameters}
layers = 2
hidden = 8
intermediate = 16
heads = 2
kv_heads = 1
head_dim = 4
vocabulary = 10
tied = true
context = 100
licence = "MIT"
languages = ["en"]
{more}
"""
GOOD = {"id": "x", "repository": "o/x", "parameters": 1300, "more": 'description = { en = "X" }'}


def catalogue_of(tmp_path: Path, *rows: dict[str, object]) -> Path:
    file = tmp_path / "models.toml"
    file.write_text("\n".join(ROW.format(**{**GOOD, **row}) for row in rows), encoding="utf-8")
    return file


def test_the_catalogue_that_ships_can_be_read_to_the_last_entry() -> None:
    catalogue = load_catalogue()
    assert catalogue.problems == ()
    assert len(catalogue.entries) >= 20
    assert {"chatglm3-6b", "chatglm2-6b", "chatglm-6b", "moss-moon-003-sft", "qwen3-8b"} <= set(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_every_entry_speaks_every_language_of_the_program(entry: CatalogueEntry) -> None:
    assert set(entry.description) == set(LANGUAGES)


@pytest.mark.parametrize("entry", [e for e in ENTRIES.values() if e.id != "gemma-3-4b-it"], ids=lambda entry: entry.id)
def test_the_shapes_make_up_the_published_number_of_parameters(entry: CatalogueEntry) -> None:
    assert entry.linear_weights + entry.embedding_weights == pytest.approx(entry.parameters, rel=2e-4)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"id": "Not An Id"}, "id"),
        ({"repository": "../../etc"}, "huggingface"),
        ({"repository": ""}, "no hub"),
        ({"parameters": -1}, "parameters"),
        ({"parameters": 10**9}, "shapes"),
        ({"more": 'description = { zh_CN = "X" }'}, "English"),
        ({"more": 'description = { en = "X" }\nsurprise = 1'}, "surprise"),
    ],
)
def test_a_bad_entry_is_told_and_the_rest_is_used(tmp_path: Path, row: dict[str, object], words: str) -> None:
    catalogue = load_catalogue(catalogue_of(tmp_path, {"id": "good"}, row))
    assert [entry.id for entry in catalogue.entries] == ["good"]
    (problem,) = catalogue.problems
    assert words in problem


def test_an_entry_that_is_there_twice_is_told(tmp_path: Path) -> None:
    catalogue = load_catalogue(catalogue_of(tmp_path, {}, {}))
    assert len(catalogue.entries) == len(catalogue.problems) == 1


@pytest.mark.parametrize("content", [b"", b"model = 5", b"[[model]", b"\xff", b"model = [1, 2]"])
def test_a_broken_file_is_told_and_never_raises(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "models.toml").write_bytes(content)
    catalogue = load_catalogue(tmp_path / "models.toml")
    assert catalogue.entries == ()
    assert catalogue.problems
    assert load_catalogue(tmp_path / "missing.toml").problems


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_the_memory_that_an_entry_states_is_what_its_shapes_make(entry: CatalogueEntry) -> None:
    made = {p: -(-minimum_memory(entry, p, USUAL_CONTEXT) // MIB) for p in RECOMMENDED_PRECISIONS}
    line = ", ".join(f"{precision} = {size}" for precision, size in made.items())
    assert entry.memory == made, f"write: memory = {{ {line} }}"
    assert all(needed_memory(entry, precision) == size * MIB for precision, size in made.items())


def test_what_an_entry_states_is_taken_for_the_usual_choices_alone() -> None:
    entry = msgspec.structs.replace(ENTRIES["chatglm3-6b"], memory={"int4": 5})
    assert needed_memory(entry, "int4") == 5 * MIB
    assert needed_memory(entry, "int4", 8192) == minimum_memory(entry, "int4", 8192)
    assert needed_memory(entry, "int4", group=32) > needed_memory(entry, "int4", group=64) > 10 * MIB
    assert needed_memory(entry, "int8") == minimum_memory(entry, "int8", USUAL_CONTEXT)


def test_a_cache_of_int8_takes_little_more_than_half_as_the_engine_counts_it() -> None:
    entry = ENTRIES["qwen3-8b"]
    config = Qwen3Config(
        num_hidden_layers=entry.layers,
        num_attention_heads=entry.heads,
        num_key_value_heads=entry.kv_heads,
        head_dim=entry.head_dim,
    )
    for kv_cache in get_args(KvPrecision):
        took = [minimum_memory(entry, "fp16", context, kv_cache=kv_cache) for context in (1000, 1001)]
        assert took[1] - took[0] == cache_bytes_per_token(config, torch.float16, kv_cache)


def test_narrower_precisions_take_less_and_longer_contexts_more() -> None:
    for entry in ENTRIES.values():
        sizes = [minimum_memory(entry, p, 4096) for p in ("fp32", "bf16", "int8-zero-point", "int8", "int4")]
        assert sizes == sorted(sizes, reverse=True)
        assert minimum_memory(entry, "int8", 1024) < minimum_memory(entry, "int8", 2048)
        assert minimum_memory(entry, "int8", 10**9) == minimum_memory(entry, "int8", entry.context)


def test_chatglm3_takes_as_int8_what_its_worked_example_says() -> None:
    """6.24e9 weights of one byte, and 28 layers x 2 groups x 128 x 2 x 2 bytes = 28 KiB a token."""
    entry = ENTRIES["chatglm3-6b"]
    assert minimum_memory(entry, "int8", 4096, overhead=0) == pytest.approx(6.25e9 + 28 * 1024 * 4096, rel=1e-3)


@pytest.mark.parametrize("precision", get_args(Precision))
def test_the_estimate_agrees_with_the_engines_own_count_of_weights(precision: Precision) -> None:
    """On the embedded model, whose narrow rows make scales dear: within 6 %; without quantization exactly."""
    config = AutoConfig.from_pretrained(embedded_model())
    skeleton = build_skeleton(open_checkpoint(embedded_model()), precision, torch.device("meta"))
    ours = msgspec.structs.replace(
        ENTRIES["chatglm3-6b"],
        parameters=sum(p.numel() for p in build_skeleton(open_checkpoint(embedded_model()), "fp32", torch.device("meta")).model.parameters()),
        layers=config.num_hidden_layers, hidden=config.hidden_size, intermediate=config.intermediate_size,
        heads=config.num_attention_heads, kv_heads=config.num_key_value_heads, head_dim=config.head_dim,
        vocabulary=config.vocab_size, tied=config.tie_word_embeddings,
    )  # fmt: skip
    assert minimum_memory(ours, precision, 0, overhead=0) == pytest.approx(skeleton.nbytes(), rel=0.06)


def test_a_machine_is_offered_what_fits_best_first_and_the_embedded_model_last() -> None:
    for free in (0, 2 * GB, 6 * GB, 10 * GB, 24 * GB, 80 * GB):
        choices = recommend(tuple(ENTRIES.values()), free)
        assert choices[-1].entry is None
        offered = [choice for choice in choices if choice.entry is not None]
        assert all(choice.bytes <= free for choice in offered)
        qualities = [choice.entry.quality for choice in offered if choice.entry]
        assert qualities == sorted(qualities, reverse=True)
    assert len(recommend(tuple(ENTRIES.values()), 0)) == 1


def test_what_needs_a_token_or_was_not_checked_is_never_recommended() -> None:
    choices = recommend(tuple(ENTRIES.values()), 1000 * GB, most=1000)
    assert all(choice.entry is None or (choice.entry.verified and not choice.entry.gated) for choice in choices)


def test_a_card_of_ten_gigabytes_is_offered_eight_billion_parameters_in_int8() -> None:
    """The card this program was first written for."""
    first = recommend(tuple(ENTRIES.values()), 10 * GB)[0]
    assert first.entry is not None
    assert (first.entry.id, first.precision) == ("qwen3-8b", "int8")
