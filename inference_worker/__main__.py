"""The worker program: arguments, logging to stderr, one ``ready ADDRESS`` line, then serve until the parent is gone.

Nothing heavy is imported before the ready line. By hand: ``(echo TOKEN; cat) | python -m inference_worker``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Sequence

from inference_worker.protocol.address import Address, new_address
from inference_worker.protocol.framing import Channel
from inference_worker.server.backend import Backend, LocalBackend
from inference_worker.server.connection import Connection
from inference_worker.server.listener import listen
from inference_worker.server.parent_watch import read_token, watch_parent
from inference_worker.server.worker import Worker

_log = logging.getLogger("inference_worker")


def main(arguments: Sequence[str] | None = None, backend: Backend | None = None) -> None:
    """Run the program; ends the process. ``backend`` is for workers with other models than those on disk."""
    options = _parse(arguments)
    _start_logging(options.log_level, trace_wire=options.trace_wire)
    try:
        token = read_token(sys.stdin.fileno())
    except (EOFError, ValueError) as error:
        sys.exit(f"ERROR no token: {error}")
    asyncio.run(_serve(Worker(token, backend or LocalBackend())))


async def _serve(worker: Worker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def parent_gone() -> None:
        loop.call_soon_threadsafe(stop.set)

    with contextlib.suppress(NotImplementedError):  # Windows: there the parent ends it by force
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    watch_parent(sys.stdin.fileno(), parent_gone)

    async def serve(channel: Channel) -> None:
        await Connection(channel, worker).serve()

    listener = await listen(new_address(), serve)
    _say_ready(listener.address)
    await stop.wait()
    _log.info("the worker ends")
    listener.close()
    logging.shutdown()
    os._exit(0)  # a tool or a kernel may still compute on its thread; nobody waits for it any more


def _say_ready(address: Address) -> None:
    """One line on standard output; whatever a library prints there later goes to the log."""
    print(f"ready {address}", flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference_worker", description=__doc__)
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    parser.add_argument("--trace-wire", action="store_true", help="log kind, id and size of every message")
    return parser.parse_args(arguments)


def _start_logging(level: str, *, trace_wire: bool) -> None:
    """Lines begin with their level, by which the app sorts them into its own log."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    logging.raiseExceptions = False  # the reader of stderr may be gone; that is no reason to stop
    if trace_wire:
        logging.getLogger("nyanko.wire").setLevel(logging.DEBUG)
    faulthandler.enable()


if __name__ == "__main__":
    main()
