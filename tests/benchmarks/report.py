"""How benchmarks say what they measured: a small table on standard output, and JSON in artefacts/."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ARTEFACTS: Final = Path(__file__).resolve().parents[2] / "artefacts" / "benchmarks"


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print ``rows`` under ``header``, in columns."""
    cells = [list(map(_cell, row)) for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def save(name: str, results: Mapping[str, Any]) -> None:
    """Write ``results`` as artefacts/benchmarks/NAME.json, with what machine they come from."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
    path = ARTEFACTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine, **results}, indent=1) + "\n")
    print(f"  ({path})")


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
