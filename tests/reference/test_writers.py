"""What the writers write can be read back, and gives the referee the same numbers."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import gguf
import pytest
import safetensors
import sentencepiece
import torch
import transformers

from tests.reference import corrupt
from tests.reference.chatglm2 import ChatGLM2
from tests.reference.moss import Moss
from tests.reference.on_disk import Form, is_legacy, read_weights, weight_files
from tests.reference.quantized import Gptq, chatglm_dequantize, gptq_dequantize
from tests.reference.random_states import Sizes
from tests.reference.writers import Checkpoint, write_chatglm, write_chatglm1, write_moss, write_prefix
from tests.reference.writers_gguf import K_QUANTS, write_gguf
from tests.reference.writers_gptq import write_qwen2_gptq
from tests.reference.writers_sentencepiece import write_sentencepiece

IDS = [5, 17, 44, 9, 120, 63, 2, 8]
FORMS = [Form(), Form("bin", 1), Form("legacy", 1), Form("legacy", 3), Form("safetensors", 1), Form("safetensors", 2)]
TENSOR = "transformer.encoder.layers.1.mlp.dense_h_to_4h.weight"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.kind} {form.shards}")
def test_every_form_holds_the_same_tensors(tmp_path: Path, form: Form) -> None:
    made = write_chatglm(tmp_path / "m", form=form)
    read = read_weights(made.folder)
    assert list(read) == list(made.state) or form.kind == "safetensors"
    assert all(torch.equal(tensor, read[name]) for name, tensor in made.state.items())
    assert [path.name for path in weight_files(made.folder)] == form.files()
    assert [is_legacy(path) for path in weight_files(made.folder)] == [form.kind == "legacy"] * form.shards
    assert len(list(made.folder.glob("*.index.json"))) == (form.shards > 1)


def test_an_index_names_the_file_of_each_tensor_and_the_size_of_all(tmp_path: Path) -> None:
    made = write_chatglm(tmp_path / "m")
    index = json.loads((made.folder / "pytorch_model.bin.index.json").read_text("utf-8"))
    assert set(index["weight_map"]) == set(made.state)
    assert index["metadata"]["total_size"] == sum(t.numel() * t.element_size() for t in made.state.values())


@pytest.mark.parametrize("bits", [0, 4, 8])
def test_a_chatglm_read_back_gives_the_same_logits(tmp_path: Path, bits: Any) -> None:
    made = write_chatglm(tmp_path / "m", bits=bits, fine_tuned=True)
    config = json.loads((made.folder / "config.json").read_text("utf-8"))
    again = ChatGLM2(config, chatglm_dequantize(read_weights(made.folder), config.get("quantization_bit", 0)))
    assert torch.equal(again.logits(IDS), made.reference.logits(IDS))
    assert len(set(made.reference.greedy(IDS, 12))) > 4
    assert "eos_token" in json.loads((made.folder / "tokenizer_config.json").read_text("utf-8"))


def test_the_first_chatglm_has_norms_in_fp32_and_in_its_first_release_image_tokens(tmp_path: Path) -> None:
    made = write_chatglm1(tmp_path / "m", first_release=True, bits=8)
    kinds = {
        "layernorm" in name: tensor.dtype for name, tensor in made.state.items() if tensor.ndim == 1 and "bias" in name
    }
    assert kinds == {True: torch.float32, False: torch.float16}
    assert made.config["vocab_size"] == made.state["lm_head.weight"].shape[0] == 20300
    assert "num_image_tokens" not in json.loads((made.folder / "tokenizer_config.json").read_text("utf-8"))
    ids = [20005, 20006, made.config["gmask_token_id"], made.config["bos_token_id"]]
    assert made.reference.logits(ids).isfinite().all()


@pytest.mark.parametrize("gptq", [None, Gptq(4, 16), Gptq(8, 32, order=True), Gptq(4, 32, symmetric=False)])
def test_a_moss_read_back_gives_the_same_logits(tmp_path: Path, gptq: Gptq | None) -> None:
    made = write_moss(tmp_path / "m", gptq=gptq)
    state = read_weights(made.folder)
    again = Moss(made.config, gptq_dequantize(state, gptq) if gptq else state)
    assert torch.equal(again.logits(IDS), made.reference.logits(IDS))
    vocabulary = json.loads((made.folder / "vocab.json").read_text("utf-8"))
    added = json.loads((made.folder / "added_tokens.json").read_text("utf-8"))
    assert (vocabulary["<|endoftext|>"], added["<eom>"]) == (made.config["bos_token_id"], made.config["eos_token_id"])


@pytest.mark.parametrize("layout", ["alone", "beside", "inside"])
def test_a_prefix_lies_where_its_layout_says(tmp_path: Path, layout: Any) -> None:
    base = write_chatglm(tmp_path / "base")
    made = write_prefix(tmp_path / "tuned", base, layout=layout)
    single = torch.load(made.folder / "pytorch_model.bin", weights_only=True)
    assert len(single) == (len(base.state) + 1 if layout == "inside" else 1)
    assert len(weight_files(made.folder)) == (2 if layout == "beside" else 1)
    assert json.loads((made.folder / "config.json").read_text("utf-8"))["pre_seq_len"] == 6
    if layout == "alone":
        with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
            torch.load(made.folder / "training_args.bin", weights_only=True)


def test_a_projected_prefix_has_a_network(tmp_path: Path) -> None:
    made = write_prefix(tmp_path / "tuned", write_chatglm(tmp_path / "base"), projection=True)
    assert made.state["transformer.prefix_encoder.trans.2.weight"].shape == (2 * 2 * 2 * 16, 64)


@pytest.mark.parametrize(
    "how", [Gptq(4, 32), Gptq(8, 32), Gptq(4, -1), Gptq(4, 32, order=True), Gptq(4, 32, zero_offset=0)]
)
def test_a_packed_qwen2_read_back_gives_the_same_logits(tmp_path: Path, how: Gptq) -> None:
    made = write_qwen2_gptq(tmp_path / "m", how)
    config = transformers.Qwen2Config(**json.loads((made.folder / "config.json").read_text("utf-8")))
    model = transformers.Qwen2ForCausalLM(config).eval()
    model.load_state_dict({n: t.float() for n, t in gptq_dequantize(read_weights(made.folder), how).items()})
    with torch.no_grad():
        assert torch.equal(model(torch.tensor([IDS])).logits[0], made.reference.logits(IDS))
    assert len(set(made.reference.greedy(IDS, 12))) > 4


# --- spoiled ones


@pytest.fixture(params=[Form(), Form("legacy", 2)], ids=["bin", "legacy"])
def made(tmp_path: Path, request: pytest.FixtureRequest) -> Checkpoint:
    return write_chatglm(tmp_path / "m", form=request.param)


def test_a_file_with_code_makes_its_marker_only_when_it_is_trusted(made: Checkpoint, tmp_path: Path) -> None:
    path = corrupt.plant_code(made.folder, tmp_path / "marker")
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(path, weights_only=True)
    assert not (tmp_path / "marker").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "marker").is_dir()


def test_so_does_a_bare_pickle(made: Checkpoint, tmp_path: Path) -> None:
    path = corrupt.plant_code(made.folder, tmp_path / "marker", bare=True)
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(path, weights_only=True)
    assert not (tmp_path / "marker").exists()


def test_a_spoiled_tensor_is_the_only_change(made: Checkpoint) -> None:
    assert corrupt.change_shape(made.folder, TENSOR).exists()
    assert read_weights(made.folder)[TENSOR].shape[0] == made.state[TENSOR].shape[0] - 1
    corrupt.put_nan(made.folder, "transformer.encoder.final_layernorm.weight")
    assert [name for name, tensor in read_weights(made.folder).items() if tensor.float().isnan().any()] == [
        "transformer.encoder.final_layernorm.weight"
    ]
    corrupt.drop_tensor(made.folder, TENSOR)
    assert TENSOR not in read_weights(made.folder)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.kind} {form.shards}")
def test_a_truncated_file_cannot_be_read(tmp_path: Path, form: Form) -> None:
    folder = write_chatglm(tmp_path / "m", form=form).folder
    corrupt.truncate(folder)
    with pytest.raises((RuntimeError, EOFError, OSError, ValueError, safetensors.SafetensorError)):
        read_weights(folder)


def test_the_other_ways_to_spoil_a_folder(made: Checkpoint) -> None:
    before = {path: path.read_bytes() for path in weight_files(made.folder)}
    path = corrupt.flip_byte(made.folder)
    assert path.read_bytes() != before[path]
    assert path.stat().st_size == len(before[path])
    assert "../outside.bin" in corrupt.break_index(made.folder).read_text("utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(corrupt.break_config(made.folder).read_text("utf-8"))
    assert not corrupt.remove_shard(made.folder).exists()


# --- GGUF and sentencepiece


@pytest.mark.parametrize("family", ["llama", "qwen2"])
@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_0", *K_QUANTS])
def test_a_gguf_file_read_by_transformers_gives_the_same_logits(tmp_path: Path, family: Any, kind: str) -> None:
    made = write_gguf(tmp_path / "m.gguf", family, kind, tied=kind == "Q8_0")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="m.gguf", dtype=torch.float32).eval()
    with torch.no_grad():
        theirs = model(torch.tensor([IDS])).logits[0]
    assert (made.reference.logits(IDS) - theirs).abs().max() < 1e-4
    assert len(set(made.reference.greedy(IDS, 12))) > 4


def test_a_mixed_gguf_file_has_a_type_for_each_tensor(tmp_path: Path) -> None:
    others = {"output.weight": "Q6_K", "blk.1.attn_v.weight": "Q6_K", "token_embd.weight": "Q8_0"}
    made = write_gguf(tmp_path / "m.gguf", "llama", "Q4_K", others=others)
    kinds = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(made.path).tensors}
    assert others.items() <= kinds.items()
    assert (kinds["blk.0.attn_v.weight"], kinds["blk.0.attn_norm.weight"]) == ("Q4_K", "F32")
    whole = made.path.stat().st_size
    corrupt.truncate(tmp_path)
    assert made.path.stat().st_size < whole
    with pytest.raises(ValueError, match=r"memmap|reshape|mmap|size"):
        gguf.GGUFReader(made.path)


def test_the_vocabulary_of_a_gguf_file_is_byte_level_with_merges(tmp_path: Path) -> None:
    made = write_gguf(tmp_path / "m.gguf")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path, gguf_file="m.gguf")
    assert [made.tokens[i] for i in tokenizer.encode("hello the cat")] == ["hello", "Ġthe", "Ġcat"]
    assert made.tokens[-3:] == ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def test_the_small_vocabulary_behaves_as_the_published_one(tmp_path: Path) -> None:
    size = write_sentencepiece(tmp_path / "tokenizer.model")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    assert (pieces.unk_id(), pieces.bos_id(), pieces.eos_id(), pieces.pad_id()) == (0, 1, 2, -1)
    assert pieces.encode("\n")[-1] == 13
    assert pieces.encode(" a", out_type=str)[0].startswith("▁▁") or pieces.encode(" a", out_type=str)[:2] == ["▁", "▁a"]
    for text in ("  two  spaces ", "喵 🐈", "问：hello\n答："):
        assert pieces.decode(pieces.encode(text)) == text
    made = write_chatglm(tmp_path / "m", sizes=Sizes(vocabulary=size + 16), tokenizer=tmp_path / "tokenizer.model")
    assert (made.folder / "tokenizer.model").read_bytes() == (tmp_path / "tokenizer.model").read_bytes()
