"""Every sentence that a person reads has a Chinese translation, with the same fields, in the compiled catalogue."""

from __future__ import annotations

import ast
import io
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from nyanko_desktop.i18n import CATALOGUES, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
TRANSLATED = sorted(set(LANGUAGES) - {"en"})


def calls_of(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Where each call of ``tr`` or of the mark ``N_`` stands, and the call."""
    for folder in ("nyanko_desktop", "ui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def sentence_of(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def fields_of(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def catalogue(language: str, suffix: str = "po") -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"nyanko.{suffix}"


def read(language: str) -> Catalog:
    with catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def test_every_sentence_is_a_literal_that_can_be_extracted() -> None:
    assert [where for where, call in calls_of("tr", "N_") if sentence_of(call) is None] == []


def test_every_field_of_a_sentence_is_given_a_value() -> None:
    wrong = []
    for where, call in calls_of("tr"):
        given = {keyword.arg for keyword in call.keywords}
        if None not in given and (sentence := sentence_of(call)) and fields_of(sentence) != given:
            wrong.append(f"{where}: {sentence!r} has {fields_of(sentence)}, given {given}")
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    known = read(language)
    sentences = {sentence: where for where, call in calls_of("tr", "N_") if (sentence := sentence_of(call))}
    untranslated = [
        f"{where}: {sentence}"
        for sentence, where in sentences.items()
        if not (message := known.get(sentence)) or not message.string or message.fuzzy
    ]
    assert untranslated == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_its_sentence(language: str) -> None:
    wrong = [m.id for m in read(language) if m.id and m.string and fields_of(str(m.id)) != fields_of(str(m.string))]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read(language))
    assert compiled.getvalue() == catalogue(language, "mo").read_bytes()
