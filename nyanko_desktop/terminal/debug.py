"""``nyanko debug``: looks into parts of the worker without a model. Knows where they are, not what they do."""

from __future__ import annotations

import os
import subprocess
from typing import Final

from nyanko_desktop.worker.command import WorkerCommand

_WORKER: Final = "inference_worker"
_TOOL_CALLS: Final = "inference_worker.toolcalls"


def read_tool_calls(worker: WorkerCommand) -> bool:
    """Have standard input read by the filters of tool calls, in the worker's own environment; whether that worked."""
    before = worker.arguments[: worker.arguments.index(_WORKER)]
    with subprocess.Popen((*before, _TOOL_CALLS), env={**os.environ, **worker.environment}) as child:
        return child.wait() == 0
