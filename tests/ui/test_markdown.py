"""Text of a model, cut into blocks and rendered; it is distrusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.markdown import LONGEST_PARAGRAPH, code_spans, split, to_html

PIECES = st.sampled_from(
    [
        "word ",
        "你好",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "2) ",
        "   ",
        "# ",
        "#",
        "```",
        "```py",
        "~~~",
        "`",
        "*",
        "> ",
        "| a |",
        "---",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def kinds(text: str) -> list[str]:
    return [block.kind for block in split(text, final=True)]


@given(TEXTS)
def test_no_character_is_lost_or_made_up(text: str) -> None:
    assert "".join(block.source for block in split(text, final=True)) == text
    assert "".join(block.source for block in split(text, final=False)) == text


@given(TEXTS)
def test_a_closed_block_never_changes_while_the_text_grows(text: str) -> None:
    whole = [(block.kind, block.source) for block in split(text, final=True)]
    for end in range(len(text)):
        closed = [(block.kind, block.source) for block in split(text[:end], final=False) if block.closed]
        assert closed == whole[: len(closed)]


def test_only_the_last_block_of_growing_text_is_open() -> None:
    blocks = split("one\n\ntwo\n\n- three", final=False)
    assert [block.closed for block in blocks] == [True, True, False]
    assert all(block.closed for block in split("one\n\ntwo", final=True))


def test_code_is_a_block_with_its_language() -> None:
    prose, code, more = split("Look:\n```Python title=x\na = 1\n\nb = 2\n```\nDone", final=True)
    assert (code.kind, code.language, code.code) == ("code", "python", "a = 1\n\nb = 2")
    assert (prose.source, more.source) == ("Look:\n", "Done")


def test_code_without_an_end_is_still_code() -> None:
    (code,) = split("```\nx = 1", final=True)
    assert (code.code, code.closed) == ("x = 1", True)


def test_a_fence_that_is_half_written_is_not_shown() -> None:
    (code,) = split("```\nx = 1\n``", final=False)
    assert code.code == "x = 1"


def test_code_inside_a_list_stays_in_its_item() -> None:
    blocks = split("1. Run\n   ```sh\n   ls\n\n   pwd\n   ```\n2. Done", final=True)
    assert [block.kind for block in blocks] == ["prose", "prose"]
    assert "ls\n\npwd" in to_html([blocks[0].source])


def test_items_that_were_rendered_apart_are_one_list() -> None:
    html = to_html([block.source for block in split("1. a\n2. b\n\n3. c", final=True)])
    assert html.count("<ol>") == 1
    assert html.count("<li>") == 3


def test_a_paragraph_without_an_end_is_cut() -> None:
    blocks = split("word " * 10_000, final=False)
    assert max(len(block.source) for block in blocks) <= 2 * LONGEST_PARAGRAPH


def test_a_line_break_is_kept_as_it_is_in_a_letter() -> None:
    assert "<br" in to_html(["one\ntwo"])


def test_markup_of_the_text_itself_is_shown_not_obeyed() -> None:
    html = to_html(["<script>alert(1)</script> <img src='http://x/y.png'> <b>bold</b>"])
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://x/y", "vbscript:x", "/etc/passwd"],
)
def test_only_web_links_become_links(target: str) -> None:
    assert "<a " not in to_html([f"[click]({target})"])


def test_a_picture_is_a_link_that_nobody_follows_by_itself() -> None:
    html = to_html(["![a cat](http://x/cat.png)"])
    assert "<img" not in html
    assert '<a href="http://x/cat.png">a cat</a>' in html


def test_a_bare_address_becomes_a_link_without_the_punctuation_behind_it() -> None:
    html = to_html(["See https://example.com/a?b=1. 或 https://example.com/中。"])
    assert 'href="https://example.com/a?b=1"' in html
    assert 'href="https://example.com/%E4%B8%AD"' in html or 'href="https://example.com/中"' in html


def test_an_address_inside_a_link_stays_one_link() -> None:
    assert to_html(["[https://a.example](https://b.example)"]).count("<a ") == 1


def test_a_table_is_a_table() -> None:
    assert to_html(["| a | b |\n|---|---|\n| 1 | 2 |"]).count("<td>") == 2


def test_code_is_coloured_and_complete() -> None:
    code = "def f():  # why\n    return 'x' + 1\n"
    spans = list(code_spans(code, "python"))
    assert "".join(piece for piece, _ in spans) == code
    assert {"accent_text", "soft", "string", "number"} <= {ink for _, ink in spans}


def test_an_unknown_language_is_plain() -> None:
    assert list(code_spans("x y", "no-such-language")) == [("x y", "text")]
