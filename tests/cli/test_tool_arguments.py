"""What a person writes behind the name of a tool, and what they are told where that is not what it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import ToolInfo
from nyanko_desktop.terminal.arguments import for_tool, form, is_about_arguments
from tests.cli.command_line import CommandLine
from tests.cli.test_permission import opened


def tool(name: str = "notes__find", required: Any = ("words",), **properties: Any) -> ToolInfo:
    return ToolInfo(name, "", "private", {"properties": properties, "required": required})


TEXT = tool(required=("text",), text={"type": "string"})
WORDS = {"words": {"type": "string"}, "most": {"type": "integer"}}


@pytest.mark.parametrize(
    ("described", "written", "read"),
    [
        (tool(**WORDS), "green tea", '{"words": "green tea"}'),
        (tool(**WORDS), '{"words": "tea"}', '{"words": "tea"}'),
        (tool(**WORDS), ' {"words"', ' {"words"'),
        (tool(**WORDS), "", ""),
        (tool(required=("words", "most"), **WORDS), "tea", "tea"),
        (tool(required=("most",), **WORDS), "3", "3"),
        (tool(required=(), **WORDS), "tea", "tea"),
        (tool(required=("text",), text={"type": "string"}), "tea", "tea"),
        (tool(required="words", **WORDS), "tea", "tea"),
        (tool(words=3), "tea", "tea"),
        (ToolInfo("notes__find", "", "private", {"properties": [1]}), "tea", "tea"),
    ],
)
def test_only_the_one_text_that_a_tool_needs_may_be_written_plainly(
    described: ToolInfo, written: str, read: str
) -> None:
    assert for_tool(described, written) == read


def test_a_tool_of_a_server_is_shown_with_an_example_of_what_it_needs() -> None:
    assert form(tool(**WORDS)) == {
        "needed": "words",
        "optional": "most",
        "example": 'nyanko tool notes__find \'{"words": "…"}\'',
    }
    assert form(tool(required=("most",), **WORDS))["example"] == "nyanko tool notes__find '{\"most\": 1}'"


def test_what_is_so_is_no_matter_of_arguments() -> None:
    assert is_about_arguments(tool(**WORDS), "x", "words is missing")
    assert is_about_arguments(tool(**WORDS), "x", "colour is no argument")
    assert not is_about_arguments(tool(**WORDS), "x", "there is no /home/me/tea")
    assert not is_about_arguments(TEXT, "1/0", "division by zero")
    assert is_about_arguments(TEXT, " ", "nothing to calculate")


def test_a_tool_that_is_given_nothing_is_answered_with_an_example(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("tool", "calculate")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "It needs ARG, for example: nyanko tool calculate '6.5*7.5'"


def test_a_reminder_that_nobody_may_show_is_told(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("tool", "remind", "2h | tea")
    assert code == 0
    assert out.startswith("⚙ remind 2h | tea = ok ")
    assert err.startswith("Nyanko shows the reminder if it is running")


def test_a_path_needs_no_json(tmp_path: Path) -> None:
    line, _ = opened(tmp_path)
    code, objects = line.objects("tool", "--json", "--allow", "read_file", "read_file", "milk.txt")
    assert code == 0
    assert objects[0]["arguments"] == {"path": "milk.txt"}
    assert "buy milk" in objects[1]["result"]


def test_wrong_arguments_are_answered_with_what_the_tool_takes(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    code, out, err = line.run("tool", "fetch")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "The tool fetch could not do it: url is missing",
        'It needs url, and takes part, for example: nyanko tool fetch \'{"url": "https://example.com/page"}\'',
    ]
    _, objects = line.objects("tool", "--json", "write_file", "x")
    assert objects[0]["hint"].startswith("It needs path, content, for example: nyanko tool write_file ")
    _, _, err = line.run("tool", "find_files", json.dumps({"nam": "x"}))
    assert "It takes name, contains, folder, for example" in err


@pytest.mark.parametrize(
    ("name", "argument", "setting"),
    [
        ("read_file", "notes.txt", 'folders = ["/home/me/notes"] below [tools]'),
        ("run_python", "print(1)", "python = true below [tools]"),
        ("search", "green tea", 'kind = "duckduckgo" below [tools.search]'),
    ],
)
def test_what_is_closed_is_told_with_the_line_that_opens_it(
    tmp_path: Path, name: str, argument: str, setting: str
) -> None:
    line = CommandLine(tmp_path)
    _, _, err = line.run("tool", name, argument)
    assert f"{setting} in {line.profile / 'settings.toml'}" in err
    line.environment["LANGUAGE"] = "zh_CN"
    _, _, err = line.run("tool", name, argument)
    assert f" 里的 {setting.rpartition(' ')[2]} 下面" in err


def test_what_failed_before_a_question_is_no_no_of_the_person(tmp_path: Path) -> None:
    line, _ = opened(tmp_path)
    line.run("tool", "--allow", "read_file", "read_file", "/etc/passwd")
    line.run("tool", "--allow", "read_file", "read_file", "milk.txt")
    _, out, _ = line.run("ledger")
    assert ["did not run; nobody was asked" in said for said in out.splitlines()] == [True, False]
    assert "failed" not in out
