"""A process that downloads ``owner/model`` from the hub at its first argument into its second, to be killed."""

from __future__ import annotations

import asyncio
import sys

from inference_worker.jobs import hub
from inference_worker.protocol.messages import Download, Hub


def main() -> None:
    endpoint, target = sys.argv[1:]
    command = Download(id="1", hub=Hub(endpoint=endpoint), repository="owner/model", target=target)
    asyncio.run(hub.download(command, lambda *_: None, lambda: False))


if __name__ == "__main__":
    main()
