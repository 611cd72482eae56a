"""Processes that quantize and are killed on the way. Each line of standard input, ``[source, cache, percent]`` as JSON,
forks one; imports are paid once.

It prints its id and waits once as many parts in a hundred of the copy are written as the line says, or, at 100, when
all is written but the folder does not have its final name yet. What it has done by then is on the disk. How it ended
is printed, too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from inference_worker.engine.quantize import convert, part_folder


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            quantize(*json.loads(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def quantize(source: str, cache: str, percent: int) -> None:
    part_folder.FLUSH_SECONDS = 0.0  # a tiny model is written long before the first two seconds are over
    sys.addaudithook(lambda event, _: wait() if percent == 100 and event == "os.rename" else None)

    def progress(stage: str, done: int, total: int, _tensor: str) -> None:
        if stage == "quantizing" and done * 100 >= percent * total and percent < 100:
            wait()

    convert.write_copy(source, "int4", Path(cache), progress=progress)


def wait() -> None:
    print(os.getpid(), flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
