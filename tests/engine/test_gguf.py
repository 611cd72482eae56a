"""GGUF files of Llama and Qwen2, held against the referee that computes with what their tensors stand for."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch

from inference_worker.engine import EngineError, Sampling, load_model, plan_memory
from inference_worker.engine.checkpoints.gguf_file import GgufFile, GgufTensor, read_header
from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.quantize.schemes import scheme_for
from tests.reference.writers_gguf import Gguf, write_gguf

PROMPT = [7, 42, 99, 13, 5, 77, 120, 3]
KINDS = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")
FAMILIES = ("llama", "qwen2")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Gguf]:
    return lambda *how, **more: write_gguf(tmp_path / "models" / "tiny.gguf", *how, **more)


def error_of(model: Any, made: Gguf) -> float:
    """Of the logits, as a part of the largest."""
    expected = made.reference.logits(PROMPT).numpy()
    return float(abs(model.logits(PROMPT) - expected).max() / abs(expected).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_in_fp32_it_computes_with_exactly_the_unpacked_weights(write, family, kind) -> None:
    made = write(family, kind)
    model = load_model(made.path, "fp32", "cpu")
    assert error_of(model, made) < 1e-6
    greedy = list(model.generate(PROMPT, Sampling(temperature=0, repetition_penalty=1, max_tokens=12)))
    assert greedy == made.reference.greedy(PROMPT, 12)[: len(greedy)]


@pytest.mark.parametrize("family", FAMILIES)
def test_packed_weights_become_in_every_precision_what_the_same_floating_ones_become(
    write, tmp_path, tiny, family
) -> None:
    made = write(family, "Q4_K", others={"output.weight": "Q6_K"})
    floating = tmp_path / "floating"
    made.reference.model.save_pretrained(floating)
    shutil.copy(tiny("qwen2").path / "tokenizer.json", floating)
    for precision in ("int8", "int8-zero-point", "llm-int8", "int4", "bf16", "fp16"):
        ours, expected = (load_model(path, precision, "cpu").logits(PROMPT) for path in (made.path, floating))
        assert abs(ours - expected).max() < 1e-6 * abs(expected).max()


@pytest.mark.parametrize("group", [32, 64, 128])
@pytest.mark.parametrize("family", FAMILIES)
def test_q4_0_is_kept_as_it_is_in_int4_whatever_group_is_asked_for(write, family, group) -> None:
    made = write(family, "Q4_0", others={"output.weight": "F16", "token_embd.weight": "F16"})
    stored = open_checkpoint(made.path).tensors["model.layers.0.self_attn.q_proj.weight"]
    scheme = scheme_for("int4", 32)
    assert torch.equal(scheme.dequantize(stored.parts(scheme)), stored.read())
    assert stored.parts(scheme_for("int4", 64)) is None
    assert stored.parts(scheme_for("int8")) is None
    # The embedding and the head are int8 in int4, so that only they differ from the file.
    model = load_model(made.path, "int4", "cpu", group=group)
    assert error_of(model, made) < 0.05
    assert model.info.group == 32
    assert _planned_weights(made.path, group) == model.info.bytes


def test_q4_1_is_kept_where_its_minima_are_whole_steps_alone(tmp_path) -> None:
    steps = random.Random(0)
    file = tmp_path / "m.gguf"
    for whole in (True, False):
        blocks = b"".join(
            struct.pack("<ee", 0.25, -0.25 * steps.randrange(17) - (0 if whole else 0.1)) + steps.randbytes(16)
            for _ in range(3 * 2)
        )
        file.write_bytes(blocks)
        tensor = GgufTensor(GgufFile(file), "w", "Q4_1", (3, 64), 0, len(blocks))
        scheme = scheme_for("int4", 32)
        parts = tensor.parts(scheme)
        assert (parts is not None) == whole
        assert parts is None or torch.equal(scheme.dequantize(parts), tensor.read())


def test_the_person_is_told_what_happens_to_each_type(write) -> None:
    made = write("llama", "Q4_K", others={"output.weight": "Q6_K", "blk.0.attn_v.weight": "F16"})
    notes = load_model(made.path, "int8", "cpu").info.notes
    assert notes[:2] == (
        "Q4_K (14 of 16 matrices): converted to the chosen precision while loading",
        "Q6_K (1 of 16 matrices): converted to the chosen precision while loading",
    )
    assert "kept as stored in int4 with groups of 32" in load_model(write("llama", "Q4_0").path, "int4").info.notes[0]


@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_0"])
def test_a_head_that_is_left_out_is_the_embedding(write, kind) -> None:
    made = write("qwen2", kind, tied=True)
    assert error_of(load_model(made.path, "fp32", "cpu"), made) < 1e-6


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q4_K"])
def test_rows_are_those_of_the_whole_permuted_ones_too(write, kind) -> None:
    tensors = open_checkpoint(write("llama", kind).path).tensors
    for name in ("model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight", "lm_head.weight"):
        whole = tensors[name].read()
        rows = [tensors[name].rows(start, start + 5) for start in range(0, len(whole), 5)]
        assert torch.equal(torch.cat(rows), whole)


def test_packed_rows_are_unpacked_without_the_rest(write) -> None:
    tensor = open_checkpoint(write("qwen2", "Q8_0").path).tensors["model.embed_tokens.weight"]
    assert tensor.rows(290, 400).shape == (10, 64)
    assert torch.equal(tensor.rows(17, 19), tensor.read()[17:19])


# --- where the file is


def test_a_folder_with_one_file_is_that_model(write) -> None:
    made = write("qwen2", "F16")
    (made.path.parent / "mmproj-tiny.gguf").write_bytes(b"pictures")
    (made.path.parent / "README.md").write_text("a model")
    assert error_of(load_model(made.path.parent, "fp32", "cpu"), made) < 1e-6


def test_a_folder_with_several_models_asks_for_one_of_them(write) -> None:
    made = write("qwen2", "F16")
    shutil.copy(made.path, made.path.with_name("other.gguf"))
    with pytest.raises(EngineError, match=r"choose one: other\.gguf, tiny\.gguf") as caught:
        open_checkpoint(made.path.parent)
    assert caught.value.code == "not_a_model"


def rewrite(made: Gguf, target: Path, chosen: Callable[[str], bool] = lambda _: True, **more: Any) -> Path:
    """The same file with some of its tensors, with other metadata (``None`` leaves a key out) and tensors (arrays)."""
    reader = gguf.GGUFReader(made.path)
    writer = gguf.GGUFWriter(target, str(reader.fields["general.architecture"].contents()))
    for key, field in reader.fields.items():
        if not key.startswith("GGUF.") and key != "general.architecture" and key not in more:
            sub = field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=sub)
    for key, value in more.items():
        if isinstance(value, torch.Tensor):
            writer.add_tensor(key, value.numpy())
        elif value is not None:
            kinds = {str: gguf.GGUFValueType.STRING, float: gguf.GGUFValueType.FLOAT32, int: gguf.GGUFValueType.UINT32}
            writer.add_key_value(key, value, kinds[type(value)])
    for tensor in reader.tensors:
        if chosen(tensor.name):
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def test_a_file_that_was_split_is_one_model_and_a_missing_part_is_named(write, tmp_path) -> None:
    made = write("qwen2", "Q8_0")
    (tmp_path / "split").mkdir()
    parts = [tmp_path / "split" / f"m-{i:05d}-of-00002.gguf" for i in (1, 2)]
    for i, part in enumerate(parts):
        rewrite(made, part, lambda name, i=i: ("blk.1." in name) == bool(i), **{"split.count": 2, "split.no": i})
    for path in (parts[0], parts[1], parts[0].parent):
        assert error_of(load_model(path, "fp32", "cpu"), made) < 1e-6
    parts[1].unlink()
    with pytest.raises(EngineError) as caught:
        open_checkpoint(parts[0])
    assert (caught.value.code, caught.value.params["path"]) == ("broken_checkpoint", str(parts[1]))


# --- what a file may say


def test_the_rotary_table_of_llama_3_divides_its_frequencies(write, tmp_path) -> None:
    made = write("llama", "F32")
    scaled = {
        "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }  # fmt: skip
    model = made.reference.model
    plain = model.model.rotary_emb.inv_freq.clone()
    model.config.rope_parameters = scaled
    model.model.rotary_emb = type(model.model.rotary_emb)(model.config)
    table = (plain / model.model.rotary_emb.inv_freq).float()
    file = rewrite(made, tmp_path / "scaled.gguf", **{"rope_freqs.weight": table})
    long = [index * 7 % 200 for index in range(150)]
    expected = made.reference.logits(long).numpy()
    assert abs(load_model(file, "fp32", "cpu").logits(long) - expected).max() < 1e-4
    assert abs(load_model(made.path, "fp32", "cpu").logits(long) - expected).max() > 1e-2


@pytest.mark.parametrize(("scaling", "factor"), [("linear", 4.0), ("yarn", 4.0)])
def test_a_scaled_context_is_scaled(write, tmp_path, scaling, factor) -> None:
    made = write("qwen2", "F32")
    keys = {"type": scaling, "factor": factor, "original_context_length": 64}
    file = rewrite(made, tmp_path / "m.gguf", **{f"qwen2.rope.scaling.{key}": value for key, value in keys.items()})
    model = made.reference.model
    rope = {"rope_type": scaling, "rope_theta": 10000.0, "factor": factor}
    model.config.rope_parameters = rope | ({"original_max_position_embeddings": 64} if scaling == "yarn" else {})
    model.model.rotary_emb = type(model.model.rotary_emb)(model.config)
    assert error_of(load_model(file, "fp32", "cpu"), made) < 1e-5


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"qwen2.block_count": None}, "broken_checkpoint", "block_count"),
        ({"qwen2.block_count": 3}, "broken_checkpoint", "blk.2.attn_norm.weight is missing"),
        ({"qwen2.block_count": 2**31}, "broken_checkpoint", "block_count"),
        ({"qwen2.attention.head_count": 0}, "broken_checkpoint", "head_count"),
        ({"qwen2.attention.head_count": "four"}, "broken_checkpoint", "head_count"),
        ({"qwen2.feed_forward_length": 32}, "broken_checkpoint", "shape"),
        ({"qwen2.attention.value_length": 32}, "unsupported_model", "another width"),
        ({"qwen2.attention.head_count": 5, "qwen2.attention.key_length": 16}, "broken_checkpoint", "multiple|shape"),
        ({"qwen2.expert_count": 8}, "unsupported_model", "experts"),
        ({"qwen2.rope.dimension_count": 8}, "unsupported_model", "8 of 16 columns"),
        ({"qwen2.rope.scaling.type": "odd"}, "unsupported_model", "the way odd"),
        ({"tokenizer.ggml.tokens": None}, "broken_checkpoint", "tokenizer is missing"),
        ({"tokenizer.ggml.tokens": "cat"}, "broken_checkpoint", "tokens"),
        ({"tokenizer.ggml.merges": None}, "", ""),
        ({"tokenizer.ggml.token_type": None}, "", ""),
        ({"tokenizer.ggml.model": "bert"}, "unsupported_model", "of the kind bert"),
        ({"tokenizer.ggml.pre": "odd"}, "unsupported_model", "the way odd"),
        ({"tokenizer.ggml.bos_token_id": 10**6}, "", ""),
        ({"general.alignment": 48}, "broken_checkpoint", "power of two"),
        ({"split.count": 3}, "broken_checkpoint", "one of 3 files"),
    ],
    ids=str,
)
def test_metadata_that_makes_no_sense_is_refused_by_name(write, tmp_path, changes, code, said) -> None:
    file = rewrite(write("qwen2", "F16"), tmp_path / "m.gguf", **changes)
    if not code:
        load_model(file, "fp32", "cpu")
        return
    with pytest.raises(EngineError, match=said) as caught:
        load_model(file, "fp32", "cpu")
    assert (caught.value.code, caught.value.params["path"]) == (code, str(file))


def test_an_unknown_architecture_is_named(tmp_path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "rwkv7")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(EngineError) as caught:
        open_checkpoint(tmp_path / "m.gguf")
    assert (caught.value.code, caught.value.params["architecture"]) == ("unsupported_model", "rwkv7")


def test_a_missing_tensor_and_a_value_that_is_no_number_are_named(write, tmp_path) -> None:
    made = write("llama", "F32")
    without = rewrite(made, tmp_path / "without.gguf", lambda name: name != "blk.1.ffn_up.weight")
    with pytest.raises(EngineError, match=r"layers\.1\.mlp\.up_proj\.weight is missing"):
        load_model(without, "int8", "cpu")
    spoiled = torch.full((300, 64), torch.nan)
    nan = rewrite(made, tmp_path / "nan.gguf", lambda name: name != "output.weight", **{"output.weight": spoiled})
    for precision in ("fp32", "int8", "int4"):
        with pytest.raises(EngineError, match="no finite numbers"):
            load_model(nan, precision, "cpu")


# --- damaged files


def header_size(file: Path) -> int:
    return min(tensor.start for tensor in read_header(GgufFile(file)).tensors.values())


def test_a_file_cut_anywhere_is_called_damaged(write, tmp_path) -> None:
    made = write("qwen2", "Q8_0")
    whole, cut = made.path.read_bytes(), tmp_path / "cut.gguf"
    lengths = [*range(header_size(made.path), 0, -151), 0, 3, 8, 23, len(whole) - 33, len(whole) // 2]
    for length in lengths:
        cut.write_bytes(whole[:length])
        with pytest.raises(EngineError) as caught:
            open_checkpoint(cut)
        assert (caught.value.code, caught.value.params["path"]) == ("broken_checkpoint", str(cut))


def test_numbers_of_a_hostile_header_allocate_nothing(write, tmp_path) -> None:
    made = write("qwen2", "F16")
    whole = bytearray(made.path.read_bytes())
    changed = tmp_path / "hostile.gguf"
    first_key = 24
    tensor_entry = whole.rindex(b"output_norm.weight") + len(b"output_norm.weight")
    tokens = whole.index(b"tokenizer.ggml.tokens") + len(b"tokenizer.ggml.tokens") + 8
    for place, number in (
        (8, 2**60), (16, 2**60), (first_key, 2**62), (first_key, 2**40), (tokens, 2**63), (tokens, 2**22),
        (tensor_entry + 4, 2**63), (tensor_entry + 4, 0), (tensor_entry + 16, 2**63), (tensor_entry + 16, 2**40),
    ):  # fmt: skip
        broken = whole.copy()
        struct.pack_into("<Q", broken, place, number)
        changed.write_bytes(broken)
        with pytest.raises(EngineError) as caught:
            open_checkpoint(changed)
        assert caught.value.code == "broken_checkpoint"


@pytest.mark.parametrize("kind", [4, 31, 200, 24])
def test_a_type_that_cannot_be_unpacked_is_named(write, tmp_path, kind) -> None:
    whole = bytearray(write("qwen2", "F16").path.read_bytes())
    entry = whole.rindex(b"output.weight") + len(b"output.weight")
    struct.pack_into("<I", whole, entry + 4 + 16, kind)
    (tmp_path / "m.gguf").write_bytes(whole)
    with pytest.raises(EngineError, match=r"output\.weight has the type") as caught:
        open_checkpoint(tmp_path / "m.gguf")
    assert caught.value.code == "unsupported_model"


def test_flipped_bytes_of_a_header_raise_nothing_but_our_error(write, tmp_path) -> None:
    made = write("llama", "Q4_0")
    whole, size = made.path.read_bytes(), header_size(made.path)
    changed, chance = tmp_path / "flipped.gguf", random.Random(5)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            damaged[chance.randrange(size)] ^= 1 << chance.randrange(8)
        changed.write_bytes(damaged)
        try:
            load_model(changed, "int8", "cpu")
        except EngineError as error:
            assert error.code in ("broken_checkpoint", "unsupported_model", "out_of_memory")  # noqa: PT017


def _planned_weights(path: Path, group: int) -> int:
    estimates = plan_memory(path, "cpu", group=group).estimates
    return next(estimate.weights for estimate in estimates if estimate.precision == "int4")
