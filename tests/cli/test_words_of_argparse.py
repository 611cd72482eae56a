"""What argparse says of our command lines, in both languages: its own words in English, and none of them in Chinese."""

from __future__ import annotations

import argparse
import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from nyanko_desktop.cli import build_parser, parse
from nyanko_desktop.i18n import set_language
from nyanko_desktop.terminal.columns import width_of, wrapped
from nyanko_desktop.terminal.parsers import SENTENCES, in_words
from tests.cli.command_line import ROOT

SECONDS = 20.0
OF_PROGRAMMERS = re.compile(
    r"conflict|merge|invalid option string|dest=|callable|mutually|\.__call__|'required'|multiple subparser"
    r"|unexpected option string|argument \"-\""
)
"""What argparse says to whoever makes a parser."""
OF_OTHERS = re.compile(
    r"can't open|subcommands|version number|default:|deprecated|not allowed with|one of the arguments"
    r"|: warning:|%\(heading\)s:"
)
"""What no parser of ours has a use for: files, exclusive groups, deprecated options; headings are ours."""
NAMES = (
    "nyanko JSON GGUF ModelScope token auto cpu cuda mps split any calculate now remind tool fetch index "
    "family tools calls visible reasoning status deltas appended rejected error line"
)
"""What is called so in every language."""
WRONG = [
    "nosuch",
    "ask",
    "ask --nosuch x",
    "ask --precision foo x",
    "ask --must-call",
    "ask --json=1 x",
    "ask --s x",
    "ask --seed x x",
    "ask --allow bake x",
    "tool",
    "tool --nosuch",
    "tool now x --stdin",
    "chat x",
    "models",
    "models nosuch",
    "models plan",
    "models plan --group x y",
    "models plan --group 5 y",
    "grants",
    "grants revoke",
    "ledger --limit 0",
    "debug",
    "doctor x",
    "--profile",
    "--nosuch",
]
HELPS = [
    "",
    "ask",
    "chat",
    "quick-ask",
    "tool",
    "grants",
    "ledger",
    "models",
    "models plan",
    "doctor",
    "debug toolcalls",
]


@pytest.fixture
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


def sentences() -> set[str]:
    """Everything that the argparse of this Python has translated, without blanks and line ends around it."""
    names = ("_", "ngettext")
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(argparse))) if isinstance(node, ast.Call))
    ours = (call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in names and call.args)
    return {arg.value.strip() for arg in ours if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}


def said(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        parse(words.split())
    return "".join(capsys.readouterr())


def latin(text: str) -> set[str]:
    """Words of Latin letters in ``text`` that are no name, option, place-holder or choice."""
    text = re.sub(r"\[[^\]\n]*\]|\{[^}]*\}|（可选：.*）|--?[\w-]+|https?://\S+|'[^']*'|nyanko [a-z -]+", " ", text)
    return set(re.findall(r"\b[A-Za-z][a-z]+\b", text)) - set(NAMES.split())


def test_nothing_that_a_person_may_read_is_unknown() -> None:
    known = {sentence for sentence in sentences() if not OF_PROGRAMMERS.search(sentence)}
    assert {s for s in known - set(SENTENCES) if not OF_OTHERS.search(s)} == {"expected %s argument"}, (
        "no option of ours takes a number of values"
    )


def test_english_stays_as_python_says_it() -> None:
    assert [sentence for sentence in sentences() if in_words(sentence) != sentence] == []
    assert in_words("usage: ") == "usage: "


@pytest.mark.usefixtures("chinese")
def test_every_sentence_has_a_chinese_one_with_the_same_values() -> None:
    value = re.compile(r"%(?:\(\w+\))?[rs]")
    for sentence in SENTENCES:
        assert re.search("[\u3400-\u9fff]", in_words(sentence)), sentence
        assert value.findall(in_words(sentence)) == value.findall(sentence)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("words", WRONG)
def test_what_cannot_be_understood_is_told_in_chinese(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    *usage, error = said(words, capsys).splitlines()
    assert usage[0].startswith("用法：nyanko ")
    assert "：错误：" in error
    assert latin(error) <= set(re.findall("[a-z]+", words))


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("words", HELPS)
def test_help_is_chinese_and_fits_the_terminal(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    help = said(f"{words} --help", capsys)
    usage, about = help.split("\n\n", 1)
    assert usage.startswith(f"用法：nyanko {words}".rstrip())
    assert latin(re.sub(r"(?m)^ {2,4}\S+", "", about)) == set()
    assert [line for line in help.splitlines() if width_of(line) > 80 and "{" not in line] == []
    assert not re.search("[\u3400-\u9fff]:", help)


@pytest.mark.parametrize("words", HELPS)
def test_help_in_english_is_laid_out_by_python(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = said(f"{words} --help", capsys)
    assert made.startswith(f"usage: nyanko {words}".rstrip())
    assert "\noptions:\n" in made


def test_the_usage_of_the_command_stands_above_a_word_that_it_does_not_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("doctor x", capsys).startswith("usage: nyanko doctor ")


def test_lines_break_at_blanks_and_between_chinese_signs_but_before_no_mark() -> None:
    assert wrapped("可以用 nyanko chat，在终端里（聊天）。", 13) == ["可以用 nyanko", "chat，在终端", "里（聊天）。"]
    assert wrapped("一二三四五。", 10) == ["一二三四", "五。"]
    assert wrapped("a b", 1) == ["a", "b"]
    assert wrapped("", 10) == [""]


@pytest.mark.parametrize("words", ["tool -h", "tool --help --json", "--profile x tool --help"])
def test_help_without_the_name_of_a_tool_is_that_of_the_command(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "[-h]" in said(words, capsys)


@pytest.mark.parametrize(
    ("words", "about", "argument"),
    [
        ("tool now --help", True, []),
        ("tool -h now", True, []),
        ("tool now x -h y", True, ["x", "y"]),
        ("tool now x --stdin -h", True, ["x"]),
        ("tool now -- --help", False, ["--help"]),
        ("tool now x -- -h", False, ["x", "-h"]),
    ],
)
def test_help_behind_a_tool_is_about_the_tool_but_behind_two_dashes_a_text(
    words: str, about: bool, argument: list[str]
) -> None:
    parsed = parse(words.split())
    assert (parsed.about, parsed.argument) == (about, argument)


def test_a_parser_is_in_the_language_in_which_it_was_made() -> None:
    """In a child of its own, as a person starts it."""
    code = "import sys; from nyanko_desktop.cli import main; sys.exit(main(['--help']))"
    environment = {**os.environ, "LANGUAGE": "zh_CN", "PYTHONPATH": str(ROOT)}
    child = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=SECONDS)
    assert "选项：\n  -h, --help           显示这份帮助并退出\n" in child.stdout.decode()
    assert build_parser().format_usage().startswith("usage: ")
