"""``nyanko debug toolcalls``: a pipe through the worker's filters."""

from __future__ import annotations

import json
from pathlib import Path

from nyanko_desktop.worker.command import PYTHON_VARIABLE
from tests.cli.command_line import CommandLine


def test_tool_calls_are_read_line_by_line(tmp_path: Path) -> None:
    nyanko = CommandLine(tmp_path)
    del nyanko.environment[PYTHON_VARIABLE]
    case = {"family": "mistral", "output_text": "喵 [TOOL_CALLS]now[ARGS]{}", "tools": [{"name": "now"}]}
    code, answers = nyanko.objects("debug", "toolcalls", given=f"nonsense\n{json.dumps(case)}\n")
    assert code == 1  # one line could not be read
    assert "error" in answers[0]
    assert answers[1]["calls"] == [{"name": "now", "arguments": {}}]
    assert answers[1]["visible"] == "喵"
