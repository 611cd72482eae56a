"""Servers out of the files of other programs, and what is wrong with a file, in words that repeat no secret."""

from __future__ import annotations

import base64
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
    (alone,) = read_servers('```json\n{"command": "x"}\n```\n').servers
    assert (one, alone) == (McpServer("time", ("uvx", "mcp-server-time")), McpServer("x", ("x",)))


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"command": "npx", "args": ["-y", "@modelcontextprotocol/server-github@1.2"]}, "github"),
        ({"command": "docker", "args": ["run", "-i", "-e", "A_KEY", "ghcr.io/github/github-mcp-server:v1"]}, "github"),
        ({"command": "python", "args": ["-m", "mcp_server_time"]}, "time"),
        ({"command": "cmd", "args": ["/c", "npx", "-y", "@brave/brave-search-mcp-server"]}, "brave-search"),
        ({"command": "npx", "args": ["mcp-remote@latest", "https://docs.example.com/sse"]}, "docs-example"),
        ({"url": "https://[", "headers": {}}, "server"),
        ({"url": "https://mcp.example.com:8443/mcp?x=1"}, "example"),
    ],
)
def test_a_server_that_stands_alone_is_called_as_its_package_or_host_is(entry: Any, name: str) -> None:
    (alone,) = read_servers(json.dumps(entry)).servers
    assert alone.name == name


def test_secrets_of_a_command_and_an_address_are_set_apart() -> None:
    entries = {
        "pg": {"command": "npx", "args": ["pg", "postgresql://mia:hunter2@db/shop", "--token", "abcd-1"]},
        "web": {"url": "https://mia:p%40ss@mcp.example/@mia/mcp?api_key=abcd-2"},
    }
    pg, web = read_servers(json.dumps(entries)).servers
    assert pg.command == ("npx", "pg", "postgresql://mia:${secret:password}@db/shop", "--token", "${secret:token}")
    assert pg.secrets == {"password": "hunter2", "token": "abcd-1"}
    assert (web.url, web.secrets) == ("https://mcp.example/@mia/mcp?api_key=${secret:api_key}", {"api_key": "abcd-2"})
    assert base64.b64decode(web.headers["Authorization"].removeprefix("Basic ")) == b"mia:p@ss"


def test_a_variable_of_its_own_may_stand_in_an_argument() -> None:
    header = {"args": ["mcp-remote", "--header", "Authorization:${AUTH}"], "env": {"AUTH": "Bearer x"}}
    (server,) = read_servers(json.dumps({"a": {"command": "npx", **header}})).servers
    assert server.command[-1] == "Authorization:${AUTH}"
    assert server.secrets == {}


def test_a_windows_path_with_single_strokes_is_told_so() -> None:
    with pytest.raises(RequestError) as caught:
        read_servers('{"command": "npx",\n"args": ["C:\\Users\\mia"]}')
    assert caught.value.error.params["reason"].startswith("a \\ stands alone in line 2")


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
        ({"url": "https://me@b"}, "x: an address begins with http:// or https://"),
        ({"command": "a", "args": ["--token", "<YOUR_TOKEN>"]}, "x: write what you want in place of <YOUR_TOKEN>"),
        ({"command": "a", "args": ["X: <your token>"]}, "x: write what you want in place of <your token>"),
        ({"command": "a", "args": ["/path/to/allowed"]}, "x: write what you want in place of /path/to/allowed"),
        ({"command": "a", "env": {"K": "YOUR_KEY_HERE"}}, "x: write what you want in place of YOUR_KEY_HERE"),
        ({"command": "a", "args": ["${secret:K}"], "env": {"K": "s3cret"}}, "x: write what you want in place of"),
        ({"command": "a", "args": ["C:\temp\new"]}, "x: in JSON a \\ is written \\\\; a path may have / instead"),
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
