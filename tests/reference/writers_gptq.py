"""Tiny Qwen2 checkpoints in GPTQ form, laid out as the published Qwen1.5 GPTQ repositories are."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import torch

from tests.reference.native import Native, tiny, with_weights
from tests.reference.on_disk import Form, write_json, write_weights
from tests.reference.quantized import Gptq, gptq_dequantize, gptq_quantize
from tests.reference.writers import Checkpoint


def write_qwen2_gptq(
    folder: Path,
    how: Gptq = Gptq(group=32),  # noqa: B008 - frozen
    *,
    hidden: int = 64,
    form: Form = Form("safetensors", 1),  # noqa: B008 - frozen
    tokenizer: Iterable[Path] = (),
    seed: int = 0,
) -> Checkpoint:
    """Every Linear but the head packed, the rest fp16; ``quantization_config`` in config.json. The reference computes with
    the unpacked weights. ``tokenizer``: files to copy beside."""
    model = tiny("qwen2", hidden=hidden, seed=seed)
    halves = {name: tensor.half() for name, tensor in model.state_dict().items()}
    linears = [n for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and n != "lm_head"]
    state = gptq_quantize(halves, linears, how, seed)
    config = model.config.to_dict() | {
        "architectures": ["Qwen2ForCausalLM"],
        "torch_dtype": "float16",
        "quantization_config": _quantization_config(how),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    write_weights(folder, state, form)
    for file in tokenizer:
        shutil.copy(file, folder)
    return Checkpoint(folder, config, state, Native(with_weights(model, gptq_dequantize(state, how))))


def _quantization_config(how: Gptq) -> dict[str, object]:
    """Qwen1.5's; only the second version of the format writes ``checkpoint_format``."""
    return {
        "bits": how.bits,
        "damp_percent": 0.01,
        "desc_act": how.order,
        "group_size": how.group,
        "model_file_base_name": "model",
        "model_name_or_path": None,
        "quant_method": "gptq",
        "static_groups": False,
        "sym": how.symmetric,
        "true_sequential": True,
    } | ({} if how.zero_offset else {"checkpoint_format": "gptq_v2"})
