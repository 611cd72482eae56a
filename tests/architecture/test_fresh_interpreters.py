"""What an interpreter really holds after an import: contracts see no dynamic import and no parent package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORT_SECONDS = 60
"""The longest import here is torch's, some seconds."""

QT = {"PySide6", "shiboken6", "qasync"}
TORCH = {"torch", "transformers", "accelerate", "tokenizers"}
MCP = {"mcp", "mcp_types", "pydantic", "starlette", "anyio"}

RUN_THE_TOOLS = """
import asyncio, inference_worker.__main__
from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Run
from inference_worker.tools.registry import TOOLS, run_tool
questions = {"calculate": "6.5*7.5", "now": ""}
results = {name: asyncio.run(run_tool(TOOLS[name], {"text": text}, Run(Access()))) for name, text in questions.items()}
assert not any(outcome.failed for outcome in results.values()), results
TOOLS["remind"].prepare({"text": "10m | tea"}, Access())
"""

CASES = [
    pytest.param("import nyanko_desktop.cli", QT | TORCH | MCP, id="the command line"),
    pytest.param("import nyanko_desktop.__main__", QT | TORCH, id="the entry point before it knows what to do"),
    pytest.param("import inference_worker.__main__", QT | TORCH | MCP, id="the worker at its start"),
    pytest.param(RUN_THE_TOOLS, QT | TORCH | MCP, id="the worker after running tools"),
    pytest.param("import ui.chat_window, ui.quick_ask", TORCH | {"sqlite3", "asyncio"}, id="the windows"),
    pytest.param("import inference_worker.engine", QT | TORCH | {"msgspec"}, id="the engine before its first use"),
]


@pytest.mark.parametrize(("code", "forbidden"), CASES)
def test_an_import_does_not_pull_in(code: str, forbidden: set[str]) -> None:
    assert not forbidden & packages_after(code)


def test_the_engine_loads_where_neither_msgspec_nor_qt_exists() -> None:
    blocked = "import sys; sys.modules.update(msgspec=None, PySide6=None, qasync=None)\n"
    loaded = packages_after(blocked + "from inference_worker.engine import load_model, Sampling, plan_memory")
    assert "torch" in loaded
    assert "inference_worker" in loaded


def packages_after(code: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a fresh interpreter that ran ``code``; blocked ones (None) are left out."""
    tell = "\nimport sys; print(*{name.partition('.')[0] for name, module in sys.modules.items() if module})"
    command = [sys.executable, "-W", "error", "-c", code + tell]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=IMPORT_SECONDS)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())
