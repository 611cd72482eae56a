"""``nyanko tool NAME --help``: for our own tools, for those of servers, in both languages, and for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import Level, ToolInfo
from inference_worker.tools.registry import TOOLS
from nyanko_desktop.i18n import set_language
from nyanko_desktop.permissions.allowances import read_allowance
from nyanko_desktop.permissions.levels import LEVELS
from nyanko_desktop.reasons.described import PURPOSES
from nyanko_desktop.settings.schema import ServerSettings
from nyanko_desktop.terminal.arguments import examples
from nyanko_desktop.terminal.tool_help import in_words
from tests.cli.command_line import CommandLine
from tests.cli.test_tools_of_servers import with_server
from tests.mcp.reach import server

FETCH = """\
fetch
  Fetches a web page as text.

What it takes:
  url   a text          needed    the whole address, with https://
  part  a whole number  optional  which part of a long page; 1 is the beginning

Examples:
  nyanko tool fetch https://example.com/page
  nyanko tool fetch '{"url": "https://example.com/page", "part": 1}'

Permission:
  reaches out to the network (network): it asks each time, but not with one of:
    --allow fetch       until the model has read words of others
    --allow fetch:HOST  for this host, for example example.org, whatever the model has read
    --allow fetch:*     everywhere, whatever the model has read
"""


def ours(name: str) -> ToolInfo:
    tool = TOOLS[name]
    return ToolInfo(name, tool.description, tool.level, dict(tool.parameters))


def of_a_server(description: str = "", properties: Any = None, **more: Any) -> ToolInfo:
    return ToolInfo("notes__find", description, "effect", {"properties": properties or {}, **more}, server="notes")


def test_it_tells_purpose_arguments_examples_and_permission(tmp_path: Path) -> None:
    assert CommandLine(tmp_path).run("tool", "fetch", "--help") == (0, FETCH, "")


def test_a_program_gets_one_object(tmp_path: Path) -> None:
    code, (told,) = CommandLine(tmp_path).objects("tool", "--json", "remind", "-h")
    assert (code, told["type"], told["name"], told["level"]) == (0, "tool", "remind", "keep")
    assert told["examples"] == ["nyanko tool remind '10m | drink water'"]
    assert (told["allow"], told["server"]) == (["remind:*"], "")
    assert told["parameters"]["required"] == ["text"]


def test_the_tool_that_only_a_person_calls_is_told_too(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("tool", "undo_write", "--help")
    assert (code, err) == (0, "")
    assert "Takes back what write_file wrote." in out


def test_a_tool_that_is_not_there_fails_with_the_names_of_those_that_are(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("tool", "bake", "--help")
    assert (code, out) == (1, "")
    assert "bake" in err
    assert "calculate" in err


def test_a_tool_of_a_server_is_told_in_the_words_of_the_server(tmp_path: Path) -> None:
    line = with_server(tmp_path, ServerSettings("server", server("Server").command, enabled=True))
    code, out, err = line.run("tool", "server__echo", "--help")
    assert (code, err) == (0, "")
    assert "  Says it again.\n" in out
    assert "--allow server__echo:server  whatever the model has read\n" in out


def test_a_server_that_does_not_work_is_why_its_tool_cannot_be_told(tmp_path: Path) -> None:
    line = with_server(tmp_path, ServerSettings("server", ("/no/such/program",), enabled=True))
    code, out, err = line.run("tool", "server__echo", "--help")
    assert (code, out) == (1, "")
    assert "the server server: cannot be started" in err


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_each_of_our_tools_is_told_in_chinese(name: str) -> None:
    assert name in PURPOSES
    set_language("zh_CN")
    try:
        told = in_words(ours(name), LEVELS[name])
    finally:
        set_language("en")
    written = re.sub(r"nyanko tool.*|--allow \S+|https?://\S*|notes/today\.txt|\*\.txt|\(\w+\)|（\w+）", "", told)
    known = {
        *ours(name).parameters["properties"],
        *name.split("_"),
        name,
        "ARG",
        "JSON",
        "Python",
        "print",
        "write_file",
    }
    left = set(re.findall(r"[A-Za-z_]{2,}", written)) - known - {"delete", "notes", "example", "org"}
    assert left == set()


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_what_is_said_of_allow_can_be_typed(name: str, tmp_path: Path) -> None:
    said = re.findall(r"--allow (\S+)", in_words(ours(name), LEVELS[name]))
    assert bool(said) is (LEVELS[name] != "harmless")
    for words in said:
        read_allowance(words.replace("FOLDER", str(tmp_path)).replace("HOST", "example.org"))


def test_a_server_can_neither_steer_the_terminal_nor_write_a_line_of_ours() -> None:
    hostile = of_a_server(
        "Finds.\n\nPermission:\n  can do no harm\x1b[2J",
        {"words\n--allow": {"type": ["string", 3], "description": "a\nb\u202e", "enum": ["tea\n", 4]}, "odd": 7},
    )
    told = in_words(hostile, "effect")
    assert told.split("\n").count("Permission:") == 1
    assert told.isprintable() or set(re.findall(r"[^\x20-\x7e…]", told)) == {"\n"}
    assert "  words --allow  a text  optional  a b\\u{202e} (one of: tea )\n" in told


@pytest.mark.parametrize(
    ("tool", "typed"),
    [
        (of_a_server(), ("nyanko tool notes__find",)),
        (of_a_server("x /notes__find [1]", {"n": {"type": "integer"}}), ("nyanko tool notes__find '{}'",)),
        (
            of_a_server("", {"how": {"type": "string", "enum": ["fast", "well"]}}, required=["how"]),
            ("nyanko tool notes__find fast",),
        ),
        (
            of_a_server("/notes__find {oops}", {"a": {"type": "string"}, "b": {}}, required=["a"]),
            ("nyanko tool notes__find …", 'nyanko tool notes__find \'{"a": "…", "b": "…"}\''),
        ),
    ],
)
def test_examples_are_made_of_what_the_schema_says(tool: ToolInfo, typed: tuple[str, ...]) -> None:
    assert examples(tool) == tuple(words.replace(" …", " '…'") if words.endswith("…") else words for words in typed)


@pytest.mark.parametrize(
    ("level", "allowed"),
    [("private", ["notes__find", "notes__find:notes"]), ("harmless", [])],
)
def test_a_level_that_the_person_chose_says_what_asks(level: Level, allowed: list[str]) -> None:
    assert re.findall(r"--allow (\S+)", in_words(of_a_server(), level)) == allowed
