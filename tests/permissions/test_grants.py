"""The pure parts of permission: levels, what a grant or an allowance covers, what is offered."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from inference_worker.protocol.messages import Level, ToolCalled
from inference_worker.tools.registry import TOOLS
from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer, Remember, ScopeKind
from nyanko_desktop.permissions.allowances import Allowance, NotAnAllowanceError, covers, options_for, read_allowance
from nyanko_desktop.permissions.grants import Grant, covers_scope, offers
from nyanko_desktop.permissions.levels import LEVELS, level_of

NOW = datetime(2026, 11, 21, 12).astimezone()
PAGE = "https://example.org/a"


def called(name: str, scope: str = "", sources: tuple[str, ...] = ()) -> ToolCalled:
    return ToolCalled("1", "c", name, {}, needs_decision=True, scope=scope, sources=sources)


def test_every_tool_of_the_worker_has_the_level_of_the_table() -> None:
    assert {name: tool.level for name, tool in TOOLS.items()} == {name: LEVELS.get(name) for name in TOOLS}


def test_a_tool_that_nobody_knows_may_change_things_until_the_person_says_otherwise() -> None:
    assert level_of("server__delete_all") == "effect"
    assert level_of("server__look", {("server__look", "ab"): "private"}, "ab") == "private"
    assert level_of("server__look", {("server__look", "ab"): "private"}, "cd") == "effect", "it is another tool now"
    assert level_of("run_python", {("run_python", ""): "harmless"}) == "effect"


@pytest.mark.parametrize(
    ("tool", "granted", "scope", "covered"),
    [
        ("read_file", "/home/cat/notes", "/home/cat/notes/a.txt", True),
        ("read_file", "/home/cat/notes", "/home/cat/notes", True),
        ("read_file", "/home/cat/notes", "/home/cat/notes2/a.txt", False),
        ("read_file", "/home/cat/notes", "/home/cat/notes/../a.txt", False),
        ("read_file", "/home/cat/notes", "notes/a.txt", False),
        ("read_file", "/home/cat/notes", "", False),
        ("read_file", "", "/home/cat/notes", False),
        ("find_files", "/home/cat", "/home/cat/a:/home/cat/b", True),
        ("find_files", "/home/cat", "/home/cat/a:/etc", False),
        ("fetch", "example.org", "EXAMPLE.org.", True),
        ("fetch", "example.org", "www.example.org", False),
        ("fetch", "example.org", "example.org.evil.test", False),
        ("time__now", "time", "time", True),
        ("time__now", "time", "timer", False),
    ],
)
def test_a_grant_for_a_scope_covers_what_lies_in_it_alone(tool: str, granted: str, scope: str, covered: bool) -> None:
    assert covers_scope(tool, granted, scope) is covered


@pytest.mark.parametrize(
    ("remember", "conversation", "covered"),
    [("always", 7, True), ("always", None, True), ("chat", 1, True), ("chat", 2, False), ("chat", None, False)],
)
def test_a_grant_holds_where_it_was_given(remember: Remember, conversation: int | None, covered: bool) -> None:
    grant = Grant(1, "fetch", remember, "", 1 if remember == "chat" else None, NOW)
    assert grant.covers(called("fetch", "example.org"), conversation) is covered
    assert not grant.covers(called("search", "example.org"), conversation)


def test_a_file_is_offered_with_its_folder_and_a_page_with_its_host() -> None:
    in_chat, always = GrantOffer("chat"), GrantOffer("always")
    assert offers(called("read_file", "/home/cat/a.txt"), "private", 1) == (
        in_chat,
        GrantOffer("scope", "/home/cat"),
        always,
    )
    assert offers(called("fetch", "example.org"), "network", None) == (GrantOffer("scope", "example.org"), always)
    assert offers(called("run_python"), "effect", 1) == (in_chat, always)


@pytest.mark.parametrize(("level", "offered"), [("network", False), ("effect", False), ("private", True)])
def test_after_words_of_others_nothing_longer_is_offered_where_each_call_is_asked_anew(
    level: Level, offered: bool
) -> None:
    assert bool(offers(called("server__tool", "server", (PAGE,)), level, 1)) is offered


@pytest.mark.parametrize(
    ("text", "allowance"),
    [
        ("fetch", Allowance("fetch")),
        ("undo_write", Allowance("undo_write")),
        ("fetch:Example.org", Allowance("fetch", "example.org")),
        ("fetch:EXAMPLE.org.", Allowance("fetch", "example.org")),
        ("fetch:bücher.example", Allowance("fetch", "xn--bcher-kva.example")),
        ("open:例え.テスト", Allowance("open", "xn--r8jz45g.xn--zckzah")),
        ("fetch:[2606:2800::1]", Allowance("fetch", "2606:2800::1")),
        ("fetch:2606:2800:0::1", Allowance("fetch", "2606:2800::1")),
        ("fetch:*", Allowance("fetch", "*")),
        ("time__now", Allowance("time__now")),
        ("time__now:time", Allowance("time__now", "time")),
    ],
)
def test_what_can_be_allowed_beforehand(text: str, allowance: Allowance) -> None:
    assert read_allowance(text) == allowance


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bake", "tool"),
        ("Read_File", "tool"),
        ("__", "tool"),
        ("__now", "tool"),
        ("", "nothing"),
        (":x", "nothing"),
        ("read_file:~nobody-of-that-name/x", "folder"),
        ("read_file:/" + "x" * 5000, "folder"),
        ("read_file:/no/such/folder", "folder"),
        ("read_file:", "empty"),
        ("fetch:https://example.org/", "host"),
        ("fetch:", "empty"),
        ("fetch:example.org:8080", "host"),
        ("fetch:*.example.org", "host"),
        ("fetch:a..b", "host"),
        ("fetch:bü cher", "host"),
        ("fetch:" + "a" * 70 + ".org", "host"),
        ("fetch:a b", "host"),
        ("time__now:other", "server"),
        ("run_python:x", "scope"),
        ("calculate:x", "scope"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, kind: str) -> None:
    with pytest.raises(NotAnAllowanceError) as refusal:
        read_allowance(text)
    assert refusal.value.kind == kind


def test_a_folder_that_is_a_link_is_allowed_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read_allowance(f"read_file:{tmp_path / 'link'}").scope == str((tmp_path / "real").resolve())


@pytest.mark.parametrize(
    ("allowance", "sources", "covered"),
    [
        (Allowance("fetch"), (), True),
        (Allowance("fetch"), (PAGE,), False),
        (Allowance("fetch", "example.org"), (PAGE,), True),
        (Allowance("fetch", "other.org"), (), False),
        (Allowance("fetch", "*"), (PAGE,), True),
        (Allowance("search", "*"), (), False),
    ],
)
def test_an_allowance_that_names_no_scope_ends_with_words_of_others(
    allowance: Allowance, sources: tuple[str, ...], covered: bool
) -> None:
    call = ApprovalView("c", "fetch", "network", scope="example.org", scope_kind="host", sources=sources)
    assert covers([allowance], call) is covered


def waits(tool: str, scope: str = "", kind: ScopeKind = "", sources: tuple[str, ...] = ()) -> ApprovalView:
    return ApprovalView("c", tool, LEVELS.get(tool, "effect"), scope=scope, scope_kind=kind, sources=sources)


@pytest.mark.skipif(os.name != "posix", reason="quotes of a shell of Unix")
@pytest.mark.parametrize("sources", [(), (PAGE,)])
def test_what_is_suggested_can_be_pasted_and_lets_the_call_run(tmp_path: Path, sources: tuple[str, ...]) -> None:
    folder, other = tmp_path / "my notes $(x) 'a'", tmp_path / "b"
    folder.mkdir()
    other.mkdir()
    calls = [
        waits("read_file", str(folder / "new.txt"), "path", sources),
        waits("write_file", str(folder / "not-there-yet.txt"), "path", sources),
        waits("find_files", f"{folder}{os.pathsep}{other}", "path", sources),
        waits("fetch", "example.org", "host", sources),
        waits("open", "2606:2800::1", "host", sources),
        waits("time__now", "time", "server", sources),
        waits("run_python", sources=sources),
        waits("remember", sources=sources),
    ]
    for call in calls:
        words = shlex.split(options_for(call))
        assert words[::2] == ["--allow"] * (len(words) // 2)
        assert covers([read_allowance(word) for word in words[1::2]], call)
        elsewhere = replace(call, scope=call.scope and "/elsewhere")
        assert covers([read_allowance(word) for word in words[1::2]], elsewhere) is (not call.scope)


def test_each_of_several_folders_must_be_allowed(tmp_path: Path) -> None:
    both = waits("find_files", f"{tmp_path}/a{os.pathsep}{tmp_path}/b", "path")
    one, other = (Allowance("find_files", f"{tmp_path}/{name}") for name in "ab")
    assert covers([one, other], both)
    assert not covers([one], both)
    assert not covers([one, Allowance("read_file", f"{tmp_path}/b")], both)
    assert covers([Allowance("find_files", str(tmp_path))], both)
