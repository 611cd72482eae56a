"""The reference servers, as people install them (real_servers.sh), in turns of a real worker."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from inference_worker.protocol.messages import Access, Event, McpServer, ToolProgress
from tests.mcp import wire
from tests.mcp.reach import access
from tests.mcp.web_shelf import web_shelf
from tests.support.asynchronous import bounded

FOLDER = Path(os.environ.get("NYANKO_MCP_SERVERS", "/nowhere"))
pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="NYANKO_MCP_SERVERS names no folder of real_servers.sh"),
]


def of_python(name: str, *arguments: str) -> McpServer:
    return McpServer(name, (str(FOLDER / f"py/bin/mcp-server-{name}"), *arguments))


def of_node(name: str, *arguments: str) -> McpServer:
    program = FOLDER / f"node/node_modules/.bin/mcp-server-{name}"
    if not program.exists():
        pytest.skip(f"{program} is not installed")
    return McpServer(name, (str(program), *arguments))


@contextlib.contextmanager
def serving(server: McpServer) -> Iterator[str]:
    """A server that is started by somebody else, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command, environment = [*server.command, "streamableHttp"], {**os.environ, "PORT": str(port)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            end = time.monotonic() + 30
            while not _listens(port) and time.monotonic() < end:
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.kill()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@bounded
async def test_time() -> None:
    opened = access(of_python("time", "--local-timezone", "Europe/Berlin"))
    question = {"source_timezone": "Asia/Shanghai", "time": "12:00", "target_timezone": "UTC"}
    async with wire.worker(when=f"/time__convert_time {json.dumps(question)}\n") as client:
        events = await wire.ask(client, "when", opened, "time__convert_time")
        wrong = await wire.run(client, opened, "time__convert_time", json.dumps({**question, "time": "noon"}))
    assert "04:00" in wire.finished(events).result
    assert wire.finished(wrong).failed
    assert "HH:MM" in wire.finished(wrong).result


@bounded
async def test_filesystem(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk, eggs")
    opened = access(of_node("filesystem", str(tmp_path)))
    path = json.dumps({"path": str(tmp_path / "notes.txt")})
    async with wire.worker(read=f"/filesystem__read_text_file {path}\n") as client:
        answer = await wire.listed(client, opened)
        events = await wire.ask(client, "read", opened, "filesystem__read_text_file")
        outside = await wire.run(client, opened, "filesystem__read_text_file", '{"path": "/etc/passwd"}')
    assert len([tool for tool in answer.tools if tool.server]) >= 10
    assert wire.finished(events).result == "milk, eggs"
    assert wire.finished(outside).failed
    assert "denied" in wire.finished(outside).result


@bounded
async def test_fetch_on_a_local_page_and_not_at_all_offline() -> None:
    one = of_python("fetch", "--ignore-robots-txt", "--allow-private-ips")
    with web_shelf() as (address, _):
        argument = json.dumps({"url": f"{address}/tea.html"})
        async with wire.worker(get=f"/fetch__fetch {argument}\n") as client:
            events = await wire.ask(client, "get", access(one), "fetch__fetch")
            offline = await wire.run(client, access(one, offline=True), "fetch__fetch", argument)
    assert "Tea is **hot**" in wire.finished(events).result
    assert wire.finished(offline).failed


@bounded
async def test_everything() -> None:
    await everything(access(of_node("everything")))


@bounded
@pytest.mark.parametrize(
    ("by", "words"),
    [(signal.SIGKILL, "was ended by SIGKILL"), (signal.SIGSTOP, "did not answer within 5 seconds and was ended")],
)
async def test_everything_dies_or_hangs_in_a_call(by: int, words: str) -> None:
    one = msgspec.structs.replace(of_node("everything"), seconds=5.0)

    def break_it(event: Event) -> None:
        if isinstance(event, ToolProgress):
            (node,) = [child for child in psutil.Process().children(recursive=True) if "node" in child.name()]
            node.send_signal(by)

    slow = '{"duration": 100, "steps": 200}'
    async with wire.worker(wait=f"/everything__trigger-long-running-operation {slow}\nToo bad.") as client:
        tools = ("everything__trigger-long-running-operation", "everything__echo")
        events = await wire.ask(client, "wait", access(one), *tools, see=break_it)
        again = await wire.run(client, access(one), "everything__echo", '{"message": "I am back"}')
    assert wire.finished(events).result.startswith(f"error: the server everything: {words}")
    assert wire.done(events).finish_reason == "stop"
    assert "I am back" in wire.finished(again).result


@bounded
async def test_everything_over_http() -> None:
    with serving(of_node("everything")) as url:
        await everything(access(McpServer("everything", url=url)))


async def everything(opened: Access) -> None:
    async with wire.worker(sum='/everything__get-sum {"a": 40, "b": 2}\n') as client:
        answer = await wire.listed(client, opened)
        events = await wire.ask(client, "sum", opened, "everything__get-sum")
        image = await wire.run(client, opened, "everything__get-tiny-image", "")
        long = await wire.run(
            client, opened, "everything__trigger-long-running-operation", '{"duration": 2, "steps": 4}'
        )
    (info,) = answer.servers
    assert info.problem == ""
    assert info.resources
    assert info.prompts
    assert "42" in wire.finished(events).result
    assert "a picture, not shown: image/png" in wire.finished(image).result
    assert [event for event in long if isinstance(event, ToolProgress)]
    assert not wire.finished(long).failed
