"""The offline switch: with it no tool resolves a name, opens a socket or starts a process that could."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60

EVERY_TOOL = """
import asyncio, sys
touched = []
def watch(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__":
        touched.append(event)
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system"):
        touched.append(event)
from inference_worker.protocol.messages import Access, SearchService
from inference_worker.tools.base import Run, ToolError
from inference_worker.tools.registry import TOOLS, prepare, run_tool

arguments = {
    "fetch": {"url": "https://example.com/"}, "search": {"query": "tea"}, "run_python": {"code": "print(1)"},
    "read_file": {"path": "notes.txt"}, "find_files": {"name": "notes"}, "write_file": {"path": "new.txt", "content": "x"},
}
folder = sys.argv[1]
services = [SearchService("searxng", "http://127.0.0.1:8080"), SearchService("brave", key="k"), SearchService("duckduckgo")]

async def every_tool():
    sys.addaudithook(watch)  # the event loop has its own pair of sockets by now
    for service in services:
        access = Access(folders=(folder,), undo=folder + "-undo", offline=True, search=service)
        for name, tool in TOOLS.items():
            given = arguments.get(name, {"text": "1+1"} if name != "now" else {})
            try:
                prepare(tool, given, access)
            except ToolError as refusal:
                print(name, refusal)
            if tool.run:
                print(name, (await run_tool(tool, given, Run(access))).result)

asyncio.run(every_tool())
assert not [event for event in touched if event != "socket.socketpair"], touched
"""


def test_offline_no_tool_reaches_out(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk")
    command = [sys.executable, "-c", EVERY_TOOL, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    for name in ("fetch", "search"):
        assert f"{name} offline: nothing may reach out" in done.stdout
        assert f"{name} error: offline: nothing may reach out" in done.stdout
    assert "read_file milk" in done.stdout
