"""A process that is to be killed: a chat over the store in a folder, with a scripted worker.

``python -m tests.controller.chat_process STORE LOG WORDS RATE`` asks one question and writes one line ``SECONDS CHARACTERS`` to LOG
for each piece of text that it has received; the clock is the system's, the same in every process.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from inference_worker.protocol.messages import TextDelta
from nyanko_desktop.chat.hub import News, ReplyGrew
from tests.controller.scene import opened


async def main(store: Path, log: Path, words: int, rate: float) -> None:
    text = " ".join(f"w{i}" for i in range(words))
    with log.open("w", buffering=1) as lines:
        characters = 0

        def note(news: News) -> None:
            nonlocal characters
            if isinstance(news, ReplyGrew) and isinstance(news.event, TextDelta):
                characters += len(news.event.text)
                lines.write(f"{time.monotonic()} {characters}\n")

        async with opened(store, default=text, rate=rate) as chat:
            chat.hub.subscribe(note)
            await chat.controller.send("a question")
            lines.write(f"worker {chat.worker.state.pid}\n")
            await chat.until(lambda state: not state.busy)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
