"""The hostile cases of the sample, through the real tools: refused, allowed or neutralised as each says.

Names resolve to what a case says, numbers to what the system's own resolver makes of them, and every connection ends at
a server here that knows whether it was ever asked.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import Access, SearchService
from inference_worker.tools import read_file, write_file
from inference_worker.tools.base import Result, Run, Tool, ToolError
from inference_worker.tools.fetch import fetch_tool
from inference_worker.tools.registry import find_tool, prepare
from inference_worker.tools.safe_http import LARGEST_BODY
from inference_worker.tools.schema import misfit
from inference_worker.tools.search import search_tool
from tests.support.sample_data import sample_lines
from tests.support.web import PUBLIC, Outside, answer, outside

SECRET = "the secret outside"
OWN = [
    {"id": "own-1", "kind": "url", "input": "http://127.1/", "must": "refuse"},
    {"id": "own-2", "kind": "dns", "input": {"url": "http://a.example/", "answers": [PUBLIC, "::1"]}, "must": "refuse"},
    {"id": "own-3", "kind": "redirect", "must": "refuse",
     "input": {"start": "https://example.com/a", "hops": [{"status": 302, "location": "http://10.0.0.1/"}]}},
    {"id": "own-4", "kind": "redirect", "must": "allow",
     "input": {"start": "https://example.com/a", "hops": [{"status": 302, "location": "https://other.example/"}]}},
    {"id": "own-5", "kind": "file", "input": {"root": "ROOT", "path": "../secret.txt"}, "must": "refuse"},
    {"id": "own-6", "kind": "file", "input": {"root": "ROOT", "path": "sub/notes.txt"}, "must": "allow"},
    {"id": "own-7", "kind": "oversize", "input": {"describe": "gzip bomb"}, "must": "refuse"},
    {"id": "own-8", "kind": "page_text", "input": {"family": "any", "text": "a\U000e0061\u202eb"}, "must": "neutralise"},
    {"id": "own-9", "kind": "url", "input": "https://example.com/", "must": "allow", "answers": [PUBLIC]},
    {"id": "own-10", "kind": "url", "input": "http://kubernetes.default.svc/", "must": "refuse"},
    {"id": "own-11", "kind": "url", "input": "http://nas.test/", "must": "refuse"},
    {"id": "own-12", "kind": "tool_args", "input": {"tool": "calculate", "args": {}}, "must": "refuse"},
    {"id": "own-13", "kind": "tool_args", "input": {"tool": "calculate ", "args": {"text": "1"}}, "must": "refuse"},
    {"id": "own-14", "kind": "tool_args", "input": {"tool": "search", "args": {"query": "a\r\nb"}}, "must": "neutralise"},
]  # fmt: skip


def cases(*kinds: str) -> list[Any]:
    found = [case for case in [*OWN, *sample_lines("hostile.jsonl")] if case["kind"] in kinds]
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as world:
        yield world


def run(tool: Tool, arguments: dict[str, Any], access: Access) -> Result:
    """As a turn runs it: schema, check, then the tool itself."""
    if (reason := misfit(arguments, tool.parameters)) is not None:
        raise ToolError(reason)
    assert tool.run
    prepared = prepare(tool, arguments, access)
    result = tool.run(prepared.arguments, Run(access, prepared=prepared))
    return Result(result) if isinstance(result, str) else result


# ---------------------------------------------------------------- addresses and redirects


def resolver(world: Outside, case: dict[str, Any]) -> Callable[[str, int], Sequence[str]]:
    """Names as the case says; those that only a real resolver would know are taken to lead to this machine."""
    answers = case.get("answers") or (case["input"].get("answers") if isinstance(case["input"], dict) else None)

    def resolve(host: str, port: int) -> Sequence[str]:
        world.resolved.append(host)
        try:
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            later = isinstance(answers, list) and answers and isinstance(answers[0], list)  # another answer each time
            found = answers[min(len(world.resolved), len(answers)) - 1] if later else answers
            return found or (["127.0.0.1"] if case.get("needs_resolver") else [PUBLIC])

    return resolve


@pytest.mark.parametrize("case", cases("url", "dns"))
def test_an_address(case: dict[str, Any], world: Outside) -> None:
    class Anything(dict[str, Any]):
        def get(self, _key: object, _default: object = None) -> Any:
            return lambda handler: answer(handler, 200, {"Content-Type": "text/plain"}, b"reached")

    world.sites = Anything()
    url = case["input"] if isinstance(case["input"], str) else case["input"]["url"]
    network = world.network
    tool = fetch_tool(type(network)(resolver(world, case), network.route, network.tls))
    if case["must"] == "allow":
        assert run(tool, {"url": url}, Access()).text == "reached"
        assert set(world.connected) <= set(case.get("answers") or case["input"].get("answers"))
    else:
        with pytest.raises(ToolError):
            run(tool, {"url": url}, Access())
        assert (world.connected, world.asked) == ([], [])


@pytest.mark.parametrize("case", cases("redirect"))
def test_a_redirect(case: dict[str, Any], world: Outside) -> None:
    """One to another host is told, and asked for again as a model would; it must lead nowhere all the same."""
    url, hops = case["input"]["start"], case["input"]["hops"]
    steps = iter(hops)
    text = (
        case["why"].split("'")[0] + "<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>"
        if "why" in case
        else ""
    )

    def site(handler: BaseHTTPRequestHandler) -> None:
        hop = next(steps, {"status": 200})
        headers = {"Content-Type": "text/html"} | ({"Location": hop["location"]} if hop.get("location") else {})
        answer(handler, hop["status"], headers, f"<p>page</p>{text}".encode())

    class Anything(dict[str, Any]):
        def get(self, _key: object, _default: object = None) -> Any:
            return site

    world.sites = Anything()
    network = world.network
    tool = fetch_tool(type(network)(resolver(world, case), network.route, network.tls))
    result, asked = None, 0
    while result is None and asked <= len(hops):
        asked += 1
        try:
            result = run(tool, {"url": url}, Access())
        except ToolError as refusal:
            marker = "fetch that address if it is wanted"
            if marker not in str(refusal):
                break
            url = str(refusal).partition(" redirects to ")[2].partition(f": {marker}")[0]
    assert (result is not None) == (case["must"] != "refuse")
    assert set(world.connected) <= {PUBLIC, *(case.get("answers") or [])}
    if case["must"] == "neutralise":
        assert len(world.asked) == 1


# ---------------------------------------------------------------- files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "ROOT"
    (root / "sub").mkdir(parents=True)
    (root / "a").mkdir()
    (tmp_path / "secret.txt").write_text(SECRET)
    (root / "notes.txt").write_text("inside")
    return root


def lay(root: Path, setup: dict[str, Any]) -> None:
    """Links and files as a case wants them: ``in -> sub, sub/up -> ../..``."""
    for link in filter(None, str(setup.get("link", "")).split(", ")):
        name, _, target = link.partition(" -> ")
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)
    for key, path in setup.items():
        if key == "root_sibling":
            (root.parent / path).parent.mkdir(parents=True, exist_ok=True)
            (root.parent / path).write_text(SECRET)
        elif key == "hardlink":
            pytest.skip("a hard link cannot be told from the file itself")
    if "fifo" in setup:
        os.mkfifo(root / str(setup["fifo"]))


@pytest.mark.parametrize("case", cases("file"))
def test_a_path(case: dict[str, Any], root: Path) -> None:
    """Neither read nor written outside; on systems where a name is legal it may stay inside."""
    path = case["input"]["path"]
    access = Access(folders=(str(root),), undo=str(root.parent / "undo"))
    if case["must"] == "allow":
        inside = root / path
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_text("inside")
        assert run(read_file.TOOL, {"path": path}, access).text == "inside"
        run(write_file.TOOL, {"path": path, "content": "new"}, access)
        assert inside.read_text() == "new"
        return
    lay(root, case["input"].get("setup", {}))
    before = {p: p.read_bytes() for p in root.parent.rglob("*") if p.is_file() and not p.is_relative_to(root)}
    with pytest.raises(ToolError):
        run(read_file.TOOL, {"path": path}, access)
    with contextlib.suppress(ToolError):
        assert Path(prepare(write_file.TOOL, {"path": path, "content": "x"}, access).scope).is_relative_to(root)
    assert before == {p: p.read_bytes() for p in root.parent.rglob("*") if p.is_file() and not p.is_relative_to(root)}


# ---------------------------------------------------------------- too much of it


def flood(piece: bytes, kind: str = "text/plain", head: bytes = b"") -> Callable[[BaseHTTPRequestHandler], None]:
    def site(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(head)
        world: Outside = handler.server.world  # type: ignore[attr-defined]
        while not world.closing.is_set():
            handler.wfile.write(piece)

    return site


def page(body: bytes, kind: str = "text/html", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    named = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda handler: answer(handler, 200, named, body)


def circle(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, 302, {"Location": f"{handler.path}x"})


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'
LAUGHS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], bool]] = {
    "never ends": (flood(b"x" * 2**20), False),
    "endless": (flood(b"x" * 2**20), False),
    "bomb": (page(gzip.compress(bytes(100 * 2**20), 1), "text/plain", Content_Encoding="gzip"), False),
    "content-length": (page(b"", "text/plain", Content_Length=str(10**13)), False),
    "redirect": (circle, False),
    "entit": (page(ENTITIES, "application/xml"), False),
    "header": (lambda handler: answer(handler, 200, {"X-Long": "x" * 2**20}), False),
    "nested": (page(b"<div>" * 200_000 + b"deep"), True),
    "attribute": (page(b"<p " + b"a=b " * 200_000 + b">deep"), True),
    "one line": (page(b"x" * (LARGEST_BODY - 10), "text/plain"), True),
    "brotli": (page(b"x", "text/plain", Content_Encoding="br"), False),
}
"""Word in the description -> what such a server does, and whether its text may come through (cut)."""


@pytest.mark.parametrize("case", cases("oversize"))
def test_too_much(case: dict[str, Any], world: Outside, root: Path) -> None:
    words = case["input"]["describe"].lower()
    if "search query" in words:
        access = Access(search=SearchService("searxng", "http://searx:8080"))
        with pytest.raises(ToolError):
            run(search_tool(world.network), {"query": "x" * 1_000_000}, access)
    elif "file" in words and "read" in words:
        with (root / "huge.txt").open("wb") as file:
            file.truncate(5 * 2**30)
        with pytest.raises(ToolError, match="too large"):
            run(read_file.TOOL, {"path": "huge.txt"}, Access(folders=(str(root),)))
    else:
        fitting = [behaviour for word, behaviour in LAUGHS.items() if word in words]
        if not fitting:
            pytest.skip(f"nothing here behaves like: {words}")
        world.sites["example.com/"], comes_through = fitting[0]
        world.sites |= {f"example.com/{'x' * n}": fitting[0][0] for n in range(1, 20)}
        try:
            result = run(fetch_tool(world.network), {"url": "http://example.com/"}, Access())
        except ToolError:
            assert case["must"] == "refuse" or not comes_through
        else:
            assert case["must"] == "neutralise"
            assert len(result.text) < 8192


# ---------------------------------------------------------------- words in pages, and arguments


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain; charset=utf-8"])
@pytest.mark.parametrize("case", cases("page_text"))
def test_words_in_a_page_stay_words(case: dict[str, Any], kind: str, world: Outside) -> None:
    """They come as a result that names its source and hold nothing unseen; what is made of them is the turn's matter."""
    world.serve("example.com/", case["input"]["text"], kind)
    result = run(fetch_tool(world.network), {"url": "http://example.com/"}, Access())
    assert result.source == "http://example.com/"
    assert all(char.isprintable() or char in "\n\t" or char in "\u200c\u200d" for char in result.text)
    assert world.asked == ["GET example.com/"]


@pytest.mark.parametrize("case", cases("tool_args"))
def test_arguments(case: dict[str, Any], world: Outside) -> None:
    name, arguments = case["input"]["tool"], case["input"]["args"]
    access = Access(search=SearchService("searxng", "http://searx:8080"))
    world.serve("searx:8080/search", json.dumps({"results": []}), "application/json")
    try:
        tool = search_tool(world.network) if name == "search" else find_tool(name)
        result = run(tool, arguments, access)
    except (RequestError, ToolError):
        assert case["must"] in ("refuse", "neutralise")
    else:
        assert case["must"] != "refuse"
        assert all("\r" not in line and "\n" not in line for line in world.asked)
        assert result.text
