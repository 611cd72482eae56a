"""Who may import whom: the contracts in pyproject.toml over the real tree, and what they cannot see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT_SECONDS = 120
"""Reading the whole tree takes 2 s; a loaded machine may need many times that."""


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=LINT_SECONDS)
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_the_worker_package_runs_nothing() -> None:
    assert (ROOT / "inference_worker/__init__.py").read_text() == ""


def test_packaging_is_no_package() -> None:
    """It would shadow the library ``packaging``, which pip, pytest and torch import."""
    assert not (ROOT / "packaging/__init__.py").exists()
