"""The model without its weights: every module in place on the meta device, quantized ones included. Reads no weights.

Loading fills a skeleton; planning counts one. That is why the plan is exact.

A quantized precision covers every Linear (and GPT-2's Conv1D). The token embedding and the head are int8 in all of
them, because four bits would cost them more than the layers, and share one matrix where the model ties them. Norms,
biases and whatever a checkpoint that others quantized kept floating stay in the type that the model computes in; so do
fused experts, which a note names.
"""

from __future__ import annotations

import inspect
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from inference_worker.engine.checkpoints.checkpoint import CONFIG, Checkpoint
from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kernels import choose_kernel
from inference_worker.engine.models.chatglm1 import ChatGlm1ForCausalLM
from inference_worker.engine.quantize.linear import QuantizedEmbedding, QuantizedLinear
from inference_worker.engine.quantize.schemes import Precision, Scheme, scheme_for
from inference_worker.engine.quiet import transformers

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "fp16", "int8", "int8-zero-point", "llm-int8", "int4")

OWN_MODELS: dict[str, Any] = {"chatglm1": ChatGlm1ForCausalLM}
"""By ``model_type``: what transformers has not."""
_BUILDING = threading.Lock()
"""transformers sets torch's default type, one for all threads, while it makes a model: a plan made during a load
would count in the other's type."""
_FLOATING = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(slots=True)
class Skeleton:
    """A model whose tensors are all on the meta device, and what the loader has to know to fill it."""

    model: Any
    """The transformers causal LM."""
    dtype: torch.dtype
    """The type of activations and of all weights that are not quantized."""
    shapes: dict[str, torch.Size]
    """Name -> shape of every parameter and persistent buffer, as a checkpoint stores it."""
    ties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> all names of the same parameter, itself first; each parameter once."""
    transposed: frozenset[str] = frozenset()
    """Names of quantized weights that checkpoints store as [in, out]."""
    notes: tuple[str, ...] = ()
    """What is not as the precision says, for people: ``model.layers.*.mlp.experts.gate_up_proj: fused experts``."""

    def nbytes(self) -> int:
        """Bytes of all distinct tensors, as they will be on the device."""
        tensors = {id(tensor): tensor.nbytes for tensor in _all_tensors(self.model)}
        return sum(tensors.values())


def build_skeleton(checkpoint: Checkpoint, precision: str, device: torch.device, *, group: int = 128) -> Skeleton:
    """The empty model of ``checkpoint``. ``group`` matters to int4 alone, and not where the files chose theirs.

    Raises ``EngineError`` (unsupported_model, broken_checkpoint).
    """
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}; known are {', '.join(PRECISIONS)}")
    dtype = compute_dtype(precision, device)
    with _BUILDING:
        return _build(checkpoint, precision, dtype, device, checkpoint.int4_group or group)


def _build(checkpoint: Checkpoint, precision: str, dtype: torch.dtype, device: torch.device, group: int) -> Skeleton:
    model = _empty_model(checkpoint, dtype)
    skeleton = Skeleton(model, dtype, {name: tensor.shape for name, tensor in model.state_dict().items()})
    names_of: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names_of.setdefault(id(parameter), []).append(name)
    skeleton.ties = {names[0]: tuple(names) for names in names_of.values()}
    scheme = scheme_for(precision, group)
    if scheme is not None:
        _quantize_modules(skeleton, scheme, checkpoint.floating, device)
    return skeleton


def compute_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The floating type a model computes in. Quantized ones on the CPU compute in fp32: exact, and fast there."""
    if precision in _FLOATING:
        return _FLOATING[precision]
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16


def read_config(checkpoint: Checkpoint) -> Any:
    """The configuration of ``checkpoint``, refused unless it is a causal LM in weights that can be read."""
    auto = transformers.models.auto
    model_type = checkpoint.config.get("model_type")
    if not isinstance(model_type, str):
        raise EngineError("not_a_model", path=checkpoint.path, reason=f"its {CONFIG} names no model_type")
    if model_type not in auto.configuration_auto.CONFIG_MAPPING and model_type not in OWN_MODELS:
        raise _unsupported(checkpoint, f"transformers {transformers.__version__} has no model type {model_type}")
    if "quantization_config" in checkpoint.config:
        raise _unsupported(checkpoint, "its weights are already quantized")
    try:
        config = _make_config(checkpoint, model_type)
    except Exception as error:
        raise broken(checkpoint.config_file, _first_line(error)) from error
    causal = type(config) in auto.modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING or model_type in OWN_MODELS
    if not causal or config.is_encoder_decoder:
        raise _unsupported(checkpoint, "it is not a causal language model")
    _check_layers(checkpoint, config)
    return config


def _check_layers(checkpoint: Checkpoint, config: Any) -> None:
    """Each layer has a tensor of its own, so that more layers than tensors are not built one by one for nothing."""
    layers = getattr(config.get_text_config(), "num_hidden_layers", None)
    if isinstance(layers, int) and not 0 < layers <= len(checkpoint.tensors):
        raise broken(checkpoint.config_file, f"it names {layers} layers; there are {len(checkpoint.tensors)} tensors")


def _make_config(checkpoint: Checkpoint, model_type: str) -> Any:
    """Of a folder as transformers reads it; of anything else from the keys that its reader made."""
    if model_type in OWN_MODELS:
        return OWN_MODELS[model_type].config_class(**_without_type(checkpoint))
    if checkpoint.family != "huggingface":
        return transformers.AutoConfig.for_model(model_type, **_without_type(checkpoint))
    return transformers.AutoConfig.from_pretrained(checkpoint.path, local_files_only=True, trust_remote_code=False)


def _without_type(checkpoint: Checkpoint) -> dict[str, Any]:
    return {key: value for key, value in checkpoint.config.items() if key != "model_type"}


def _empty_model(checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    config = read_config(checkpoint)
    try:
        with torch.device("meta"):
            if config.model_type in OWN_MODELS:
                model = OWN_MODELS[config.model_type]._from_config(config, dtype=dtype)
            else:
                model = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype, trust_remote_code=False)
    except Exception as error:
        raise broken(checkpoint.config_file, _first_line(error)) from error
    if "past_key_values" not in inspect.signature(model.forward).parameters:
        raise _unsupported(checkpoint, "it keeps its memory in a way of its own, which would be lost between tokens")
    _keep_in_fp32(model, dtype)
    return model.eval().requires_grad_(False)


def _keep_in_fp32(model: Any, dtype: torch.dtype) -> None:
    """Some models name modules that do not survive half precision; their weights stay fp32."""
    fragments = model._get_dtype_plan(dtype)
    for name, parameter in model.named_parameters():
        if any(fragment in name.split(".") for fragment in fragments):
            parameter.data = parameter.data.float()


def _quantize_modules(skeleton: Skeleton, scheme: Scheme, floating: frozenset[str], device: torch.device) -> None:
    """Put quantized modules in the places of floating ones, but for the weights named in ``floating``."""
    model = skeleton.model
    floating = floating.union(*(names for names in skeleton.ties.values() if not floating.isdisjoint(names)))
    conv1d = transformers.pytorch_utils.Conv1D
    outer = scheme_for("int8") if scheme.precision == "int4" else scheme
    assert outer is not None
    kernels = {id(one): choose_kernel(one, device, skeleton.dtype) for one in (scheme, outer)}
    transposed = set()
    for name, module in list(model.named_modules()):
        if type(module) not in (nn.Linear, conv1d) or f"{name}.weight" in floating:
            continue
        mine = outer if module is model.get_output_embeddings() else scheme
        rows, columns = module.weight.shape if type(module) is nn.Linear else reversed(module.weight.shape)
        model.set_submodule(name, QuantizedLinear(mine, rows, columns, module.bias, kernels[id(mine)]))
        if type(module) is conv1d:
            transposed.add(f"{name}.weight")
    skeleton.transposed = frozenset(transposed)
    _quantize_embedding(skeleton, floating)
    skeleton.notes = _stays_floating(model)


def _quantize_embedding(skeleton: Skeleton, floating: frozenset[str]) -> None:
    """The token embedding as int8; where it is tied to the head, both use one matrix."""
    model = skeleton.model
    path = next((name for name, module in model.named_modules() if module is model.get_input_embeddings()), "")
    name, module = f"{path}.weight", model.get_submodule(path)
    if type(module) is not nn.Embedding or name in floating:
        return
    tied = next((names for names in skeleton.ties.values() if name in names), (name,))
    heads = [model.get_submodule(other.rpartition(".")[0]) for other in tied if other != name]
    head = next((head for head in heads if isinstance(head, QuantizedLinear)), None)
    if heads and head is None:
        return
    scheme = head.scheme if head is not None else scheme_for("int8")
    assert scheme is not None
    embedding = QuantizedEmbedding(scheme, module.num_embeddings, module.embedding_dim, skeleton.dtype)
    if head is not None:
        embedding.set_parts(head.parts)
    model.set_submodule(path, embedding)


def _stays_floating(model: nn.Module) -> tuple[str, ...]:
    """Matrices that are no plain Linear, by pattern: experts stacked in one weight, a Linear of a model's own."""
    found = {
        f"{re.sub(r'[.][0-9]+[.]', '.*.', f'{name}.{own}')}: {reason}"
        for name, module in model.named_modules()
        for own, parameter in module.named_parameters(recurse=False)
        if (reason := _why_floating(module, parameter))
    }
    return tuple(sorted(found))


def _why_floating(module: nn.Module, parameter: nn.Parameter) -> str:
    if isinstance(module, nn.Linear) and type(module) is not nn.Linear and parameter.dim() == 2:
        return f"a {type(module).__name__} of its own"
    return "fused experts" if parameter.dim() > 2 and not isinstance(module, nn.Conv1d) else ""


def _all_tensors(model: nn.Module) -> list[torch.Tensor]:
    return [*model.parameters(), *model.buffers()]


def _unsupported(checkpoint: Checkpoint, reason: str) -> EngineError:
    return EngineError("unsupported_model", path=checkpoint.path, architecture=checkpoint.architecture, reason=reason)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
