"""Quantized copies: they compute exactly what quantizing while loading gives, are found again, and show any damage."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from inference_worker.engine import EngineError, load_model
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.quantize.convert import Converted, write_copy
from inference_worker.engine.quantize.copies import find_copy, fingerprint, list_copies, verify

IDS = [5, 6, 7, 8]
PRECISIONS = ("int8", "int8-zero-point", "llm-int8", "int4")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def int8_copy(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the tiny Qwen2. Do not change its files."""
    return write_copy(tiny("qwen2").path, "int8", tmp_path_factory.mktemp("cache")).copy.path


@pytest.fixture
def spoiled(int8_copy: Path, cache: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(int8_copy, cache / int8_copy.name))


def weights_equal(source: Path, precision: Any, cache: Path, **more: Any) -> Converted:
    """Write a copy and compare it with quantizing while loading, through the cache and by its own path."""
    written = write_copy(source, precision, cache, **more)
    expected = load_model(source, precision, "cpu", **more).logits(IDS)
    through_cache = load_model(source, precision, "cpu", cache=cache, **more)
    assert any(str(written.copy.path) in note for note in through_cache.info.notes)
    assert (through_cache.logits(IDS) == expected).all()
    assert (load_model(written.copy.path, precision, "cpu", **more).logits(IDS) == expected).all()
    verify(written.copy.path)
    return written


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_a_copy_computes_exactly_what_quantizing_while_loading_does(tiny, cache, family, precision) -> None:
    weights_equal(tiny(family).path, precision, cache)


@pytest.mark.parametrize("group", [64, 32])
def test_a_copy_keeps_the_groups_it_was_made_with(tiny, cache, group) -> None:
    written = weights_equal(tiny("llama").path, "int4", cache, group=group)
    assert load_model(written.copy.path, "int4", "cpu").info.group == group
    assert find_copy(cache, open_checkpoint(tiny("llama").path), "int4", 128) is None


def test_weights_that_are_stored_transposed(tmp_path, tiny, cache) -> None:
    config = transformers.GPT2Config(n_embd=64, n_layer=2, n_head=4, vocab_size=311, n_positions=128)
    weights_equal(saved(config, tmp_path / "gpt2", tiny), "int4", cache)


def test_weights_that_are_joined_from_several_tensors(tmp_path, tiny, cache) -> None:
    config = transformers.MixtralConfig(
        vocab_size=311, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, num_local_experts=4, pad_token_id=None,
    )  # fmt: skip
    written = weights_equal(saved(config, tmp_path / "mixtral", tiny), "int8", cache)
    manifest = json.loads((written.copy.path / "manifest.json").read_text())
    assert any("experts" in note for note in manifest["floating"])


def saved(config: Any, path: Path, tiny: Any) -> Path:
    """A random model with the tokenizer of the tiny ones."""
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float16).save_pretrained(path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tiny("llama").path / name, path / name)
    return path


def test_floating_tensors_keep_their_type(checkpoint, cache) -> None:
    source = checkpoint("qwen2").path
    file = source / "model.safetensors"
    types = {"model.norm.weight": torch.float64, "model.layers.0.input_layernorm.weight": torch.bfloat16}
    tensors = {name: value.to(types.get(name, torch.float16)) for name, value in load_file(file).items()}
    save_file(tensors, file, metadata={"format": "pt"})
    copied = load_file(weights_equal(source, "int8", cache).copy.path / "model.safetensors")
    assert copied["model.norm.weight"].dtype == torch.float32
    assert copied["model.layers.0.input_layernorm.weight"].dtype == torch.bfloat16
    assert copied["model.layers.1.input_layernorm.weight"].dtype == torch.float16


def test_the_two_kinds_of_int8_that_store_the_same_share_one_copy(tiny, cache, int8_copy) -> None:
    assert find_copy(int8_copy.parent, open_checkpoint(tiny("qwen2").path), "llm-int8") == int8_copy


def test_everything_small_but_program_code_comes_along_byte_for_byte(checkpoint, cache) -> None:
    source = checkpoint("llama", shard="50KB").path
    (source / "modeling_llama.py").write_text("import os")
    (source / "LICENSE").write_text("be kind")
    copy = write_copy(source, "int8", cache).copy.path
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json", "LICENSE"):
        assert (copy / name).read_bytes() == (source / name).read_bytes()
    assert (copy / "original_config.json").read_bytes() == (source / "config.json").read_bytes()
    assert not list(copy.glob("*.py"))
    assert [file.name for file in copy.glob("*.safetensors*")] == ["model.safetensors"]


def test_the_manifest_says_what_it_is_and_leaves_room_for_an_adapter(int8_copy, tiny) -> None:
    manifest = json.loads((int8_copy / "manifest.json").read_text())
    assert (manifest["format"], manifest["precision"], manifest["adapter"]) == ("nyanko-quantized", "int8", None)
    assert manifest["source"]["fingerprint"] == fingerprint(open_checkpoint(tiny("qwen2").path))
    assert {"torch", "transformers", "nyanko-desktop"} <= manifest["versions"].keys()
    assert set(manifest["tensors"]) == set(load_file(int8_copy / "model.safetensors"))


def test_a_copy_is_found_wherever_its_model_lies_and_in_whatever_files(tiny, tmp_path, int8_copy) -> None:
    moved = Path(shutil.copytree(tiny("qwen2").path, tmp_path / "elsewhere"))
    torch.save(load_file(moved / "model.safetensors"), moved / "pytorch_model.bin")
    (moved / "model.safetensors").unlink()
    assert find_copy(int8_copy.parent, open_checkpoint(moved), "int8") == int8_copy
    assert [copy.path for copy in list_copies(int8_copy.parent, open_checkpoint(moved))] == [int8_copy]


def test_another_model_of_the_same_shape_has_another_copy(checkpoint, int8_copy) -> None:
    assert find_copy(int8_copy.parent, open_checkpoint(checkpoint("qwen2", seed=1).path), "int8") is None


@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_a_fingerprint_sees_the_beginning_the_middle_and_the_end_of_a_tensor(checkpoint, place) -> None:
    source = checkpoint("qwen2").path
    before = fingerprint(open_checkpoint(source))
    file = source / "model.safetensors"
    tensors = load_file(file)
    flat = tensors["model.embed_tokens.weight"].view(-1)
    flat[round((flat.numel() - 1) * place)] += 1
    save_file(tensors, file, metadata={"format": "pt"})
    assert fingerprint(open_checkpoint(source)) != before


def test_an_empty_cache_costs_no_look_at_the_weights(checkpoint, cache) -> None:
    source = open_checkpoint(checkpoint("llama").path)
    source.weights_file.write_bytes(b"")
    assert find_copy(cache, source, "int8") is None
    assert find_copy(None, source, "int8") is None
    with pytest.raises(EngineError):
        fingerprint(source)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_on_a_cpu_the_mapped_file_itself_is_the_weight(int8_copy) -> None:
    model = load_model(int8_copy, "int8", "cpu")
    weight = model._decoder.model.model.layers[0].mlp.up_proj.weight
    maps = [line for line in Path("/proc/self/maps").read_text().splitlines() if str(int8_copy) in line]
    ranges = [[int(end, 16) for end in line.split()[0].split("-")] for line in maps]
    assert any(low <= weight.data_ptr() < high for low, high in ranges)


def test_a_copy_in_another_precision_stands_for_what_it_holds(int8_copy) -> None:
    expected = load_model(int8_copy, "int8", "cpu").logits(IDS)
    assert abs(load_model(int8_copy, "fp32", "cpu").logits(IDS) - expected).max() < 1e-2 * abs(expected).max()


def cut_short(copy: Path) -> str:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    return file.name


def other_shape(copy: Path) -> str:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes().replace(b'"shape":[311,64]', b'"shape":[64,311]'))
    return file.name


def other_type(copy: Path) -> str:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes().replace(b'"dtype":"I8","shape":[311', b'"dtype":"U8","shape":[311'))
    return file.name


def another_weights_file(copy: Path) -> str:
    save_file({"x": torch.zeros(3)}, copy / "model.safetensors")
    return "model.safetensors"


def no_weights(copy: Path) -> str:
    (copy / "model.safetensors").unlink()
    return "model.safetensors"


def half_a_manifest(copy: Path) -> str:
    file = copy / "manifest.json"
    file.write_text(file.read_text()[:1000])
    return file.name


def manifest_that(**changes: Any) -> Callable[[Path], str]:
    def change(copy: Path) -> str:
        file = copy / "manifest.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
        return file.name

    return change


DAMAGES = [
    cut_short,
    other_shape,
    other_type,
    another_weights_file,
    no_weights,
    half_a_manifest,
    manifest_that(tensors=None),
    manifest_that(version=99),
    manifest_that(quantized={"x": {"precision": "int3", "group": 0, "shape": [1, 1], "transposed": False}}),
    manifest_that(files={"../x": {"sha256": "", "bytes": 0}}),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_is_named_before_anything_of_it_is_used(spoiled, damage) -> None:
    name = damage(spoiled)
    with pytest.raises(EngineError) as caught:
        load_model(spoiled, "int8", "cpu")
    assert caught.value.code == "broken_checkpoint"
    assert caught.value.params["path"] == str(spoiled / name)
    assert f"remove the folder {spoiled} and quantize again" in caught.value.params["reason"]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_verifying_finds_a_single_flipped_bit_in_any_file(spoiled, name) -> None:
    verify(spoiled)
    flip(spoiled / name, -30)
    with pytest.raises(EngineError) as caught:
        verify(spoiled)
    assert caught.value.params["path"] == str(spoiled / name)


def test_a_copy_with_a_flipped_bit_is_written_again(tiny, spoiled, cache) -> None:
    before = (spoiled / "model.safetensors").read_bytes()
    flip(spoiled / "model.safetensors", -1)
    assert not write_copy(tiny("qwen2").path, "int8", cache).resumed
    assert (spoiled / "model.safetensors").read_bytes() == before
    assert [path.name for path in cache.iterdir()] == [spoiled.name]


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(checkpoint, cache, value) -> None:
    source = checkpoint("llama").path
    file = source / "model.safetensors"
    tensors = load_file(file)
    tensors["model.layers.1.mlp.up_proj.weight"][3, 3] = value
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(EngineError) as caught:
        write_copy(source, "int8", cache)
    assert caught.value.code == "broken_checkpoint"
    assert "up_proj" in caught.value.params["reason"]
    assert not list(cache.glob("*[!.part]/manifest.json"))


def test_a_floating_precision_has_no_copies(tiny, cache) -> None:
    with pytest.raises(ValueError, match="not quantized"):
        write_copy(tiny("llama").path, "fp16", cache)
