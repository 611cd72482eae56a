"""The Chinese catalogue reads as Chinese, follows the source, and is there as soon as the language is switched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from nyanko_desktop.i18n import CATALOGUES, LANGUAGES, language, on_language_changed, set_language, tr
from tests.architecture.test_translations import ROOT, calls_of, read, sentence_of

SECONDS = 20.0
"""A child that imports one small module; more means that it hangs."""
HAN = r"[\u3400-\u9fff]"
FULL_WIDTH_OF = {".": "。", "?": "？", "!": "！", ":": "：", "…": "…"}


def pairs() -> list[tuple[str, str]]:
    """Each sentence and its Chinese."""
    return [(str(message.id), str(message.string)) for message in read("zh_CN") if message.id]


@pytest.fixture
def keeping_the_language() -> Iterator[None]:
    before = language()
    yield
    set_language(before)


def test_the_template_and_the_catalogue_hold_what_the_source_says_and_nothing_else() -> None:
    """``make translations`` makes it so; it cannot see a ``tr()`` that stands inside an f-string."""
    source = {sentence for _, call in calls_of("tr", "N_") if (sentence := sentence_of(call))}
    with (CATALOGUES / "nyanko.pot").open("rb") as file:
        assert sorted(source) == sorted(str(message.id) for message in read_po(file) if message.id)
    assert sorted(source) == sorted(sentence for sentence, _ in pairs())


def test_a_chinese_sentence_ends_as_the_english_one_but_in_full_width() -> None:
    wrong = [(en, zh) for en, zh in pairs() if FULL_WIDTH_OF.get(en[-1]) and not zh.endswith(FULL_WIDTH_OF[en[-1]])]
    extra = [(en, zh) for en, zh in pairs() if en[-1] not in FULL_WIDTH_OF and zh[-1] in "。？！：.?!:,;"]
    assert wrong + extra == []


def test_no_half_width_mark_stands_beside_a_chinese_character() -> None:
    beside = re.compile(rf"{HAN}[,.;:?!()]|[,;:?!()]{HAN}")
    assert [zh for _, zh in pairs() if beside.search(zh)] == []


def test_a_blank_stands_between_chinese_and_latin_words_but_not_beside_full_width_marks() -> None:
    crowded = re.compile(rf"{HAN}[A-Za-z0-9{{]|[A-Za-z0-9}}]{HAN}|[，。：；？！、“（] | [，。：；？！、”）]")
    assert [zh for _, zh in pairs() if crowded.search(zh)] == []


def test_the_program_has_a_name_but_does_not_meow() -> None:
    assert [zh for _, zh in pairs() if "喵" in zh.replace("喵酱", "")] == []


def test_a_switch_is_heard_at_once_and_can_be_taken_back(keeping_the_language: None) -> None:
    heard: list[str] = []
    end = on_language_changed(lambda: heard.append(tr("Send")))
    for code in ("zh_CN", "en", "zh_CN"):
        set_language(code)
    end()
    set_language("en")
    assert heard == ["发送", "Send", "发送"]
    assert tr("Send") == "Send"


def test_fields_are_filled_in_both_languages(keeping_the_language: None) -> None:
    said = {}
    for code in LANGUAGES:
        set_language(code)
        said[code] = tr("{free} of {total} free", free="2 GB", total="4 GB")
    assert said == {"en": "2 GB of 4 GB free", "zh_CN": "可用 2 GB，共 4 GB"}


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [("LANG", "zh_CN.UTF-8", "发送"), ("LANGUAGE", "zh_CN:en", "发送"), ("LANG", "C.UTF-8", "Send")],
)
def test_auto_follows_the_system(variable: str, value: str, expected: str) -> None:
    """In a child of its own: the environment of a process is read once."""
    clean = {name: text for name, text in os.environ.items() if name != "LANGUAGE" and not name.startswith("LC_")}
    environment = {**clean, "LANG": "C.UTF-8", variable: value, "PYTHONIOENCODING": "utf-8"}
    code = "from nyanko_desktop.i18n import set_language, tr; set_language('auto'); print(tr('Send'))"
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS, check=True
    )
    assert child.stdout.decode().strip() == expected
