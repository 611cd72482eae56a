"""Two packed forms of Linear weights, packed and unpacked: the official ChatGLM int8/int4, and GPTQ.

A referee for the product: it shares no code with it. Knows no files and no models; GPTQ's own search for good
roundings is not here, only its layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

# --- ChatGLM: symmetric, one fp16 scale a row


def chatglm_pack(weight: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """int8 [out, in * bits / 8] and the scale fp16 [out] of ``weight`` [out, in].

    scale = max|row| / (2^(bits-1) - 1), q = round(w / scale), half to even; int4 puts the even column into the high
    nibble. The scale is rounded to fp16 first, so that q stays in range: a scale that was rounded down could push the
    largest value of an int4 row no further than 7, as 7 * (1 + 2^-11) still rounds to 7.
    """
    scale = (weight.float().abs().amax(dim=1) / (2 ** (bits - 1) - 1)).half()
    q = torch.round(weight.float() / scale.float()[:, None]).to(torch.int8)
    if bits == 8:
        return q, scale
    high, low = q[:, 0::2].int() & 15, q[:, 1::2].int() & 15
    return (high << 4 | low).to(torch.uint8).view(torch.int8), scale


def chatglm_unpack(packed: Tensor, scale: Tensor, bits: int) -> Tensor:
    """The weight [out, in] fp32 that the original computes with on the CPU."""
    if bits == 8:
        return packed.float() * scale.float()[:, None]
    even, odd = packed >> 4, (packed.int() << 28) >> 28  # both shifts keep the sign
    q = torch.stack([even.int(), odd], dim=-1).flatten(1)
    return q.float() * scale.float()[:, None]


def chatglm_quantize(state: Mapping[str, Tensor], bits: int) -> dict[str, Tensor]:
    """``state`` (ChatGLM2/3 or v1) with the four Linear weights of each layer packed, as the official files have them."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name.endswith(_CHATGLM_LINEARS):
            packed[name], packed[f"{name}_scale"] = chatglm_pack(tensor, bits)
        else:
            packed[name] = tensor
    return packed


def chatglm_dequantize(state: Mapping[str, Tensor], bits: int) -> dict[str, Tensor]:
    """``state`` with each int8 weight unpacked to fp32; what is floating stays as it is."""
    weights = {name: tensor for name, tensor in state.items() if not name.endswith("weight_scale")}
    for name in [name for name, tensor in weights.items() if tensor.dtype == torch.int8]:
        weights[name] = chatglm_unpack(weights[name], state[f"{name}_scale"], bits)
    return weights


_CHATGLM_LINEARS = tuple(
    f"{name}.weight" for name in ("query_key_value", "attention.dense", "dense_h_to_4h", "dense_4h_to_h")
)

# --- GPTQ: groups of the input, a scale and a zero point each


@dataclass(frozen=True)
class Gptq:
    """How a GPTQ checkpoint was made.

    A ``group`` of -1 is the whole input. ``order`` is ``desc_act``: columns were quantized in order of importance, so ``g_idx`` is no longer i // group.
    ``zero_offset`` is what the stored zero points lack: 1 in ``checkpoint_format`` "gptq", 0 in "gptq_v2".
    """

    bits: int = 4
    group: int = 16
    order: bool = False
    symmetric: bool = True
    zero_offset: int = 1

    @property
    def per_word(self) -> int:
        return 32 // self.bits


def gptq_pack(weight: Tensor, how: Gptq, random: torch.Generator) -> dict[str, Tensor]:
    """``qweight`` int32 [in * bits / 32, out], ``qzeros`` int32 [groups, out * bits / 32], ``scales`` fp16 [groups, out]
    and ``g_idx`` int32 [in] of ``weight`` [out, in]; with ``order`` the columns are dealt to the groups at random."""
    columns = weight.shape[1]
    rank = torch.randperm(columns, generator=random) if how.order else torch.arange(columns)
    g_idx = rank // (how.group if how.group > 0 else columns)
    scales, zeros = _ranges(weight.float().T, g_idx, how)
    q = torch.round(weight.float().T / scales.float()[g_idx]) + zeros[g_idx]
    q = q.clamp(0, 2**how.bits - 1).long()
    return {
        "qweight": _words(q.T, how).T.contiguous(),
        "qzeros": _words(zeros - how.zero_offset, how),
        "scales": scales,
        "g_idx": g_idx.int(),
    }


def gptq_unpack(packed: Mapping[str, Tensor], how: Gptq) -> Tensor:
    """The weight [out, in] fp32: scale * (q - zero), scale and zero of the group that ``g_idx`` names."""
    q = _fields(packed["qweight"].T, how).T
    zeros = _fields(packed["qzeros"], how) + how.zero_offset
    g_idx = packed["g_idx"].long()
    return (packed["scales"].float()[g_idx] * (q - zeros[g_idx]).float()).T.contiguous()


def gptq_quantize(state: Mapping[str, Tensor], names: Iterable[str], how: Gptq, seed: int = 0) -> dict[str, Tensor]:
    """``state`` with ``NAME.weight`` of each of ``names`` replaced by its four packed tensors; a bias becomes fp16."""
    random = torch.Generator().manual_seed(seed)
    packed = dict(state)
    for name in names:
        parts = gptq_pack(packed.pop(f"{name}.weight"), how, random)
        packed |= {f"{name}.{part}": tensor for part, tensor in parts.items()}
        if f"{name}.bias" in state:
            packed[f"{name}.bias"] = state[f"{name}.bias"].half()
    return packed


def gptq_dequantize(state: Mapping[str, Tensor], how: Gptq) -> dict[str, Tensor]:
    """``state`` with each packed Linear unpacked to ``NAME.weight`` fp32; what is floating stays as it is."""
    names = [name.removesuffix(".qweight") for name in state if name.endswith(".qweight")]
    packed = {f"{name}.{part}" for name in names for part in ("qweight", "qzeros", "scales", "g_idx")}
    weights = {name: tensor for name, tensor in state.items() if name not in packed}
    for name in names:
        parts = {part: state[f"{name}.{part}"] for part in ("qweight", "qzeros", "scales", "g_idx")}
        weights[f"{name}.weight"] = gptq_unpack(parts, how)
    return weights


def _ranges(columns: Tensor, g_idx: Tensor, how: Gptq) -> tuple[Tensor, Tensor]:
    """Scales fp16 and zero points int64, each [groups, out], for ``columns`` [in, out].

    Zero points are at least 1, since the format stores them less 1.
    """
    groups = [columns[g_idx == group] for group in range(int(g_idx.max()) + 1)]
    low = torch.stack([group.amin(dim=0) for group in groups]).clamp(max=0)
    high = torch.stack([group.amax(dim=0) for group in groups]).clamp(min=0)
    top = 2**how.bits - 1
    if how.symmetric:
        high = torch.maximum(-low, high)
        low = -high
    scales = ((high - low) / top).clamp(min=1e-5).half()
    zeros = torch.round(-low / scales.float()).clamp(1, top).long()
    return scales, torch.full_like(zeros, (top + 1) // 2) if how.symmetric else zeros


def _words(fields: Tensor, how: Gptq) -> Tensor:
    """Pack the last axis of unsigned ``fields`` into int32, the first one into the lowest bits."""
    shifts = torch.arange(how.per_word) * how.bits
    words = (fields.reshape(*fields.shape[:-1], -1, how.per_word) << shifts).sum(dim=-1)
    return torch.where(words >= 2**31, words - 2**32, words).int()


def _fields(words: Tensor, how: Gptq) -> Tensor:
    """The inverse of ``_words``: int64, the last axis grows by 32 / bits."""
    shifts = torch.arange(how.per_word) * how.bits
    return ((words.long()[..., None] >> shifts) & (2**how.bits - 1)).flatten(-2)
