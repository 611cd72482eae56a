"""Copies of checkpoints in every form that can be read: they compute what their source does, alone and through the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference_worker.engine import load_model
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.quantize.convert import Converted, write_copy
from inference_worker.engine.quantize.copies import find_copy, verify
from inference_worker.engine.quantize.schemes import Precision
from tests.reference import writers
from tests.reference.on_disk import Form
from tests.reference.quantized import Gptq
from tests.reference.writers_gguf import write_gguf
from tests.reference.writers_gptq import write_qwen2_gptq

PROMPT = [7, 42, 99, 13, 5, 77, 120, 3]
TEXT = "你好 hello 42"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def computes_the_same(
    source: Path, precision: Precision, cache: Path, *, prompt: list[int] = PROMPT, group: int = 128
) -> Converted:
    """Logits, tokens and chat format of the copy, by its own path and through the cache, are those of the source."""
    written = write_copy(source, precision, cache, group=group)
    verify(written.copy.path)
    expected = load_model(source, precision, "cpu", group=group)
    logits = expected.logits(prompt)
    through_cache = load_model(source, precision, "cpu", group=group, cache=cache)
    assert any(str(written.copy.path) in note for note in through_cache.info.notes)
    for model in (through_cache, load_model(written.copy.path, precision, "cpu")):
        assert (model.logits(prompt) == logits).all()
        assert model.tokenizer.encode(TEXT) == expected.tokenizer.encode(TEXT)
        assert model.tokenizer.stop_ids == expected.tokenizer.stop_ids
    return written


def stored_in(written: Converted) -> set[str]:
    """The precisions of the copy's quantized weights."""
    manifest = json.loads((written.copy.path / "manifest.json").read_text())
    return {about["precision"] for about in manifest["quantized"].values()}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])
def test_weights_that_torch_saved(checkpoint, cache, zipped) -> None:
    source = checkpoint("qwen2").path
    file = source / "model.safetensors"
    torch.save(load_file(file), source / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    file.unlink()
    computes_the_same(source, "int8", cache)


def test_shards(checkpoint, cache) -> None:
    computes_the_same(checkpoint("llama", shard="50KB").path, "int8-zero-point", cache)


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_an_embedding_that_is_the_head_is_stored_once(checkpoint, cache, family, tied) -> None:
    source = checkpoint(family, tie_word_embeddings=tied).path
    written = computes_the_same(source, "int8", cache)
    names = load_file(written.copy.path / "model.safetensors")
    assert sum(name in names for name in ("model.embed_tokens.weight", "lm_head.weight")) == (1 if tied else 2)


def test_a_head_that_is_stored_although_it_is_the_embedding(checkpoint, cache) -> None:
    source = checkpoint("qwen2").path
    tensors = load_file(source / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, source / "model.safetensors", metadata={"format": "pt"})
    written = computes_the_same(source, "int8", cache)
    assert "lm_head.weight" not in load_file(written.copy.path / "model.safetensors")


@pytest.mark.parametrize("kind", ["F16", "Q4_K", "Q8_0"])
def test_gguf_files(tmp_path, cache, kind) -> None:
    written = computes_the_same(write_gguf(tmp_path / "tiny.gguf", "llama", kind).path, "int8", cache)
    assert written.copy.path.name.startswith("tiny-")


def test_four_bits_of_a_gguf_file_are_copied_as_they_are(tmp_path, cache) -> None:
    written = computes_the_same(write_gguf(tmp_path / "tiny.gguf", "qwen2", "Q4_0").path, "int4", cache, group=32)
    assert "int4" in stored_in(written)


@pytest.mark.parametrize(
    ("how", "precision"),
    [
        (Gptq(4, 32), "int4"), (Gptq(4, -1), "int4"), (Gptq(4, 32, order=True), "int4"), (Gptq(4, 32), "int8"),
        (Gptq(8, -1, symmetric=False), "int8-zero-point"),
    ],
    ids=str,
)  # fmt: skip
def test_gptq_checkpoints(tmp_path, tiny, cache, how, precision) -> None:
    tokenizer = [tiny("qwen2").path / name for name in ("tokenizer.json", "tokenizer_config.json")]
    made = write_qwen2_gptq(tmp_path / "gptq", how, tokenizer=tokenizer)
    written = computes_the_same(made.folder, precision, cache)
    assert precision in stored_in(written)


@pytest.mark.parametrize("form", [Form(), Form("safetensors")], ids=lambda form: form.kind)
@pytest.mark.parametrize("name", ["chatglm3-6b", "chatglm2-6b-32k"])
def test_chatglm_2_and_3(tmp_path, glm_tokenizer, cache, name, form) -> None:
    made = writers.write_chatglm(tmp_path / name, name, form=form, tokenizer=glm_tokenizer)
    written = computes_the_same(made.folder, "int8", cache)
    assert (written.copy.path / "tokenizer.model").read_bytes() == glm_tokenizer.read_bytes()
    assert json.loads((written.copy.path / "original_config.json").read_text())["model_type"] == "chatglm"
    assert not list(written.copy.path.glob("*.py"))


@pytest.mark.parametrize("bits", [8, 4])
def test_official_quantized_chatglm_files_are_copied_not_quantized_again(tmp_path, glm_tokenizer, cache, bits) -> None:
    made = writers.write_chatglm(tmp_path / "chatglm", bits=bits, tokenizer=glm_tokenizer)
    written = computes_the_same(made.folder, "int8" if bits == 8 else "int4", cache)
    expected = made.reference.logits(PROMPT).numpy()
    found = load_model(written.copy.path, f"int{bits}", "cpu").logits(PROMPT)
    assert abs(found - expected).max() < 1e-4 * max(1.0, abs(expected).max())


@pytest.mark.parametrize("bits", [0, 8])
def test_the_first_chatglm(tmp_path, ice_tokenizer, cache, bits) -> None:
    made = writers.write_chatglm1(tmp_path / "v1", bits=bits, tokenizer=ice_tokenizer)
    prompt = [*PROMPT, made.config["gmask_token_id"], made.config["bos_token_id"]]
    computes_the_same(made.folder, "int8", cache, prompt=prompt)


@pytest.mark.parametrize("gptq", [None, Gptq(4, 32)], ids=str)
def test_moss(tmp_path, cache, gptq) -> None:
    computes_the_same(writers.write_moss(tmp_path / "moss", gptq=gptq).folder, "int4", cache)


@pytest.mark.parametrize("layout", ["alone", "beside", "inside"])
@pytest.mark.parametrize("version", [1, 3])
def test_a_p_tuning_prefix_comes_along(tmp_path, glm_tokenizer, ice_tokenizer, cache, layout, version) -> None:
    base: Any
    if version == 3:
        base, prompt = writers.write_chatglm(tmp_path / "base", tokenizer=glm_tokenizer), PROMPT
    else:
        base = writers.write_chatglm1(tmp_path / "base", tokenizer=ice_tokenizer)
        prompt = [*PROMPT, base.config["gmask_token_id"], base.config["bos_token_id"]]
    made = writers.write_prefix(tmp_path / "tuned", base, layout=layout)
    written = computes_the_same(made.folder, "int8", cache, prompt=prompt)
    plain = load_model(base.folder, "int8", "cpu")
    assert (plain.logits(prompt) != load_model(written.copy.path, "int8", "cpu").logits(prompt)).any()
    assert find_copy(cache, open_checkpoint(base.folder), "int8") is None


def test_a_copy_of_a_copy_in_another_precision(tiny, cache) -> None:
    first = write_copy(tiny("qwen2").path, "int8", cache).copy.path
    second = write_copy(first, "int4", cache).copy.path
    assert second != first
    expected = load_model(first, "int4", "cpu").logits(PROMPT)
    assert (load_model(second, "int4", "cpu").logits(PROMPT) == expected).all()


def test_a_copy_of_a_copy_in_the_same_precision_has_the_same_weights(tiny, cache, tmp_path) -> None:
    first = write_copy(tiny("qwen2").path, "int8", cache).copy.path
    second = write_copy(first, "int8", tmp_path / "other").copy.path
    assert (second / "model.safetensors").read_bytes() == (first / "model.safetensors").read_bytes()
