"""``nyanko ask --must-call``: what reaches the worker, and what is said where a model did not obey."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import CommandLine

CALLS = {"replies": {"hi": "/calculate 6*7\nIt is 42, nya."}, "default": "Hello."}


@pytest.mark.parametrize("save", [[], ["--save"]], ids=["forgotten", "saved"])
@pytest.mark.parametrize("name", ["calculate", "any"])
def test_a_call_that_was_made_needs_no_words(tmp_path: Path, name: str, save: list[str]) -> None:
    code, out, err = CommandLine(tmp_path, **CALLS).run("ask", "--must-call", name, *save, "hi")
    assert (code, out, err) == (0, "⚙ calculate 6*7 = 42\nIt is 42, nya.\n", "")


@pytest.mark.parametrize(("name", "question"), [("calculate", "no"), ("any", "no"), ("now", "hi")])
def test_a_model_that_cannot_be_held_to_a_call_is_told_of(tmp_path: Path, name: str, question: str) -> None:
    code, _, err = CommandLine(tmp_path, **CALLS).run("ask", "--must-call", name, question)
    assert code == 0
    assert f"has not called {name}" in err


def test_a_program_learns_at_the_end_of_each_answer_whether_the_tool_was_called(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, **CALLS)
    code, objects = line.objects("ask", "--json", "--stdin", "--must-call", "calculate", given="hi\nno\nhi\n")
    assert code == 0
    done = [found.get("not_called") for found in objects if found["type"] == "done"]
    assert done == [None, "calculate", None]


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_no_way_to_name_a_tool(tmp_path: Path, name: str) -> None:
    code, out, err = CommandLine(tmp_path, **CALLS).run("ask", "--must-call", name, "hi")
    assert (code, out) == (2, "")
    assert "the name of a tool is missing" in err


@pytest.mark.parametrize(
    ("name", "settings", "why", "line"),
    [
        ("read_file", "", "no folder is open", 'folders = ["/home/me/notes"] below [tools]'),
        (
            "read_file",
            '[tools]\nfolders = ["/no/such"]',
            "no folder is open",
            'folders = ["/home/me/notes"] below [tools]',
        ),
        ("run_python", "", "running Python is switched off", "python = true below [tools]"),
        ("fetch", "[network]\noffline = true", "offline", "offline = false below [network]"),
        ("search", "", "no search engine is set", 'kind = "duckduckgo" below [tools.search]'),
        ("now", '[tools]\noff = ["now"]', "it is switched off in the settings", ""),
        ("fly", "", "offered are calculate, now, remind", ""),
    ],
)
def test_why_a_tool_is_not_offered_is_said_with_the_setting(
    tmp_path: Path, name: str, settings: str, why: str, line: str
) -> None:
    nyanko = CommandLine(tmp_path, **CALLS)
    nyanko.profile.mkdir()
    (nyanko.profile / "settings.toml").write_text(settings)
    code, _, err = nyanko.run("ask", "--must-call", name, "hi")
    assert code == 1
    assert f"the tool {name} is not offered: {why}" in err
    assert f"{line} in {nyanko.profile / 'settings.toml'}" in err if line else "settings.toml" not in err


@pytest.mark.parametrize("save", [[], ["--save"]], ids=["forgotten", "saved"])
def test_a_tool_that_is_not_offered_is_refused_by_name(tmp_path: Path, save: list[str]) -> None:
    code, out, err = CommandLine(tmp_path, **CALLS).run("ask", "--must-call", "fly", *save, "hi")
    assert (code, out) == (1, "")
    assert "the tool fly is not offered" in err
