"""Which build of torch stays, and what is said where there is no environment."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "packaging" / "bootstrap.py"))
TORCH = SCRIPT["TORCH"]


@pytest.mark.parametrize(
    ("installed", "driver", "stays"),
    [
        (f"{TORCH}+cpu", False, True),
        (f"{TORCH}+cpu", True, False),
        (f"{TORCH}+cu130", True, True),
        (f"{TORCH}+cu130", False, True),
        (TORCH, True, True),
        ("1.0.0", False, False),
        ("", False, False),
    ],
)
def test_a_cpu_build_stays_until_a_driver_answers(installed: str, driver: bool, stays: bool) -> None:
    assert SCRIPT["suits"](installed, lambda: driver) is stays


def test_a_build_for_gpus_does_not_ask_for_the_driver() -> None:
    assert SCRIPT["suits"](f"{TORCH}+cu130", lambda: pytest.fail("asked"))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", ["lint", "unit", "bench", "mini", "evaluate"])
def test_without_an_environment_make_says_what_to_run_first(target: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    ended = subprocess.run(["make", target], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "run first: make environment" in ended.stderr
