"""How text becomes words of the index, and a query an expression."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nyanko_desktop.conversations.search import index_words, match_expression


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World", "hello world"),
        ("猫娘很好", "猫娘 娘很 很好 好"),
        ("我有3只cat猫", "我有 有 3 只 cat 猫"),
        ("ＡＢＣ！", "abc"),
        ("ねこ", "ねこ こ"),
        ("a_b-c", "a b c"),
        ("…", ""),
    ],
)
def test_text_becomes_words_and_pairs(text: str, words: str) -> None:
    assert index_words(text) == words


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("hello wor", '"hello" AND "wor"*'),
        ("猫娘", '"猫娘"'),
        ("猫娘很", '"猫娘 娘很"'),
        ("猫", '"猫"*'),
        ('"; DROP', '"drop"*'),
        ("  ", ""),
    ],
)
def test_a_query_becomes_an_expression(query: str, expression: str) -> None:
    assert match_expression(query) == expression


@given(st.text(max_size=30))
def test_no_query_is_a_syntax_error(query: str) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61')")
    if expression := match_expression(query):
        database.execute("SELECT * FROM words WHERE words MATCH ?", (expression,)).fetchall()
    database.close()


@given(st.text(alphabet="猫娘很好ab 1", min_size=1, max_size=12), st.data())
def test_every_part_of_a_chinese_run_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    if not all(char in "猫娘很好" for char in part):
        return
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61')")
    database.execute("INSERT INTO words VALUES (?)", (index_words(text),))
    found = database.execute("SELECT count(*) FROM words WHERE words MATCH ?", (match_expression(part),)).fetchone()
    database.close()
    assert found == (1,)
