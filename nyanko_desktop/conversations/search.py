"""Words for the full-text index: Latin words as they are, Chinese, Japanese and Korean as pairs of characters.

SQLite's own trigrams find no Chinese word of two characters, and its word splitter takes a whole sentence for one word.
Knows no SQL beyond the quoting of a MATCH expression.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>(?:(?![{_CJK}])[^\W_])+)")


def index_words(text: str) -> str:
    """``text`` as the words to be indexed, separated by blanks; a run of CJK ends with its last character alone."""
    words: list[str] = []
    for run, cjk in _runs(text):
        words.extend([*_pairs(run), run[-1]] if cjk else [run])
    return " ".join(words)


def match_expression(query: str) -> str:
    """``query`` as an FTS5 expression that asks for all its words, the last one as a beginning; empty for no words."""
    runs = _runs(query)
    terms: list[str] = []
    for position, (run, cjk) in enumerate(runs):
        if cjk:
            terms.append(f'"{" ".join(_pairs(run))}"' if len(run) > 1 else f'"{run}"*')
        else:
            terms.append(f'"{run}"*' if position == len(runs) - 1 else f'"{run}"')
    return " AND ".join(terms)


def _runs(text: str) -> list[tuple[str, bool]]:
    """Runs of word characters in reading order, and whether each is CJK."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [(match.group(), match.lastgroup == "cjk") for match in _RUN.finditer(plain)]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
