"""An app that has a worker and says its pid, made to be killed: ``python -m tests.worker.parent idle|loading|reply|nap``."""

from __future__ import annotations

import asyncio
import sys

from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import scripted
from tests.worker.states import MODEL, answer, turn, until


async def main(busy_with: str) -> None:
    load = 1000.0 if busy_with == "loading" else 0.0
    script = {"nap": "/nap 50\n", "reply": "word " * 1000}
    supervisor = Supervisor(lambda: scripted(replies=script, rate=20, load=load, load_steps=1000))
    asking = asyncio.ensure_future(supervisor.load(Choice(MODEL, "int8")))
    if busy_with == "loading":
        await until(supervisor, lambda state: state.kind == "loading")
    else:
        await asking
    if busy_with in script:
        replying = asyncio.ensure_future(answer(supervisor, turn(busy_with, "nap")))
        await until(supervisor, lambda state: state.phase in ("answering", "tool"))
        print(supervisor.state.pid, flush=True)
        await replying
    print(supervisor.state.pid, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
