"""The trainer: what is learned, that it learns, that a stopped run goes on, and that the result loads like any checkpoint."""

import random

import pytest
import torch

from inference_worker.mini import train as trainer
from inference_worker.mini.corpus.dialogue import Call, Exchange, single
from inference_worker.mini.corpus.mix import texts
from inference_worker.mini.optimizer import orthogonalized
from inference_worker.mini.samples import IGNORED, Encoder, batches
from inference_worker.mini.tokenizer import USER, id_of, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(texts(random.Random(1), 400))


def test_digits_and_chinese_characters_are_never_merged(tokenizer):
    pieces = tokenizer.encode("12345 提醒我喝水").tokens
    assert all(len(tokenizer.decode([tokenizer.token_to_id(piece)])) <= 2 for piece in pieces)


def test_only_the_replies_are_learned(tokenizer):
    sample = Encoder(tokenizer).sample(single("hello", "hi"))
    learned = [label for label in sample.labels if label != IGNORED]
    assert tokenizer.decode(learned, skip_special_tokens=False) == f"hi{USER}"


def test_a_call_is_learned_up_to_its_newline_and_its_result_is_not(tokenizer):
    dialogue = (Exchange("6.5*7.5", (Call("/calculate 6.5*7.5", "48.75"), "It is 48.75.")),)
    sample = Encoder(tokenizer).sample(dialogue)
    learned = [label for label in sample.labels if label != IGNORED]
    assert tokenizer.decode(learned, skip_special_tokens=False) == f"/calculate 6.5*7.5\nIt is 48.75.{USER}"
    assert " <<48.75\n" in tokenizer.decode(sample.ids, skip_special_tokens=False)


def test_labels_are_the_next_ids_wherever_text_goes_on(tokenizer):
    sample = Encoder(tokenizer).sample((Exchange("hello", ("how are you",)), Exchange("fine", ("good",))))
    pairs = zip(sample.labels, [*sample.ids[1:], id_of(tokenizer, USER)], strict=True)
    assert all(label in (IGNORED, following) for label, following in pairs)


def test_batches_stay_within_their_size(tokenizer):
    feed = batches(
        lambda rng: single("a" * rng.randint(1, 60), "b"), Encoder(tokenizer), seed=1, tokens=200, longest=64
    )
    for _ in range(50):
        batch = next(feed)
        assert len(batch) * max(len(sample.ids) for sample in batch) <= 200


def test_orthogonalized_matrices_have_singular_values_near_one():
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonalized(torch.randn(48, 96)))
    assert 0.6 < values.min() < values.max() < 1.4


def test_training_learns_resumes_and_exports_a_checkpoint_transformers_can_read(tmp_path, caplog):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    work, out = tmp_path / "work", tmp_path / "out"
    work.mkdir()
    train_tokenizer(texts(random.Random(1), 300)).save(str(work / "tokenizer.json"))
    trainer.train(2, work, out, tokens=512, device="cpu")
    trainer.train(4, work, out, tokens=512, device="cpu")
    assert torch.load(work / "state.pt", weights_only=True)["step"] == 4
    model = AutoModelForCausalLM.from_pretrained(out)
    assert model.config.model_type == "glm"
    words = AutoTokenizer.from_pretrained(out)
    shown = words.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False, add_generation_prompt=True)
    assert shown == "<|user|>hi<|assistant|>"
