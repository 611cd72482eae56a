"""Skeletons are counted for a plan while others are made for a load."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch

from inference_worker.engine.checkpoints.open import open_checkpoint
from inference_worker.engine.skeleton import build_skeleton

WORDS = ("fp32", "fp16", "int8") * 10


def test_two_threads_that_make_skeletons_at_once_do_not_get_each_others_types(tiny) -> None:
    checkpoint, cpu = open_checkpoint(tiny("llama").path), torch.device("cpu")
    alone = {precision: build_skeleton(checkpoint, precision, cpu).nbytes() for precision in WORDS[:3]}
    with ThreadPoolExecutor(2) as threads:
        counted = threads.map(lambda precision: build_skeleton(checkpoint, precision, cpu).nbytes(), WORDS)
    assert list(counted) == [alone[precision] for precision in WORDS]
