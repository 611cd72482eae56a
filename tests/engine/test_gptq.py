"""GPTQ checkpoints, held against the referee that unpacks them in another way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference_worker.engine import EngineError, Sampling, load_model, plan_memory
from inference_worker.engine.checkpoints.folder import read_files
from inference_worker.engine.checkpoints.gptq import gptq_tensors
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.quantize.schemes import scheme_for
from tests.reference.on_disk import Form
from tests.reference.quantized import Gptq, gptq_dequantize
from tests.reference.writers import Checkpoint, write_moss
from tests.reference.writers_gptq import write_qwen2_gptq

PROMPT = [7, 42, 99, 13, 5, 77, 120, 3]
LINEAR = "model.layers.1.mlp.down_proj"
FORMS = [
    Gptq(4, 32), Gptq(4, 64, symmetric=False), Gptq(4, -1), Gptq(4, 32, order=True), Gptq(4, 32, zero_offset=0),
    Gptq(8, 32), Gptq(8, -1), Gptq(8, -1, symmetric=False), Gptq(8, 32, order=True),
]  # fmt: skip


@pytest.fixture
def write(tmp_path: Path, tiny: Any) -> Any:
    """``write(how)``: a tiny Qwen2 in this form, with a tokenizer beside."""
    tokenizer = [tiny("qwen2").path / name for name in ("tokenizer.json", "tokenizer_config.json")]
    return lambda how, **more: write_qwen2_gptq(tmp_path / "gptq", how, tokenizer=tokenizer, **more)


def error_of(model: Any, made: Checkpoint) -> float:
    """Of the logits, as a part of the largest."""
    expected = made.reference.logits(PROMPT).numpy()
    return float(abs(model.logits(PROMPT) - expected).max() / abs(expected).max())


@pytest.mark.parametrize("how", FORMS, ids=str)
def test_in_fp32_it_computes_with_exactly_the_unpacked_weights(write, how) -> None:
    made = write(how)
    model = load_model(made.folder, "fp32", "cpu")
    assert error_of(model, made) < 1e-6
    greedy = list(model.generate(PROMPT, Sampling(temperature=0, repetition_penalty=1, max_tokens=12)))
    assert greedy == made.reference.greedy(PROMPT, 12)[: len(greedy)]


@pytest.mark.parametrize("group", [32, 64, 128])
@pytest.mark.parametrize(
    "how", [Gptq(4, 32), Gptq(4, -1), Gptq(4, 32, symmetric=False), Gptq(4, 64, zero_offset=0)], ids=str
)
def test_four_bits_are_kept_as_they_are_whatever_group_is_asked_for(write, how, group) -> None:
    made = write(how)
    model = load_model(made.folder, "int4", "cpu", group=group)
    assert error_of(model, made) < 1e-5
    assert any("kept as stored in int4" in note for note in model.info.notes)


@pytest.mark.parametrize(
    ("how", "precision"),
    [(Gptq(8, -1), "int8"), (Gptq(8, -1), "int8-zero-point"), (Gptq(8, -1, symmetric=False), "int8-zero-point")],
    ids=str,
)
def test_eight_bits_with_one_group_a_row_are_kept_as_they_are(write, how, precision) -> None:
    made = write(how)
    assert error_of(load_model(made.folder, precision, "cpu"), made) < 1e-5


@pytest.mark.parametrize(
    "how", [Gptq(8, 32), Gptq(4, 32), Gptq(4, 32, order=True), Gptq(8, -1, symmetric=False)], ids=str
)
def test_what_int8_cannot_hold_is_converted_to_it_and_that_is_said(write, how) -> None:
    made = write(how)
    model = load_model(made.folder, "int8", "cpu")
    assert 1e-4 < error_of(model, made) < 0.05
    assert any("convert" in note for note in model.info.notes)


def test_shuffled_columns_are_converted_to_int4_again_and_that_is_said(write) -> None:
    made = write(Gptq(4, 32, order=True))
    model = load_model(made.folder, "int4", "cpu")
    assert any("desc_act" in note for note in model.info.notes)
    assert open_checkpoint(made.folder).tensors[f"{LINEAR}.weight"].parts(scheme_for("int4", 32)) is None


def test_what_the_file_kept_floating_stays_floating(write) -> None:
    checkpoint = open_checkpoint(write(Gptq(4, 32)).folder)
    assert {"lm_head.weight", "model.embed_tokens.weight"} <= checkpoint.floating
    assert f"{LINEAR}.weight" not in checkpoint.floating


@pytest.mark.parametrize(
    "form", [Form("safetensors", 2), Form("bin", 2), Form("legacy", 1)], ids=lambda form: form.kind
)
@pytest.mark.parametrize("how", [Gptq(4, 32, symmetric=False), Gptq(8, 32, order=True)], ids=str)
def test_rows_are_those_of_the_whole_in_every_file_format(write, how, form) -> None:
    made = write(how, form=form)
    expected = gptq_dequantize(made.state, how)[f"{LINEAR}.weight"]
    tensor = open_checkpoint(made.folder).tensors[f"{LINEAR}.weight"]
    assert tensor.shape == tuple(expected.shape)
    assert torch.equal(tensor.read(), expected)
    assert torch.equal(torch.cat([tensor.rows(start, start + 7) for start in range(0, len(expected), 7)]), expected)


def test_the_group_that_the_files_chose_is_told_not_the_one_asked_for(write) -> None:
    folder = write(Gptq(4, 32)).folder
    model = load_model(folder, "int4", "cpu", group=128)
    assert model.info.group == 32
    estimates = plan_memory(folder, "cpu", group=128).estimates
    assert next(one.weights for one in estimates if one.precision == "int4") == model.info.bytes
    model.close()


@pytest.mark.parametrize("how", [Gptq(4, 32), Gptq(8, 32)], ids=str)
def test_the_form_of_moss_is_unpacked_too(tmp_path, how) -> None:
    made = write_moss(tmp_path / "moss", gptq=how, form=Form("safetensors", 1))
    stored, close = read_files([made.folder / "model.safetensors"])
    unpacked = gptq_tensors(stored, how.bits, how.group)
    expected = gptq_dequantize(made.state, how)
    assert unpacked.keys() == expected.keys()
    assert all(torch.equal(unpacked[name].read().float(), expected[name].float()) for name in expected)
    close()


# --- bad input


def change(made: Checkpoint, **tensors: torch.Tensor | None) -> Path:
    """The same folder with some parts of ``LINEAR`` replaced or, where ``None``, left out."""
    file = made.folder / "model.safetensors"
    state = load_file(file) | {f"{LINEAR}.{part}": tensor for part, tensor in tensors.items()}
    save_file({name: tensor for name, tensor in state.items() if tensor is not None}, file)
    return file


@pytest.mark.parametrize(
    ("tensors", "named"),
    [
        ({"scales": None}, "scales is missing"),
        ({"qzeros": torch.zeros(3, 8, dtype=torch.int32)}, "qzeros has the shape"),
        ({"qweight": torch.zeros(16, 65, dtype=torch.int32)}, "the shape"),
        ({"qweight": torch.zeros(16, 64)}, "qweight has the type F32"),
        ({"g_idx": torch.zeros(5, dtype=torch.int32)}, "g_idx has the shape"),
        ({"g_idx": torch.full((128,), 4, dtype=torch.int32)}, "groups that do not exist"),
        ({"scales": torch.full((4, 64), torch.nan, dtype=torch.float16)}, "no finite numbers"),
    ],
    ids=["scales", "qzeros", "rows", "type", "order", "groups", "nan"],
)
@pytest.mark.parametrize("precision", ["fp32", "int8", "int4"])
def test_damaged_parts_are_named_with_their_file(write, tensors, named, precision) -> None:
    file = change(write(Gptq(4, 32)), **tensors)
    with pytest.raises(EngineError, match=named) as caught:
        load_model(file.parent, precision, "cpu")
    assert (caught.value.code, caught.value.params["path"]) == ("broken_checkpoint", str(file))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bits": 3}, "unsupported_model"),
        ({"bits": None}, "unsupported_model"),
        ({"quant_method": "awq"}, "unsupported_model"),
        ({"group_size": "many"}, "broken_checkpoint"),
        ({"group_size": 0}, "broken_checkpoint"),
        ({"group_size": 48}, "broken_checkpoint"),
    ],
    ids=str,
)
def test_other_ways_to_quantize_are_refused(write, changes, code) -> None:
    folder = write(Gptq(4, 32)).folder
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["quantization_config"].update(changes)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(EngineError) as caught:
        load_model(folder, "fp32", "cpu")
    assert caught.value.code == code
