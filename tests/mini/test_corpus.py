"""What the training text promises, checked over many draws: the tools' real results, repeated digit for digit."""

import random
import re

import pytest

from inference_worker.mini.corpus import arithmetic, chat_en, chat_zh, reminders
from inference_worker.mini.corpus.dialogue import Call
from inference_worker.mini.corpus.grammar import GrammarError, expand
from inference_worker.mini.corpus.mix import draw
from inference_worker.tools.calculate import calculate

DRAWS = 3_000


def calls(dialogue, name):
    """Every (call, text that follows it) of tool ``name``."""
    for exchange in dialogue:
        for piece, following in zip(exchange.reply, exchange.reply[1:], strict=False):
            if isinstance(piece, Call) and piece.line.split()[0] == name:
                yield piece, following


def test_the_same_seed_gives_the_same_dialogues():
    first, second = random.Random(7), random.Random(7)
    assert [draw(first) for _ in range(300)] == [draw(second) for _ in range(300)]


def test_every_calculation_has_the_result_of_the_real_calculator():
    rng = random.Random(1)
    seen = [pair for _ in range(DRAWS) for pair in calls(draw(rng), "/calculate")]
    wrong = [
        call for call, _ in seen if not call.result.startswith("error") and calculate(call.line[11:]) != call.result
    ]
    assert len(seen) > DRAWS / 5
    assert wrong == []


def test_replies_to_a_calculation_repeat_the_result_digit_for_digit():
    rng = random.Random(2)
    for _ in range(DRAWS):
        for call, text in calls(arithmetic.sample_en(rng) + arithmetic.sample_zh(rng), "/calculate"):
            assert call.result.startswith("error") or call.result in text


def test_replies_to_a_reminder_repeat_its_time():
    rng = random.Random(3)
    for _ in range(DRAWS):
        for call, text in calls(reminders.sample_en(rng) + reminders.sample_zh(rng), "/remind"):
            assert call.result.startswith("error") or call.result[-5:] in text


def test_reminder_calls_use_the_four_forms_of_a_time():
    rng = random.Random(4)
    form = re.compile(r"/remind (\d+m|\d+h|\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d) \| \S.*")
    lines = [call.line for _ in range(DRAWS) for call, _ in calls(reminders.sample(rng), "/remind")]
    assert [line for line in lines if not form.fullmatch(line)] == []


def test_phrasings_are_thousands_not_dozens():
    rng = random.Random(5)
    people = {exchange.person for _ in range(DRAWS) for exchange in (*chat_en.sample(rng), *chat_zh.sample(rng))}
    assert len(people) > 0.8 * 2 * DRAWS


def test_english_replies_are_english_and_chinese_replies_chinese():
    rng = random.Random(6)
    for _ in range(DRAWS):
        english = "".join(piece for e in chat_en.sample(rng) for piece in e.reply if isinstance(piece, str))
        chinese = "".join(piece for e in chat_zh.sample(rng) for piece in e.reply if isinstance(piece, str))
        assert not re.search(r"[一-鿿]", english.replace("喵酱", ""))
        assert re.search(r"[一-鿿]", chinese)


@pytest.mark.parametrize("frame", ["[a|b", "{nobody}", "a]b[", "{open"])
def test_a_malformed_frame_is_refused(frame):
    with pytest.raises(GrammarError):
        expand(frame, random.Random(1))


def test_weights_and_nesting_work():
    rng = random.Random(1)
    drawn = [expand("[9:a|b[c|]]", rng) for _ in range(1000)]
    assert set(drawn) == {"a", "b", "bc"}
    assert drawn.count("a") > 850
