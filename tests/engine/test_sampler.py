"""Sampling agrees with transformers' own warpers, in their order, and a seed repeats it."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from transformers.generation import logits_process

from inference_worker.engine.sampler import NUCLEUS, OURS, Sampler, Sampling, candidates, checkpoint_defaults

CPU = torch.device("cpu")


def warped(scores: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Probabilities as transformers computes them, [vocabulary]."""
    batch = scores.unsqueeze(0)
    if sampling.top_k:
        batch = logits_process.TopKLogitsWarper(sampling.top_k)(None, batch)
    if sampling.top_p is not None and sampling.top_p < 1:
        batch = logits_process.TopPLogitsWarper(sampling.top_p)(None, batch)
    if sampling.min_p:
        batch = logits_process.MinPLogitsWarper(sampling.min_p)(None, batch)
    return batch.softmax(-1)[0]


def ours(scores: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    values, ids = candidates(scores, sampling)
    if ids is None:
        return values.softmax(-1)
    return torch.zeros_like(scores).scatter_(0, ids, values.softmax(-1))


@pytest.mark.parametrize("top_k", [0, 1, 5, 40, 10**6])
@pytest.mark.parametrize("top_p", [0.0, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("min_p", [0.0, 0.05, 1.0])
def test_candidates_and_their_probabilities_are_those_of_transformers(top_k: int, top_p: float, min_p: float) -> None:
    sampling = Sampling(top_k=top_k, top_p=top_p, min_p=min_p)
    for seed in range(5):
        scores = 3 * torch.randn(500, generator=torch.Generator().manual_seed(seed))
        assert torch.allclose(ours(scores, sampling), warped(scores, sampling), atol=1e-6)


@pytest.mark.parametrize("spread", [0.01, 1.0, 8.0])
def test_top_p_over_a_large_vocabulary_is_exact_whether_few_or_many_tokens_reach_it(spread: float) -> None:
    scores = spread * torch.randn(20 * NUCLEUS, generator=torch.Generator().manual_seed(0))
    sampling = Sampling(top_p=0.9)
    assert ((ours(scores, sampling) > 0) == (warped(scores, sampling) > 0)).float().mean() > 0.9999


def test_repetition_penalty_is_that_of_transformers_and_covers_the_reply_too() -> None:
    scores, seen = torch.tensor([4.0, 3.9, -1.0, 3.5]), [0]
    sampler = Sampler(Sampling(temperature=0, repetition_penalty=1.2), seen, 4, CPU)
    processor = logits_process.RepetitionPenaltyLogitsProcessor(1.2)
    for _ in range(4):
        expected = int(processor(torch.tensor([seen]), scores.unsqueeze(0)).argmax())
        assert sampler.choose(scores) == expected
        seen.append(expected)
    assert len(set(seen)) > 2


def test_temperature_zero_is_greedy() -> None:
    assert Sampler(Sampling(temperature=0, top_p=0.1), [], 3, CPU).choose(torch.tensor([1.0, 3.0, 2.0])) == 1


def test_draws_follow_the_probabilities() -> None:
    sampler = Sampler(Sampling(temperature=1, top_p=1, top_k=0, min_p=0, seed=1), [], 3, CPU)
    scores = torch.tensor([0.6, 0.3, 0.1]).log()
    counts = Counter(sampler.choose(scores) for _ in range(4000))
    assert [counts[i] / 4000 for i in range(3)] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_a_low_temperature_sharpens() -> None:
    sampler = Sampler(Sampling(temperature=0.1, top_p=1, top_k=0, min_p=0, seed=1), [], 3, CPU)
    scores = torch.tensor([0.6, 0.3, 0.1]).log()
    assert {sampler.choose(scores) for _ in range(200)} <= {0, 1}


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    scores = torch.randn(200)

    def draw(seed: int | None) -> list[int | None]:
        sampler = Sampler(Sampling(temperature=1, seed=seed, top_p=0.95), [], 200, CPU)
        return [sampler.choose(scores) for _ in range(40)]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
    assert draw(None) != draw(None)


def test_half_precision_scores_are_drawn_from_in_fp32() -> None:
    scores = torch.randn(100)
    sampling = Sampling(temperature=1, seed=3, top_p=0.9)
    rounded = [Sampler(sampling, [], 100, CPU).choose(scores.to(dtype)) for dtype in (torch.float16, torch.bfloat16)]
    assert rounded == [
        Sampler(sampling, [], 100, CPU).choose(scores.to(t).float()) for t in (torch.float16, torch.bfloat16)
    ]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_scores_that_are_no_numbers_choose_nothing(bad: float, temperature: float) -> None:
    scores = torch.tensor([1.0, bad, 2.0])
    assert Sampler(Sampling(temperature=temperature, top_p=0.9), [], 3, CPU).choose(scores) is None


def test_tokens_that_a_model_forbids_are_never_drawn() -> None:
    scores = torch.tensor([0.0, -float("inf"), 0.0])
    sampler = Sampler(Sampling(temperature=1, top_p=0.9, seed=0), [], 3, CPU)
    assert {sampler.choose(scores) for _ in range(50)} == {0, 2}


def test_what_is_left_open_comes_from_the_checkpoint_and_else_from_us() -> None:
    defaults = checkpoint_defaults({"temperature": 0.6, "top_k": 20, "repetition_penalty": "often", "top_p": 7})
    assert (defaults.temperature, defaults.top_k) == (0.6, 20)
    assert (defaults.top_p, defaults.repetition_penalty) == (OURS.top_p, OURS.repetition_penalty) == (0.9, 1.0)
    chosen = Sampling(temperature=0.1, seed=4, max_tokens=9).filled_from(defaults)
    assert (chosen.temperature, chosen.top_k, chosen.seed, chosen.max_tokens) == (0.1, 20, 4, 9)


def test_a_checkpoint_that_says_greedy_is_greedy_unless_told_otherwise() -> None:
    defaults = checkpoint_defaults({"do_sample": False})
    assert Sampling().filled_from(defaults).temperature == 0
    assert Sampling(temperature=0.5).filled_from(defaults).temperature == 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1.0}, {"temperature": float("nan")}, {"top_k": -1}, {"top_p": 1.5}, {"min_p": -0.1},
        {"repetition_penalty": 0.0}, {"max_tokens": 0}, {"stop": ("",)},
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Sampling(**wrong)
