"""Tools of servers on the command line: what --allow does not cover, and why one is not there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.paths import profile_paths
from nyanko_desktop.permissions.allowances import Allowance
from nyanko_desktop.permissions.words import changed_in_words
from nyanko_desktop.settings.schema import NetworkSettings, SeenTool, ServerSettings, Settings, ToolSettings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.terminal.permission import Doorkeeper
from tests.cli.command_line import CommandLine
from tests.mcp.reach import server

ECHO = ApprovalView("c1", "server__echo", "effect", scope="server", scope_kind="server", identity="now")
ALLOWED = (Allowance("server__echo", "server"),)


def with_server(folder: Path, one: ServerSettings, *seen: SeenTool, offline: bool = False) -> CommandLine:
    line = CommandLine(folder)
    tools = ToolSettings(servers=(one,), seen=seen)
    SettingsStore(profile_paths(line.profile).settings).save(Settings(tools=tools, network=NetworkSettings(offline)))
    return line


@pytest.mark.parametrize("scope", ["", ":server", ":*"])
def test_no_allowance_covers_a_tool_that_changed_since_it_was_switched_on(tmp_path: Path, scope: str) -> None:
    one = ServerSettings("server", server("Server").command, enabled=True)
    line = with_server(tmp_path, one, SeenTool("server__echo", "0" * 64))
    code, objects = line.objects("tool", "--json", "--allow", f"server__echo{scope}", "server__echo", "hello")
    assert (code, [found["type"] for found in objects]) == (1, ["error"])
    assert objects[0]["code"] == "tools_changed"
    assert "server__echo" in objects[0]["message"]


def test_one_that_was_never_switched_on_is_what_the_allowance_says(tmp_path: Path) -> None:
    line = with_server(tmp_path, ServerSettings("server", server("Server").command, enabled=True))
    code, objects = line.objects("tool", "--json", "--allow", "server__echo:server", "server__echo", "hello")
    assert (code, objects[-1]["result"]) == (0, "hello")


@pytest.mark.parametrize(
    ("seen", "asked"), [({}, False), ({"server__echo": "now"}, False), ({"server__echo": "x"}, True)]
)
def test_a_person_is_asked_about_it_all_the_same_and_told(seen: dict[str, str], asked: bool) -> None:
    questions: list[str] = []

    async def ask_line(question: str) -> str:
        questions.append(question)
        return "y"

    answer = asyncio.run(Doorkeeper(ALLOWED, ask_line, seen)(ECHO))
    assert answer.allowed
    assert answer.by == ("person" if asked else "command line")
    assert [changed_in_words() in question for question in questions] == [True] * asked


def test_offline_a_server_on_the_network_says_why_its_tools_are_not_there(tmp_path: Path) -> None:
    line = with_server(tmp_path, ServerSettings("web", url="http://127.0.0.1:9/mcp", enabled=True), offline=True)
    code, objects = line.objects("tool", "--json", "web__x")
    assert (code, objects[-1]["code"]) == (1, "tool_failed")
    assert "is on the network, and the program is offline" in objects[-1]["message"]
