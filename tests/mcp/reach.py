"""Servers of the shelf as a request names them, and a worker's end of them that goes away with the test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools.base import Run
from inference_worker.tools.mcp_servers.pool import Servers
from inference_worker.tools.mcp_servers.tools import all_tools
from inference_worker.tools.registry import Outcome, run_tool

SHELF = Path(__file__).with_name("shelf.py")


def server(kind: str, **settings: Any) -> McpServer:
    """A server of the shelf, under its own name in small letters."""
    return McpServer(kind.lower(), (sys.executable, "-I", "-S", str(SHELF), kind), **settings)


def access(*servers: McpServer, **settings: Any) -> Access:
    return Access(servers=servers, **settings)


@contextmanager
def pool(start_seconds: float | None = None) -> Iterator[Servers]:
    """Servers of one test."""
    servers = Servers(start_seconds)
    try:
        yield servers
    finally:
        servers.close()


async def call(servers: Servers, opened: Access, name: str, run: Run | None = None, **arguments: Any) -> Outcome:
    """List, find, run: as a turn does."""
    tools, infos = await all_tools(opened, servers)
    found = {tool.name: tool for tool in tools}
    assert name in found, (sorted(found), infos)
    return await run_tool(found[name], arguments, run or Run(opened))
