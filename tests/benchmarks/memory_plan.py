"""The memory plan against the measured peak, on the CPU: before anything was measured, and for another context after.

    .venv/bin/python -m tests.benchmarks.memory_plan

Random models of 100 to 300 MB are made in a temporary folder. Each load is a process of its own. docs/memory.md has a
table of one run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.report import save, table

CASES = (
    ("llama", "fp32", "16bit"),
    ("llama", "int8", "16bit"),
    ("llama", "bf16", "int8"),
    ("qwen2", "fp32", "int8"),
    ("qwen2", "int8", "16bit"),
    ("qwen2", "int4", "16bit"),
)
LEARNED, PREDICTED = 512, 1536
"""Tokens of context: measured at the one, predicted for the other."""
SHAPE = {
    "vocab_size": 32000,
    "hidden_size": 768,
    "intermediate_size": 2048,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "num_key_value_heads": 4,
    "max_position_embeddings": 4096,
}


@dataclass(frozen=True)
class Result:
    """Bytes for a context of ``PREDICTED`` tokens."""

    case: tuple[str, str, str]
    before: int
    after: int
    peak: int


def run_all(cases: tuple[tuple[str, str, str], ...] = CASES) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        models = {family: _child("make", family, folder)["path"] for family in sorted({case[0] for case in cases})}
        return [_measure(models[case[0]], case, Path(folder)) for case in cases]


def main() -> list[Result]:
    results = run_all()
    rows = [
        (
            *one.case,
            one.before // 2**20,
            one.after // 2**20,
            one.peak // 2**20,
            one.before / one.peak,
            one.after / one.peak,
        )
        for one in results
    ]
    header = ("model", "precision", "KV cache", "before MiB", "after MiB", "peak MiB", "before/peak", "after/peak")
    table(f"Predicted for {PREDICTED} tokens, before and after measuring {LEARNED}", header, rows)
    save("memory_plan", {"rows": rows})
    return results


def _measure(path: str, case: tuple[str, str, str], folder: Path) -> Result:
    _, precision, kv_cache = case
    learned, control = folder / f"learned-{'-'.join(case)}", folder / f"control-{'-'.join(case)}"
    before = _child("plan", path, precision, kv_cache, PREDICTED, learned)["total"]
    _child("load", path, precision, kv_cache, LEARNED, learned)
    after = _child("plan", path, precision, kv_cache, PREDICTED, learned)
    assert after["measured"]
    peak = _child("load", path, precision, kv_cache, PREDICTED, control)["peak"]
    return Result(case, before, after["total"], peak)


def _child(*arguments: object) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.memory_plan", *map(str, arguments)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=600)
    return json.loads(answer.stdout)


def _make(family: str, folder: str) -> dict[str, object]:
    import torch
    import transformers
    from tokenizers import Tokenizer, models

    path = Path(folder) / family
    config = {"llama": transformers.LlamaConfig, "qwen2": transformers.Qwen2Config}[family](**SHAPE)
    transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(path)
    tokenizer = Tokenizer(models.WordLevel({"word": 0}, unk_token="word"))
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(path)
    return {"path": str(path)}


def _plan(path: str, precision: str, kv_cache: Any, context: int, cache: Path) -> dict[str, object]:
    from inference_worker.engine import plan_memory

    planned = plan_memory(path, "cpu", context, kv_cache=kv_cache, cache=cache)
    found = next(one for one in planned.estimates if one.precision == precision)
    return {"total": found.total, "measured": found.measured}


def _load(path: str, precision: Any, kv_cache: Any, context: int, cache: Path) -> dict[str, object]:
    from inference_worker.engine import Sampling, load_model
    from inference_worker.engine.checkpoints.open import open_checkpoint
    from inference_worker.engine.devices import resolve_device
    from inference_worker.engine.memory.measured import find, key_of

    key = key_of(open_checkpoint(path), precision, 128, kv_cache, resolve_device("cpu").name)
    model = load_model(path, precision, "cpu", context=context, kv_cache=kv_cache, cache=cache)
    list(model.generate([1 + i % 1000 for i in range(context - 1)], Sampling(temperature=0, max_tokens=1)))
    record = find(cache, key)
    assert record is not None
    return {"peak": max(record.peak, record.loading)}


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["make", family, folder]:
            print(json.dumps(_make(family, folder)))
        case ["plan", path, precision, kv_cache, context, cache]:
            print(json.dumps(_plan(path, precision, kv_cache, int(context), Path(cache))))
        case ["load", path, precision, kv_cache, context, cache]:
            print(json.dumps(_load(path, precision, kv_cache, int(context), Path(cache))))
