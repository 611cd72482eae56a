"""Which architecture of a GGUF file is which native model, and how the one calls the other's tensors. Reads no file.

llama.cpp's converters do more than rename: Llama's query and key rows are put in another order, and Gemma's norms have
1 added. Both are undone here, block by block of rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch

from inference_worker.engine.checkpoints.stored import Renamed, StoredTensor, broken
from inference_worker.engine.quantize.schemes import Parts, Scheme

OUTER: Final = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
DENSE: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
FUSED: Final = DENSE | {"attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"}
FOUR_NORMS: Final = DENSE | {
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
GLM4: Final = FUSED | {"post_attention_norm": "post_self_attn_layernorm", "post_ffw_norm": "post_mlp_layernorm"}
EXPERTS: Final = DENSE | {"ffn_gate_inp": "mlp.gate", "ffn_down_exps": "mlp.experts.down_proj"}
STARCODER: Final = DENSE | {"ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}
BLOCK = re.compile(r"blk\.(\d+)\.(.+)")


@dataclass(frozen=True)
class Architecture:
    """One ``general.architecture``."""

    model_type: str
    """transformers' name."""
    names: Mapping[str, str] = field(default_factory=lambda: DENSE)
    permuted: bool = False
    """Rows of query and key are in the order that llama.cpp rotates them."""
    norms_plus_one: bool = False
    split_attention: bool = False
    """The native model has no fused query_key_value."""
    partial_rotary: bool = False
    """The native model can rotate a part of each head only."""


ARCHITECTURES: Final[Mapping[str, Architecture]] = {
    "llama": Architecture("llama", permuted=True),
    "qwen2": Architecture("qwen2"),
    "qwen3": Architecture("qwen3"),
    "qwen3moe": Architecture("qwen3_moe", EXPERTS),
    "phi3": Architecture("phi3", FUSED, partial_rotary=True),
    "gemma": Architecture("gemma", norms_plus_one=True),
    "gemma2": Architecture("gemma2", FOUR_NORMS, norms_plus_one=True),
    "gemma3": Architecture("gemma3_text", FOUR_NORMS, norms_plus_one=True),
    "chatglm": Architecture("glm", FUSED, split_attention=True, partial_rotary=True),
    "glm4": Architecture("glm4", GLM4, split_attention=True, partial_rotary=True),
    "starcoder2": Architecture("starcoder2", STARCODER),
}


@dataclass(frozen=True)
class Heads:
    """Of the attention: how many, and how wide each is."""

    queries: int
    keys: int
    width: int


def native_tensors(
    stored: Mapping[str, StoredTensor], architecture: Architecture, heads: Heads
) -> dict[str, StoredTensor]:
    """Every weight under its native name and in its native order; tables that the configuration holds are left out.

    Raises ``EngineError("broken_checkpoint")`` where a fused weight has not the rows that the heads need.
    """
    found: dict[str, StoredTensor] = {}
    for name, tensor in stored.items():
        stem, dot, kind = name.rpartition(".")
        block = BLOCK.fullmatch(stem)
        if stem in OUTER:
            native = OUTER[stem] + dot + kind
        elif block is not None and block[2] in architecture.names:
            native = f"model.layers.{block[1]}.{architecture.names[block[2]]}{dot}{kind}"
        else:
            continue
        native = native.replace(".experts.down_proj.weight", ".experts.down_proj")
        found.update((one.name, one) for one in _native(native, tensor, architecture, heads))
    found.update((one.name, one) for one in _expert_pairs(stored))
    return found


def _native(native: str, tensor: StoredTensor, architecture: Architecture, heads: Heads) -> Iterator[StoredTensor]:
    module = native.rpartition(".")[0].rpartition(".")[2]
    count = {"q_proj": heads.queries, "k_proj": heads.keys}.get(module, 0)
    if architecture.permuted and count:
        yield PermutedRows(native, tensor, count)
    elif architecture.norms_plus_one and native.endswith("norm.weight"):
        yield MinusOne(native, tensor)
    elif architecture.split_attention and module == "qkv_proj":
        yield from _split(native, tensor, heads)
    else:
        yield Renamed(native, tensor)


def _split(native: str, tensor: StoredTensor, heads: Heads) -> Iterator[StoredTensor]:
    queries, keys = heads.queries * heads.width, heads.keys * heads.width
    if tensor.shape[0] != queries + 2 * keys:
        raise broken(tensor.file, f"{tensor.name} has {tensor.shape[0]} rows, the model needs {queries + 2 * keys}")
    starts = {"q_proj": (0, queries), "k_proj": (queries, queries + keys), "v_proj": (queries + keys, tensor.shape[0])}
    for part, (start, stop) in starts.items():
        yield Renamed(native.replace("qkv_proj", part), tensor, start, stop)


def _expert_pairs(stored: Mapping[str, StoredTensor]) -> Iterator[StoredTensor]:
    for name, gate in stored.items():
        if name.endswith(".ffn_gate_exps.weight") and (block := BLOCK.match(name)):
            up = stored.get(name.replace("_gate_", "_up_"))
            if up is None or up.shape != gate.shape or len(gate.shape) != 3:
                raise broken(gate.file, f"{name} has no counterpart of the same shape")
            yield JoinedExperts(f"model.layers.{block[1]}.mlp.experts.gate_up_proj", (gate, up))


class PermutedRows(StoredTensor):
    """Rows of each head back from adjacent pairs (llama.cpp) to halves, as native models rotate them.

    Of a head of 2n rows, native row i is stored at 2i, and row n + i at 2i + 1.
    """

    def __init__(self, name: str, source: StoredTensor, heads: int) -> None:
        super().__init__(name, source.file, source.dtype, source.shape, source.start, source.nbytes)
        if source.shape[0] % (2 * heads):
            raise broken(source.file, f"{source.name} has {source.shape[0]} rows, which are no {heads} heads")
        self.source = source
        self._head = source.shape[0] // heads

    def read(self) -> torch.Tensor:
        return self.source.read()[self._places(0, self.shape[0])]

    def rows(self, start: int, stop: int) -> torch.Tensor:
        stop = min(stop, self.shape[0])
        first = start // self._head * self._head
        last = -(-stop // self._head) * self._head
        return self.source.rows(first, last)[self._places(start, stop) - first]

    def parts(self, scheme: Scheme) -> Parts | None:
        whole = self.source.parts(scheme)
        places = self._places(0, self.shape[0])
        return None if whole is None else {name: part[places] for name, part in whole.items()}

    def _places(self, start: int, stop: int) -> torch.Tensor:
        """int64: where native rows ``start`` to ``stop`` are stored."""
        row = torch.arange(start, stop)
        within = row % self._head
        half = self._head // 2
        return row - within + within % half * 2 + within // half


class MinusOne(Renamed):
    """A norm that is stored as 1 + w."""

    def __init__(self, name: str, source: StoredTensor) -> None:
        super().__init__(name, source)
        self.dtype = "F32"

    def read(self) -> torch.Tensor:
        return super().read().float() - 1

    def rows(self, start: int, stop: int) -> torch.Tensor:
        return super().rows(start, stop).float() - 1

    def parts(self, scheme: Scheme) -> Parts | None:  # noqa: ARG002 - a norm is in no scheme
        return None


class JoinedExperts(StoredTensor):
    """Weights [experts, rows, columns] of the same shape, their rows one behind the other for each expert."""

    def __init__(self, name: str, sources: Sequence[StoredTensor]) -> None:
        first = sources[0]
        experts, rows, columns = first.shape
        shape, nbytes = (experts, rows * len(sources), columns), sum(one.nbytes for one in sources)
        super().__init__(name, first.file, first.dtype, shape, first.start, nbytes)
        self.sources = sources

    def read(self) -> torch.Tensor:
        return self.rows(0, self.shape[0])

    def rows(self, start: int, stop: int) -> torch.Tensor:
        return torch.cat([one.rows(start, stop) for one in self.sources], dim=1)
