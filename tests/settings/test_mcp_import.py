"""Servers out of the files of other programs, and what is wrong with a file, in words that repeat no secret."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import McpServer
from nyanko_desktop.settings.mcp_import import read_servers

CLAUDE = """{"mcpServers": {"my files!": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem",
  "/home/mia"], "env": {"API_KEY": "s3cret", "LEVEL": 3}, "disabled": true}}, "theme": "dark"}"""
VS_CODE = """{
  // the team's servers
  "inputs": [],
  "servers": {
    "docs": {"type": "http", "url": "https://example.com/mcp", "headers": {"Authorization": "Bearer s3cret"}},
    "time": {"type": "stdio", "command": "uvx", "args": ["mcp-server-time", "// no comment, /* nor */ this,}"],
             "cwd": "/srv"}, /* the
    last */
  },
}"""


def test_what_claude_desktop_keeps_is_read_with_a_name_that_tools_can_begin_with() -> None:
    command = ("npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/mia")
    assert read_servers(CLAUDE).servers == (McpServer("my-files", command, {"API_KEY": "s3cret", "LEVEL": "3"}),)


def test_what_vs_code_keeps_is_read_with_its_comments_and_last_commas() -> None:
    docs, time = read_servers(VS_CODE).servers
    assert docs == McpServer("docs", url="https://example.com/mcp", headers={"Authorization": "Bearer s3cret"})
    assert time == McpServer("time", ("uvx", "mcp-server-time", "// no comment, /* nor */ this,}"), folder="/srv")
    assert read_servers(json.dumps({"mcp": {"servers": {"a": {"command": "x"}}}})).servers == (McpServer("a", ("x",)),)
    assert read_servers(json.dumps({"a": {"command": "x"}})).servers == (McpServer("a", ("x",)),)


def test_pieces_of_files_as_manuals_print_them_are_read() -> None:
    (one,) = read_servers('\ufeff"time": {"command": "uvx", "args": ["mcp-server-time"]},').servers
    (alone,) = read_servers('{"command": "x"}').servers
    assert (one, alone) == (McpServer("time", ("uvx", "mcp-server-time")), McpServer("server", ("x",)))


def test_what_cannot_be_used_keeps_no_other_server_out() -> None:
    found = read_servers(
        json.dumps({"mcpServers": {"old": {"type": "sse", "url": "https://b"}, "new": {"command": "x"}}})
    )
    assert found.servers == (McpServer("new", ("x",)),)
    assert [reason.partition(",")[0] for reason in found.refused] == [
        "old: the transport sse is out of use; look for an address that speaks streamable HTTP"
    ]


def test_names_that_become_alike_stay_apart() -> None:
    servers = read_servers(
        json.dumps({"mcpServers": {name: {"command": "x"} for name in ("a b", "a_b", "猫", "犬")}})
    ).servers
    assert [server.name for server in servers] == ["a-b", "a-b-2", "server", "server-2"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({}, "x: needs either a command or a url"),
        ({"command": "a", "url": "https://b"}, "x: needs either a command or a url"),
        ({"command": ["a"]}, "x: command is a text, and args a list of texts"),
        ({"command": "a", "args": [{}]}, "x: args is a list of texts"),
        ({"command": "a", "env": {"KEY": ["s3cret"]}}, "x: env holds names and texts"),
        ({"command": "a", "env": {"K=Y": "s3cret"}}, "x: env holds a name that no variable can have"),
        ({"command": "a", "env": {"K": "s3cret\0"}}, "x: a text holds a zero byte"),
        ({"command": "a", "env": {"K": "${input:key}"}}, "x: write what you want in place of ${input:key}"),
        ({"command": "a", "envFile": ".env"}, "x: envFile is not read; write its variables under env"),
        ({"type": "sse", "url": "https://b"}, "x: the transport sse is out of use"),
        ({"url": "https://b", "headers": {"A B": "s3cret"}}, "x: headers holds a name that no header can have"),
        ({"url": "https://b", "headers": {"A": "s3cret\r\nB: c"}}, "x: a header holds a line break"),
        ({"transport": "sse", "url": "https://b"}, "x: the transport sse is out of use"),
        ({"command": "a", "args": ["\ud800"]}, "x: a text holds half a character"),
        ({"url": "file:///etc/passwd"}, "x: an address begins with http:// or https://"),
        ({"url": "https://me:s3cret@b"}, "x: an address begins with http:// or https://"),
        ("npx", "x: no object"),
    ],
)
def test_what_is_wrong_with_a_server_is_told_without_its_secrets(entry: Any, reason: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_servers(json.dumps({"mcpServers": {"x": entry}}))
    assert caught.value.error.code is ErrorCode.BAD_REQUEST
    assert caught.value.error.params["reason"].startswith(reason)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"mcpServers": {}}', '{"mcpServers": [', "[" * 100_000])
def test_a_text_without_servers_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        read_servers(text)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_nothing_but_a_reason_comes_of_any_json(value: Any) -> None:
    for found in (value, {"mcpServers": value}, {"mcpServers": {"x": value}}):
        with contextlib.suppress(RequestError):
            read_servers(json.dumps(found))
