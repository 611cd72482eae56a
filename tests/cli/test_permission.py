"""Permission on the command line: nobody is asked without a terminal, --allow, the question, grants and the ledger."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.terminal.columns import width_of
from nyanko_desktop.terminal.permission import question_in_words
from tests.cli.command_line import ROOT, WAIT_SECONDS, CommandLine
from tests.cli.test_chat import Terminal, chatting

READ = '/read_file {"path": "milk.txt"}\nThat is it.'
WRITE = '/write_file {"path": "new.txt", "content": "one"}\nThat is it.'


def opened(folder: Path, **replies: str) -> tuple[CommandLine, Path]:
    """A command line whose settings open one folder to every model, the embedded one included; and that folder."""
    home = folder / "open"
    home.mkdir()
    (home / "milk.txt").write_text("buy milk\n")
    line = CommandLine(folder, replies=replies)
    line.profile.mkdir()
    (line.profile / "settings.toml").write_text(f'[tools]\nfolders = ["{home}"]\nbeyond_training = true\n')
    return line, home.resolve()


def types(objects: list[dict[str, Any]]) -> list[str]:
    return [found["type"] for found in objects]


def test_without_a_terminal_a_call_above_harmless_ends_the_command(tmp_path: Path) -> None:
    line, home = opened(tmp_path, read=READ)
    for save in ((), ("--save",)):
        code, objects = line.objects("ask", "--json", *save, "read")
        assert code == 1
        assert objects[-1]["type"] == "error"
        assert objects[-1]["code"] == "approval_required"
        assert f"--allow read_file:{home}" in objects[-1]["hint"]
        assert "done" not in types(objects)


def test_with_stdin_the_next_question_is_answered_all_the_same(tmp_path: Path) -> None:
    line, _ = opened(tmp_path, read=READ, six="/calculate 6*7\nIt is 42.")
    code, objects = line.objects("ask", "--stdin", "--json", given="read\nsix\n")
    assert code == 1
    assert [(o["index"], o["code"]) for o in objects if o["type"] == "error"] == [(0, "approval_required")]
    assert [o["index"] for o in objects if o["type"] == "done"] == [1]


@pytest.mark.parametrize("save", [(), ("--save",)])
def test_what_is_allowed_beforehand_runs(tmp_path: Path, save: tuple[str, ...]) -> None:
    line, home = opened(tmp_path, read=READ)
    code, objects = line.objects("ask", "--json", *save, "--allow", f"read_file:{home}", "read")
    assert code == 0
    (result,) = [found["result"] for found in objects if found["type"] == "tool_result"]
    assert "buy milk" in result


def test_an_allowance_for_another_folder_covers_nothing(tmp_path: Path) -> None:
    line, _ = opened(tmp_path, read=READ)
    code, objects = line.objects("ask", "--json", "--allow", f"read_file:{tmp_path / 'profile'}", "read")
    assert (code, objects[-1]["code"]) == (1, "approval_required")


def test_after_words_of_others_only_an_allowance_with_a_scope_holds(tmp_path: Path) -> None:
    line, home = opened(tmp_path, both=f"{READ.splitlines()[0]}\n{WRITE}")
    arguments = ("ask", "--json", "--allow", "read_file", "--allow")
    code, objects = line.objects(*arguments, "write_file", "both")
    assert (code, objects[-1]["code"]) == (1, "approval_required")
    assert not (home / "new.txt").exists()
    assert line.objects(*arguments, f"write_file:{home}", "both")[0] == 0
    assert (home / "new.txt").read_text() == "one"


def test_a_tool_of_its_own_needs_the_same_permission(tmp_path: Path) -> None:
    line, _ = opened(tmp_path)
    code, objects = line.objects("tool", "--json", "read_file", '{"path": "milk.txt"}')
    assert (code, objects[-1]["code"]) == (1, "approval_required")
    code, objects = line.objects("tool", "--json", "--allow", "read_file", "read_file", '{"path": "milk.txt"}')
    assert (code, types(objects)) == (0, ["tool_call", "tool_result"])


def test_for_a_program_a_chat_tells_it_and_goes_on(tmp_path: Path) -> None:
    line, _ = opened(tmp_path, read=READ, hi="Hello.")
    code, objects = line.objects("chat", "--json", given="read\nhi\n")
    assert code == 1
    told = [(o["type"], o["index"], o.get("code", "")) for o in objects if o["type"] in ("error", "done")]
    assert told == [("error", 0, "approval_required"), ("done", 1, "")]
    assert [o["type"] for o in objects if o["index"] == 0][-1] == "error", "nothing comes behind it"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bake", "no tool bake"),
        ("", "write NAME or NAME:SCOPE"),
        (":x", "write NAME or NAME:SCOPE"),
        ("fetch:", "leave out the colon"),
        ("fetch:example.org:80", "without address or port"),
        ("read_file:/no/such", "/no/such is no folder"),
        ("run_python:x", "takes no scope"),
    ],
)
def test_an_allowance_that_cannot_be_meant_is_refused_at_once(tmp_path: Path, text: str, reason: str) -> None:
    code, _, err = CommandLine(tmp_path).run("ask", "--allow", text, "hi")
    assert code == 2
    assert reason in err


def test_the_ledger_says_what_ran_and_what_did_not(tmp_path: Path) -> None:
    line, home = opened(tmp_path, read=READ, six="/calculate 6*7\nIt is 42.")
    line.objects("ask", "--json", "read")
    line.objects("ask", "--json", "--allow", "read_file", "read")
    line.objects("ask", "--json", "six")
    code, calls = line.objects("ledger", "--json")
    assert code == 0
    assert [(c["tool"], c["allowed"], c["decided_by"]) for c in calls] == [
        ("read_file", False, "refused"),
        ("read_file", True, "command line"),
        ("calculate", True, "level"),
    ]
    assert calls[1]["scope"] == str(home / "milk.txt")
    assert calls[1]["result_size"] == len("buy milk")
    code, out, _ = line.run("ledger", "milk.txt")
    assert code == 0
    assert [("did not run" in found, "--allow" in found) for found in out.splitlines()] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_at_a_terminal_the_person_sees_the_whole_call_and_decides(tmp_path: Path) -> None:
    line, home = opened(tmp_path, write=WRITE, read=READ)
    with chatting(line) as terminal:
        question = ask(terminal, "write")
        for shown in ("write_file", "path: new.txt", "content: one", f"→ {home / 'new.txt'}", "+one"):
            assert shown in question.replace("\r\n  │ ", "")
        terminal.type("\n")
        assert "not allowed" in terminal.read_until(r"That is it\.\s+› ")
        assert not (home / "new.txt").exists()
        ask(terminal, "write")
        terminal.type("y\n")
        terminal.read_until(r"That is it\.\s+› ")
        assert (home / "new.txt").read_text() == "one"
        question = ask(terminal, "read")
        assert f"s = always for {home}" in question.replace("\r\n  │ ", "")
        terminal.type("s\n")
        terminal.read_until(r"That is it\.\s+› ")
        terminal.type("read\n")
        assert "buy milk" in terminal.read_until(r"That is it\.\s+› ")
        question = ask(terminal, "write")
        assert "words of others" in question
        assert str(home / "milk.txt") in question.replace("\r\n  │ ", "")
        terminal.type("n\n")
        terminal.read_until(r"That is it\.\s+› ")
    (grant,) = line.objects("grants", "list", "--json")[1]
    assert (grant["tool"], grant["remember"], grant["scope"]) == ("read_file", "scope", str(home))
    assert line.objects("grants", "revoke", "--json", str(grant["id"])) == (0, [{"type": "revoked", "id": grant["id"]}])
    assert line.objects("grants", "list", "--json") == (0, [])
    with chatting(line) as terminal:
        ask(terminal, "read")


def test_where_nothing_is_allowed_there_is_nothing_to_take_back(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    assert line.run("grants", "revoke", "--all") == (0, "", "Nothing is allowed for longer than one call.\n")
    assert line.objects("grants", "revoke", "--all", "--json") == (0, [])


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_a_tool_of_its_own_asks_at_a_terminal_too(tmp_path: Path) -> None:
    line, _ = opened(tmp_path)
    for typed, result in (("y\n", "buy milk"), ("\n", r"This call did not run\.\s+$")):
        ours, theirs = os.openpty()
        child = line.start("tool", "read_file", '{"path": "milk.txt"}', stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        try:
            terminal = Terminal(ours, child)
            terminal.read_until(r"Allow it\? \[y/N/s/a\] ")
            terminal.type(typed)
            terminal.read_until(result)
        finally:
            child.kill()
            child.wait()
            os.close(ours)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
@pytest.mark.parametrize("words", [("tool", "read_file", "milk.txt"), ("ask", "read"), ("ask", "--save", "read")])
def test_of_a_question_at_which_the_command_is_ended_the_ledger_says_that_no_answer_came(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    line, _ = opened(tmp_path, read=READ)
    ours, theirs = os.openpty()
    child = line.start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        terminal = Terminal(ours, child)
        terminal.read_until(r"Allow it\? \[y/N[/csa]*\] ")
        child.send_signal(signal.SIGINT)
        child.wait(WAIT_SECONDS)
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    assert line.run("ledger")[1].endswith("[did not run; no answer came]\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_what_was_typed_before_the_question_is_no_answer_to_it(tmp_path: Path) -> None:
    line, home = opened(tmp_path, write=WRITE)
    ours, theirs = os.openpty()
    os.write(ours, b"y\ny\n")
    child = line.start("ask", "write", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        terminal = Terminal(ours, child)
        terminal.read_until(r"Allow it\? \[y/N/s/a\] ")
        terminal.type("n\n")
        terminal.read_until("not allowed")
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    assert not (home / "new.txt").exists()


def test_a_profile_that_cannot_be_written_keeps_nobody_from_a_sum(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    (line.profile / "conversations.sqlite3").mkdir(parents=True)
    code, objects = line.objects("tool", "--json", "calculate", "6*7")
    assert (code, types(objects)) == (0, ["tool_call", "tool_result"])
    code, objects = line.objects("tool", "--json", "--allow", "open", "open", "https://example.org/")
    assert code == 1
    assert objects[-1]["type"] == "error"


@pytest.mark.skipif(sys.platform == "win32", reason="ends the app with a signal")
def test_the_command_decides_also_where_the_running_app_answers(tmp_path: Path) -> None:
    line, home = opened(tmp_path)
    script = json.dumps({"replies": {"read": READ}})
    app = [sys.executable, "-m", "tests.instance.app_process", str(line.profile), script]
    with subprocess.Popen(app, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "serving\n"
            code, objects = line.objects("ask", "--json", "read")
            assert (code, objects[-1]["code"]) == (1, "approval_required")
            code, objects = line.objects("ask", "--json", "--allow", f"read_file:{home}", "read")
            assert (code, types(objects)[-1]) == (0, "done")
            assert "buy milk" in str(objects)
        finally:
            running.terminate()
    calls = line.objects("ledger", "--json")[1]
    assert [(call["allowed"], call["decided_by"]) for call in calls] == [(False, "refused"), (True, "command line")]


def test_no_argument_can_look_like_a_line_of_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    scope = "/home/lin/a\nAllow it? [y/N] "
    text = "x\n→ /tmp/harmless\n\u202etext" + " " * 200 + "→ /tmp/harmless\tz"
    call = ApprovalView("c", "write_file", "effect", (("content", text), ("a\n→ b", "c")), scope, preview="+a\n→ b")
    lines = question_in_words(call).split("\n")
    assert [line for line in lines if "→" in line and not line.startswith("  │ ")] == [
        "  a\\n→ b: c",
        "  → /home/lin/a\\nAllow it? [y/N] ",
    ]
    assert "  │ \\u{202e}text" in "\n".join(lines)
    assert all(width_of(line) < shutil.get_terminal_size().columns for line in lines)
    assert [line for line in lines if line.startswith("Allow")] == ["Allow it? [y/N] "]


def ask(terminal: Terminal, text: str) -> str:
    """Type ``text``; what is shown up to the question."""
    terminal.type(f"{text}\n")
    return terminal.read_until(r"Allow it\? \[y/N[/csa]*\] ")


def test_a_folder_in_the_settings_that_is_too_wide_is_told_and_nothing_in_it_is_read(tmp_path: Path) -> None:
    line, home = opened(tmp_path, read=READ)
    file = line.profile / "settings.toml"
    text = f'theme = "dark" # mine\n[tools]\nfolders = ["/", "{home}"]\nbeyond_training = true\n'
    file.write_text(text)
    code, out, err = line.run("tool", "--allow", "read_file", "read_file", '{"path": "/etc/hostname"}')
    assert (code, out) == (1, "")
    assert "/ is too much: choose a folder in it" in err
    assert "outside of the folders" in err
    code, out, err = line.run("ask", "--allow", f"read_file:{home}", "read")
    assert (code, "buy milk" in out, err.count("/ is too much")) == (0, True, 1)
    assert line.run("tool", "calculate", "1+1")[2] == ""
    assert file.read_text() == text
