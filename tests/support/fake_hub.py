"""A model hub on this machine, in the manner of Hugging Face and of ModelScope, that can misbehave in chosen ways.

A real HTTP server on a thread. Tests set its fields between and during requests; bodies are counted as they are sent.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
HANG_SECONDS = 60
"""The longest that a held request waits for its test."""
LARGE = 4096
"""Bytes from which a file counts as one of large-file storage, with a SHA-256."""
STEP = 2**16


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]

    @property
    def range(self) -> str:
        return self.headers.get("range", "")


@dataclass
class FakeHub:
    """``repository`` with ``files``. What is set beside them is how the hub misbehaves."""

    files: dict[str, bytes]
    server: ThreadingHTTPServer
    asked: list[Asked] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """File -> bytes that left, counted just before they do."""
    page_size: int = 1000
    token: str = ""
    """If set, requests without it get 401."""
    statuses: dict[str, list[int]] = field(default_factory=dict)
    """Path ending -> answers to give first, in turn, instead of the right one."""
    error_code: str = ""
    breaks: dict[str, list[int]] = field(default_factory=dict)
    """File -> after so many bytes of each coming answer the connection is cut, in turn."""
    hold: dict[str, int] = field(default_factory=dict)
    """File -> after so many bytes nothing comes until ``released``."""
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    wrong_bytes: set[str] = field(default_factory=set)
    versions: dict[str, str] = field(default_factory=dict)
    """File -> its ETag."""
    ranges: bool = True
    conditions: bool = True
    """Whether If-Range is understood."""
    hashes: bool = True
    listed_sizes: dict[str, int] = field(default_factory=dict)
    listed_names: list[str] = field(default_factory=list)
    """More names in the listing, of files that are not there."""
    storage: str = ""
    """Endpoint of another hub that the files are fetched from, by redirect."""
    raw_listing: bytes | None = None
    repository: str = "owner/model"
    bytes_a_second: int = 0
    """How fast the line of each answer is; 0 for as fast as can be."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def fetched(self, name: str) -> list[Asked]:
        """Requests for a file."""
        return [asked for asked in self.asked if unquote(asked.path).split("?")[0].endswith(name)]

    def tree(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = [{"type": "directory", "path": "original", "oid": "0" * 40, "size": 0}]
        for name, data in self.files.items():
            size = self.listed_sizes.get(name, len(data))
            entry: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": git_oid(data)}
            if len(data) >= LARGE:
                entry["oid"] = "1" * 40  # of the pointer, not of the content
                entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
            if not self.hashes:
                entry.pop("lfs", None)
                entry["oid"] = ""
            entries.append(entry)
        return entries + [{"type": "file", "path": n, "size": 1, "oid": "2" * 40} for n in self.listed_names]

    def modelscope_tree(self) -> dict[str, Any]:
        files: list[dict[str, Any]] = [
            {"Name": "original", "Path": "original", "Type": "tree", "Size": 0, "Sha256": ""}
        ]
        for path, data in self.files.items():
            digest = hashlib.sha256(data).hexdigest() if self.hashes else None
            name = path.rpartition("/")[2]
            files.append(
                {"Name": name, "Path": path, "Type": "blob", "Size": len(data), "Sha256": digest, "Mode": "33188"}
            )
        return {"Code": 200, "Data": {"Files": files, "IsVisual": 0}, "Message": "success", "Success": True}


def wait_for_bytes(path: Path, size: int = 1) -> None:
    """Until ``path`` holds so many; what a hub has sent may not have been read yet. A download writes a MiB at once."""
    end = time.monotonic() + HANG_SECONDS
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < end, f"{path} did not grow to {size} bytes"
        time.sleep(0.01)


def git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextmanager
def fake_hub(files: dict[str, bytes]) -> Iterator[FakeHub]:
    """A running hub."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    hub = FakeHub(files, server)
    server.hub = hub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        return self.server.hub  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the other side was killed or cancelled: that is what tests do

    def do_GET(self) -> None:
        hub = self.hub
        hub.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}))
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        for ending, answers in hub.statuses.items():
            if unquote(path).endswith(ending) and answers:
                return self._status(answers.pop(0))
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self._status(401)
        repository = hub.repository
        if path == f"/api/models/{repository}/revision/main":
            return self._json({"id": repository, "sha": COMMIT, "siblings": []})
        if path == f"/api/models/{repository}/tree/{COMMIT}":
            return self._page(int(query.get("cursor", ["0"])[0]))
        if path == f"/api/v1/models/{repository}/repo/files" and query["Revision"] == ["master"]:
            return self._json(hub.modelscope_tree())
        if path == f"/api/v1/models/{repository}/repo":
            return self._file(query["FilePath"][0])
        found = re.fullmatch(rf"/{re.escape(repository)}/resolve/{COMMIT}/(.+)|/storage/(.+)", unquote(path))
        return self._file(found[1] or found[2]) if found else self._status(404)

    def _status(self, status: int) -> None:
        self.send_response(status)
        if self.hub.error_code:
            self.send_header("X-Error-Code", self.hub.error_code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, answer: object, **headers: str) -> None:
        body = self.hub.raw_listing if self.hub.raw_listing is not None else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _page(self, start: int) -> None:
        """The Link header names another host, as mirrors do."""
        entries, end = self.hub.tree(), start + self.hub.page_size
        link = f'<https://original.invalid/api?recursive=true&cursor={end}>; rel="next"'
        self._json(entries[start:end], **({"Link": link} if end < len(entries) else {}))

    def _file(self, name: str) -> None:
        hub = self.hub
        if name not in hub.files:
            return self._status(404)
        if hub.storage:
            self.send_response(302)
            self.send_header("Location", f"{hub.storage}/storage/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        data = hub.files[name]
        if name in hub.wrong_bytes:
            data = data[:-1] + bytes([data[-1] ^ 1])
        return self._body(name, data)

    def _body(self, name: str, data: bytes) -> None:
        hub = self.hub
        etag = f'"{hub.versions.get(name, "v1")}"'
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if hub.ranges else None
        if wanted and hub.conditions and self.headers.get("If-Range", etag) != etag:
            wanted = None
        start = int(wanted[1]) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self._send(name, data[start:])

    def _send(self, name: str, data: bytes) -> None:
        hub = self.hub
        cut = hub.breaks.get(name, [])
        end = cut.pop(0) if cut else len(data)
        hold = hub.hold.get(name)
        position = 0
        while position < min(end, len(data)):
            stop = min(position + STEP, end, len(data))
            if hold is not None and position < hold:
                stop = min(stop, hold)
            hub.sent[name] += stop - position
            self.wfile.write(data[position:stop])
            if hub.bytes_a_second:
                time.sleep((stop - position) / hub.bytes_a_second)
            position = stop
            if position == hold:
                hub.held.set()
                hub.released.wait(HANG_SECONDS)
        if end < len(data):
            self.close_connection = True
            self.connection.close()
