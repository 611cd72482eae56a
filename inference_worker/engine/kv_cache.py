"""Keys and values of the tokens seen so far, in buffers that can be cut back; transformers' models use them.

Each layer takes the room for the whole context with its first token. So what fits, fits until the end of a long chat,
nothing is copied to grow, and the plan knows every byte; on a CPU, pages that no token has reached yet take no memory.

Sliding-window layers are kept whole (the model's mask hides what is out of the window), so that any prefix can be used
again. Knows no weights, no devices and no token ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import torch

from inference_worker.engine.quiet import cache_utils

KvPrecision = Literal["16bit", "int8"]
"""How keys and values are held; ``16bit`` is the type that the model computes in, which on a CPU may be fp32."""

ATTENTION = frozenset({"full_attention", "sliding_attention", "chunked_attention"})
LARGEST = 127
SMALLEST_SCALE = 2**-24
"""The smallest number above zero in fp16; heads whose values all are below 127 times this become zero."""


class KvLayer(cache_utils.CacheLayerMixin):
    """Keys and values of one layer, [1, heads, context, head_dim]; the model sees views of the part in use."""

    is_croppable = True
    is_sliding = False
    supports_early_init = False

    def __init__(self, context: int) -> None:
        super().__init__()
        self.context = context
        self.length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.keys = _room(key_states, self.context)
        self.values = _room(value_states, self.context)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append states [1, heads, n, head_dim] and return all of them, as views. At most ``context`` in all."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        elif self.keys.device != key_states.device:
            self._move(key_states.device)
        start, end = self.length, self.length + key_states.shape[2]
        if end > self.context:
            raise ValueError(f"{end} tokens do not fit a cache for {self.context}")
        states = self._append(key_states, value_states, start, end)
        self.length = end
        return states

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last ``-tokens_to_remove`` tokens (transformers gives a negative number)."""
        self.length = max(0, self.length - abs(tokens_to_remove))

    def reset(self) -> None:
        self.length = 0

    def get_seq_length(self) -> int:
        return self.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_max_length(self) -> int:
        return self.context

    def tensors(self) -> list[torch.Tensor]:
        """Everything this layer holds; none before its first token."""
        return [self.keys, self.values] if self.is_initialized else []

    def _move(self, device: torch.device) -> None:
        """Go where the layer computes: a learned prefix comes before that is known."""
        for name, value in list(vars(self).items()):
            if isinstance(value, torch.Tensor):
                setattr(self, name, value.to(device))

    def _append(
        self, key_states: torch.Tensor, value_states: torch.Tensor, start: int, end: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = self.keys[:, :, :end], self.values[:, :, :end]
        keys[:, :, start:] = key_states
        values[:, :, start:] = value_states
        return keys, values


class Scratch:
    """Room for the keys and values of one layer in floating point, shared by layers of one shape and device."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[Any, ...], torch.Tensor] = {}

    def room(self, kind: str, states: torch.Tensor, context: int) -> torch.Tensor:
        """Uninitialised, shaped and typed as ``states`` [1, heads, n, head_dim] with ``context`` tokens."""
        key = (kind, states.shape[1], states.shape[3], states.dtype, states.device)
        if key not in self._rooms:
            self._rooms[key] = _room(states, context)
        return self._rooms[key]

    def tensors(self) -> list[torch.Tensor]:
        return list(self._rooms.values())


class QuantizedKvLayer(KvLayer):
    """The same in int8, with an fp16 scale for each token and head. What the model sees is dequantized.

    ``s = max|x| / 127`` over a head, ``q = round(x / s)``: absmax as for weights (LLM.int8(), Dettmers et al. 2022,
    section 2.1). New states are quantized before they are used, so that the result does not depend on how a prompt is
    cut into chunks. With a ``scratch`` the states handed out are overwritten by the next layer of the same shape.
    """

    def __init__(self, context: int, scratch: Scratch | None = None) -> None:
        super().__init__(context)
        self.scratch = scratch

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.keys, self.key_scales = _quantized_room(key_states, self.context)
        self.values, self.value_scales = _quantized_room(value_states, self.context)
        self.is_initialized = True

    def tensors(self) -> list[torch.Tensor]:
        return [self.keys, self.values, self.key_scales, self.value_scales] if self.is_initialized else []

    def _append(
        self, key_states: torch.Tensor, value_states: torch.Tensor, start: int, end: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        scratch = self.scratch or Scratch()
        keys = scratch.room("keys", key_states, self.context)
        values = scratch.room("values", value_states, self.context)
        _quantize(key_states, self.keys[:, :, start:end], self.key_scales[:, :, start:end])
        _quantize(value_states, self.values[:, :, start:end], self.value_scales[:, :, start:end])
        return (
            _dequantize(self.keys[:, :, :end], self.key_scales[:, :, :end], keys[:, :, :end]),
            _dequantize(self.values[:, :, :end], self.value_scales[:, :, :end], values[:, :, :end]),
        )


def new_cache(config: Any, context: int, kv_cache: KvPrecision = "16bit") -> Any:
    """An empty cache for ``context`` tokens; with recurrent layers transformers' own, which cannot be cut back."""
    text = config.get_text_config(decoder=True)
    layer_types, _ = cache_utils.get_layer_types_and_kwargs(text)
    if not set(layer_types) <= ATTENTION:
        return cache_utils.DynamicCache(config=config)
    if kv_cache == "16bit":
        return cache_utils.Cache(layers=[KvLayer(context) for _ in layer_types])
    # Some models let later layers read the states of earlier ones again; those must not be overwritten.
    scratch = None if getattr(text, "num_kv_shared_layers", None) else Scratch()
    return cache_utils.Cache(layers=[QuantizedKvLayer(context, scratch) for _ in layer_types])


def kept_precision(cache: Any) -> KvPrecision:
    """How ``cache`` really holds what it holds: int8 is not for every architecture."""
    return "int8" if any(isinstance(layer, QuantizedKvLayer) for layer in cache.layers) else "16bit"


def cache_tensors(cache: Any) -> list[torch.Tensor]:
    """All distinct tensors that ``cache`` holds, scratch included; for transformers' own layers what they store."""
    found: dict[int, torch.Tensor] = {}
    for layer in cache.layers:
        tensors: Iterable[Any] = layer.tensors() if isinstance(layer, KvLayer) else _stored(vars(layer))
        scratch = getattr(layer, "scratch", None)
        for tensor in [*tensors, *(scratch.tensors() if scratch else ())]:
            found[id(tensor)] = tensor
    return list(found.values())


def _stored(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [tensor for one in inner for tensor in _stored(one)]


def _room(states: torch.Tensor, context: int) -> torch.Tensor:
    return states.new_empty(*states.shape[:2], context, states.shape[3])


def _quantized_room(states: torch.Tensor, context: int) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = states.new_empty(*states.shape[:2], context, states.shape[3], dtype=torch.int8)
    return numbers, states.new_empty(*states.shape[:2], context, 1, dtype=torch.float16)


def _quantize(states: torch.Tensor, numbers: torch.Tensor, scales: torch.Tensor) -> None:
    """Fill ``numbers`` int8 and ``scales`` fp16 from ``states`` [1, heads, n, head_dim]. NaN stays NaN in the scale."""
    exact = states.float()
    scales.copy_(exact.abs().amax(dim=3, keepdim=True).div_(LARGEST).clamp_(min=SMALLEST_SCALE))
    # Divided by the scale as it is stored: rounding it to fp16 then adds no error of its own.
    numbers.copy_(exact.div(scales.float()).round_().clamp_(-LARGEST, LARGEST))


def _dequantize(numbers: torch.Tensor, scales: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    return out.copy_(numbers).mul_(scales.to(out.dtype))
