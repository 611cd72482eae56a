"""GPTQ: Linear weights in 4 or 8 bits, packed along their inputs, with a scale and a zero point for each group of them.

For a Linear ``X`` [out, in]: ``X.qweight`` int32 [in * bits / 32, out], ``X.qzeros`` int32 [groups, out * bits / 32],
``X.scales`` fp16 [groups, out] and mostly ``X.g_idx`` int32 [in], the group of each input. Numbers lie in a word from
its lowest bits on. ``w = scale * (q - (zero + 1))``; the second version of the format stores the zero point as it is.
(Frantar et al. 2022; the layout is that of the published Qwen1.5 and MOSS repositories.) Knows no model, needs no GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from inference_worker.engine.checkpoints.checkpoint import CONFIG, Checkpoint
from inference_worker.engine.checkpoints.folder import Folder
from inference_worker.engine.checkpoints.huggingface import read_huggingface
from inference_worker.engine.checkpoints.stored import StoredTensor, broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quantize.schemes import Parts, Scheme, unpack_nibbles

PACKED = ".qweight"
BITS = (4, 8)
LARGEST_GROUP = 2**24
BLOCK_ELEMENTS = 2**22
"""Values that are unpacked at once: unpacking takes several times its result."""


def is_gptq(config: Mapping[str, Any]) -> bool:
    """Whether config.json says that the weights are in this form."""
    found = config.get("quantization_config")
    return isinstance(found, dict) and found.get("quant_method") == "gptq"


def read_gptq(folder: Folder) -> Checkpoint:
    """A folder whose model transformers knows, in this form. Raises what :func:`unpacked` does."""
    settings = folder.config["quantization_config"]
    plain = {key: value for key, value in folder.config.items() if key != "quantization_config"}
    return unpacked(
        replace(read_huggingface(folder), config=plain, original_config=folder.config),
        settings.get("bits"),
        settings.get("group_size", -1),
        zero_offset=0 if settings.get("checkpoint_format") == "gptq_v2" else 1,
        ordered=bool(settings.get("desc_act")),
    )


def unpacked(
    checkpoint: Checkpoint, bits: Any, group: Any, *, zero_offset: int = 1, ordered: bool = False
) -> Checkpoint:
    """``checkpoint``, whose tensors are still in this form, with the weights that they stand for.

    ``bits`` and ``group`` are as its configuration says. Raises ``EngineError``: broken_checkpoint or
    unsupported_model.
    """
    if bits not in BITS:
        reason = f"its weights are GPTQ in {bits} bits; 4 and 8 can be read"
        raise EngineError(
            "unsupported_model", path=checkpoint.path, architecture=checkpoint.architecture, reason=reason
        )
    if not isinstance(group, int) or not (group == -1 or 0 < group <= LARGEST_GROUP):
        raise broken(checkpoint.path / CONFIG, f"its group_size is {group}")
    tensors = gptq_tensors(checkpoint.tensors, bits, group, zero_offset=zero_offset)
    packed = {name for name, tensor in tensors.items() if isinstance(tensor, GptqTensor)}
    return replace(
        checkpoint,
        tensors=tensors,
        format=f"gptq-int{bits}",
        floating=frozenset(name for name in tensors.keys() - packed if name.endswith(".weight")),
        int4_group=group if bits == 4 and group in (32, 64) and not ordered else 0,
        notes=(_note(bits, group, ordered=ordered),),
    )


def gptq_tensors(
    stored: Mapping[str, StoredTensor], bits: int, group: int, *, zero_offset: int = 1
) -> dict[str, StoredTensor]:
    """``stored`` with the packed tensors of each Linear ``X`` replaced by one ``X.weight`` of shape [out, in].

    ``group`` -1 is the whole input. Raises ``EngineError("broken_checkpoint")`` for a missing part or a wrong shape.
    """
    names = [name.removesuffix(PACKED) for name in stored if name.endswith(PACKED)]
    parts = {f"{name}.{part}" for name in names for part in ("qweight", "qzeros", "scales", "g_idx")}
    found = {name: tensor for name, tensor in stored.items() if name not in parts}
    for name in names:
        found[f"{name}.weight"] = GptqTensor(name, stored, bits, group, zero_offset)
    return found


class GptqTensor(StoredTensor):
    """One such weight, as the fp32 [out, in] that it stands for."""

    def __init__(
        self, module: str, stored: Mapping[str, StoredTensor], bits: int, group: int, zero_offset: int
    ) -> None:
        self._weight = _part(stored, module, "qweight")
        self._zeros = _part(stored, module, "qzeros")
        self._scales = _part(stored, module, "scales")
        self._order = stored.get(f"{module}.g_idx")
        sources = [self._weight, self._zeros, self._scales, *([self._order] if self._order is not None else [])]
        columns, rows = self._weight.shape[0] * 32 // bits, self._weight.shape[1]
        super().__init__(
            f"{module}.weight",
            self._weight.file,
            "F32",
            (rows, columns),
            self._weight.start,
            sum(source.nbytes for source in sources),
        )
        self.bits = bits
        self._group = group if group > 0 else columns
        self._offset = zero_offset
        self._check()

    def read(self) -> torch.Tensor:
        result = torch.empty(self.shape)
        step = max(1, BLOCK_ELEMENTS // self.shape[1])
        for start in range(0, self.shape[0], step):
            result[start : start + step] = self.rows(start, start + step)
        return result

    def rows(self, start: int, stop: int) -> torch.Tensor:
        """The packed tensor is mapped or read whole, since its rows are inputs; only these rows become floating."""
        stop = min(stop, self.shape[0])
        numbers = self._numbers(start, stop).float()
        scale, zero = (part[start:stop].float() for part in self._groups())
        order = self._stored_order()
        if order is None:
            grouped = numbers.view(stop - start, -1, self._group)
            return grouped.sub_(zero.unsqueeze(2)).mul_(scale.unsqueeze(2)).view_as(numbers)
        return numbers.sub_(zero[:, order]).mul_(scale[:, order])

    def parts(self, scheme: Scheme) -> Parts | None:
        """4 bits in int4 with the groups of the file (or smaller ones that divide them). 8 bits where one group is the
        whole row: in int8-zero-point, and in int8 where zero is in the middle."""
        if self._stored_order() is not None:
            return None
        if self.bits == 4 and scheme.precision == "int4":
            return self._as_int4(scheme)
        if self.bits == 8 and self._group == self.shape[1]:
            return self._as_int8(scheme)
        return None

    def _as_int4(self, scheme: Scheme) -> Parts | None:
        scale, zero = self._groups()
        if not torch.equal(scale.half().float(), scale.float()) or self._group % 2:
            return None
        wanted = scheme.empty(*self.shape)
        repeat = max(1, wanted["scale"].shape[1] // scale.shape[1])
        if wanted["weight"].shape[1] * 2 != self.shape[1] or scale.shape[1] * repeat < wanted["scale"].shape[1]:
            return None
        packed = self._packed(0, self.shape[0])
        return {
            "weight": packed,
            "scale": scale.half().repeat_interleave(repeat, dim=1),
            "zero": zero.to(torch.uint8).repeat_interleave(repeat, dim=1),
        }

    def _as_int8(self, scheme: Scheme) -> Parts | None:
        scale, zero = (part.squeeze(1) for part in self._groups())
        weight = (self._packed(0, self.shape[0]) ^ 128).view(torch.int8)  # q - 128
        centred = {"weight": weight, "scale": scale.float().contiguous()}
        if scheme.precision == "int8-zero-point":
            return centred | {"zero": zero.int() - 128}
        middle = bool((zero == 128).all()) and scheme.precision in ("int8", "llm-int8")
        return centred if middle else None

    def _packed(self, start: int, stop: int) -> torch.Tensor:
        """uint8 [rows, columns * bits / 8]: for 4 bits the even column low, which is how our int4 has it, too."""
        return self._weight.read()[:, start:stop].t().contiguous().view(torch.uint8)

    def _numbers(self, start: int, stop: int) -> torch.Tensor:
        """uint8 [rows, columns]."""
        packed = self._packed(start, stop)
        return unpack_nibbles(packed) if self.bits == 4 else packed

    def _groups(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Scales as stored and zero points int32, both [out, groups]."""
        packed = self._zeros.read().contiguous().view(torch.uint8)
        zeros = unpack_nibbles(packed) if self.bits == 4 else packed
        return self._scales.read().t().contiguous(), (zeros.int() + self._offset).t().contiguous()

    def _stored_order(self) -> torch.Tensor | None:
        """The group of each column, where columns do not simply follow each other from group to group."""
        if self._order is None:
            return None
        order = self._order.read().long()
        if torch.equal(order, torch.arange(self.shape[1]) // self._group):
            return None
        if not bool(((order >= 0) & (order < self._scales.shape[0])).all()):
            raise broken(self._order.file, f"{self._order.name} names groups that do not exist")
        return order

    def _check(self) -> None:
        rows, columns = self.shape
        groups = -(-columns // self._group)
        expected = {
            self._zeros: (groups, rows * self.bits // 32),
            self._scales: (groups, rows),
            **({self._order: (columns,)} if self._order is not None else {}),
        }
        for tensor, shape in expected.items():
            if tensor.shape != shape or columns % self._group:
                reason = f"{tensor.name} has the shape {tensor.shape}, {columns} inputs in groups need {shape}"
                raise broken(tensor.file, reason)
        if rows * self.bits % 32:
            raise broken(self.file, f"{self._weight.name} has {rows} columns, which fill no whole words")


def _part(stored: Mapping[str, StoredTensor], module: str, part: str) -> StoredTensor:
    tensor = stored.get(f"{module}.{part}")
    if tensor is None:
        raise broken(stored[module + PACKED].file, f"the tensor {module}.{part} is missing")
    whole = ("F16", "BF16", "F32") if part == "scales" else ("I32",)
    if len(tensor.shape) != 2 or tensor.dtype not in whole:
        raise broken(tensor.file, f"{tensor.name} has the type {tensor.dtype} and the shape {tensor.shape}")
    return tensor


def _note(bits: int, group: int, *, ordered: bool) -> str:
    size = f"groups of {group}" if group > 0 else "one group a row"
    if ordered:
        fate = "its columns are in an order of their own (desc_act), so every quantized precision converts it"
    elif bits == 4:
        fate = "kept as stored in int4, otherwise converted to the chosen precision while loading"
    elif group < 0:
        fate = "kept as stored in int8-zero-point, otherwise converted to the chosen precision while loading"
    else:
        fate = "converted to the chosen precision while loading"
    return f"GPTQ int{bits} in {size}: {fate}"
