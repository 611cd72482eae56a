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


@pytest.mark.parametrize("save", [[], ["--save"]], ids=["forgotten", "saved"])
def test_a_tool_that_is_not_offered_is_refused_by_name(tmp_path: Path, save: list[str]) -> None:
    code, out, err = CommandLine(tmp_path, **CALLS).run("ask", "--must-call", "fly", *save, "hi")
    assert (code, out) == (1, "")
    assert "the tool fly is not offered" in err
