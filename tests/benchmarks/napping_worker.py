"""The scripted worker of tests/bad_workers whose ``/calculate SECONDS`` does nothing but take that long."""

from __future__ import annotations

import sys

import msgspec

from inference_worker.__main__ import main
from inference_worker.tools import registry
from inference_worker.tools.base import Arguments, Run, Tool
from tests.support.scripted_model import Script, ScriptedBackend


def nap(arguments: Arguments, run: Run) -> str:
    seconds = arguments["text"]
    run.cancelled.wait(float(seconds))
    return f"slept {seconds} s"


if __name__ == "__main__":
    # This process is a benchmark's own; the shipped worker's tools are fixed.
    registry.add_tool(Tool("calculate", "Sleeps.", run=nap, seconds=60))
    main(sys.argv[2:], ScriptedBackend(msgspec.json.decode(sys.argv[1], type=Script)))
