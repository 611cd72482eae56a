"""Reasons in the language of now: known ones with their values, others in quotes, English as it came."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import set_language
from nyanko_desktop.reasons.words import reason_in_words, result_in_words

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
        ("model.layers.*.mlp.experts: fused experts", "model.layers.*.mlp.experts：融合的专家层"),
        (
            "GPTQ int4 in groups of 128: converted to the chosen precision while loading",
            "GPTQ int4，每组 128 列：加载时转换为所选精度",
        ),
        ("write one JSON object with path, content", "请写成一个 JSON 对象，其中包含 path, content"),
        (
            "write the time as 10m, 2h, 18:30 or 2026-11-21 18:30",
            "时间请写成 10m、2h、18:30 或 2026-11-21 18:30 这样的形式",
        ),
        (
            "the tool run_python is not offered: running Python is switched off: the person can switch it on in the "
            "settings",
            "没有提供工具 run_python：运行 Python 已关闭：可以在设置里打开",
        ),
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


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("room", ["jobs", "engine/checkpoints", "engine/tokenizers"])
def test_every_reason_that_a_model_or_a_hub_is_refused_for_is_known(room: str) -> None:
    files = sorted((TOOLS.parent / room).rglob("*.py"))
    reasons = [text for file in files for text in given_reasons(ast.parse(file.read_text()))]
    assert len(reasons) > 5
    assert [text for text in reasons if reason_in_words(text) == f"“{text}”"] == []


def given_reasons(tree: ast.Module) -> Iterator[str]:
    """What is given as ``reason=…``, assigned to ``reason``, or said of what is broken, unreachable or refused."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="reason", value=value) | ast.Assign(targets=[ast.Name(id="reason")], value=value):
                yield from text_of(value)
            case ast.Call(func=ast.Name(id="broken") | ast.Attribute(attr="broken"), args=[_, value]):
                yield from text_of(value)
            case ast.Call(func=ast.Attribute(attr="unreachable" | "refused"), args=[value]):
                yield from text_of(value)
            case _:
                pass


def text_of(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value="; "), *_]):
            pass  # another reason, and what to do
        case ast.JoinedStr(values=pieces):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in pieces)
        case _:
            pass


@pytest.mark.usefixtures("chinese")
def test_every_reason_for_which_a_call_is_not_read_or_does_not_fit_is_known() -> None:
    names = ("UnfitError", "_PositionalError", "BadValueError", "_MisfitError", "_ComplexError")
    files = [*TOOLS.glob("*.py"), *(TOOLS / "families").glob("*.py")]
    sentences = [sentence for file in sorted(files) for sentence in refusals(ast.parse(file.read_text()), names)]
    assert len(sentences) > 60
    assert [s for s in sentences if "“" in reason_in_words(f"the call cannot be read: {s}")] == []
    assert [s for s in sentences if reason_in_words(s) == f"“{s}”"] == []


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("the call is too long", "调用太长"),
        ("there is no tool called cook", "没有名为 cook 的工具"),
        ("the call cannot be read: a colon is missing", "无法读取这次调用：缺少冒号"),
        ("the call cannot be read: </invoke> is missing", "无法读取这次调用：缺少 </invoke>"),
        ("the call cannot be read: a colon is missing; answer in plain words now", "无法读取这次调用：缺少冒号"),
        ("an item of names must be of type integer or null", "names 中的一项 的类型必须是 integer/null"),
        ("the file of my dog is missing", "“the file of my dog is missing”"),
    ],
)
def test_why_a_call_did_not_run_is_said_in_chinese(reason: str, words: str) -> None:
    assert result_in_words(f"error: {reason}") == f"错误：{words}"


def test_what_only_the_model_is_told_is_not_shown() -> None:
    assert result_in_words("error: too many calls; answer in plain words now") == "error: too many calls"


def refusals(tree: ast.Module, names: tuple[str, ...] = ("ToolError",)) -> Iterator[str]:
    """The texts of ``ToolError(…)``, with a 7 for each value in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield from text_of(node.args[0])
