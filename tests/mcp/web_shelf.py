"""MCP servers over HTTP, good and bad, each under an address of its own: ``/KIND``."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ABOUT = {"name": "web", "version": "1"}
TOOL = {"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    calls = 0
    seen: list[dict[str, str]] = []  # noqa: RUF012
    over = threading.Event()

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/tea.html":
            self._send(200, {"Content-Type": "text/html"}, b"<html><body><p>Tea is <b>hot</b>.</p></body></html>")
        else:
            self._send(405)

    def do_DELETE(self) -> None:
        self._send(200)

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind, _, query = self.path.strip("/").partition("?")
        self.seen.append({**self.headers, "query": query})
        if kind == "locked":
            self._send(401)
        elif kind == "moved":
            self._send(307, {"Location": f"http://127.0.0.2:9/elsewhere?{query}"})
        elif kind in ("nothing", "down"):
            self._send(404 if kind == "nothing" else 503, {"Content-Type": "text/plain"}, b"Sorry")
        elif kind == "page":
            self._send(200, {"Content-Type": "text/html"}, b"<p>Hello</p>")
        elif "id" not in message:
            self._send(202)
        elif message["method"] == "initialize":
            version = message["params"]["protocolVersion"]
            self._answer(message, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": ABOUT})
        elif message["method"] == "tools/list":
            self._answer(message, {"tools": [TOOL]})
        elif message["method"] == "tools/call":
            self._call(kind, message)
        else:
            self._send(400)

    def _call(self, kind: str, message: dict[str, Any]) -> None:
        type(self).calls += 1
        result = {"content": [{"type": "text", "text": message["params"]["arguments"]["text"]}]}
        match kind:
            case "good":
                self._answer(message, result)
            case "events":
                body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
                stream = f": hello\n\nevent: message\ndata: {body}\n\n".encode()
                self._send(200, {"Content-Type": "text/event-stream"}, stream)
            case "huge":
                self._answer(message, {"content": [{"type": "text", "text": "x" * 10_000_000}]})
            case "packed":
                self._send(200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"\x1f\x8b")
            case "garbage":
                self._send(200, {"Content-Type": "application/json"}, b'{"result": [')
            case "broken":
                self._send(500)
            case "forgets":
                self._send(404) if self.calls % 2 else self._answer(message, result)
            case "hangs":
                self.over.wait(60)
                self.close_connection = True
            case "cut":
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.close_connection = True

    def _answer(self, message: dict[str, Any], result: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        self._send(200, {"Content-Type": "application/json", "Mcp-Session-Id": "s1"}, body)

    def _send(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news here."""


@contextmanager
def web_shelf() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The address of the shelf, and the headers of every request to it."""
    handler = type("_Fresh", (_Handler,), {"seen": [], "over": threading.Event()})
    with _Quiet(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{web.server_address[1]}", handler.seen  # type: ignore[attr-defined]
        finally:
            handler.over.set()  # type: ignore[attr-defined]
            web.shutdown()
