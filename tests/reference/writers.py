"""Tiny random checkpoints of the originals in their own on-disk form, each with the referee that reads the same weights.

The folders hold what the published ones hold: config.json with the original keys, weights in shards with an index, the
buffers that are no weights, tokenizer_config.json, and the .py files that ``auto_map`` names, which raise if ever run.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from tests.reference import random_states as states
from tests.reference.chatglm1 import ChatGLM1
from tests.reference.chatglm2 import ChatGLM2
from tests.reference.moss import Moss
from tests.reference.on_disk import Form, write_file, write_json, write_weights
from tests.reference.prefix import WEIGHT as PREFIX
from tests.reference.quantized import Gptq, chatglm_dequantize, chatglm_quantize, gptq_dequantize, gptq_quantize
from tests.reference.random_states import ChatGLMName, Sizes, Weights

Bits = Literal[0, 4, 8]


class Reference(Protocol):
    """What each referee offers."""

    def logits(self, ids: Sequence[int]) -> Tensor:
        """[n, vocabulary] fp32 for n ids."""

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """The ``count`` ids of highest logit after ``ids``; ends at no stop id."""


@dataclass(frozen=True)
class Checkpoint:
    """A folder, what its config.json and its weight files say, and the referee that computes with exactly that."""

    folder: Path
    config: Mapping[str, Any]
    state: Mapping[str, Tensor]
    reference: Reference


def write_chatglm(
    folder: Path,
    name: ChatGLMName = "chatglm3-6b",
    *,
    sizes: Sizes = Sizes(),  # noqa: B008 - frozen
    bits: Bits = 0,
    dtype: torch.dtype = torch.float16,
    form: Form = Form(),  # noqa: B008 - frozen
    tokenizer: Path | None = None,
    fine_tuned: bool = False,
    seed: int = 0,
) -> Checkpoint:
    """ChatGLM2 or ChatGLM3. ``bits`` 4 or 8 is the official quantised form. ``fine_tuned`` adds what a newer
    save_pretrained writes and the original tokenizer cannot read back."""
    config = states.chatglm_config(name, sizes) | _named(dtype)
    state = {key: tensor.to(dtype) for key, tensor in states.chatglm_state(sizes, seed).items()}
    if bits:
        config, state = {**config, "quantization_bit": bits}, chatglm_quantize(state, bits)
    _write(folder, config, state, form, tokenizer, "tokenizer.model")
    write_json(folder / "tokenizer_config.json", _tokenizer_config(name) | (_FINE_TUNED if fine_tuned else {}))
    if fine_tuned:
        write_json(folder / "special_tokens_map.json", {})
    reference = ChatGLM2(config, chatglm_dequantize(state, bits), "position" if name == "chatglm2-6b-32k" else "base")
    return Checkpoint(folder, config, state, reference)


def write_chatglm1(
    folder: Path,
    *,
    sizes: Sizes = Sizes(inner=128),  # noqa: B008 - frozen
    bits: Bits = 0,
    first_release: bool = False,
    other_head: bool = False,
    dtype: torch.dtype = torch.float16,
    form: Form = Form(),  # noqa: B008 - frozen
    tokenizer: Path | None = None,
    seed: int = 0,
) -> Checkpoint:
    """ChatGLM-6B. ``first_release`` has 20000 image tokens in front. ``other_head`` stores a head that differs from the
    embedding: the original computes with the embedding all the same."""
    config = states.chatglm1_config(sizes, 20000 if first_release else 0) | _named(dtype)
    state = {
        key: tensor if "layernorm" in key else tensor.to(dtype)
        for key, tensor in states.chatglm1_state(config, seed).items()
    }
    if other_head:
        state["lm_head.weight"] = state["lm_head.weight"].flip(0)
    if bits:
        config, state = {**config, "quantization_bit": bits}, chatglm_quantize(state, bits)
    _write(folder, config, state, form, tokenizer, "ice_text.model")
    images = {} if first_release else {"num_image_tokens": 0}
    write_json(folder / "tokenizer_config.json", _tokenizer_config("chatglm-6b") | _FIRST_TOKENS | images)
    return Checkpoint(folder, config, state, ChatGLM1(config, chatglm_dequantize(state, bits)))


def write_moss(
    folder: Path,
    *,
    sizes: Sizes = Sizes(heads=8),  # noqa: B008 - frozen
    gptq: Gptq | None = None,
    dtype: torch.dtype = torch.float16,
    form: Form = Form(),  # noqa: B008 - frozen
    seed: int = 0,
) -> Checkpoint:
    """MOSS with a byte-level vocabulary of 256 bytes and its special tokens, which end it; ``gptq`` packs the weights."""
    config = states.moss_config(sizes) | _named(dtype)
    state = {
        key: tensor if tensor.dtype == torch.bool else tensor.to(dtype)
        for key, tensor in states.moss_state(config, seed).items()
    }
    weights: Mapping[str, Tensor] = state
    if gptq:
        config |= {
            "wbits": gptq.bits,
            "groupsize": gptq.group,
            "_name_or_path": f"fnlp/moss-moon-003-sft-int{gptq.bits}",
        }
        state = gptq_quantize(state, states.moss_linears(config), gptq, seed)
        weights = gptq_dequantize(state, gptq)
    _write(folder, config, state, form, None, "")
    _write_moss_tokenizer(folder, sizes.vocabulary)
    return Checkpoint(folder, config, state, Moss(config, weights))


def write_prefix(
    folder: Path,
    base: Checkpoint,
    *,
    pre_seq_len: int = 6,
    layout: Literal["alone", "beside", "inside"] = "alone",
    projection: bool = False,
    seed: int = 1,
) -> Checkpoint:
    """A P-Tuning v2 checkpoint over ``base``, a ChatGLM of any version.

    ``alone`` is what the official fine-tuning writes: config.json with ``pre_seq_len``, and a pytorch_model.bin (fp32)
    that holds the prefix and nothing else. ``beside`` puts that file next to the base's shards; ``inside`` has it among
    all other weights in one file. With ``projection`` the prefix needs a network of its own; the reference then ignores
    the prefix and must not be asked.
    """
    config = {**base.config, "pre_seq_len": pre_seq_len, "prefix_projection": projection}
    prefix = _prefix_state(config, projection, seed)
    if layout == "alone":
        folder.mkdir(parents=True)
        for path in [*base.folder.glob("*token*"), *base.folder.glob("ice_text.model")]:
            shutil.copy(path, folder)
        (folder / "training_args.bin").write_bytes(b"\x80\x02c__main__\nSeq2SeqTrainingArguments\nq\x00.")
        config["_name_or_path"] = str(base.folder)
    else:
        shutil.copytree(base.folder, folder)
    if layout == "inside":
        for path in [*folder.glob("*model*.bin"), *folder.glob("*.safetensors"), *folder.glob("*.index.json")]:
            path.unlink()
    write_json(folder / "config.json", config)
    write_file(folder / "pytorch_model.bin", {**base.state, **prefix} if layout == "inside" else prefix)
    reference = base.reference
    assert isinstance(reference, ChatGLM1 | ChatGLM2)
    reference = replace(reference, config=config, weights={**reference.weights, **prefix})
    return Checkpoint(folder, config, {**base.state, **prefix}, reference)


def _prefix_state(config: Mapping[str, Any], projection: bool, seed: int) -> dict[str, Tensor]:
    hidden = config["hidden_size"]
    heads, channels = config.get("multi_query_group_num"), config.get("kv_channels")
    width = 2 * config["num_layers"] * (heads * channels if heads else hidden)
    w = Weights(seed)
    state = {PREFIX: w.rows(config["pre_seq_len"], (width if heads else hidden) if projection else width)}
    if projection:
        for name, out, inputs in (("trans.0", hidden, state[PREFIX].shape[1]), ("trans.2", width, hidden)):
            state[f"transformer.prefix_encoder.{name}.weight"] = w.linear(out, inputs)
            state[f"transformer.prefix_encoder.{name}.bias"] = w.bias(out)
    return state


def _write(
    folder: Path, config: Mapping[str, Any], state: Mapping[str, Tensor], form: Form, tokenizer: Path | None, name: str
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    write_weights(folder, state, form)
    modules = {place.split(".")[0] for place in config["auto_map"].values()}
    for module in modules | {f"tokenization_{config['model_type']}"}:
        (folder / f"{module}.py").write_text('raise RuntimeError("remote code was run")\n', "utf-8")
    if tokenizer:
        shutil.copy(tokenizer, folder / name)


def _named(dtype: torch.dtype) -> dict[str, str]:
    return {"torch_dtype": str(dtype).removeprefix("torch.")}


def _tokenizer_config(name: str) -> dict[str, Any]:
    return {
        "name_or_path": f"THUDM/{name}",
        "remove_space": False,
        "do_lower_case": False,
        "tokenizer_class": "ChatGLMTokenizer",
        "auto_map": {"AutoTokenizer": ["tokenization_chatglm.ChatGLMTokenizer", None]},
    }


_FIRST_TOKENS = {
    "bos_token": "<sop>",
    "eos_token": "<eop>",
    "end_token": "</s>",
    "gmask_token": "[gMASK]",
    "mask_token": "[MASK]",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}
_FINE_TUNED = {
    "added_tokens_decoder": {},
    "additional_special_tokens": [],
    "clean_up_tokenization_spaces": False,
    "encode_special_tokens": False,
    "eos_token": "</s>",
    "model_max_length": 1000000000000000019884624838656,
    "pad_token": "<unk>",
    "padding_side": "right",
    "unk_token": "<unk>",
}
"""The keys behind "can't set attribute 'eos_token'", and the side that the original asserts against."""

MOSS_SPECIALS = ("<|endoftext|>", "<eoh>", "<eom>", "<eot>", "<eoc>", "<eor>")


def _write_moss_tokenizer(folder: Path, vocabulary: int) -> None:
    """Bytes as GPT-2 writes them, and the special tokens at the same distance from the end as in ``moss_config``."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
    first = vocabulary - 7
    write_json(folder / "vocab.json", {letter: i for i, letter in enumerate(letters)} | {MOSS_SPECIALS[0]: first})
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    write_json(folder / "added_tokens.json", {token: first + 1 + i for i, token in enumerate(MOSS_SPECIALS[1:])})
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "MossTokenizer", "unk_token": MOSS_SPECIALS[0]})
