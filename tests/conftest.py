"""For every test: a log line of level WARNING or above, or a Qt warning, that the test did not announce fails it.

Announce lines with ``@pytest.mark.expects_log("regular expression", ...)``: each must be logged, and nothing else may
be. Where a line may or may not come, for example because two processes race, use ``allows_log`` in the same way.
"""

from __future__ import annotations

import locale
import logging
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nyanko_desktop.i18n import language, set_language


def pytest_configure(config: pytest.Config) -> None:
    if (
        "utf" not in locale.nl_langinfo(locale.CODESET).lower()
    ):  # Qt says so of any other, in this process and in children
        os.environ["LC_ALL"] = "C.UTF-8"
    # The tests fetch from hubs of their own on this machine; children inherit what stands here.
    os.environ.pop("HF_HUB_OFFLINE", None)
    # A shell that starts this in the background has SIGINT ignored, and children would inherit that; in a person's
    # terminal Ctrl-C works.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "expects_log(*patterns): log lines of level WARNING or above that must come")
    config.addinivalue_line("markers", "allows_log(*patterns): log lines of level WARNING or above that may come")


def pytest_collection_finish() -> None:
    # The entry point, which some tests import, leaves Ctrl-C to the system until its main() runs.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever this computer speaks, and another language that a test has chosen ends with it."""
    yield
    if language() != "en":
        set_language("en")


@pytest.fixture
def sample_data() -> Path | None:
    """The folder of shared sample data (``NYANKO_TEST_DATA``); ``None`` where a checkout has none."""
    folder = os.environ.get("NYANKO_TEST_DATA", "")
    return Path(folder) if folder and Path(folder).is_dir() else None


class _Lines(logging.Handler):
    """Keeps what is logged at WARNING or above, as ``LEVEL logger: message``."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info:
            line += "\n" + logging.Formatter().formatException(record.exc_info)
        self.lines.append(line)


@pytest.fixture(autouse=True)
def no_unexpected_log_lines(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare what Python and Qt said during the test with what its marks announce."""
    said = _Lines()
    qt = getattr(request.node, "qt_log_capture", None)  # taken now: pytest-qt forgets it before fixtures end
    logging.getLogger().addHandler(said)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(said)
    lines = said.lines + [f"Qt {r.log_type_name}: {r.message}" for r in (qt.records if qt else ()) if _is_warning(r)]
    expected, allowed = (_patterns(request.node, mark) for mark in ("expects_log", "allows_log"))
    unexpected = [line for line in lines if not any(re.search(p, line) for p in expected + allowed)]
    missing = [pattern for pattern in expected if not any(re.search(pattern, line) for line in lines)]
    problems = [f"unexpected: {line}" for line in unexpected] + [f"expected, but never logged: {p}" for p in missing]
    if problems:
        pytest.fail("\n".join([*problems, "(see tests/conftest.py)"]), pytrace=False)


def _patterns(node: pytest.Item, mark: str) -> list[str]:
    return [pattern for marker in node.iter_markers(mark) for pattern in marker.args]


def _is_warning(record: Any) -> bool:
    """Whether a message that pytest-qt recorded is one to announce."""
    return record.matches_level("WARNING") and not record.ignored


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
