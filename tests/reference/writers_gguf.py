"""Tiny GGUF files of two architectures, with a small byte-level vocabulary of their own.

The layout follows llama.cpp: rows of Llama's query and key projections are permuted so that rotated pairs are adjacent,
Qwen2's are not; norms and biases are F32 whatever the rest is. The ``gguf`` package can pack F16, BF16 and the plain
quantised types; it cannot pack K-quants, so their blocks are random bytes with scales of a sensible size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from torch import Tensor

from tests.reference.native import Native, tiny, with_weights

Family = Literal["llama", "qwen2"]
K_QUANTS: Final = {"Q2_K": (80, 82), "Q3_K": (108, None), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208, None)}
"""Where in a block the fp16 scale lies, and the fp16 scale of the minima, in bytes."""
TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES: Final = ("t h", "th e", "Ġ the", "c a", "ca t", "Ġ cat", "h e", "l l", "he ll", "hell o", "ä ½", "ä½ ł", "Ġ Ġ")


@dataclass(frozen=True)
class Gguf:
    """``tokens`` by id; ``reference`` computes in fp32 with what the file's tensors dequantise to."""

    path: Path
    tokens: list[str]
    reference: Native


def write_gguf(
    path: Path,
    family: Family = "qwen2",
    kind: str = "F16",
    *,
    others: Mapping[str, str] = MappingProxyType({}),
    tied: bool = False,
    vocabulary: int = 300,
    template: str | None = TEMPLATE,
    seed: int = 0,
) -> Gguf:
    """``kind`` is the type of all matrices, as GGMLQuantizationType names it: F32, F16, BF16, Q8_0, Q4_0, Q4_K, …

    ``others`` gives single tensors another type by their GGUF names: ``{"output.weight": "Q6_K"}``, as the mixed files of
    llama.cpp have them. A K-quant needs rows of 256, so such a model is 256 wide, the others 64. ``tied`` leaves the head out.
    """
    model = tiny(
        family,
        hidden=256 if {kind, *others.values()} & set(K_QUANTS) else 64,
        vocabulary=vocabulary,
        seed=seed,
        tie_word_embeddings=tied,
    )
    random = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, family)
    _add_settings(writer, model.config, kind)
    tokens = _add_tokenizer(writer, family, vocabulary, template)
    weights: dict[str, Tensor] = {}
    for name, theirs, tensor in _tensors(model, family):
        heads = _permuted_heads(name, family, model.config)
        packed, values, used = _pack(
            _permute(tensor, heads), others.get(theirs, kind) if tensor.ndim == 2 else "F32", random
        )
        writer.add_tensor(theirs, packed, raw_dtype=used)
        weights[name] = _permute(torch.from_numpy(values.copy()), heads, back=True)
    if tied:
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Gguf(path, tokens, Native(with_weights(model, weights)))


def _add_settings(writer: gguf.GGUFWriter, config: Any, kind: str) -> None:
    writer.add_name("tiny")
    writer.add_file_type(_FILE_TYPES.get(kind, gguf.LlamaFileType.GUESSED))
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)


_FILE_TYPES: Final = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "BF16": gguf.LlamaFileType.MOSTLY_BF16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
    "Q4_K": gguf.LlamaFileType.MOSTLY_Q4_K_M,
    "Q6_K": gguf.LlamaFileType.MOSTLY_Q6_K,
}


def _add_tokenizer(writer: gguf.GGUFWriter, family: Family, vocabulary: int, template: str | None) -> list[str]:
    """Bytes as GPT-2 writes them, what the merges make, unused ones, and three control tokens at the end."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    normal = letters + [merge.replace(" ", "") for merge in MERGES]
    unused = [f"[PAD{i}]" for i in range(len(normal), vocabulary - len(SPECIALS))]
    tokens = [*normal, *unused, *SPECIALS]
    kinds = [gguf.TokenType.NORMAL] * len(normal) + [gguf.TokenType.UNUSED] * len(unused)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe" if family == "llama" else "qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds + [gguf.TokenType.CONTROL] * len(SPECIALS))
    writer.add_token_merges(list(MERGES))
    writer.add_bos_token_id(tokens.index(SPECIALS[0]))
    writer.add_eos_token_id(tokens.index(SPECIALS[2]))
    writer.add_pad_token_id(tokens.index(SPECIALS[0]))
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)
    return tokens


def _tensors(model: Any, family: Family) -> Iterator[tuple[str, str, Tensor]]:
    """Name in transformers, name in GGUF, and the tensor; a tied head is left out."""
    architecture = {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2}[family]
    names = gguf.get_tensor_name_map(architecture, model.config.num_hidden_layers)
    for name, tensor in model.named_parameters():  # a shared parameter comes once
        theirs = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert theirs is not None, name
        yield name, theirs, tensor.detach()


def _permuted_heads(name: str, family: Family, config: Any) -> int:
    """How many heads the rows of ``name`` belong to, if llama.cpp permutes them; else 0."""
    if family != "llama":
        return 0
    return {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2], 0)


def _permute(tensor: Tensor, heads: int, *, back: bool = False) -> Tensor:
    """From pairs (j, j + half) of each head's rows to adjacent pairs, or ``back``."""
    if not heads:
        return tensor
    half = tensor.shape[0] // heads // 2
    split = (heads, half, 2) if back else (heads, 2, half)
    return tensor.reshape(*split, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape).contiguous()


def _pack(tensor: Tensor, kind: str, random: np.random.Generator) -> tuple[Any, Any, Type]:
    """The array to write, the fp32 values that it stands for, and its type."""
    used, values = Type[kind], tensor.numpy().astype(np.float32)
    packed = _random_blocks(values, kind, random) if kind in K_QUANTS else gguf.quants.quantize(values, used)
    return packed, gguf.quants.dequantize(packed, used).reshape(tensor.shape), used


def _random_blocks(like: Any, kind: str, random: np.random.Generator) -> Any:
    """Random K-quant blocks for a matrix of the shape and the spread of ``like``, with a mean near 0."""
    block, size = gguf.GGML_QUANT_SIZES[Type[kind]]
    blocks = random.integers(0, 256, (like.size // block, size), dtype=np.uint8)

    def values(scale: float, minimum: float) -> Any:
        for place, number in zip(K_QUANTS[kind], (scale, minimum), strict=True):
            if place is not None:
                blocks[:, place : place + 2] = np.frombuffer(np.float16(number).tobytes(), np.uint8)
        return gguf.quants.dequantize(blocks, Type[kind])

    below = -values(0.0, 1.0).mean()
    lift = values(1.0, 0.0).mean() / below if below else 0.0
    scale = like.std() / values(1.0, lift).std()
    values(scale, lift * scale)
    return blocks.reshape(like.shape[0], -1)
