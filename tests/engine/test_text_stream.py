"""Text comes out whole characters at a time, without control tokens and without any part of a stop string."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from inference_worker.engine.text_stream import TextStream, overlap
from inference_worker.engine.tokenizers.decoders import LibraryDecoder


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=280,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|end|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(["hello world hello"], trainer)
    return tokenizer


def sentencepiece_like() -> Tokenizer:
    vocab = ["<unk>", "▁Hello", "▁world", "!", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(vocab)}, [], unk_token="<unk>", byte_fallback=True))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


BYTES = byte_level()


def run(stream: TextStream, ids: list[int]) -> list[str]:
    return [stream.push(token) for token in ids]


def test_a_character_appears_with_its_last_byte() -> None:
    pieces = run(TextStream(LibraryDecoder(BYTES)), BYTES.encode("a😀你").ids)
    assert [p for p in pieces if p] == ["a", "😀", "你"]
    assert len(pieces) == 8


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=30))
def test_any_text_comes_out_as_it_is(text: str) -> None:
    stream = TextStream(LibraryDecoder(BYTES))
    assert "".join(run(stream, BYTES.encode(text).ids)) + stream.finish() == text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="a你😀é ", min_size=1, max_size=8), st.data())
def test_a_stream_goes_on_anywhere_even_inside_a_character(text: str, data: st.DataObject) -> None:
    ids = BYTES.encode(text).ids
    cut = data.draw(st.integers(0, len(ids)))
    first = "".join(run(TextStream(LibraryDecoder(BYTES)), ids[:cut]))
    assert first + "".join(run(TextStream(LibraryDecoder(BYTES, before=ids[max(0, cut - 8) : cut])), ids[cut:])) == text


def test_a_character_begun_before_the_stream_is_finished_in_it() -> None:
    ids = BYTES.encode("a😀b").ids
    for cut in range(1, 5):
        assert "".join(run(TextStream(LibraryDecoder(BYTES, before=ids[:cut])), ids[cut:])) == "😀b"


def test_a_window_that_begins_inside_a_character_adds_nothing() -> None:
    ids = BYTES.encode("😀你😀😀你").ids
    for cut in range(8, len(ids)):
        rest = "".join(run(TextStream(LibraryDecoder(BYTES)), ids[:cut]))
        assert (
            rest + "".join(run(TextStream(LibraryDecoder(BYTES, before=ids[cut - 8 : cut])), ids[cut:])) == "😀你😀😀你"
        )


def test_control_tokens_are_not_visible_unless_asked_for() -> None:
    ids = [0, *BYTES.encode("hi").ids, 0]
    assert "".join(run(TextStream(LibraryDecoder(BYTES)), ids)) == "hi"
    assert "".join(run(TextStream(LibraryDecoder(BYTES, skip_special_tokens=False)), ids)) == "<|end|>hi<|end|>"


def test_bytes_that_are_no_text_do_not_stop_the_stream() -> None:
    broken = BYTES.encode("😀").ids[:2]
    text = "".join(run(TextStream(LibraryDecoder(BYTES)), broken + BYTES.encode("ok 你").ids))
    assert text.endswith("ok 你")


def test_the_space_of_a_continued_reply_is_kept() -> None:
    tokenizer = sentencepiece_like()
    assert "".join(run(TextStream(LibraryDecoder(tokenizer)), [1, 2, 3])) == "Hello world!"
    assert "".join(run(TextStream(LibraryDecoder(tokenizer, before=[1])), [2, 3])) == " world!"


def test_byte_fallback_tokens_make_characters() -> None:
    tokenizer = sentencepiece_like()
    ids = [tokenizer.token_to_id(f"<0x{byte:02X}>") for byte in "你".encode()]
    assert run(TextStream(LibraryDecoder(tokenizer)), [1, *ids, 2]) == ["Hello", "", "", "你", " world"]


@pytest.mark.parametrize("stop", ["\nUser:", "lo w", "d", "hello world!"])
def test_a_stop_string_ends_the_text_before_it(stop: str) -> None:
    text = "hello world!\nUser: hi"
    stream = TextStream(LibraryDecoder(BYTES), stop=(stop, "zzz"))
    shown = "".join(run(stream, BYTES.encode(text).ids)) + stream.finish()
    assert shown == text[: text.index(stop)]
    assert stream.stopped


def test_the_first_of_several_stop_strings_counts() -> None:
    stream = TextStream(LibraryDecoder(BYTES), stop=("world", "o w"))
    assert "".join(run(stream, BYTES.encode("hello world").ids)) == "hell"


def test_the_beginning_of_a_stop_string_is_held_back_until_it_is_decided() -> None:
    stream = TextStream(LibraryDecoder(BYTES), stop=("!!?",))
    shown = run(stream, [BYTES.token_to_id(c) for c in "a!!!?"])
    assert shown == ["a", "", "", "!", ""]
    assert stream.stopped
    undecided = TextStream(LibraryDecoder(BYTES), stop=("!!?",))
    assert run(undecided, [BYTES.token_to_id(c) for c in "a!!"]) == ["a", "", ""]
    assert undecided.finish() == "!!"


def test_overlap_is_the_longest_end_that_begins_the_marker() -> None:
    assert overlap("abcab", "abx") == 2
    assert overlap("aaa", "aab") == 2
    assert overlap("abc", "abc") == 0  # whole markers are found, not held
    assert overlap("", "abc") == 0


def test_a_text_that_stands_for_another_one_is_never_seen() -> None:
    stream = TextStream(LibraryDecoder(BYTES), replace=("[[训练时间]]", "2023年"))
    pieces = run(stream, BYTES.encode("截至[[训练时间]]，[[1, 2]]").ids)
    assert "".join(pieces) + stream.finish() == "截至2023年，[[1, 2]]"
    assert not any("训" in piece or "[[训" in piece for piece in pieces)


def test_a_marker_has_no_text_and_what_was_held_back_comes_before_it() -> None:
    marker = BYTES.token_to_id("<|end|>")
    a, half, rest = (BYTES.token_to_id(char) for char in "a!?")
    stream = TextStream(LibraryDecoder(BYTES), stop=("!?",), markers={marker})
    assert run(stream, [a, half, marker, rest]) == ["a", "", "!", "?"]
    assert not stream.stopped
