"""Folders that are no model, or a broken one: each gets its own clear error that names the file."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference_worker.engine import EngineError, load_model, plan_memory


def refused(path: Path, precision: str = "fp32") -> EngineError:
    with pytest.raises(EngineError) as caught:
        load_model(path, precision, "cpu")
    return caught.value


def rewrite(file: Path, **changes: torch.Tensor | None) -> None:
    tensors = load_file(file)
    tensors.update({name: value for name, value in changes.items() if value is not None})
    save_file({n: v for n, v in tensors.items() if changes.get(n, v) is not None}, file, metadata={"format": "pt"})


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere")
    assert (error.code, error.params["path"]) == ("model_not_found", str(tmp_path / "nowhere"))


def test_a_folder_without_config(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert error.code == "not_a_model"
    assert "config.json" in error.params["reason"]


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file").code == "not_a_model"


def test_a_folder_without_weights(checkpoint) -> None:
    path = checkpoint().path
    (path / "model.safetensors").unlink()
    error = refused(path)
    assert error.code == "not_a_model"
    assert "model.safetensors" in error.params["reason"]


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])
def test_weights_that_torch_saved_are_the_same_model(checkpoint, zipped) -> None:
    path = checkpoint().path
    expected = load_model(path, "fp32", "cpu").logits([5, 6, 7])
    tensors = load_file(path / "model.safetensors")
    torch.save(tensors, path / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    (path / "model.safetensors").unlink()
    assert (load_model(path, "fp32", "cpu").logits([5, 6, 7]) == expected).all()


class RunsCode:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])
def test_code_in_pickled_weights_is_refused_and_never_run(checkpoint, tmp_path, zipped) -> None:
    path = checkpoint().path
    content = {"weight": torch.ones(2), "more": RunsCode(tmp_path / "marker")}
    torch.save(content, path / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    (path / "model.safetensors").unlink()
    error = refused(path)
    assert (error.code, Path(error.params["path"]).name) == ("broken_checkpoint", "pytorch_model.bin")
    assert "code" in error.params["reason"]
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])
def test_pickled_weights_that_are_cut_short_are_named(checkpoint, zipped) -> None:
    path = checkpoint().path
    file = path / "pytorch_model.bin"
    torch.save(load_file(path / "model.safetensors"), file, _use_new_zipfile_serialization=zipped)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (path / "model.safetensors").unlink()
    error = refused(path)
    assert (error.code, Path(error.params["path"]).name) == ("broken_checkpoint", "pytorch_model.bin")


@pytest.mark.parametrize("content", ["{", "[]", "\xff\xfe", "[" * 100_000], ids=["cut", "list", "bytes", "deep"])
def test_a_broken_config(checkpoint, content: str) -> None:
    path = checkpoint().path
    (path / "config.json").write_bytes(content.encode("latin-1"))
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "config.json"))


def test_a_config_whose_sizes_make_no_sense(checkpoint, edit_json) -> None:
    path = checkpoint().path
    edit_json(path / "config.json", hidden_size="many")
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "config.json"))


@pytest.mark.parametrize("layers", [10**12, 0, -4])
def test_a_config_with_a_number_of_layers_that_its_weights_cannot_have(checkpoint, edit_json, layers: int) -> None:
    path = checkpoint().path
    edit_json(path / "config.json", num_hidden_layers=layers, layer_types=None)
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "config.json"))
    assert str(layers) in error.params["reason"]


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_note_of_large_file_storage_in_place_of_the_weights(checkpoint, name: str) -> None:
    path = checkpoint().path
    (path / "model.safetensors").unlink()
    (path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / name))
    assert "git lfs pull" in error.params["reason"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system here")
def test_a_pipe_in_place_of_the_weights_is_not_waited_for(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    shard = sorted(path.glob("model-*.safetensors"))[0]
    shard.unlink()
    os.mkfifo(shard)
    assert refused(path).code == "broken_checkpoint"


def test_a_config_without_model_type(checkpoint, edit_json) -> None:
    path = checkpoint().path
    edit_json(path / "config.json", model_type=None)
    assert refused(path).code == "not_a_model"


@pytest.mark.parametrize("model_type", ["chatglm", "t5", "vit", "newest_thing"])
def test_an_architecture_that_is_no_native_causal_lm(checkpoint, edit_json, model_type: str) -> None:
    path = checkpoint().path
    edit_json(path / "config.json", model_type=model_type, architectures=["SomeModel"])
    error = refused(path)
    assert (error.code, error.params["architecture"]) == ("unsupported_model", "SomeModel")


def test_code_that_a_checkpoint_brings_is_never_run(checkpoint, edit_json, tmp_path: Path) -> None:
    path = checkpoint().path
    (path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Config: pass\nclass Model: pass\n")
    edit_json(path / "config.json", auto_map={"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"})
    load_model(path, "fp32", "cpu")
    assert not (tmp_path / "ran").exists()


def test_weights_that_are_quantized_already(checkpoint, edit_json) -> None:
    path = checkpoint().path
    edit_json(path / "config.json", quantization_config={"quant_method": "gptq"})
    assert refused(path).code == "unsupported_model"


@pytest.mark.parametrize("keep", [4, 60, 5000, -1])
def test_a_file_that_is_cut_short(checkpoint, keep: int) -> None:
    path = checkpoint().path
    file = path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(file))
    assert "cut short" in error.params["reason"]


@pytest.mark.parametrize(
    "header",
    [
        b"not json at all",
        b"[1]",
        b'{"a": {"dtype": "F32"}}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}}',
        b"[" * 100_000,
    ],
    ids=["text", "list", "fields", "short", "type", "negative", "deep"],
)
def test_a_header_that_is_rubbish(checkpoint, header: bytes) -> None:
    path = checkpoint().path
    (path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "model.safetensors"))


def test_a_missing_shard(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    shard = sorted(path.glob("model-*.safetensors"))[1]
    shard.unlink()
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(shard))
    assert "missing" in error.params["reason"]


def test_a_shard_without_the_tensor_that_the_index_promises(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    shard = sorted(path.glob("model-*.safetensors"))[1]
    rewrite(shard, **{next(iter(load_file(shard))): None})
    assert refused(path).params["path"] == str(shard)


def test_shards_without_an_index(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    (path / "model.safetensors.index.json").unlink()
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "model.safetensors.index.json"))


def test_an_index_that_points_outside_of_its_folder(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    index = path / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    content["weight_map"]["lm_head.weight"] = "../secret.safetensors"
    index.write_text(json.dumps(content))
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(index))


def test_a_missing_tensor_is_named(checkpoint) -> None:
    path = checkpoint().path
    rewrite(path / "model.safetensors", **{"model.norm.weight": None})
    error = refused(path)
    assert error.code == "broken_checkpoint"
    assert "model.norm.weight" in error.params["reason"]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_wrong_shape_is_named(checkpoint, precision: str) -> None:
    path = checkpoint().path
    rewrite(path / "model.safetensors", **{"model.layers.0.mlp.up_proj.weight": torch.zeros(3, 4)})
    error = refused(path, precision)
    assert error.code == "broken_checkpoint"
    assert "up_proj" in error.params["reason"]
    assert "(3, 4)" in error.params["reason"]


def test_weights_that_are_whole_numbers(checkpoint) -> None:
    path = checkpoint().path
    rewrite(path / "model.safetensors", **{"model.norm.weight": torch.zeros(64, dtype=torch.int64)})
    assert "I64" in refused(path).params["reason"]


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["model.layers.1.self_attn.q_proj.weight", "model.norm.weight"])
def test_weights_that_are_no_numbers(checkpoint, precision: str, value: float, name: str) -> None:
    path = checkpoint().path
    weight = load_file(path / "model.safetensors")[name]
    weight.view(-1)[7] = value
    rewrite(path / "model.safetensors", **{name: weight})
    error = refused(path, precision)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "model.safetensors"))
    assert name in error.params["reason"]


def test_a_missing_tokenizer(checkpoint) -> None:
    path = checkpoint().path
    (path / "tokenizer.json").unlink()
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "tokenizer.json"))
    assert "missing" in error.params["reason"]


def test_a_broken_tokenizer(checkpoint) -> None:
    path = checkpoint().path
    (path / "tokenizer.json").write_text("{}")
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "tokenizer.json"))


@pytest.mark.parametrize("content", ["{", "[]"])
def test_broken_settings_of_a_tokenizer_are_named_and_not_the_tokenizer(checkpoint, content: str) -> None:
    path = checkpoint().path
    (path / "tokenizer_config.json").write_text(content)
    error = refused(path)
    assert (error.code, error.params["path"]) == ("broken_checkpoint", str(path / "tokenizer_config.json"))


def test_the_plan_refuses_what_loading_would_refuse_before_it_reads(checkpoint) -> None:
    path = checkpoint(shard="100KB").path
    sorted(path.glob("model-*.safetensors"))[1].unlink()
    with pytest.raises(EngineError, match="broken_checkpoint"):
        plan_memory(path, "cpu")
