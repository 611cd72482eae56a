"""Every error code and every finish reason has words, in every language that ships."""

from __future__ import annotations

from typing import get_args

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import FinishReason
from nyanko_desktop.errors import bytes_in_words, explain, explain_finish, explain_interrupted, two_sentences


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_code_is_explained_even_without_its_parameters(code: ErrorCode) -> None:
    words = explain(WireError(code))
    assert words.title
    assert words.reason
    assert words.hint
    assert words.code == code.value


def test_parameters_reach_the_sentence_with_bytes_in_words() -> None:
    words = explain(
        WireError(ErrorCode.OUT_OF_MEMORY, {"device": "cuda:0", "needed": "5368709120", "free": "1073741824"})
    )
    assert "cuda:0" in words.reason
    assert "5.0 GB" in words.reason
    assert "1.0 GB" in words.reason


@pytest.mark.parametrize(
    ("fits", "words"),
    [
        ({"context": "4000"}, "a context of 4000 tokens:"),
        ({"precision": "int4"}, "as int4:"),
        ({"context": "4000", "precision": "int8"}, "a context of 4000 tokens, or as int8:"),
        ({}, "smaller precision or model"),
    ],
)
def test_what_would_fit_instead_is_named(fits: dict[str, str], words: str) -> None:
    params = {"device": "cuda:0", "needed": "2", "free": "1"}
    assert words in explain(WireError(ErrorCode.OUT_OF_MEMORY, params | fits)).hint


def test_what_is_too_long_is_told_with_its_length_and_how_much_fits() -> None:
    params = {"tokens": "900", "fits": "733", "context": "1000"}
    assert explain(WireError(ErrorCode.CONTEXT_FULL, params)).reason == "It has 900 tokens; 733 fit."


def test_an_unsupported_model_is_told_with_what_stands_in_its_way() -> None:
    params = {"path": "/m", "architecture": "LlamaForCausalLM", "reason": "its weights are already quantized"}
    assert "already quantized" in explain(WireError(ErrorCode.UNSUPPORTED_MODEL, params)).reason


def test_braces_in_a_parameter_are_only_text() -> None:
    assert "{odd}" in explain(WireError(ErrorCode.MODEL_NOT_FOUND, {"path": "/{odd}"})).reason


def test_every_finish_reason_but_the_plain_end_has_words() -> None:
    explained = {reason: explain_finish(reason) for reason in get_args(FinishReason)}
    assert explained.pop("stop") is None
    assert all(words is not None and words.title and words.hint for words in explained.values())


def test_an_interrupted_reply_offers_to_continue() -> None:
    assert explain_interrupted().action == "continue"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "2 KB"), (5 * 1024**3, "5.0 GB"), (2048 * 1024**3, "2048.0 GB")],
)
def test_bytes_are_told_in_units_of_1024(count: int, words: str) -> None:
    assert bytes_in_words(count) == words


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        ("choose a folder in it", "Change the request.", "choose a folder in it. Change the request."),
        ("It is full.", "Free some space.", "It is full. Free some space."),
        ("", "Try again.", "Try again."),
        ("offline", "", "offline"),
        ("磁盘已满。", "请重试。", "磁盘已满。请重试。"),
    ],
)
def test_what_to_do_is_a_sentence_of_its_own_behind_a_reason(first: str, then: str, both: str) -> None:
    assert two_sentences(first, then) == both
