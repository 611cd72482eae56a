"""The model without its weights: every module in place on the meta device, int8 ones included. Reads no weights.

Loading fills a skeleton; planning counts one. That is why the plan is exact.

int8 covers every Linear (and GPT-2's Conv1D). A token embedding that shares its matrix with lm_head becomes int8 with
it, one matrix for both; other embeddings, norms and biases stay in the floating type that the model computes in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

from inference_worker.engine.checkpoints.huggingface import CONFIG, Checkpoint
from inference_worker.engine.checkpoints.tensor_files import broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kernels import choose_kernel
from inference_worker.engine.quantize.linear import QuantizedEmbedding, QuantizedLinear
from inference_worker.engine.quantize.schemes import scheme_for
from inference_worker.engine.quiet import transformers

Precision = Literal["fp32", "bf16", "fp16", "int8"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "fp16", "int8")

_FLOATING = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(slots=True)
class Skeleton:
    """A model whose tensors are all on the meta device, and what the loader has to know to fill it."""

    model: Any
    """The transformers causal LM."""
    dtype: torch.dtype
    """The type of activations, of the KV cache and of all weights that are not int8."""
    shapes: dict[str, torch.Size]
    """Name -> shape of every parameter and persistent buffer, as a checkpoint stores it."""
    ties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> all names of the same parameter, itself first; each parameter once."""
    transposed: frozenset[str] = frozenset()
    """Names of int8 weights that checkpoints store as [in, out]."""

    def nbytes(self) -> int:
        """Bytes of all distinct tensors, as they will be on the device."""
        tensors = {id(tensor): tensor.nbytes for tensor in _all_tensors(self.model)}
        return sum(tensors.values())


def build_skeleton(checkpoint: Checkpoint, precision: str, device: torch.device) -> Skeleton:
    """The empty model of ``checkpoint``. Raises ``EngineError`` (unsupported_model, broken_checkpoint)."""
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}; known are {', '.join(PRECISIONS)}")
    dtype = compute_dtype(precision, device)
    model = _empty_model(checkpoint, dtype)
    skeleton = Skeleton(model, dtype, {name: tensor.shape for name, tensor in model.state_dict().items()})
    names_of: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names_of.setdefault(id(parameter), []).append(name)
    skeleton.ties = {names[0]: tuple(names) for names in names_of.values()}
    if precision == "int8":
        _quantize_modules(skeleton, checkpoint, device)
    return skeleton


def compute_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The floating type a model computes in. int8 on the CPU computes in fp32: exact, and fast with its kernel."""
    if precision != "int8":
        return _FLOATING[precision]
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16


def read_config(checkpoint: Checkpoint) -> Any:
    """The transformers configuration of ``checkpoint``, refused unless it is a native causal LM in plain weights."""
    auto = transformers.models.auto
    model_type = checkpoint.config.get("model_type")
    if not isinstance(model_type, str):
        raise EngineError("not_a_model", path=checkpoint.path, reason=f"its {CONFIG} names no model_type")
    if model_type not in auto.configuration_auto.CONFIG_MAPPING:
        raise _unsupported(checkpoint, f"transformers {transformers.__version__} has no model type {model_type}")
    if "quantization_config" in checkpoint.config:
        raise _unsupported(checkpoint, "its weights are already quantized")
    try:
        config = transformers.AutoConfig.from_pretrained(
            checkpoint.path, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise broken(checkpoint.path / CONFIG, _first_line(error)) from error
    if type(config) not in auto.modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING or config.is_encoder_decoder:
        raise _unsupported(checkpoint, "it is not a causal language model")
    return config


def _empty_model(checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    config = read_config(checkpoint)
    try:
        with torch.device("meta"):
            model = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype, trust_remote_code=False)
    except Exception as error:
        raise broken(checkpoint.path / CONFIG, _first_line(error)) from error
    _keep_in_fp32(model, dtype)
    return model.eval().requires_grad_(False)


def _keep_in_fp32(model: Any, dtype: torch.dtype) -> None:
    """Some models name modules that do not survive half precision; their weights stay fp32."""
    fragments = model._get_dtype_plan(dtype)
    for name, parameter in model.named_parameters():
        if any(fragment in name.split(".") for fragment in fragments):
            parameter.data = parameter.data.float()


def _quantize_modules(skeleton: Skeleton, checkpoint: Checkpoint, device: torch.device) -> None:
    scheme = scheme_for("int8")
    assert scheme is not None
    model, kernel = skeleton.model, choose_kernel(scheme, device, skeleton.dtype)
    conv1d = transformers.pytorch_utils.Conv1D
    transposed = set()
    for name, module in list(model.named_modules()):
        if type(module) is nn.Linear:
            linear = QuantizedLinear(scheme, module.out_features, module.in_features, module.bias, kernel)
            model.set_submodule(name, linear)
        elif type(module) is conv1d:
            model.set_submodule(name, QuantizedLinear(scheme, module.nf, module.nx, module.bias, kernel))
            transposed.add(f"{name}.weight")
    skeleton.transposed = frozenset(transposed)
    for names in skeleton.ties.values():
        _share_with_head(model, names, skeleton.dtype)
    if any(_holds_experts(module) for module in model.modules()):
        raise _unsupported(checkpoint, "its experts cannot be held as int8 yet; the other precisions can")


def _holds_experts(module: nn.Module) -> bool:
    """Whether matrices of several experts are stacked in one weight."""
    own = module.parameters(recurse=False)
    return not isinstance(module, nn.Conv1d) and any(parameter.dim() > 2 for parameter in own)


def _share_with_head(model: Any, names: tuple[str, ...], dtype: torch.dtype) -> None:
    """Let a plain embedding use the int8 matrix of the Linear it is tied to."""
    modules = {name: model.get_submodule(name.rpartition(".")[0]) for name in names}
    heads = [module for module in modules.values() if isinstance(module, QuantizedLinear)]
    for name, module in modules.items():
        if heads and type(module) is nn.Embedding:
            shared = QuantizedEmbedding(heads[0].scheme, module.num_embeddings, module.embedding_dim, dtype)
            shared.set_parts(heads[0].parts)
            model.set_submodule(name.rpartition(".")[0], shared)


def _all_tensors(model: nn.Module) -> list[torch.Tensor]:
    return [*model.parameters(), *model.buffers()]


def _unsupported(checkpoint: Checkpoint, reason: str) -> EngineError:
    return EngineError("unsupported_model", path=checkpoint.path, architecture=checkpoint.architecture, reason=reason)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
