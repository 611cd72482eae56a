"""What each precision costs and gives: bytes, error against fp32 on real text, decode speed against fp32 in one run.

``nice .venv/bin/python -m tests.benchmarks.precisions [--threads N]``: nyanko-mini, and a wider model with random weights.
Needs no desktop. docs/precisions.md explains the columns.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import torch
import transformers

from inference_worker.engine import Model, load_model
from inference_worker.engine.threads import use_threads_for
from tests.benchmarks import report

ROOT: Final = Path(__file__).resolve().parents[2]
MINI: Final = ROOT / "resources" / "models" / "nyanko-mini"
WINDOW: Final = 256
"""Tokens of text that are scored at once."""
PREFIX, DECODED, ROUNDS = 64, 32, 7
VARIANTS: Final = (
    ("bf16", 128),
    ("fp16", 128),
    ("int8", 128),
    ("int8-zero-point", 128),
    ("llm-int8", 128),
    ("int4", 128),
    ("int4", 64),
    ("int4", 32),
)
HEADER: Final = ("precision", "bytes", "of fp32", "logits error", "KL, nats", "same first", "speed")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; everything but ``bytes`` is against fp32."""

    precision: str
    bytes: int
    share: float
    error: float
    divergence: float
    agreement: float
    speed: float

    def cells(self) -> tuple[object, ...]:
        shown = (f"{self.bytes:,}", f"{self.share:.3f}", f"{self.error:.5f}", f"{self.divergence:.6f}")
        return self.precision, *shown, f"{self.agreement:.1%}", f"{self.speed:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0: what loading chooses for each model")
    threads = parser.parse_args().threads
    rows = {"nyanko-mini": measure(MINI, windows=12, threads=threads)}
    with tempfile.TemporaryDirectory() as folder:
        rows["random"] = measure(make_wide_model(Path(folder)), windows=2, threads=threads)
    for name, measured in rows.items():
        report.table(f"{name}, {threads or 'own'} threads", HEADER, [row.cells() for row in measured])
    plain = {name: [dict(zip(HEADER, row.cells(), strict=True)) for row in measured] for name, measured in rows.items()}
    report.save("precisions", {"threads": threads, "models": plain})


def make_wide_model(folder: Path) -> Path:
    """4 layers, 896 wide, 89 million parameters with random weights; the tokenizer of nyanko-mini."""
    for file in MINI.glob("tokenizer*"):
        shutil.copy(file, folder)
    torch.manual_seed(0)
    config = transformers.Qwen2Config(
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=4,
        num_attention_heads=14,
        num_key_value_heads=2,
        vocab_size=32_000,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.05,
    )
    transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    return folder


def measure(path: Path, *, windows: int, threads: int) -> list[Row]:
    """One row for each precision, fp32 first."""
    reference = load_model(path, "fp32", "cpu", context=1024)
    texts = list(itertools.islice(text_windows(reference), windows))
    logits = [reference.logits(text) for text in texts]
    rows = []
    for precision, group in VARIANTS:
        model: Model = load_model(path, precision, "cpu", context=1024, group=group)  # type: ignore[arg-type]
        differences = [differ(exact, model.logits(text)) for exact, text in zip(logits, texts, strict=True)]
        error, divergence, agreement = np.mean(differences, axis=0)
        ratio = compare_speed(reference, model, texts[0], threads)
        name = f"{precision}, groups of {group}" if precision == "int4" else precision
        size = model.info.bytes
        rows.append(Row(name, size, size / reference.info.bytes, error**0.5, divergence, agreement, ratio))
        model.close()
    return [Row("fp32", reference.info.bytes, 1, 0, 0, 1, 1), *rows]


def text_windows(model: Model) -> Iterator[list[int]]:
    """The README, in both languages, and the evaluation's questions, as ids."""
    questions = (ROOT / "tests" / "evaluation" / "mini.jsonl").read_text().splitlines()
    asked = "\n".join(json.loads(line).get("text", "") for line in questions)
    ids = model.tokenizer.encode(asked + "\n" + (ROOT / "README.md").read_text())
    for start in range(0, len(ids) - WINDOW + 1, WINDOW):
        yield ids[start : start + WINDOW]


def differ(exact: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Squared relative error ``|l - l32|^2 / |l32|^2``, mean KL(fp32 || other) a token, share of equal first choices."""
    reference, mine = log_softmax(exact), log_softmax(other)
    divergence = (np.exp(reference) * (reference - mine)).sum(axis=1).mean()
    squared = np.square(other - exact, dtype=np.float64).sum() / np.square(exact, dtype=np.float64).sum()
    return squared, divergence, (exact.argmax(axis=1) == other.argmax(axis=1)).mean()


def log_softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def compare_speed(reference: Model, model: Model, text: list[int], threads: int) -> float:
    """How many times as fast as ``reference`` the other decodes: the median of the ratios of alternating rounds."""
    pairs = [(decode(reference, text, threads), decode(model, text, threads)) for _ in range(ROUNDS)]
    return median(base / mine for base, mine in pairs)


def decode(model: Model, text: list[int], threads: int) -> float:
    """Seconds a token, one at a time; the ids are given, so that every precision does the same work."""
    if threads:
        torch.set_num_threads(threads)
    else:
        use_threads_for(model.info.bytes)
    decoder = model._decoder
    decoder.forget()
    decoder.process(text[:PREFIX])
    started = time.perf_counter()
    for token in text[PREFIX : PREFIX + DECODED]:
        decoder.process((token,))
    return (time.perf_counter() - started) / DECODED


if __name__ == "__main__":
    main()
