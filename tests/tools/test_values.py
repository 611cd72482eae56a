"""Reading values: what JSON and Python write comes back, and everything else is refused without an error."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_worker.tools.values import GEMMA, JSON, PYTHON, BadValueError, parse_value

texts = st.text(st.characters(blacklist_categories=("Cs",)))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_what_json_and_python_write_comes_back(value: Any) -> None:
    assert parse_value(json.dumps(value)) == value
    assert parse_value(json.dumps(value, ensure_ascii=False, indent=1)) == value
    assert parse_value(repr(value), PYTHON) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': True, 'b': None,}", {"a": True, "b": None}),
        ('"\\ud83d\\ude00"', "😀"),
        ("(1, 2)", None),
        ("[1 2]", None),
        ("NaN", None),
        ("-Infinity", None),
        ("1e999", None),
        ("01", None),
        ('{"a": 1, "a": 2}', None),
        ("{a: 1}", None),
        ('"a" "b"', None),
        ("1 + 1", None),
        ("__import__('os')", None),
        ("9" * 10_000, None),
        ("[" * 5_000 + "]" * 5_000, None),
        ('"\\x', None),
        ("", None),
    ],
)
def test_json_is_read_leniently_but_nothing_is_guessed(text: str, value: Any) -> None:
    if value is not None:
        assert parse_value(text) == value
        return
    with pytest.raises(BadValueError):
        parse_value(text)


def test_python_has_its_own_texts() -> None:
    assert parse_value(r"'Martha\'s\n\u5317 \d'", PYTHON) == "Martha's\n北 \\d"
    assert parse_value("'''a 'b' c'''", PYTHON) == "a 'b' c"
    assert parse_value("(1, 2)", PYTHON) == [1, 2]
    for text in (
        "f'{x}'",
        "b'x'",
        "[x for x in y]",
        "1 if x else 2",
        "a.b",
        "'a' 'b'",
        "lambda: 1",
        "{1: 2}",
        "{1, 2}",
    ):
        with pytest.raises(BadValueError):
            parse_value(text, PYTHON)


def test_gemma_writes_texts_between_markers_and_keys_bare() -> None:
    assert parse_value('{city:<|"|>a "b", {c}<|"|>,days:-3,on:true,no:null,l:[1,<|"|>x<|"|>]}', GEMMA) == {
        "city": 'a "b", {c}',
        "days": -3,
        "on": True,
        "no": None,
        "l": [1, "x"],
    }


@given(st.text(alphabet="{}[](),:'\"\\ \n-+.e10aNutrfls<|>", max_size=60))
@settings(max_examples=1000, deadline=None)
def test_any_text_is_a_value_or_refused(text: str) -> None:
    for notation in (JSON, PYTHON, GEMMA):
        try:
            parse_value(text, notation)
        except BadValueError:
            continue


def test_time_is_linear() -> None:
    for unit in ("[", '"\\n', '"a",', "{'a':", "1,", "\\", "'''", " "):
        started = time.thread_time()
        for notation in (JSON, PYTHON, GEMMA):
            try:
                parse_value("[" + unit * (40_000 // len(unit)), notation)
            except BadValueError:
                continue
        assert time.thread_time() - started < 5
