"""A worker that behaves, with a model that follows a script: a real process, a real socket, the real server and tools.

``python -m tests.bad_workers.scripted '{"rate": 100, "default": "Hello."}'``; the fields are those of
:class:`tests.support.scripted_model.Script`. It has one more tool, ``/nap SECONDS``.
"""

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
    # This process is a test's own; the shipped worker's tools are fixed.
    registry.add_tool(Tool("nap", "Sleeps, for example /nap 5", run=nap, seconds=60))
    main(sys.argv[2:], ScriptedBackend(msgspec.json.decode(sys.argv[1], type=Script)))
