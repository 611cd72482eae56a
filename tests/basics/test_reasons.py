"""Reasons in the language of now: known ones with their values, others in quotes, English as it came."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import set_language
from nyanko_desktop.reasons import reason_in_words, result_in_words

TOOLS = Path(__file__).resolve().parents[2] / "inference_worker" / "tools"


@pytest.fixture(params=["zh_CN"])
def chinese(request: pytest.FixtureRequest) -> Iterator[None]:
    set_language(request.param)
    yield
    set_language("en")


def test_english_stays_as_it_came() -> None:
    assert reason_in_words("whatever; it says") == "whatever; it says"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("division by zero", "不能除以零"),
        ("took longer than 10 seconds", "超过了 10 秒"),
        (
            "the worker closed the connection; ended by signal 9 (SIGKILL)",
            "模型进程关闭了连接；被信号 9（SIGKILL）结束",
        ),
        ("memory was given back; ended with exit code 0: a; b", "内存已释放；以退出码 0 结束：a; b"),
        ("no such luck", "“no such luck”"),
        ("", ""),
    ],
)
def test_known_reasons_are_chinese_and_others_are_quoted(reason: str, words: str) -> None:
    assert reason_in_words(reason) == words


@pytest.mark.usefixtures("chinese")
def test_a_card_and_a_failed_call_say_their_reason_in_chinese() -> None:
    card = explain(WireError(ErrorCode.TOOL_FAILED, {"name": "calculate", "reason": "division by zero"}))
    assert card.reason == "不能除以零"
    assert result_in_words("error: division by zero") == "错误：不能除以零"
    assert result_in_words("42") == "42"


@pytest.mark.usefixtures("chinese")
def test_every_sentence_with_which_a_tool_refuses_is_known() -> None:
    sentences = [sentence for file in sorted(TOOLS.glob("*.py")) for sentence in refusals(ast.parse(file.read_text()))]
    assert len(sentences) > 25
    assert [s for s in sentences if reason_in_words(s) == f"“{s}”"] == []


def refusals(tree: ast.Module) -> Iterator[str]:
    """The texts of ``ToolError(…)``, with a 7 for each value in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ToolError":
            match node.args[0]:
                case ast.Constant(value=str(text)):
                    yield text
                case ast.JoinedStr(values=pieces):
                    yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in pieces)
                case _:
                    pass
