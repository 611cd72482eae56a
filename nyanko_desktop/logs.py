"""Where log lines go: a rotating file in the profile, and stderr with ``--debug``. Holds no words of a chat."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import sys
import time
from collections.abc import Iterable
from pathlib import Path

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(process)d %(name)s: %(message)s"
FILE_BYTES = 1_000_000
FILES_KEPT = 3


WIRE = "nyanko.wire"
"""Logs kind, id and size of every message, at DEBUG."""


def start_logging(
    path: Path | None, *, debug: bool = False, only: Iterable[str] = (), trace_wire: bool = False
) -> None:
    """Send log lines to ``path`` (INFO, or DEBUG with ``debug``) and, with ``debug``, to stderr.

    ``only`` names loggers (``--log-filter``): with it, stderr shows these and their children alone. ``trace_wire``
    shows every message on stderr, by kind, id and size.
    A log file that cannot be written is said once on stderr and is no reason to stop.
    """
    root = logging.getLogger()
    stop_logging()
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    if path is not None:
        try:
            root.addHandler(_ours(_file_handler(path), ()))
        except OSError as error:
            print(f"no log file: {error}", file=sys.stderr)
    if debug:
        root.addHandler(_ours(logging.StreamHandler(), tuple(only)))
    elif trace_wire:
        root.addHandler(_ours(logging.StreamHandler(), (WIRE,)))
    elif path is None:
        root.addHandler(_ours(logging.NullHandler(), ()))
    logging.getLogger(WIRE).setLevel(logging.DEBUG if trace_wire else logging.INFO)
    for chatty in ("asyncio", "qasync", "markdown_it"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def stop_logging() -> None:
    """Close and remove what :func:`start_logging` set up; handlers of others stay."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if getattr(h, "of_nyanko", False)]:
        root.removeHandler(handler)
        handler.close()


class _QuietFile(logging.handlers.RotatingFileHandler):
    """A disk that is full or gone must not fill the terminal with tracebacks about log lines."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written is tried once more by closing
            super().close()


def _file_handler(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _QuietFile(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")


def _ours(handler: logging.Handler, only: tuple[str, ...]) -> logging.Handler:
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.of_nyanko = True  # type: ignore[attr-defined]
    if only:
        names = [logging.Filter(name) for name in only]
        handler.addFilter(lambda record: any(name.filter(record) for name in names))
    return handler
