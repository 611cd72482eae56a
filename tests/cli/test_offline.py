"""Offline: neither the command nor its worker, nor a tool that is allowed, opens a connection or looks a name up."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.command_line import CommandLine

TRACER = """
import os, sys

def trace(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
        return  # a socket in the file system
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open(os.environ["NYANKO_TEST_TRACE"], "a") as file:
            file.write(f"{event} {arguments!r}\\n")

sys.addaudithook(trace)
with open(os.environ["NYANKO_TEST_TRACE"], "a") as file:
    file.write("begun\\n")
"""
FETCH = '{"url": "http://example.org/"}'


def traced(folder: Path, settings: str, **script: object) -> tuple[CommandLine, Path]:
    """A command line in which every Python process writes down each connection and each look-up of a name."""
    (folder / "tracer").mkdir()
    (folder / "tracer" / "sitecustomize.py").write_text(TRACER)
    line = CommandLine(folder, **script)
    line.environment["PYTHONPATH"] = f"{folder / 'tracer'}{os.pathsep}{line.environment['PYTHONPATH']}"
    line.environment["NYANKO_TEST_TRACE"] = str(folder / "trace")
    line.profile.mkdir()
    (line.profile / "settings.toml").write_text(settings)
    return line, folder / "trace"


def test_offline_nothing_leaves_the_machine_whatever_is_allowed(tmp_path: Path) -> None:
    settings = '[network]\noffline = true\n[tools]\nbeyond_training = true\n[tools.search]\nkind = "duckduckgo"\n'
    line, trace = traced(tmp_path, settings, replies={"fetch": f"/fetch {FETCH}\nThat is it."})
    code, objects = line.objects("ask", "--json", "--allow", "fetch:*", "fetch")
    assert (code, [found["type"] for found in objects if found["type"].startswith("tool")]) == (0, [])
    for tool, argument in (("fetch", FETCH), ("search", '{"query": "tea"}'), ("open", "http://example.org/")):
        code, objects = line.objects("tool", "--json", "--allow", f"{tool}:*", tool, argument)
        assert (code, objects[-1]["code"]) == (1, "tool_failed"), objects
    lines = trace.read_text().splitlines()
    assert lines.count("begun") >= 8, "four commands with a worker each"
    assert set(lines) == {"begun"}


def test_the_tracer_sees_what_would_leave(tmp_path: Path) -> None:
    line, trace = traced(tmp_path, "")
    code, objects = line.objects("tool", "--json", "--allow", "fetch:*", "fetch", '{"url": "http://nyanko.example/"}')
    assert (code, objects[-1]["code"]) == (1, "tool_failed")
    assert "getaddrinfo" in trace.read_text()
