"""The notes that our tools put around words of others, in Chinese: as the tools write them, and nothing else of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types import AudioContent, CallToolResult, ImageContent, TextContent

from inference_worker.chat.calls import fit_tokens
from inference_worker.chat.quoting import one_line
from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools import fetch, find_files, read_file
from inference_worker.tools.base import Result, Run
from inference_worker.tools.mcp_servers.results import text_of
from nyanko_desktop.i18n import set_language
from nyanko_desktop.reasons.results import call_result_in_words, source_in_words
from nyanko_desktop.reasons.words import reason_in_words


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


def run(tool: Any, folder: Path, **arguments: Any) -> str:
    access = Access(folders=(str(folder),))
    result = tool.run(arguments, Run(access, prepared=tool.prepare(arguments, access)))
    assert isinstance(result, Result)
    return result.text


def read(tool: str, result: str, source: str = "somebody") -> str:
    return call_result_in_words(tool, result, source)


def test_a_part_of_a_page_is_told_in_front_of_it() -> None:
    text = fetch._cut("x" * 20_000, 2)
    assert read("fetch", text).startswith("（第 2 部分，共 3 部分）\nx")
    assert read("fetch", one_line(text)).startswith("（第 2 部分，共 3 部分） x")


def test_what_was_left_out_of_a_file_is_told_behind_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\nthree\n")
    text = run(read_file, tmp_path, path="a.txt", first_line=2, last_line=2)
    assert read("read_file", text) == "two\n（第 2 行至第 2 行，共 3 行）"
    assert read("read_file", one_line(text)) == "two （第 2 行至第 2 行，共 3 行）"
    (tmp_path / "a.txt").write_text("")
    assert read("read_file", run(read_file, tmp_path, path="a.txt")) == "（文件是空的）"
    (tmp_path / "a.txt").write_text("x" * 7_600)
    assert read("read_file", run(read_file, tmp_path, path="a.txt")).endswith("x……（这一行还有 100 个字符）")


def test_what_was_not_found_is_told(tmp_path: Path) -> None:
    assert read("find_files", run(find_files, tmp_path, name="tea")) == "（什么也没有找到）"
    for number in range(find_files.MOST_FOUND + 1):
        (tmp_path / f"tea{number}").touch()
    found = read("find_files", run(find_files, tmp_path, name="tea"))
    assert found.split("\n")[-1] == f"（可能不止这 {find_files.MOST_FOUND} 个）"
    both = "(nothing was found)\n(there are too many files to look at all of them: name a folder)"
    assert read("find_files", both) == "（什么也没有找到）\n（文件太多，无法全部查看：请指定一个文件夹）"
    assert read("search", "(nothing was found)") == "（什么也没有找到）"


def test_what_a_server_gave_is_told_where_it_is_not_shown() -> None:
    data = base64.b64encode(bytes(9)).decode()
    picture = ImageContent(type="image", data=data, mime_type="image/png")
    sound = AudioContent(type="audio", data=data, mime_type="")
    words = TextContent(type="text", text="(a cat)")

    def said(*blocks: Any) -> str:
        return read("s__t", text_of(CallToolResult(content=list(blocks)), McpServer("s", ("x",))))

    assert said() == "（无内容）"
    assert said(words, picture) == "(a cat)\n\n（一张图片，未显示：image/png，9 字节）"
    assert said(sound) == "（一段声音，未显示：类型不明，9 字节）"
    assert said(TextContent(type="text", text="x" * 9_000)).endswith("x…\n（已截断：完整结果有 9000 个字符）")


def test_what_was_cut_for_lack_of_room_is_told_of_every_tool() -> None:
    cut = fit_tokens("x" * 100, 50, lambda text: [ord(char) for char in text])
    for tool in ("fetch", "s__t", "recall"):
        assert read(tool, cut).endswith("x……［已截断：共 100 个字符，此处 " + str(cut.count("x")) + " 个］")
    assert read("fetch", "(empty)") == "（空）"


def test_the_middle_of_what_a_program_printed_is_told() -> None:
    printed = "a\n(… 200 characters …)\nb\n(exit status 3)"
    assert read("run_python", printed, "") == "a\n（…… 省略 200 个字符 ……）\nb\n（退出状态 3）"
    assert read("run_python", one_line(printed), "") == "a （…… 省略 200 个字符 ……） b （退出状态 3）"


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("fetch", "It is (part 1 of 3) of them"),
        ("fetch", "(part one of 3)\nx"),
        ("fetch", "x\n(lines 1 to 2 of 3)"),
        ("read_file", "(lines 1 to 2 of 3)\nx"),
        ("read_file", "(lines he wrote to her of 3)"),
        ("s__t", "(nothing) is here"),
        ("recall", "(nothing was found)"),
        ("run_python", "(ended by me and you)"),
    ],
)
def test_words_of_others_stay_as_they_are(tool: str, words: str) -> None:
    assert read(tool, words) == words


def test_whose_words_they_are_is_told_and_how_far_a_tool_is() -> None:
    assert source_in_words("search results of duckduckgo.com") == "duckduckgo.com 的搜索结果"
    assert source_in_words("MCP server notes") == "MCP 服务器 notes"
    assert source_in_words("clipboard") == "剪贴板"
    assert source_in_words("/home/me/a.txt") == "/home/me/a.txt"
    assert reason_in_words("2000 files looked at") == "已查看 2000 个文件"
    assert reason_in_words("512 KiB") == "512 KiB"
