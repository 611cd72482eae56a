"""A running app without windows, over a scripted worker: ``python -m tests.instance.app_process PROFILE SCRIPT``.

Prints one line for each thing it is asked to show, and ``serving`` first.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nyanko_desktop.app_connection import App
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.instance import Instance
from nyanko_desktop.paths import Paths, profile_paths
from nyanko_desktop.worker.residency import Choice
from nyanko_desktop.worker.supervisor import Supervisor
from tests.bad_workers.commands import scripted


@asynccontextmanager
async def serving(paths: Paths, shown: list[str], load: bool = True, **script: Any) -> AsyncIterator[App]:
    """An app that answers on the socket of its profile."""
    instance = await Instance.claim(paths)
    assert instance is not None, "another app runs"
    store = await ConversationStore.open(paths.store)
    worker = Supervisor(lambda: scripted(**script))
    app = App(
        worker,
        HostTools.on(store),
        lambda: shown.append("window"),
        lambda: shown.append("quick-ask"),
        lambda: {"tray": "none"},
    )
    try:
        if load:
            await worker.load(Choice("/models/script", "int8", "cpu"))
        await instance.serve(app)
        yield app
    finally:
        await instance.close()
        await worker.stop()
        await store.close()


class _Printed(list[str]):
    def append(self, what: str) -> None:
        print(what, flush=True)


async def main(profile: Path, script: dict[str, Any]) -> None:
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(profile_paths(profile), _Printed(), **script):
        print("serving", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
